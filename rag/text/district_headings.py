"""Lines that name districts: headings, headings with a headline behind them, and what opens with a district.

A heading is recognized by what it is: beside the names it holds nothing but marks, numbers, counts, translations, and
the words by which news is announced.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import OSA

from rag.text.cjk import UNIFIED
from rag.text.districts import Mention, exact_mentions, misspelt_mentions
from rag.text.plain_signs import plain_signs, typed_place
from rag.text.wordlists import word_set

_MAX_HEADING_CHARS = 160  # three names in two languages, with a count
_MAX_MISSPELT_CHARS = 60
_MAX_PREFIX_CHARS = 40  # between the districts and their headline: a few marks and words
_MAX_DISTRICTS = 4  # that a heading joins; more are a list
_JOIN = re.compile(r"(?i)\s*(?:,\s*and|,|、|/|&|\+|and|和|与|及)\s*")
# Words that announce news without being any.
_ANNOUNCING = word_set("""
    a about across activities activity also and area area's around articles at beijing beijing's brief briefing briefs
    bulletin capital chapter china city city's column comes continued corner count countryside current day digest
    dispatch dispatches district districts dynamics edition editions entries entry event events first focus for from
    here highlight highlights in information is item items joint latest local meanwhile moments month monthly more
    municipality municipal new news next no now number of on our over page part piece pieces quarter recent region
    report reporting reports round roundup s scene second section series special spotlight stories story the then
    third this today total trends turning up update updates voices week weekly what year
    one two three four five six seven eight nine ten eleven twelve
""")
_NUMERALS = "一二三四五六七八九十百两〇零壹贰叁"
_ANNOUNCING_CHINESE = re.compile(
    rf"北京市?|首都|各?区|第?[\d{_NUMERALS}]+(?:部分|[章节篇站期辑则项条个件场次版])?(?:新闻|活动|动态|消息)?"
    r"|新闻|动态|要闻|快讯|简讯|短讯|资讯|讯|消息|信息|活动|事件|专栏|专题|专版|专刊|专辑|篇章?|来自|聚焦|走进|关注|外事"
    r"|工作|简报|播报|快报|通讯|报道|情况|亮点|风采|特辑|板块|版块|版|之|的|在|共|续|更多|详情|近期|最新|一览|综述|汇总|地区|方面"
)
_ORDINAL = re.compile(r"(?i)\b(?:[ivx]{1,5}|[a-z])\b|(?<!\d)\d{1,3}(?:(?:st|nd|rd|th)\b|(?!\d))")
# "(2 events)", "[1/3]", "2 news items": a number alone behind a district is its figure in a list, and no count.
_COUNT = re.compile(
    r"(?i)[(\[]\s*(?:no\.?\s*)?(?:\d{1,3}|[ivx]{1,5})(?:\s*[/-]\s*\d{1,3})?\s*[)\]]"
    r"|(?<![\w.])\d{1,3}(?=(?: [a-z]+)? (?:events?|items?|stor(?:y|ies)|reports?|news|activit(?:y|ies)|pieces?"
    r"|articles?|updates?|entr(?:y|ies))\b)"
)
_WORD = re.compile(r"[^\W_]+")
_PREFIX_MARK = re.compile(
    r"(?:\s*+[)\]\"*]++)?+(?:\s*+(?:[:|—>›»·•~/]+|--+)|\s++-+(?=\s))[\s)\]*:|—>]*+|\s*+[)\]]+[)\]*\s]*+"
)
_RUNS_ON = (",", ";", "、", "?")
_SPACED = re.compile(r"(?<!\w\w)(?<=\w) (?=\w(?!\w))")  # a space between two letters that stand alone
_CHINESE_WORDS = re.compile(f"[{UNIFIED}]")
_DISTRICT_WORDS = ("district", "districts")
_MIN_MISSPELT_LETTERS = 6  # of "District"


def heading_names(line: str) -> tuple[str, ...]:
    """Returns the districts that a line heads ("Haidian District", "News from Haidian and Chaoyang"); else ().

    Names side by side without "and", "&" or a comma are a photo caption's, and no heading.
    """
    if len(line) > _MAX_HEADING_CHARS:
        return ()
    words = plain_signs(line)
    return _heading_names(words) or (_heading_names(_SPACED.sub("", words)) if _SPACED.search(words) else ())


def is_heading_row(row: str) -> bool:
    """Whether a row of a text that may be wrapped is a district's heading, and not the end of a sentence."""
    return not row[:1].islower() and row.rstrip()[-1:] not in (".", "。", "!", "！") and bool(heading_names(row))


def prefix_names(line: str) -> tuple[tuple[str, ...], int]:
    """For "X District: headline", the districts and where the headline starts; else ((), 0)."""
    words = plain_signs(line)
    districts, end = _opening_names(words, [*exact_mentions(words[:_MAX_HEADING_CHARS])])
    mark = _PREFIX_MARK.search(words, end, end + _MAX_PREFIX_CHARS) if districts else None
    if not mark or mark.end() >= len(words) or not _is_announcing(words[end : mark.start()]):
        return (), 0
    if mark[0].strip()[-1:] in tuple(")]") and not re.search(r"[(\[]", words[: mark.start()]):
        return (), 0
    return districts, typed_place(line, mark.end())


def opening_names(line: str) -> tuple[str, ...]:
    """Returns the districts that a line opens with, after words that only lead over ("Meanwhile, in Fengtai …")."""
    words = plain_signs(line)
    return _opening_names(words, [*exact_mentions(words[:_MAX_HEADING_CHARS])])[0]


def _heading_names(words: str) -> tuple[str, ...]:
    mentions = [*exact_mentions(words)] or ([*misspelt_mentions(words)] if len(words) <= _MAX_MISSPELT_CHARS else [])
    districts, end = _opening_names(words, mentions)
    rest = words[end:].rstrip()
    return districts if districts and _is_announcing(rest) and not rest.endswith(_RUNS_ON) else ()


def _opening_names(words: str, mentions: Sequence[Mention]) -> tuple[tuple[str, ...], int]:
    """Returns the joined names that a line opens with, perhaps in two languages, and where they end."""
    if not mentions or not _is_announcing(words[: mentions[0].start], leads=True):
        return (), 0
    districts = {mentions[0].name: None}
    end = mentions[0].end
    for mention in mentions[1:]:
        between = words[end : mention.start]
        if not (_JOIN.fullmatch(between) or (mention.name in districts and _is_announcing(between))):
            break
        districts[mention.name] = None
        end = mention.end
    return (tuple(districts), end) if len(districts) <= _MAX_DISTRICTS else ((), 0)


def _is_announcing(words: str, *, leads: bool = False) -> bool:
    """Whether the words beside a name say nothing: numbers that lead a line, counts, "news from" and the like."""
    words = _ORDINAL.sub(" ", words) if leads else _COUNT.sub(" ", words)
    if _CHINESE_WORDS.search(words):
        words = _ANNOUNCING_CHINESE.sub(" ", words)
    return all(word in _ANNOUNCING or _is_district(word) for word in _WORD.findall(words.lower()))


def _is_district(word: str) -> bool:
    """Whether the word is "district", perhaps misspelt by a letter or two."""
    if len(word) < _MIN_MISSPELT_LETTERS or word[0] != "d":
        return False
    return any(OSA.distance(word, right, score_cutoff=2) <= 2 for right in _DISTRICT_WORDS)
