"""Times that a question names and that no calendar tells: "the other day", "two weeks before the pact was signed"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.models import Located, Span
from rag.query.relative_dates import CHINESE_NUMBER, CHINESE_UNIT, ENGLISH_NUMBER, UNIT


def unread_times(words: str, read: Sequence[Located]) -> tuple[str, ...]:
    """The words that name a time which isn't among the periods ``read``, each to the end of its clause."""
    lowered = words.lower() if len(words.lower()) == len(words) else words
    spans = [Span(*match.span()) for match in _UNREAD.finditer(lowered)]
    return tuple(span.of(words).strip() for span in spans if not any(map(span.overlaps, read)))


_REST = r"[^?.!,;:？。！，；：]*"
_NUMBER = ENGLISH_NUMBER.replace(" ", r"\ ")
_UNITS = f"(?:{UNIT}|weekend|hour|minute|decade)s?"
_UNREAD = re.compile(rf"""(?x)
    # A stretch of time from an event, whose day the desk doesn't know.
    (?:\b(?:in|during|within|over)\ )?(?:\bthe\ |\bthat\ )?(?:\b{_NUMBER}\ )?\b{_UNITS}(?:\ or\ (?:so|two))?
      \ (?:before|after|following|preceding|prior\ to|ahead\ of|leading\ up\ to)\b{_REST}
    | \bwithin\ {_NUMBER}\ {_UNITS}\ of\ {_REST}
    | \b(?:the\ )?(?:{_NUMBER}\ )?{_UNITS}\ (?:later|earlier|from\ now|hence)\b
    | \b(?:{_NUMBER}|many|some)\ (?:\w+\ )?(?:{_UNITS}|century|centuries)\ ago\b
    | \bthe\ other\ (?:day|week|month|night|evening|weekend)\b
    | \b(?:a|some|quite\ a)\ (?:while|time)\ ago\b | \b(?:long|ages|moments)\ ago\b
    | \b(?:last|past|previous|this|next|coming)\ (?:decade|century|term|semester|holidays?|christmas|easter|ramadan
      |spring\ festival|lantern\ festival|mid-autumn\ festival|golden\ week|national\ day|new\ year)\b
    | (?<![\d/.-])\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{1,4}}(?![\d/.-])
    | \b(?:on|in|of|since|before|after|until|from|by)\ \d{{1,2}}/\d{{1,2}}(?![\d/])
    | [之以]?[前后]的?{CHINESE_NUMBER}个?{CHINESE_UNIT}[之以]?[内里]? | {CHINESE_NUMBER}个?{CHINESE_UNIT}[之以]?[前后]
    | 前不久 | 不久前 | 前些[天日年] | (?:上|下|本)个?(?:世纪|学期) | \d0年代
""")
