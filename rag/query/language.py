"""Which language a question is in, where it is none that the desk reads."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from rag.text.wordlists import word_set

_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = {
    "CYRILLIC": "Russian or another language in Cyrillic letters",
    "ARABIC": "Arabic or another language in Arabic letters",
    "HANGUL": "Korean",
    "HIRAGANA": "Japanese",
    "KATAKANA": "Japanese",
    "GREEK": "Greek",
    "HEBREW": "Hebrew",
    "THAI": "Thai",
    "DEVANAGARI": "Hindi or another language in Devanagari letters",
}
# Articles, prepositions, question words and forms of "be" and "have" that are no English words.
_FUNCTION_WORDS = {
    "Spanish": word_set("""
        el la los las un una unos unas de del al en con por para y o que qué quién quiénes cuál cuáles
        cuánto cuántos cuánta cuántas cómo dónde cuándo es son fue fueron está están hay ha han se su sus lo
        le qui quien cuando donde como cuantos hubo tuvo participaron
    """),
    "Portuguese": word_set("""
        o os as um uma uns umas de do da dos das no na nos nas em com por para e que quem qual quais quanto
        quantos quantas como onde quando é são foi foram está estão há tem se seu sua pelo pela ao à
    """),
    "French": word_set("""
        le la les un une des du de au aux en dans avec pour par et ou où que qui quel quelle quels quelles
        combien comment quand est sont était ont été se ce cette ces son sa ses leur sur il elle y l d qu
        pourquoi quoi
    """),
    "Italian": word_set("""
        il lo la gli le un uno una di del della dei delle al alla nel nella con per e che chi quale quali
        quanto quanti quante come dove quando è sono era ha hanno si suo sua da dal dalla
    """),
    "German": word_set("""
        der die das den dem des ein eine einen einem einer und oder in im am zu zum zur von vom mit für auf
        aus bei nach wer wen wem was wie viele viel wo wann warum welche welcher welches ist sind wurde
        wurden hat haben war waren gibt es nicht auch über
    """),
    "Indonesian or Malay": word_set("""
        yang di ke dari dan atau untuk dengan pada apa siapa berapa bagaimana kapan mana ini itu
    """),
    "Vietnamese": word_set("""
        là của và có những các người bao nhiêu gì ai ở đâu khi nào như thế được
    """),
    "Turkish": word_set("""
        ve bir bu ne kim kaç nerede nasıl için ile mi mı mu hangi kadar oldu
    """),
}  # fmt: skip
_ENGLISH = word_set("""
    the a an of to in on at by for with from and or is are was were be been has have had do does did what which
    who whom whose when where why how many much i you he she it we they there this that these those my your his
    her its our their not no any some all about can could should would will me us them as if so but than then
    get one am man war
""")
_MIN_WORDS = 2  # of a language, for a question to be in it
_MIN_LENGTH = 4  # words of a question whose language they can tell: "de la Cruz" is a name


def unread_language(question: str) -> str | None:
    """The name of the question's language; None where that is English, Chinese, or can't be told."""
    scripts = Counter(unicodedata.name(letter, "").split()[0] for letter in question if letter.isalpha())
    for script, name in _SCRIPTS.items():
        # Japanese is written in Chinese characters too.
        if scripts[script] > (0.2 if name == "Japanese" else 0.5) * scripts.total():
            return name
    words = [word.lower() for word in _WORD.findall(unicodedata.normalize("NFC", question))]
    english = sum(word in _ENGLISH for word in words)
    best, name = max((sum(word in listed for word in words), name) for name, listed in _FUNCTION_WORDS.items())
    return name if len(words) >= _MIN_LENGTH and best >= _MIN_WORDS and best > english else None
