"""The server starts and answers without a network, and asks for none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rag.library.build.update import update_library
from tests.attacks.alone import PAGES, QUESTIONS
from tests.faults.outcome import Outcome, failures
from tests.support.hashing_encoder import HashingEncoder
from tests.support.paths import ROOT, SEEDS

FAULT = "no network at all"
DUTY = "the server starts, answers and serves its pages, and tries to reach nobody"

# An audit hook sees every connection, look-up and datagram that Python makes; each is noted and refused.
_WATCH = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        to = arguments[1] if len(arguments) > 1 else None
        own = not isinstance(to, tuple) or str(to[0]).startswith("127.") or to[0] in ("::1", "localhost")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        to = arguments[0]
        own = to in (None, "", "127.0.0.1", "::1", "localhost", "0.0.0.0", "::", b"127.0.0.1", b"localhost")
    else:
        return
    if not own:
        with open(%r, "a") as file:
            file.write(f"{event} {to}\\n")
        raise PermissionError(f"{event} {to}")

sys.addaudithook(refuse)
"""


def run(folder: Path, *, model: bool) -> Outcome:
    """With the real model, or the quick encoder in its place."""
    seeds, library = folder / "seeds", folder / "library"
    shutil.copytree(SEEDS, seeds)
    environment, tries = watching(folder)
    quick = ["-m", "tests.faults.quick_desk", str(seeds), str(library)]
    real = ["app.py", "--port", "0", "--seeds", str(seeds), "--library", str(library)]
    if not model:
        update_library(seeds, library, HashingEncoder())
    apart = _may_be_apart()
    alone = [sys.executable, "-m", "tests.attacks.alone", sys.executable, *(real if model else quick)]
    done = subprocess.run(
        [*(["unshare", "-n"] if apart else []), *alone],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    tried = tries.read_text().splitlines() if tries.exists() else []
    problems = [f"it tried: {line}" for line in tried]
    got = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 and done.stdout else {}
    if not got:
        problems.append(f"it ended with {done.returncode}: {done.stderr[-600:]}")
    else:
        if "answered" not in got["answers"] or len(got["answers"]) != len(QUESTIONS):
            problems.append(f"it answered {got['answers']}")
        problems += [f"{path} got {status}" for path, status in got["pages"].items() if status >= 500]
        problems += [f"{path} got {got['pages'][path]}" for path in PAGES[:4] if got["pages"][path] != 200]
    count = len(QUESTIONS) + len(PAGES) + 1
    where = "in a network of its own without a way out" if apart else "with every way out refused"
    with_what = "with the model" if model else "with an encoder that takes none"
    what = f"{where}, {with_what}: {len(QUESTIONS)} questions answered, {len(PAGES) + 1} pages served, "
    what += f"{len(tried)} tries to reach another host"
    return Outcome(FAULT, count, min(len(problems), count), what, failures(problems))


def _may_be_apart() -> bool:
    """Whether a process may be given a network of its own here."""
    program = shutil.which("unshare")
    if program is None:
        return False
    return subprocess.run([program, "-n", "true"], capture_output=True, check=False).returncode == 0


def watching(folder: Path) -> tuple[dict[str, str], Path]:
    """The environment of a process that is watched, and the file that its tries are noted in.  Nothing is set that
    would keep a library from looking for its files elsewhere."""
    tries = folder / "tries.txt"
    (folder / "watch").mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(_WATCH % str(tries))
    left_out = ("RAG_", "HF_", "GRADIO_", "TRANSFORMERS_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
    path = os.pathsep.join((str(folder / "watch"), str(ROOT)))
    return kept | {"HOME": str(folder), "PYTHONPATH": path}, tries
