"""What a question is about: its words without districts, dates and the words of asking."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.models import Located
from rag.query.grammar import FUNCTION_WORDS, WORD, words_of
from rag.text.cjk import has_chinese
from rag.text.wordlists import word_set

# Words of asking and of the bulletins at large, which no single passage is about.
_ASKING = FUNCTION_WORDS | word_set("""
    anywhere else everywhere
    activities activity anything bulletin bulletins districts district doing done earliest enumerate event events
    everything first from give going happen happened happening happens know known last latest list many more most
    much name new newest news occur occurred overview place please recent recently say says show something summarise
    summarize take taken takes taking tell things time took 2f there's what's who's
""")
# Only where all that matches is asked for: "what did Shunyi report", but "report a wrong sign", "the annual report".
_ASKING_FOR_ALL = word_set("""
    altogether compare compared comparison difference differences versus vs held hold offer offered offers organise
    organised organize organized mentioned report reported reports said
""")
# Every bulletin of a foreign affairs office is about these.
_OFFICE_WORDS = word_set("foreign affairs international exchange exchanges work external beijing city office")
_TAKING_PLACE = word_set("held went")  # "what was held in May" asks for whatever there is
_PUBLISHED = word_set("published issued released posted printed dated reported appeared issue issues")
# Only where the latest or the earliest is asked for: "the oldest news item", but "the oldest tree".
_ASKING_IN_ORDER = word_set("""
    oldest very ever date dated item items story stories article articles issue issues announcement announcements entry
    entries post posts thing things report reports reported published appeared came
""")
_CHINESE_ASKING = re.compile(
    r"还有|那么?|请问|请列出|请|列出|告诉我|发生了什么|发生过?|报道过?|举[行办]了?过?|做了什么|有没有|有什么|有哪些|有关|关于|所有的?|全部|什么时候|什么|哪些|哪里"
    r"|哪儿|哪个|多少|怎么样?|如何|怎样|活动|新闻|简报|消息|事件|最新的?|最近的?|最早的?|比较|[的了吗呢吧呀过在有是和与]|一下|之间"
)


def topic_of(
    words: str, spans: Sequence[Located], *, exhaustive: bool, published: bool = False, ordered: bool = False
) -> str:
    """The words without the ``spans`` (districts, dates) and the words of asking.

    Where the dates are those of publishing, the words that say so are left out too.  Of nothing but words for what
    the desk has there is no topic: "the oldest news item", where the earliest is asked for (``ordered``).
    """
    words = without_spans(words, spans)
    ignored = _ASKING | _ASKING_FOR_ALL if exhaustive else _ASKING
    ignored = ignored | _PUBLISHED if published else ignored
    if has_chinese(words):
        words = _CHINESE_ASKING.sub(" ", words)
    topic = [match[0] for match in WORD.finditer(words) if match[0].lower() not in ignored]
    empty = _TAKING_PLACE | (_OFFICE_WORDS if exhaustive else set()) | (_ASKING_IN_ORDER if ordered else set())
    if all(word.lower() in empty for word in topic):
        return ""
    return " ".join(topic)


def without_spans(words: str, spans: Sequence[Located]) -> str:
    """The words with the spans cut out."""
    for span in sorted(spans, key=lambda span: span.start, reverse=True):
        words = f"{words[: span.start]} {words[span.end :]}"
    return " ".join(re.sub(r"\s['\u2019]s\b", " ", words).split())


def has_only_function_words(words: str) -> bool:
    """Whether the question holds only words like "the" and "of"."""
    if has_chinese(words):
        return not WORD.search(re.sub(r"[的了吗呢吧呀啊]", "", words))
    return all(word in FUNCTION_WORDS or word in ("many", "much") for word in words_of(words))
