"""Whether a question asks for all that matches ("Which visits were there?") or for one thing ("Who won?").

The form of the question decides.  Plurals that bulletins are full of ("visits"), the perfect tense ("who has
volunteered"), "any" and "all" ask for every match; singulars, superlatives and what points to one event ("at the fair")
ask for one.  The rules read questions as ``rag.query.intent`` masks them.
"""

from __future__ import annotations

import itertools
import re

from rag.query.grammar import AUXILIARIES, DETERMINERS, PRONOUNS, QUESTION_WORDS, head_noun, is_plural, words_of
from rag.text.tenses import is_past
from rag.text.wordlists import word_set

PLACE, TIME = "\ue000", "\ue001"  # stand for each district and each period, from Unicode's private use area

# Bulletins report these: a question that asks for them asks for every one.
_EVENTS = word_set("""
    events activities visits delegations lectures talks seminars workshops classes lessons courses campaigns drills
    exercises contests competitions exchanges projects programs programmes services measures stories news reports
    bulletins exhibitions festivals agreements memorandums memoranda meetings trainings tours trips concerts
    performances contacts warnings reminders notices ceremonies forums conferences receptions inspections donations
    initiatives partnerships celebrations openings cases screenings matches camps efforts plans offers achievements
    facilities opportunities ties links connections relations friendships examples incidents accidents dialogues
    interviews publications presentations demonstrations rehearsals
""")
# Those that many bulletins may name; other plurals ("questions", "dishes") are details of one event.
_ACTORS = word_set("""
    countries cities towns villages districts schools universities colleges companies firms businesses embassies museums
    hotels parks hospitals libraries communities subdistricts places sites venues offices institutions organisations
    organizations associations enterprises partners guests diplomats officials experts scholars students
    pupils athletes choirs orchestras teams residents people groups families employees artists guides nurses
""")
_AGENTS = ("ers", "ors", "ists", "ians", "men")  # teachers, visitors, journalists, musicians, firemen
_NO_AGENTS = word_set(
    "letters numbers papers flowers posters dinners matters colors orders offers answers flavors powers factors"
)
_MODALS = word_set("can could should may must will would might shall")
_PERSONS = word_set("i you we they he she it")
_MAX_PHRASE_WORDS = 4  # words before a phrase's head; more are a string of search words
_MAX_PARTICIPLE_DISTANCE = 5  # words from "has" to its participle


def is_exhaustive(question: str, clause: str) -> bool:
    """Whether the question asks for all that matches; ``clause`` is the part of it that asks."""
    if _EXHAUSTIVE.search(question) or _CHINESE_EXHAUSTIVE.search(question):
        return True
    if _ONE.search(clause):
        return False
    words = words_of(clause)
    if _HEADED.match(question) and not set(words_of(question)) & QUESTION_WORDS:
        return True
    if not words:
        return PLACE in clause or TIME in clause
    opening, rest = words[0], clause[clause.lower().find(words[0]) + len(words[0]) :]
    if opening in ("what", "which", "whose"):
        return _what_is_exhaustive(clause, rest)
    if opening == "who":
        return _who_is_exhaustive(clause, words)
    if opening in ("where", "when", "why"):
        return _where_is_exhaustive(words[1:])
    if opening == "how":
        return words[1:2] in (["has"], ["have"]) and any(map(is_plural, words[2:5]))
    if opening in AUXILIARIES:
        return _yes_no_is_exhaustive(clause, words)
    return _phrase_is_exhaustive(clause)


def asks_whatever(clause: str) -> bool:
    """Whether the clause asks for whatever there is: "what happened", "what did Haidian do"."""
    return _WHATEVER.search(clause) is not None


def is_perfect(clause: str) -> bool:
    """Whether the clause is in the perfect tense: "has visited", "have signs been checked"."""
    words = words_of(clause)
    return any(
        word in ("has", "have") and any(map(is_past, words[number + 1 : number + 1 + _MAX_PARTICIPLE_DISTANCE]))
        for number, word in enumerate(words)
    )


