"""Sentences that deny the one before them: what a rumour, an example or a stranger said is then no fact."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SAID = r"""(?:it|this|that|these|those|they|both|all\ of\ (?:it|this|that)
    |(?:the|this|that|these|those|such|both)\ (?:\w+\ )?
        (?:messages?|claims?|rumou?rs?|reports?|stor(?:y|ies)|news|posts?|texts?|statements?|numbers?|letters?
        |allegations?|information|warnings?|pictures?|e-?mails?|calls?|quotations?|words?))"""
_IS = r"(?:\ (?:is|are|was|were|has\ been|have\ been|proved|turned\ out)(?:\ to\ be)?|['’](?:s|re))"
_FALSE = r"""(?:not\ (?:true|so|the\ case|correct|right|real|genuine)|untrue|false|wrong|incorrect|unfounded|baseless
    |groundless|invented|made\ up|fabricated|misleading|a\ lie|lies|nonsense|denied|refuted
    |(?:an?\ |mere\ )?(?:\w+\ )?(?:rumou?r|hoax|fake|scam|fraud|fabrication|invention|misunderstanding|mistake)s?)\b"""
_DENIAL = re.compile(
    rf"""\b{_SAID}{_IS}(?:\ \w+ly|\ all|\ simply|\ just|\ an?)*\ ?{_FALSE}
    | \b{_SAID}\ (?:(?:is|are|was|were)n['’]t\ (?:true|so|the\ case|correct)|(?:does|do|did)\ not\ (?:exist|apply|hold))
    | \b(?:den(?:y|ies|ied)|refut(?:es?|ed)|reject(?:s|ed)?|contradict(?:s|ed)?|disclaim(?:s|ed)?|debunk(?:s|ed)?)
        \ {_SAID}\b
    | \b(?:do\ not|don['’]t|never|nobody\ should|no\ one\ should)
        \ (?:believe|trust|follow|heed|share|forward|fall\ for)\ (?:{_SAID}|them)\b
    | \bno\ truth\ in\ (?:{_SAID}|them)\b | \bnothing\ of\ (?:the\ (?:kind|sort)|this|that)\b
    | ^\W*(?:not\ true|not\ so)\b
    | (?:该|此|这些?|上述|以上|相关|有关|网传|均|都|纯)(?:条|类|种|则|一)?
        (?:消息|信息|说法|传言|内容|报道|言论|情况|短信|号码)?(?:均|都|并|完全|系|为|是|纯属|属){{0,9}}
        (?:不实|不属实|虚假|谣言|假的|假消息|误传|不是真的|不是事实|非事实|诈骗)
    | 不要(?:轻信|相信)|请勿(?:轻信|相信|传播)|已(?:经)?(?:否认|辟谣)""",
    re.IGNORECASE | re.VERBOSE,
)


def denies_previous(sentence: str) -> bool:
    """Whether the sentence says that what the one before it tells is not so."""
    return _DENIAL.search(sentence) is not None


def undenied(sentences: Sequence[str]) -> list[str]:
    """The sentences that the next one doesn't deny."""
    denied = [*map(denies_previous, sentences[1:]), False]
    return [sentence for sentence, is_denied in zip(sentences, denied, strict=True) if not is_denied]
