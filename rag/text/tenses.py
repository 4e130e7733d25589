"""Whether a sentence tells of a deed, in English by the tense of its main verb, in Chinese by aspect, date and verb.

An event is what somebody did or what was done.  What is, is done every year, or is to come is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from rag.text.cjk import is_chinese
from rag.text.dates import MONTH
from rag.text.wordlists import word_set

# Irregular verbs: forms that are the past alone, forms that are past and participle, and participles.
_ONLY_PAST = word_set("""
    arose ate awoke became began bore blew bit broke came chose did drank drew drove fell flew forgave forgot froze gave
    grew hid knew lay ran rang rode rose sang sank saw shook shrank spoke sprang stole swam swore threw took tore
    underwent undertook withdrew woke wore went wrote
""")
_PAST_OR_PARTICIPLE = word_set("""
    bent bound bought brought built caught clung crept dealt dug fed felt fought fled found got ground had heard held
    kept laid leapt learnt led left lent lit lost made meant met paid put said sat sent set shone shot slept slid sold
    sought sped spent spun stood struck stuck swept swung taught thought told understood upheld won wound
""")
_PARTICIPLES = word_set("""
    arisen awoken beaten become been begun bitten blown borne broken chosen come done drawn driven drunk eaten fallen
    flown forgotten frozen given gone grown hidden known ridden risen rung run seen shaken shown spoken stolen sung sunk
    swum sworn taken thrown torn undergone undertaken withdrawn woken worn woven written
""")
# The present of these is written alike.
_UNCHANGED = word_set("beat cast cost cut hit hurt let put quit read set shut split spread")
_NO_PAST = word_set("hundred shed sled sacred naked kindred")
_PAST_IN_EED = word_set("agreed decreed disagreed freed guaranteed pedigreed refereed")

_NOT_PAST = word_set("""
    will shall would can could may might must should is are am isn't aren't won't can't cannot couldn't wouldn't does do
    doesn't don't
""")
_WAS = word_set("was were wasn't weren't")
_HAS = word_set("has have had hasn't haven't hadn't")
Telling = Literal["deeds", "deed", "past", "no past"]
"""What a sentence tells: all that was done ("measures include …"), a deed, how something was, what is or is to come."""

# A verb that tells a deed, the same in the perfect, what may be a mere participle, a verb that tells how something was,
# one that tells neither, no verb.
_Tense = Literal["deed", "perfect", "weak", "past state", "state", "none"]
_BE = word_set("be being been am is are was were wasn't weren't isn't aren't")
# Past tenses that tell how something was, and what somebody meant to do.
_STATES = word_set("""
    appeared belonged consisted contained covered depended desired did existed feared included involved knew lacked lay
    liked lived loved meant needed numbered owned preferred remained seemed stood tended wanted wished
""")
_AIMS = word_set("aimed expected hoped intended planned")
_STATE_PARTICIPLES = word_set("""
    aimed aged based called committed composed connected dedicated designed equipped expected famous home intended
    interested known located lined made meant needed planned required scheduled situated supposed surrounded used
    worried
""")
# A clause within a clause: the verb follows at once ("who work"), after a noun ("whose children work"), or later.
_OPENERS = word_set("""
    who which that whose whom where when while because if although though unless what
    how whether
""")
_RELATIVE = word_set("who which that whose")
_BEFORE_NOUNS = word_set("""
    a an the this that these those its his her their our my your all both each every some several many more most any no
    of in for by with at to from on into about as than other among between under over during through
""")
_AFTER_PARTICIPLES = word_set("""
    in on at of for from to with by about during since between among through after before under over into near as until
    against without along across and or but yesterday today last abroad here there online together again jointly too
""")
# They take no object, so that none of them is a participle ("residents participated in").
_INTRANSITIVE = word_set("""
    arrived chatted collaborated competed cooperated departed emerged happened landed met occurred participated
    proceeded returned talked travelled traveled
