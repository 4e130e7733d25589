"""The organisations and titles that a Chinese question names, by what such names end in.

Chinese has no capitals, and where a name begins cannot be seen.  What it ends in can, and the two characters before
that tell one ministry, museum or university from another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.query.glossary import glossary
from rag.query.models import Entity
from rag.text.cjk import HAN

# Of the state, whatever stands before; others only where that is no word of everyday ("国际", "儿童").
_STATE = "部(?![门分长署队落件位])|署|局|委员会"
_OTHER = "基金会|银行|大学|学院|中学|小学|医院|博物馆|图书馆|美术馆|公园|街道|镇|寺"
# They join words, point or count, and belong to no name.
_JOINS = frozenset(
    "的了和与及或在对向从到于由被把给让为是有来去等请问哪那这该本各每某几些多少个家所座位名两此其他她它您你我们什么怎吗呢参加出席"
)
_NAME = re.compile(rf"(?=(?P<before>[{HAN}]{{2}})(?:(?P<state>{_STATE})|(?P<other>{_OTHER})))")
_NO_NAME = re.compile(
    "[全内东西南北中干总乐外大小上下头分支底根顶]部|[当布结格邮全开残大分]局|[部签分]署|[城乡]镇|(?:附近|当地|本地|公立|私立|定点|有关|相关|主管|上级|下属).*"
)
_TITLE = re.compile(r"《([^《》]{2,30})》")


def chinese_names(question: str) -> Iterator[Entity]:
    """The names, each with two characters before what it ends in: "旅游部" of the Ministry of Culture and Tourism."""
    for match in _TITLE.finditer(question):
        yield Entity(*match.span(1), "thing", match[1])
    for match in _NAME.finditer(question):
        before, name = match["before"], f"{match['before']}{match['state'] or match['other']}"
        known = match["other"] and before in glossary()
        if not (known or _JOINS & set(before) or _NO_NAME.search(name)):
            yield Entity(match.start(), match.start() + len(name), "organisation", name)
