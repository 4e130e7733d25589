"""What people say beside asking: greetings, thanks, and questions about the desk itself."""

from __future__ import annotations

import re

from rag.query.grammar import FUNCTION_WORDS, QUESTION_WORDS, words_of
from rag.text.cjk import has_chinese
from rag.text.wordlists import word_set

_SAID = (
    r"(?:hello|hi|hiya|hey|greetings|good (?:morning|afternoon|evening|day|night)|dear \w+"
    r"|(?:many |big )?thanks?(?: you)?(?: again| (?:very|so) much| a lot)?|cheers|ok|okay|great|perfect|cool|super"
    r"|nice(?: one)?|excellent|alright|all right|i see|got it|well done|excuse me|(?:good)?bye|please)"
)
# A word of courtesy is cut off only where a mark follows, or a word that asks: "Great Wall" is none.
_LEADING = re.compile(
    rf"(?i)^(?:{_SAID}(?: there)?(?:\s*[,.!;:–—-]+\s*|\s*$"
    r"|\s+(?=(?:what|which|who|where|when|how|can|could|please|and|only|just|show|list|tell)\b)))+"
)
_TRAILING = re.compile(rf"(?i)(?:(?<![\s,.!;?–—-])[\s,.!;?–—-]++{_SAID}){{1,20}}[\s.!]*+$")
_CHINESE_HELLO = r"你好|您好|请问(?:一下)?|麻烦问一下"
_CHINESE_SAID = (
    rf"(?:{_CHINESE_HELLO}|大家好|早上好|上午好|下午好|晚上好|嗨|(?:非常|十分)?(?:感谢|谢谢)[你您]?们?|多谢)[啊呀啦了]?"
)
_CHINESE_LEADING = re.compile(rf"^(?:{_CHINESE_SAID}(?:[,，.。!！~\s]+|$)|{_CHINESE_HELLO})+")
_CHINESE_TRAILING = re.compile(rf"(?:(?<![,，.。!！?？~\s])[,，.。!！?？~\s]++{_CHINESE_SAID}){{1,20}}[.。!！~\s]*+$")

_COURTESIES = word_set("""
    hello hi hiya hey greetings good morning afternoon evening night day dear thanks thank thx ty cheers bye goodbye
    welcome sorry pardon ok okay okey k kk fine great nice cool perfect super wonderful excellent awesome amazing wow
    lol haha hmm hm oh ah uh well right alright sure understood got yes yeah yep yup no nope nah much very lot many
    again test testing done job desk sir madam everyone friend
""")
_SHADES = word_set("much very lot many again")  # no courtesy by themselves
_COMMANDS = word_set("show list give tell name find say see look let want like know need help start go come ask")
# What the desk is asked about itself; these count only where it is spoken to.
_ABOUT_THE_DESK = word_set("""
    help able ask asking answer answers question questions work works working use using used read reply name named
    called made built created wrote runs run know trained kind sort thing things stuff meet see later soon tomorrow
    today going doing hear bot robot robots chatbot machine computer program software assistant ai llm gpt chatgpt
    model human person real alive man woman site website page chat service tool app speak english chinese language
    languages understand information info topics love hate
""")
_SPOKEN_TO = re.compile(
    r"(?i)\b(?:you|your|yours|yourself|u)\b|\bthis (?:site|website|page|chat|desk|service|tool|app|bot|thing)\b"
    r"|^how (?:do|does|can|to)\b.*\bthis\b|^(?:can|may|could) i ask\b"
)
_ABOUT_SOMETHING = re.compile(r"(?i)\b(?:about|regarding|concerning)\s+(?!you|this|yourself)\w")
_MAX_CHINESE_CHARS = 30  # of a courtesy; the pattern can take twice as long for each item more
_CHINESE_NOTHING = re.compile(
    rf"(?:(?:{_CHINESE_SAID}|[你您]们好|哈喽|早上?好?|晚安|在吗|有人吗|辛苦了|再见|拜拜|好的?|行|[嗯哦哈]|可以|明白了?|知道了|了解|收到"
    r"|是的?|对的?|没有?了?|不用了|不是|帮助|帮帮我|帮个忙|(?:怎么|如何)(?:使?用|操作)(?:这个)?|这是什么|使用说明|测试|(?:给我)?看看|显示"
    r"|[你您]们?(?:是谁|是什么|叫什么(?:名字)?|是.{0,3}(?:机器人|人工智能|真人|AI|人)"
    r"|[都还]?(?:能|会|可以|懂)(?:帮我?忙?|为我)?[做干回答提供问]*[些点]?(?:什么|啥|哪些)?(?:问题|事情?|服务|内容|信息|忙)?)"
    r"|我?[都还]?(?:能|可以|该|应该)[向跟]?[你您]?问[你您]?[些点]?(?:什么|啥|哪些)(?:问题|内容)?"
    r")[啊呀吗呢吧啦了么的]?[,，.。!！?？~、\s]*)+",
    re.IGNORECASE,
)


def without_courtesy(words: str) -> str:
    """The words without a greeting or thanks before or after them; as they are where nothing else is left."""
    asked = _CHINESE_TRAILING.sub("", _CHINESE_LEADING.sub("", words))
    asked = _TRAILING.sub("", _LEADING.sub("", asked)) or words
    mark = words[-1:] if words.endswith(("?", "？")) and not asked.endswith(("?", "？")) else ""
    return asked + mark


def holds_nothing_to_look_for(words: str) -> bool:
    """Whether the words are a greeting, thanks, a bare command ("show me") or a question about the desk itself."""
    if has_chinese(words):
        return len(words) <= _MAX_CHINESE_CHARS and _CHINESE_NOTHING.fullmatch(words) is not None
    spoken_to = _SPOKEN_TO.search(words) is not None
    said = [word.split("'")[0] for word in words_of(words.replace("’", "'"))]
    told = [word for word in said if word not in FUNCTION_WORDS]
    if not spoken_to and (not told or not QUESTION_WORDS.isdisjoint(said) or _SHADES.issuperset(told)):
        return False  # "how many?", "what did they say?" ask on
    known = _COURTESIES | _COMMANDS
    if spoken_to and not _ABOUT_SOMETHING.search(words):
        known = known | _ABOUT_THE_DESK
    return all(word in known for word in told)
