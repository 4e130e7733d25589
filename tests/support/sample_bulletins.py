"""Small made-up bulletins."""

from __future__ import annotations

FIRST = """What's New in Foreign Affairs in All Districts
Date: 2024-05-10
Source: Beijing Foreign Affairs Office
fontSize:   big middle small

Spring has come to the districts.

Haidian District

Robots greet the guests

Twenty robots greeted guests from Norway on May 3.  They bowed twice.

Pinggu District

Peaches for Lisbon

A train with peaches left for Lisbon on May 4. It will take three weeks.

(Based on information from foreign affairs offices of the above districts)"""

SECOND = """A Talk on Consular Protection in Miyun
Date: 2023-01-09
Source: Foreign Affairs Office of Miyun District

Sixty pensioners heard a talk on consular protection on January 5. \u201cNow I dare to travel,\u201d said one of them.

The hotline is 12308."""


def bulletin_text(day: str | None, *lines: str, title: str = "Notes", source: str = "Office") -> str:
    """A bulletin of these lines (headings and paragraphs); without a day it states none."""
    head = [title] if day is None else [title, f"Date: {day}", f"Source: {source}"]
    return "\n".join(head) + "\n\n" + "\n\n".join(lines)
