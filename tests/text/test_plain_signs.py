"""Text in plain signs, and the way back to the text as it was typed."""

from __future__ import annotations

import pytest

from rag.text.plain_signs import plain_signs, typed_place


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Hai\u00addian", "Haidian"),
        ("Hai\u200bdian", "Haidian"),
        ("\u202bHaidian\u202c", "Haidian"),
        ("Ｈａｉｄｉａｎ", "Haidian"),
        ("Hǎidiàn", "Haidian"),
        ("𝐇𝐚𝐢𝐝𝐢𝐚𝐧", "Haidian"),
        ("H\u0430idian", "Haidian"),  # a Cyrillic letter
        ("1️⃣ Haidian", "1 Haidian"),
        ("❸ Haidian", "3 Haidian"),
        ("🌏 Haidian", "  Haidian"),
        ("《海淀》", '"海淀"'),
        ("【海淀】", "[海淀]"),
        ("Haidian’s – plain — text", "Haidian's — plain — text"),
    ],
)
def test_decoration_is_left_out(text: str, plain: str) -> None:
    """What takes no room goes, symbols become spaces, and letters and brackets are those of ASCII."""
    assert plain_signs(text) == plain


def test_a_place_in_plain_signs_leads_back_to_the_text() -> None:
    """Characters that fold to none or to several don't shift it."""
    text = "❸ Hai\u200bdian: ㈠ robots"
    plain = plain_signs(text)
    assert text[typed_place(text, plain.index("robots")) :] == "robots"
    assert typed_place(text, len(plain)) == len(text)
