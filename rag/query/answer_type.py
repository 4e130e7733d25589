"""The kind of value that answers a question: a number, a price, a day, a person, a place ..."""

from __future__ import annotations

import re

from rag.query.models import AnswerType

_PLACES = "district|city|town|village|country|place|park|street|hotel|school|building|hall|museum|subdistrict|venue"
_PERSONS = """head|leader|director|mayor|ambassador|professor|teacher|guide|student|winner|chef|artist|minister|consul
    |speaker|official|expert|person"""
_SIZES = """number|percentage|share|proportion|figure|total|area|population|average|rate|length|height|weight
    |temperature|capacity|speed"""
_START = r"(?:^|[.?!,;:]\s*|\b(?:and|by|with|to|from|of|for|since|until)\ )"
_NOBODY = r"(?<!s\ )(?<!people\ )(?<!children\ )(?<!men\ )(?<!man\ )(?<!one\ )"  # "students who" asks for nobody

# The first that matches counts: "when was the hotline opened" asks for a day.
_RULES: tuple[tuple[AnswerType, str], ...] = (
    (
        "money",
        r"""\bhow\ much\b[^.?]*\b(?:costs?|priced?|pay|paid|worth|valued?|money|fees?|charged?|spen[dt]
            |invest(?:ed|ment)?|fund\w*|yuan|dollars|euros)\b
        | \bhow\ much\ (?:is|are|was|were)\ (?:an?|the|one|my|it|they)\b
        | \bhow\ (?:high|low)\ (?:is|are|was|were)\ (?:\w+\ ){0,2}(?:fine|fee|price|rent|salary|salarie|cost)s?\b
        | \bhow\ expensive\b | \bhow\ many\ (?:\w+\ )?(?:yuan|dollars|euros)\b""",
    ),
    (
        "duration",
        r"""\bhow\ many\ (?:\w+\ )?(?:seconds|minutes|hours|days|weeks|months|years)\b
        | \bhow\ (?:much\ time|soon)\b""",
    ),
    ("number", r"\bhow\ (?:many|much|far|old|heavy|high|tall|large|big|deep|wide|fast)\b"),
    (
        "phone",
        r"""\b(?:who|whom|where|(?:which|what)\ number)\ (?:can|do|does|should|must|to|could|shall|may|will)
            \ (?:\w+\ ){0,4}?(?:call|phone|ring|dial)\b""",
    ),
    ("web", r"\bwhere\b[^.?]*\bonline\b"),
    (
        "address",
        r"""(?<!web\ )(?<!internet\ )(?<!mail\ )(?<!online\ )\b(?:street\ |postal\ |new\ |exact\ )?address\ of\b
        | \b(?:what|which)(?:\ (?:is|was)|['’]s)?\ (?:the|its|their|your)?\ ?(?:\w+\ ){0,3}
            (?<!web\ )(?<!mail\ )(?<!online\ )address\b""",
    ),
    (
        "hours",
        r"""\b(?:opening|office|business|working|visiting)\ (?:hours|times?)\b
        | \bhours\ of\ (?:business|opening|work)\b
        | \b(?:at\ )?what\ time\b | \bwhen\ (?:is|are|do|does|can)\ [^.?]*\b(?:open|close|closed|shut)\b""",
    ),
    (
        "place",
        rf"""{_START}where\b
        | \b(?:in|at|to|from)\ (?:which|what)\ (?:\w+\ )?(?:{_PLACES}|cities|countries|universities)s?\b
        | \b(?:which|what)\ (?:place|venue)\b""",
    ),
    (
        "date",
        rf"""{_START}when\b | \b(?:which|what)\ (?:days?|date|year|month|week)\b
        | \bwhat\ is\ the\ (?:deadline|date|day)\b | \bdeadline\b\s*\?""",
    ),
    # "How long is the bridge?" asks for no time.
    ("duration", r"\bhow\ long\b(?!\ (?:is|was|are|were)\ the\ \w++(?:\ \w++){0,3}\s*\?)"),
    (
        "person",
        rf"""{_START}(?:who|whom|whose)\b | \bwhat\ (?:is|was)\ the\ name\ of\ the\ (?:\w+\ )?(?:{_PERSONS})\b
        | \bwhich\ (?:\w+\ )?(?:{_PERSONS})\b""",
    ),
    (
        "money",
        r"""^(?:(?:and|but|what\ about|how\ about|the|its)\ )*(?:price|costs?|fees?)\b
        | \b(?:price|cost|fee|value|budget|salary|charge|amount)\ (?:of|for)\b
        | \bwhat\ (?:does|did|do|will)\ [^.?]*\bcost\b
        | \b(?:what|which)\ (?:(?:is|was|are|were)\ the\ )?(?:\w+\ )?(?:amounts?|prices?|fees?|costs?|sum|budget)\b""",
    ),
    (
        "phone",
        r"""\b(?:phone|telephone|mobile|hotline|helpline|emergency|contact|service)\ numbers?\b
        | \bnumbers?\ (?:of|for)\ (?:the|a|an|your)?\ ?(?:[\w-]+\ ){0,3}
            (?:hotline|helpline|phone|office|line|desk|embassy|police)\b
        | \bwhat(?:\ is|['’]s)\ the\ (?:[\w-]+\ ){0,3}(?:hotline|helpline)\b
        | \b(?:which|what)\ (?:[\w-]+\ ){0,2}(?:hotline|helpline)\b
        | \b(?:which|what)\ number\b[^.?]*\b(?:call|dial|phone|ring|reach)\b
        | \b(?:which|what)\ (?:tele)?phone\b | \bby\ (?:tele)?phone\b
        | ^(?:the\ )?(?:[\w-]+\ ){0,4}(?:hotline|helpline)s?\W*$""",
    ),
    (
        "web",
        r"""\b(?:which|what(?:\ is|['’]s)?)(?:\ the|\ its)?\ (?:\w+\ ){0,2}(?:web\ ?site|web\ ?page|url|link)\b
        | \b(?:web|internet|online)\ address\b""",
    ),
    (
        "number",
        rf"""\bnumber\ of\b | \b(?:what|which|is|was|did)\ (?:(?:is|was|are)\ )?(?:the\ )?(?:\w+\ )?(?:{_SIZES})\b
        | \b(?:another|different|two|other)\ (?:figures?|numbers?)\b""",
    ),
    ("person", rf"{_NOBODY}\bwho\ (?:was|is|led|headed|won|did|came)\b"),
    ("money", "多少钱|费用|价格|金额"),
    ("phone", "电话|热线|号码"),
    ("web", "网址|网站"),
    ("address", "地址"),
    ("hours", "几点|(?:开放|办公|工作|营业|服务)时间"),
    ("duration", "多久|多长时间|几天|多少天"),
    ("number", "多少|几[个次场名人位家项种]"),
    ("date", "什么时候|何时|哪天|哪一天|哪年|几月|几号|日期"),
    ("place", "哪里|哪儿|何处|什么地方|在哪|哪个区"),
    ("person", "谁|哪位|什么人"),
)
_COMPILED = [(answer_type, re.compile(pattern, re.IGNORECASE | re.VERBOSE)) for answer_type, pattern in _RULES]


def answer_type_of(question: str) -> AnswerType | None:
    """The kind of value that answers; None where the question asks for none ("What happened?")."""
    return next((answer_type for answer_type, pattern in _COMPILED if pattern.search(question)), None)
