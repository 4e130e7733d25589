"""Questions for what is not there: "Which districts did not report …?", "In which months was there no lecture?"."""

from __future__ import annotations

import re
from typing import Literal

Lacking = Literal["", "districts", "months", "things"]
"""The set whose members without a report are asked for; "things" are too many to be gone through."""

_DID = r"(?:did|do|does|has|have|had|was|were|is|are)"
_SENT = (
    r"(?:held|hold|gave|given?|report(?:s|ed)?|saw|show(?:s|ed)?|sent|made|got|organi[sz]ed|hosted|took|received|with)"
)
_NOT = (
    rf"\b{_DID}\s*(?:not\b|n['’]t\b)|\bnever\b|\bnot\s+(?:yet|once)\b|\byet to\b"
    r"|(?<=district )not\b|(?<=districts )not\b|\bfail(?:s|ed)?\s+to\b|\black(?:s|ed|ing)?\b"
)
_NONE = rf"\b(?:{_DID}|{_SENT}|mention(?:s|ed)?|there|been)(?:\s+there)?\s+(?:no|nothing|none|zero|neither)\b"
# The word that asks, the districts or months, then the no; not the "but not in Haidian" of what is left out.
_OF_A_SET = re.compile(
    r"(?i)\b(?:which|what|list|name|show|any|all|find|give|tell|are|there|did|has|have)\b[^.?!;]{0,25}?"
    r"\b(?P<set>districts?|months?)\b(?!['’])(?:\s+(?:that|which|are|were|there)\b)*"
    rf"(?:\s+(?P<without>without)\b|[^?!;]{{0,200}}?(?<!but )(?<!and )(?P<no>{_NOT}|{_NONE}))"
)
# "Which embassies did not come?"; neither rules ("what is not allowed?"), nor what is left out ("which lectures
# were not held in Haidian?").
_OF_THINGS = re.compile(
    r"(?i)^(?:which\s+(?:of\s+the\s+)?(?:\w+\s+){1,3}?|(?P<alone>who\s+|what\s+)|what\s+\w+\s+)"
    r"(?P<no>could\s*(?:not|n['’]t)\b|(?:(?:did|has|have|had|was|were)\s*(?:not|n['’]t)|(?:has\s+|have\s+)?never)\b"
    r"(?(alone)|(?!\s+(?:(?:take|taken) place\s+|(?:held|happen(?:ed)?|occur(?:red)?|organi[sz]ed|hosted|reported)\s+)?"
    r"(?:in|at|from|about|on|those)\b)))"
)
_YES = (  # what is left of the no where what there is is asked for
    (
        re.compile(
            r"(?i)(?:(?<!\s)\s++)?\b(?:not(?:\s+(?:yet|once))?|never|yet to|fail(?:s|ed)?\s+to)\b|(?<=[a-z])n['’]t\b"
        ),
        "",
    ),
    (re.compile(r"(?i)\bnothing\b"), "something"),
    (re.compile(r"(?i)\bwithout\b"), "with"),
    (re.compile(r"(?i)\black(?:s|ed|ing)?\b"), "had"),
    (re.compile(r"(?i)(?<!\s)\s++(?:no|none|zero|neither)\b"), ""),
)


def affirmed(words: str) -> tuple[str, Lacking]:
    """The question for what there is in place of the one for what there isn't, and the set that this is asked of."""
    of_a_set = _OF_A_SET.search(words)
    match = of_a_set or _OF_THINGS.search(words)
    if not match:
        return words, ""
    group = "without" if of_a_set and of_a_set["without"] else "no"
    said = match[group]
    for pattern, instead in _YES:
        said = pattern.sub(instead, said)
    rest = f"{words[: match.start(group)]}{said}{words[match.end(group) :]}"
    if not of_a_set:
        return rest, "things"
    start, end = of_a_set.span("set")  # nothing tells of "months"
    return " ".join(f"{rest[:start]} {rest[end:]}".split()), "districts" if words[start].lower() == "d" else "months"
