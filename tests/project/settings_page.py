"""Writes docs/settings.md from the settings' own descriptions: ``python -m tests.project.settings_page --save``."""

from __future__ import annotations

import sys
from pathlib import Path

from rag.settings import ROOT, Settings

PAGE = ROOT / "docs" / "settings.md"
OPTIONS = {
    "seeds": "`--seeds`",
    "more_seeds": "`--more-seeds` (again and again)",
    "library": "`--library`",
    "host": "`--host` of `app.py`",
    "port": "`--port` of `app.py`",
}
HEAD = """# Settings

Every setting is an environment variable, and some are options too. An option wins over the environment, the environment
over the default. An unusable value stops the program with a line that names its key. This page is written by
`python -m tests.project.settings_page --save`.

| variable | option | default | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The whole page, a row for each field of ``Settings`` in its order."""
    rows = [
        f"| `RAG_{name.upper()}` | {OPTIONS.get(name, '')} | {_shown(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return HEAD + "\n".join(rows) + "\n"


def _shown(default: object) -> str:
    if isinstance(default, Path):
        return f"`{default.relative_to(ROOT)}/`"
    return f"`{default}`" if isinstance(default, int) or (default and isinstance(default, str)) else ""


if __name__ == "__main__":
    if "--save" in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        print(page(), end="")