def _what_is_exhaustive(clause: str, rest: str) -> bool:
    if asks_whatever(clause):
        return True
    opening = words_of(rest)[:1]
    if opening in (["are"], ["were"]):
        return head_noun(re.sub(r"^\W*\w+", "", rest)) in _EVENTS
    if opening in (["has"], ["have"]):
        return is_perfect(clause) and not _DEFINITE.search(clause)
    if not opening or opening[0] in AUXILIARIES | PRONOUNS | DETERMINERS:
        return False
    if of := _OF_THE.match(rest):
        return head_noun(rest[of.end() :]) in _EVENTS | _ACTORS
    if sort := _SORTS.match(rest):
        return not _points_to_one(rest[sort.end() :])
    if opening == ["about"]:
        return _phrase_is_exhaustive(rest.strip()[len("about") :].strip())
    noun = head_noun(rest)
    if not noun:
        return False
    after = rest.lower().partition(noun)[2]
    if noun in _EVENTS or _THERE.search(after) or _TOOK_PLACE.search(after):
        return True
    if not is_plural(noun) or _SITE.search(rest):
        return False
    return is_perfect(rest) or (_is_actor(noun) and not _DEFINITE.search(after))


def _who_is_exhaustive(clause: str, words: list[str]) -> bool:
    if words[1:2] in (["are"], ["were"]):
        rest = re.sub(r"^\w+\s+\w+\s+(?:the\s+)?", "", clause)
        return _is_actor(head_noun(rest) or "") and not _points_to_one(rest)
    return bool(is_perfect(clause) or _WHO_CAME.match(clause)) and not _points_to_one(clause)


def _is_actor(noun: str) -> bool:
    return noun in _ACTORS or (noun.endswith(_AGENTS) and noun not in _NO_AGENTS and is_plural(noun))


def _where_is_exhaustive(words: list[str]) -> bool:
    """ "Where were teachers trained?", but "Where were the teachers trained?"."""
    if len(words) < 2 or words[0] not in AUXILIARIES - _MODALS or words[1] in _PERSONS:
        return False
    plural = any(is_plural(word) for word in words[1:7] if not is_past(word))
    return words[0] in ("have", "has") or (plural and words[1] not in DETERMINERS | PRONOUNS)


def _yes_no_is_exhaustive(clause: str, words: list[str]) -> bool:
    """ "Has any school joined?", "Did Haidian hold lectures?", but "Did the choir win?"."""
    if not {"any", "ever", "mentioned", "something"}.isdisjoint(words) or _THERE_ARE.match(clause):
        return True
    if words[0] not in ("has", "have", "did", "do", "does", "were", "are") or _DEFINITE.search(clause):
        return False
    return any(is_plural(word) and before not in DETERMINERS for before, word in itertools.pairwise(words))


def _phrase_is_exhaustive(phrase: str) -> bool:
    """A command ("list the visits") or a mere phrase ("visits of choirs")."""
    if match := _COMMAND.match(phrase):
        rest = phrase[match.end() :]
        if words_of(rest)[:1] and words_of(rest)[0] in ("what", "which", "who", "where", "when", "how", "whether"):
            return is_exhaustive(rest, rest)
        object_ = head_noun(rest) or ""
        wanted = match[1].lower() in ("list", "enumerate", "summarise", "summarize") or rest.startswith(PLACE)
        return wanted or object_ in _EVENTS or (is_plural(object_) and not _DEFINITE.match(rest))
    noun = head_noun(phrase)
    if not noun or not (is_plural(noun) or noun in _EVENTS):
        return False
    before = words_of(phrase.lower().partition(noun)[0])
    return len(before) <= _MAX_PHRASE_WORDS and "the" not in before


def _points_to_one(clause: str) -> bool:
    return bool(_DEFINITE.search(clause) or _SITE.search(clause))


