"""Chinese bulletins answer what is asked in Chinese, and say no where what is named isn't there."""

from __future__ import annotations

import pytest

from rag.query.chinese_names import chinese_names
from tests.cases.conftest import AssistantOf

ANSWERED = [
    ("corpus-zh", "秘鲁大使馆演出了什么?", "民间舞蹈"),
    ("corpus-zh", "外交部领事保护热线是多少?", "12308"),
    ("corpus-zh", "外交部发言人在哪里致辞?", "闭幕式"),
    ("zh", "墨西哥大使馆赠送了什么？", "二百册图书"),
    ("zh", "瑞士的合唱团在哪里演唱？", "天坛"),
    ("zh", "世卫组织的专家讲了什么？", "护眼"),
    ("zh", "世界卫生组织专家讲解了什么？", "护眼"),
    ("zh", "商务部代表介绍了什么？", "图书贸易"),
    ("zh", "坦桑尼亚留学生在哪里做志愿服务？", "周口店"),
    ("zh", "联合国难民署的工作人员讲述了什么？", "救援经历"),
    ("zh", "水利部的工程师做了什么？", "测量仪器"),
    ("zh", "德国学员在哪里上汉语课？", "雁栖湖"),
    ("zh", "坦桑尼亚大使做了什么？", "致辞"),
    ("zh", "北京外国语大学参加了什么活动？", "授课"),
    ("zh", "昌平区副区长看望了谁？", "志愿者"),
    ("zh", "Which students from Tanzania took part in volunteer service?", "坦桑尼亚"),
]
REFUSED = [
    ("corpus-zh", "商务部参加了吗?"),
    ("zh", "挪威大使馆赠送了什么？"),
    ("zh", "财政部代表介绍了什么？"),
    ("zh", "清华大学教师在哪里授课？"),
    ("zh", "世界银行专家讲了什么？"),
    ("zh", "秘鲁留学生做了什么？"),
    ("zh", "颐和园有什么活动？"),
    ("zh", "外交部发言人说了什么？"),
    ("zh", "坦桑尼亚总统做了什么？"),
    ("zh", "昌平区区长看望了谁？"),
    ("zh", "What did the embassy of Norway give?"),
]


@pytest.mark.parametrize(("corpus", "question", "words"), ANSWERED)
def test_what_is_named_is_found_in_chinese(assistant_of: AssistantOf, corpus: str, question: str, words: str) -> None:
    """A country, an office or an organisation, whichever of its names is typed."""
    answer = assistant_of(corpus).ask(question)
    assert answer.status == "answered"
    assert any(words in quote.text for quote in answer.quotes)


@pytest.mark.parametrize(("corpus", "question"), REFUSED)
def test_what_is_named_and_not_there_is_refused(assistant_of: AssistantOf, corpus: str, question: str) -> None:
    """Likeness of the other words is no answer."""
    assert assistant_of(corpus).ask(question).status == "no_match"


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("请问商务部参加了吗？", ["商务部"]),
        ("文化和旅游部与清华大学做了什么？", ["旅游部", "清华大学"]),
        ("《丝路花雨》在哪里演出？", ["丝路花雨"]),
        ("全部活动有哪些部门参加？", []),
        ("国际学校和附近医院有什么活动？", []),
        ("哪些大学、几家医院和各街道参加了？", []),
    ],
)
def test_names_are_told_from_other_words(question: str, names: list[str]) -> None:
    """By their ends and the two characters before; counting and pointing words are no part of a name."""
    assert [name.written for name in chinese_names(question)] == names
