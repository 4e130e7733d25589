"""Chinese ways of leaving out, of asking what is missing and of refining, put as in English: one form for each to read.

What they name stays Chinese: 除了海淀以外 is "except 海淀; ", 只看2024年 is "only 2024年".
"""

from __future__ import annotations

import re

from rag.text.districts import Mention, typed_mentions

_END = r"(?=[,，。？?！!]|$)"
_STOP = r"[^,，。？?！!]"
_FORMS = (
    (rf"[,，]?({_STOP}{{1,40}}?)除外", r", except \1; "),
    (r"没有?(.{1,20}?)的区县?(?:都?有|是)?(?:哪些|哪几?个)", r" which districts did not \1"),
    (
        rf"除(?:了|开|去)?(?![夕草尘法])({_STOP}{{1,40}}?)"
        rf"(?:(?:以外|之外|外(?![国交事办宾籍]))的?[,，]?|[,，]|(?=还有|其他|其它|都)|{_END})",
        r", except \1; ",
    ),
    (
        rf"[,，]?(?:但|并)?(?:不包括|不包含|不含|不算|不要|不看|排除|去掉|去除|剔除)({_STOP}{{1,40}}?)"
        rf"(?:的(?:活动|新闻|事件|内容)?)?{_END}",
        r", except \1; ",
    ),
    (
        r"有?(?:哪些|哪几?个|什么|哪一些)城?区县?(.{0,12}?)(?:从来没有|没有|没|未曾|从未|未)",
        r" which districts did not \1",
    ),
    (r"有?(?:哪些|哪几?个|什么|哪一些)月份?(.{0,12}?)(?:从来没有|没有|没|未曾|从未|未)", r" which months did not \1"),
    (
        r"^(?:那么?|还)?(?:还有(?:没有)?|更多|继续|接着说?|详细|展开|再来|再多?|多)"
        r"(?:什么|别的|其他|其它|更多|一些|一点|点|说|来|讲|看)*+"
        r"(?:的|信息|内容|细节|活动|新闻|说|讲)*+[吗么呢吧]?[？?。！!]*$",
        "anything more?",
    ),
    (
        r"^(?:请|麻烦)?(?:给我)?(?:只|仅|就)(?:想|要|需)?(?:看|查|要|显示|列出?|说|限)*(?:一下)?(.+?)"
        r"(?:的(?:活动|新闻|内容)?)?(?:就行|就好)?了?[。！!]*$",
        r"only \1",
    ),
    (
        r"^(?:(?:不是?的?|不对|错了|抱歉|对不起|等等)[,，。、！! ]*)*"
        r"(?:我(?:的意思)?是?(?:说|指|问|想问|要问|想说)的?是?|我的意思是|应该是|(?:换|改)(?:成|为|到)?)(.+?)[。！!]*$",
        r"no, I meant \1",
    ),
    (r"^(?:那么?)?(?:同样|一样|相同|照样)(?:的(?:问题)?)?[,，]?(.+?)呢?[？?]*$", r"same for \1"),
    (r"^(?:那么?)?([\d\s年月份日上下半季度去今前本]+)呢[？?]*$", r"and in \1"),
    (r"^(?:那么?)?(?:其他|其它|其余|别的|另外的?)(?:各?区|地方)呢?[？?]*$", "and the other districts?"),
)
_COMPILED = [(re.compile(pattern), english) for pattern, english in _FORMS]
_OUTSIDE = re.compile(r"(?:以外|之外)的?")
_NOT = re.compile(r"[,，]?(?:但|并)?(?:不在|不是|而非|非|没在)$")


def in_english_forms(text: str) -> str:
    """The text with the English for what leaves out, asks what is missing or refines."""
    for pattern, english in _COMPILED:
        text = pattern.sub(english, text)
    for mentions in reversed(_joined(text)):
        first, last = mentions[0].start, mentions[-1].end
        before, named, after = text[:first], text[first:last], text[last:]
        if outside := _OUTSIDE.match(after):
            text = f"{before}, except {named}; {after[outside.end() :]}"
        elif not_in := _NOT.search(before):
            text = f"{before[: not_in.start()]} not in {named} {after.removeprefix('的')}"
    return text.strip(" ,;")


def _joined(text: str) -> list[list[Mention]]:
    """The districts that the text names, those joined by "and" or a comma together."""
    chains: list[list[Mention]] = []
    for mention in typed_mentions(text):
        if chains and re.fullmatch(r"[、,，和或与及/ ]+", text[chains[-1][-1].end : mention.start]):
            chains[-1].append(mention)
        else:
            chains.append([mention])
    return chains
