"""Takes README's picture of the chat from the running page: ``python -m tests.project.screenshot``."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile

from tests.support.browser import ask_question, launch_chromium
from tests.support.paths import ROOT
from tests.support.rag_command import clean_environment

PICTURE = ROOT / "docs" / "screenshot.png"
QUESTION = "What consular protection events happened in Shijingshan?"
WIDTH, HEIGHT = 1000, 760  # CSS pixels


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = clean_environment() | {"RAG_LIBRARY": folder}
        command = [sys.executable, "app.py", "--port", "0"]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
            try:
                _take(_address(server))
            finally:
                server.terminate()
    print(PICTURE.relative_to(ROOT))


def _address(server: subprocess.Popen[str]) -> str:
    """The address that the server prints once it listens."""
    for line in server.stdout or ():
        if found := re.search(r"http://[\w.:]+", line):
            return found[0]
    raise SystemExit("the server printed no address")


def _take(address: str) -> None:
    with launch_chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(address)
        ask_question(page, QUESTION)
        page.wait_for_timeout(1_000)  # milliseconds, until the page has scrolled to the answer
        page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