""")
_ADVERBS = word_set("not also then first already now all both since again just")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[,;:.!?()–—]")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|「[^」]*」|《[^》]*》")
_ENDED = re.compile(r"[.!?。！？][\"'”’)\]）]*\s*$")
_LASTING = re.compile(
    r"(?i)\b(?:since (?:19|20)\d\d|always|for (?:\w+ ){0,4}?(?:years|decades|centuries|generations))\b"
)
_DAY = re.compile(rf"(?i){MONTH} ?\d{{1,2}}\b|\b\d{{1,2}} {MONTH}")
_MEASURES = re.compile(
    r"(?i)\b(?:measures|activities|actions|efforts|events|steps)\b[^.;]*\binclud(?:e|ed|es)\b \w+ing\b"
)

_CHINESE_VERBS = (
    "举[办行]|开展|召开|组织|主办|承办|协办|参[加与观赛]|出席|访问|来访|到访|走访|走进|考察|调研|慰问|看望|签署|签订|签约|会[见谈晤]|接待|迎来"
    "|启动|启用|启程|启航|开[幕放业班馆课讲]|闭幕|发布|发放|派发|揭[牌幕晓]|赠送|捐[赠献款]|演[出示讲练]|表演|致[辞词信]|介绍|讲[解授述座]|宣讲|授课"
    "|解答|答[疑复]|培训|交流|座谈|研讨|讨论|展[出示开]|比赛|竞赛|获[得奖评]|荣获|颁[发奖]|评选|成立|设立|挂牌|建成|完成|落成|竣工|通过|通车|通航"
    "|抵达|到达|返回|救[助援]|转移|撤离|检查|排查|修[改订复]|更换|安装|印制|制作|拍摄|播[放出]|上线|推出|签发|办理|受理|协助|邀请|欢迎|会同|联合"
    "|种[植下]|合影|品尝|体验|游览|学习|观[看摩]|聆听|提[供出交]|递交|宣布|表示|强调|指出|送[到达去出上]|前往|出访|率团|带队|结[对为]"
)
_CHINESE_VERB = re.compile(_CHINESE_VERBS)
_CHINESE_ASPECT = re.compile(r"(?<!为)了(?![解])|[^经路超不通]过(?![程去关硬渡])|已经?|完毕")
_CHINESE_INTENT = re.compile(
    r"下一步|下一阶段|今后|未来|接下来|即将|计划(?![书生外])|拟[于在]|打算|有望|旨在|力争|预计"
    rf"|将(?:会|要|于|在|继续|进一步|持续|不断|积极|面向|为|与|对|向|以|从|把|陆续|逐步|全[面力]|努力|大力|加[强大快]|推[动进]|进行|{_CHINESE_VERBS})"
)
_CHINESE_HABIT = re.compile(r"每[年月周逢]|常[年态]|长期|一直|历来|经常|通常|平时|一向|多年来|自古")
_CHINESE_STATE = re.compile(r"^[^，,]{0,16}?(?:是|位于|坐落|拥有|设有|共有|现有|属于|包括)(?!否)")
_CHINESE_PURPOSE = re.compile(r"^\s*(?:为了?|以便|为此)(?!期)")


def is_past(word: str) -> bool:
    """Whether the lower-case word is a past tense or a participle."""
    if word in _ONLY_PAST or word in _PAST_OR_PARTICIPLE or word in _PARTICIPLES:
        return True
    if word.endswith("eed"):
        return word in _PAST_IN_EED
    return len(word) > 3 and word.endswith("ed") and word not in _NO_PAST


def telling_of(sentence: str) -> Telling:
    """What the sentence tells of.

    Of words that make no sentence ("June 3: visit of a choir") nothing is known against a deed.
    """
    if is_chinese(sentence):
        return "deed" if _tells_chinese_deed(sentence) else "no past"
    words = [match[0].replace("’", "'") for match in _WORD.finditer(_QUOTED.sub(" Q ", sentence))]
    if not _ENDED.search(sentence):
        return "no past" if _NOT_PAST & {word.lower() for word in words} else "deed"
    return "deeds" if _MEASURES.search(sentence) else _telling_of_main_verbs(words)


def _telling_of_main_verbs(words: Sequence[str]) -> Telling:
    """What the sentence tells by the tenses of its main verbs.

    A clause within it ("whose children will leave") takes the next verb, and a participle is none: it has no object
    ("the agreement signed in May").
    """
    pending, skipped = 0, -1  # verbs that clauses within this one still lack; the place of such a verb, if known
    # whether the main verb is known; whether a form that may be a participle has been seen; how something was
    settled = weak = was = False
    for number, written in enumerate(words):
        word = written.lower()
        after = words[number + 1].lower() if number + 1 < len(words) else "."
        if word in (",", ";", ":", "–", "—"):
            pending = 0
            if word != "," or after in ("and", "but", "while", "so", "yet"):
                if weak:
                    return "deed"
                settled = False
            continue
        if word in _OPENERS:
            verb = number + 1 + (word == "whose")
            if word in _RELATIVE and not _opens_noun(words[verb : verb + 1]):
                skipped = verb
            elif after != "to" and not after.endswith("ing") and not is_past(after):
                pending += 1
            continue
        tense = _tense(words, number) if number != skipped else "none"
        if tense == "none":
            continue
        if pending:
            pending -= 1
        elif tense == "past state" and _DAY.search(" ".join(words)):  # "were the guests of the town on May 18"
            return "deed"
        elif tense in ("state", "past state") or (tense == "perfect" and _LASTING.search(_part_around(words, number))):
            settled, weak, was = True, False, was or tense == "past state"
        elif tense != "weak" and (not settled or words[number - 1].lower() in ("and", "then", "but")):
            return "deed"
        elif tense == "weak":
            weak = weak or not settled
    return "deed" if weak else "past" if was else "no past"


def _part_around(words: Sequence[str], number: int) -> str:
    """The words between the commas around a word."""
    first = max((n for n in range(number) if words[n] in ",;"), default=0)
    last = min((n for n in range(number, len(words)) if words[n] in ",;"), default=len(words))
    return " ".join(words[first:last])


def _opens_noun(following: Sequence[str]) -> bool:
    """Whether a noun follows, so that the verb comes later ("which the Office held", "that Haidian will")."""
    return bool(following) and (following[0].lower() in _BEFORE_NOUNS or following[0][0].isupper())


def _tense(words: Sequence[str], number: int) -> _Tense:
    """What the word is as a verb."""
    written, before = words[number], words[number - 1].lower() if number else ""
    word = written.lower()
    if number and not written[0].islower():  # "May"
        return "none"
    if word in _NOT_PAST:
        return "state"
    if word in _WAS or word in _HAS:
        following = [w.lower() for w in words[number + 1 : number + 6] if not _is_adverb(w.lower())]
        passive = word in _WAS or following[:1] == ["been"]
        verb = next((w for w in following if w != "been"), "")
        if not (is_past(verb) or verb in _UNCHANGED or (passive and verb.endswith("ing"))):
            return "past state" if word in _WAS or word == "had" else "state"
        if verb in (_STATE_PARTICIPLES if passive else _STATES | _AIMS | {"known"}):
            return "past state" if word in _WAS or word == "had" else "state"
        return "deed" if word in _WAS else "perfect"
    if not (is_past(word) or word in _UNCHANGED) or word in _PARTICIPLES:
        return "none"
    return "none" if "-" in word and not word.startswith(("co-", "re-")) else _past_form(words, number, before)


def _past_form(words: Sequence[str], number: int, before: str) -> _Tense:
    """What a word is that can be a past tense or a participle."""
    word, after = words[number].lower(), words[number + 1].lower() if number + 1 < len(words) else "."
    within = [w.lower() for w in words[max(number - 3, 0) : number]]
    while within and _is_adverb(within[-1]):
        within.pop()
    auxiliary = bool(within) and (within[-1] in _BE or within[-1] in _HAS or within[-1] == "not")
    if not number or auxiliary or (within and (within[-1] in _BEFORE_NOUNS or within[-1][-1].isdigit())):
        return "none"
    if word in _AIMS or (word == "looked" and after in ("forward", "ahead")):
        return "state"
    if word in _STATES:
        return "past state"
    if word in _ONLY_PAST or word in _INTRANSITIVE:
        return "deed"
    if word in _UNCHANGED and after in _AFTER_PARTICIPLES | {",", "."}:
        return "none"
    has_object = after[0].isalnum() and after not in _AFTER_PARTICIPLES and not after.endswith("ly")
    if has_object:
        return "deed"
    if after == "by":
        return "none"
    return _after_comma(words, number) if before in (",", "(") else "weak"


def _after_comma(words: Sequence[str], number: int) -> Literal["weak", "none"]:
    """A participle with its comma ("founded in 1987, it teaches"), unless nothing after it can be the verb."""
    later = [n for n in range(number + 1, len(words) - 1) if words[n] in (",", ")")]
    verbs = (words[n + 1] for n in later)
    followed = any(
        is_past(verb) or verb in _NOT_PAST | _HAS | _WAS or verb.endswith("s") for verb in verbs if verb[0].islower()
    )
    return "none" if followed else "weak"


def _is_adverb(word: str) -> bool:
    return word.endswith("ly") or word in _ADVERBS


def _tells_chinese_deed(sentence: str) -> bool:
    """Whether a part of the sentence tells a deed; from where it looks ahead, all is intent."""
    for part in re.split(r"[，,；;：:]", sentence):
        if _CHINESE_INTENT.search(part):
            return False
        if _CHINESE_PURPOSE.search(part) or _CHINESE_HABIT.search(part) or _CHINESE_STATE.search(part):
            continue
        if _CHINESE_VERB.search(part) or _CHINESE_ASPECT.search(part):
            return True
    return False
