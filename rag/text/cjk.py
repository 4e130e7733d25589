"""Ranges of East Asian characters, to be put between the brackets of a regular expression's character class."""

from __future__ import annotations

import re

UNIFIED = "\u4e00-\u9fff"  # the Chinese characters in common use
HAN = f"\u3400-\u4dbf{UNIFIED}"  # and the rare ones of Unicode's basic plane
CHINESE = "\u3400-\u9fff"  # the same in one range, with the hexagrams that stand between the two
PUNCTUATION = "\u3000-\u303f"
FULL_WIDTH = "\uff00-\uffef"
COMPATIBILITY = "\uf900-\ufaff"  # ideographs kept for other encodings' sake
HANGUL = "\uac00-\ud7af"
EAST_ASIAN = "\u2e80-\u9fff"  # radicals, punctuation, kana and Chinese characters

_CHINESE = re.compile(f"[{CHINESE}]")
_HAN = re.compile(f"[{HAN}]")


def has_chinese(text: str) -> bool:
    """Whether the text holds a Chinese character."""
    return _HAN.search(text) is not None


def is_chinese(text: str) -> bool:
    """Whether more than a third of the text's characters are Chinese."""
    return len(_CHINESE.findall(text)) * 3 > len(text)
