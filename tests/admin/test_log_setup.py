"""The server's log, as real processes write it: one JSON object a line, and nothing of what was asked."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

SECRET = "pandas on a secret voyage"
TROUBLE = f"""
import logging, warnings
from rag.admin.log_setup import configure, question_context
configure()
configure()
log = logging.getLogger("rag.somewhere")
log.error("%s", "library/x: is damaged. Run: python -m rag index")
with question_context("key-1"):
    log.warning("while it is answered")
    try:
        question = "{SECRET}"
        len(question) / 0
    except ZeroDivisionError:
        log.exception("it failed, number %s", "17")
logging.getLogger("uvicorn.error").warning("of another library,\\nin two lines")
logging.getLogger("uvicorn.error").info("not worth a line")
log.info("worth a line")
warnings.warn("something is old")
"""
ASKING = """
import sys
from pathlib import Path
from rag import settings
from rag.answer.assistant import Assistant
from rag.library.reader import Library
from rag.admin.log_setup import configure
from rag.web.service import Service
from rag.web.chat.conversation import converse
from tests.support.hashing_encoder import HashingEncoder
configure()
root = Path(sys.argv[1])
desk = Service(settings.load(library=root))
library = Library.open(root)
desk.show(library)
desk.serve(Assistant(library, HashingEncoder()))
for question in sys.argv[2:]:
    print([*converse(desk, question, ())][-1][-1].key)
(root / "texts").rename(root / "gone")
[*converse(desk, sys.argv[2], ())]
"""


def run(script: str, *arguments: object) -> tuple[str, list[dict[str, object]]]:
    """What the process prints, and the lines of its log."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True, timeout=120)
    return done.stdout, [json.loads(line) for line in done.stderr.splitlines()]


@pytest.mark.process
def test_every_line_is_one_object_with_its_time_in_utc() -> None:
    """Whoever logs it, and a trace is inside; what is bound to the question goes along."""
    printed, lines = run(TROUBLE)
    assert printed == ""
    assert [(line["level"], line["logger"], line.get("question_id")) for line in lines] == [
        ("error", "rag.somewhere", None),
        ("warning", "rag.somewhere", "key-1"),
        ("error", "rag.somewhere", "key-1"),
        ("warning", "uvicorn.error", None),
        ("info", "rag.somewhere", None),
        ("warning", "py.warnings", None),
    ]
    assert lines[0]["event"] == "library/x: is damaged. Run: python -m rag index"
    assert lines[2]["event"] == "it failed, number 17"
    assert "ZeroDivisionError" in str(lines[2]["exception"])
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", str(line["timestamp"])) for line in lines)


@pytest.mark.process
def test_on_a_terminal_a_person_reads_it() -> None:
    """And a trace shows no values, which might be what was asked."""
    controller, terminal = pty.openpty()
    script = TROUBLE.replace(f'question = "{SECRET}"', "question = chr(112) + 'andas on a voyage'")
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, stderr=terminal, check=True, timeout=120)
    os.close(terminal)
    told = b""
    try:
        while part := os.read(controller, 65536):
            told += part
    except OSError:
        pass  # the end of a terminal
    os.close(controller)
    lines = told.decode().splitlines()
    assert not lines[0].startswith("{")
    assert "library/x: is damaged" in lines[0]
    assert any("question_id=key-1" in line for line in lines)
    assert "ZeroDivisionError" in told.decode()
    assert "pandas on a voyage" not in told.decode()


@pytest.mark.process
def test_each_question_has_one_line_without_its_words(library: Path) -> None:
    """Status, kind, quotes, generation and times by stage; the id is the answer's where there is one."""
    long = "Why " + "so " * 500 + "long?"
    robots, pandas = "How many robots greeted guests?", "Do pandas fly to the moon on Zyzzyx?"
    keys, lines = run(ASKING, library, robots, pandas, long)
    told = [line for line in lines if line["event"] == "question"]
    assert [line["status"] for line in told] == ["answered", "no_match", "refused", "trouble"]
    assert [line["question_id"] for line in told[:2]] == keys.split("\n")[:2]
    assert len({line["question_id"] for line in told}) == 4
    first = told[0]
    assert (first["kind"], first["quotes"] and first["generation"] and first["ms"]) != ("", None)
    stages = first["stages"]
    assert isinstance(stages, dict)
    assert list(stages) == ["reading", "encoding", "searching", "quoting", "rendering"]
    assert set(first) == {
        *("event", "question_id", "level", "logger", "timestamp"),
        *("status", "kind", "quotes", "generation", "ms", "stages"),
    }
    (trouble,) = [line for line in lines if line["level"] == "error"]
    assert trouble["question_id"] == told[3]["question_id"]
    shown = json.dumps(lines).casefold()
    assert not [word for word in ("robots", "greeted", "pandas", "zyzzyx", "so so") if word in shown]
