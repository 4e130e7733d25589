"""The front matter of a Markdown file: "title: …" and other fields, between two lines of ``---``.

Format: a key, a colon and a value on one line, perhaps in quotation marks, perhaps continued in indented lines; lists
and nested values are passed over.  It is read line by line, as YAML would refuse a title that has a colon in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag import limits
from rag.ingest.boilerplate import HeaderFields

_BLOCK = re.compile(r"---[ \t]*(?:\r\n|\r|\n)(.*?)^(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL | re.MULTILINE)
_BREAK = re.compile(r"\r\n|\r|\n")
_FIELD = re.compile(r"([^\s:#'\"-][^:]{0,40}?)[ \t]*:(?:[ \t]+(.*))?")
_OTHER = re.compile(r"\s*(?:[-#].*)?|\s+\S.*")
_FOLDED = re.compile(r"[>|][+-]?(?: |$)")
_KEYS = {
    "title": ("title", "标题"),
    "date": ("date", "published", "发布日期", "发布时间", "日期"),
    "source": ("source", "来源", "信息来源"),
    "url": ("url", "link", "网址"),
}


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The title and the fields that it states; ``end`` is where the text after it begins."""

    title: str | None = None
    fields: HeaderFields | None = None
    end: int = 0


def front_matter(text: str) -> FrontMatter:
    """Returns the front matter of a file, an empty one where there is none."""
    block = _BLOCK.match(text[: limits.MAX_FRONT_MATTER_CHARS])
    stated = _stated(_BREAK.split(block[1])) if block else {}
    if not block or not stated:
        return FrontMatter()
    values = {name: next((value for key in keys if (value := stated.get(key))), None) for name, keys in _KEYS.items()}
    fields = HeaderFields(values["date"], values["source"], values["url"])
    return FrontMatter(values["title"], fields, block.end())


def _stated(lines: list[str]) -> dict[str, str]:
    """Returns the fields; {} where a line is none, nor continues one."""
    fields: dict[str, str] = {}
    key = ""
    for line in lines:
        if field := _FIELD.fullmatch(line):
            key = field[1].strip().lower()
            fields[key] = (field[2] or "").strip()
        elif not _OTHER.fullmatch(line):
            return {}
        elif key and line.strip() and not line.lstrip().startswith(("-", "#")):
            fields[key] = f"{fields[key]} {line.strip()}".strip()
    return {key: _unquote(_FOLDED.sub("", value)) for key, value in fields.items()}


def _unquote(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].replace("''" if value[0] == "'" else '\\"', value[0])
    return value