_COMMAND = re.compile(
    r"(?i)(list|enumerate|summari[sz]e|show|name|give|find|tell|count)\b"
    r"(?:\s+(?:me|us|out|about|of|on|a list of|please))*\s*"
)
_OF_THE = re.compile(r"(?i)\s*of (?:the|these|your)\s+")
_TOOK_PLACE = re.compile(r"\b(?:took|taken|takes?) place\b")
_SORTS = re.compile(r"(?i)\s*(?:other\s+)?(?:(?:kinds?|types?|sorts?|forms?)\s+of|ways)\s+")
_ONE = re.compile(
    r"(?i)\b(?:the|its|which|what)\s+(?:very\s+)?(?:first|largest|biggest|oldest|youngest|longest|smallest|highest|lowest"
    r"|best|most|main|only|same|one|greatest|heaviest|shortest)\b|\bone of\b"
)
_EXHAUSTIVE = re.compile(
    r"(?i)\b(?:anything|everything)\b|\b(?:list|name|enumerate|show) (?:them|all|these|those)\b|\bwhat all\b"
    r"|\ball (?:of )?(?:the|them|kinds)\b(?! (?:time|way|same)\b)|\bare there\b(?! the\b)|\bwhat is known\b"
    r"|\ball (?:\w+ )?(?:news|events|activities|visits|reports)\b"
    r"|\boverview of\b|^\W*(?:a )?(?:summary|list) of\b"
    r"|\b(?:do|does) the bulletins? (?:say|tell|report|mention|contain)\b"
)
# "Daxing: concerts and visits" is a heading, under which all belongs.
_HEADED = re.compile(rf"\W*(?:the )?{PLACE}(?:['’]s)?\s*[:：–—]")
_CHINESE_EXHAUSTIVE = re.compile(
    r"哪些|有什么|做了什么|发生了什么|列出|所有|全部|都有|有没有|举办过|举办了什么|报道了什么|^活动|活动$"
)
_PLACES = (
    rf"(?:the\s+)?(?:(?:{PLACE}|bulletins?|districts?|city|office|beijing|municipality|and|all)[\s,]*+)+(?:['’]s)?"
)
_WHATEVER = re.compile(rf"""(?ix)
    \bwhat(?:\ else)?\ (?:\w+\ )?(?:happen(?:s|ed|ing)?\b(?!\ (?:to|at\ the|during\ the)\b)|going\ on|went\ on
      |took\ place|taken\ place|new\b)
    | \bwhat['’]s\ (?:new|going\ on|happening)\b
    | \bwhat\ (?:is|was|were|has|have|had)\ (?:\w+\ )?(?:(?:been\ )?going\ on|happen(?:ed|ing)|tak(?:en|ing)\ place)
    | \bwhat\ (?:is|was|were|are|has\ been|have\ been)\ (?:being\ )?
      (?:reported|published|issued|offered|held|done|planned|organi[sz]ed|there|new)\b
    | \bwhat\ (?:did|do|does|is|are|can)\ {_PLACES}\s*+(?:foreign\ affairs\ office\s+)?
      (?:do|doing|report|say|tell|offer|offering|have|organi[sz]e|hold|provide|undertake)\b
""")
_THERE = re.compile(r"\b(?:is|are|was|were|have|has)\s+(?:been\s+)?there\b|\bthere\s+(?:is|are|was|were)\b")
_THERE_ARE = re.compile(
    r"(?i)(?:are|were)\s+there\b|(?:have|has)\s+there\s+been\b|(?:is|was)\s+there\s+(?:news|information|cooperation)\b"
)
_WHO_CAME = re.compile(
    r"(?i)who\s+(?:else\s+)?(?:visited|came|attended|volunteered|took part|participated|performed|exhibited"
    r"|joined|toured)\b"
)
# What points to one event or thing ("the kite flying"), not to the desk's own ("the districts", "the bulletins").
_DEFINITE = re.compile(
    r"(?i)\b(?:the|this|these|those|(?:at|of|in|for|to|by|from|after|during) that)\s+"
    r"(?!(?:bulletins?|office|city|districts?|capital|municipal|world|year|past|last|whole|public|area|foreign"
    rf"|development)\b|[{PLACE}{TIME}])\w+"
)
_SITE = re.compile(
    r"\b[A-Z]\w+ (?:Town|Township|Village|Park|Museum|School|Hotel|Street|Road|Station|Library|Hospital|Cent(?:er|re)"
    r"|Square|Temple|Subdistrict|University|Palace|Lake|Hall|Market|Airport)\b"
)
