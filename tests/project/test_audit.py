"""The look for known holes in the packages of the lock: what fails the build, and what is only told."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

HOLE = {
    "id": "PYSEC-2099-1",
    "summary": "Runs what it is sent",
    "schema_version": "1.6.0",
    "affected": [
        {
            "package": {"name": "leaky", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


def found(asked: dict[str, Any]) -> bytes:
    """As OSV answers: a hole in one package, nothing known of the others."""
    return json.dumps({"vulns": [HOLE]} if asked["package"]["name"] == "leaky" else {}).encode()


@contextmanager
def service(answer: Callable[[dict[str, Any]], bytes]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A vulnerability service on this machine: its address, and what it is asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(query)
            body = answer(query)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.lock"
    path.write_text(
        f"# pins\nleaky==1.0 \\\n    --hash=sha256:{'0' * 64}\ntight-one==2.5 \\\n    --hash=sha256:{'1' * 64}\n"
    )
    return path


def audit(lock: Path, url: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(ROOT / ".ci" / "audit.sh")],
        env=os.environ
        | {"AUDIT_LOCK": str(lock), "AUDIT_URL": url, "AUDIT_SECONDS": "5", "NO_PROXY": "127.0.0.1"}
        | more,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.process
def test_a_known_hole_fails_and_is_named(lock: Path) -> None:
    """With the package, its version, the hole and the version that mends it."""
    with service(found) as (url, _):
        done = audit(lock, url)
    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if line.startswith("leaky")]
    assert line.split()[:4] == ["leaky", "1.0", "PYSEC-2099-1", "1.1"]
    assert "tight-one" not in done.stderr
    assert done.stderr.splitlines()[-1].endswith("run make lock")


@pytest.mark.process
def test_without_a_known_hole_it_passes(lock: Path) -> None:
    """Every pin was asked about, by its name and version."""
    with service(lambda _: b"{}") as (url, asked):
        done = audit(lock, url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"audit: no known hole in the 2 packages of {lock}\n"
    assert [(one["package"]["name"], one["version"]) for one in asked] == [("leaky", "1.0"), ("tight-one", "2.5")]


@pytest.mark.process
@pytest.mark.parametrize("unreachable", ["fail", "tell"])
def test_a_service_that_cannot_be_reached_fails_unless_that_is_to_be_told(lock: Path, unreachable: str) -> None:
    """Else nobody would notice that nothing is looked up any more."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        done = audit(lock, url, AUDIT_UNREACHABLE=unreachable)
    told = f"{url} can't be reached, so the packages of {lock} were not looked up for known holes"
    assert (done.returncode, done.stdout) == (int(unreachable == "fail"), "")
    if unreachable == "fail":
        assert done.stderr == f"audit: {told}. Give make AUDIT_UNREACHABLE=tell to go on without\n"
    else:
        assert done.stderr == f"audit: NOT LOOKED UP: {told}\n"


@pytest.mark.process
@pytest.mark.parametrize(("ci", "expected"), [("", "tell"), ("true", "fail")])
def test_a_ci_fails_where_a_developer_is_told(ci: str, expected: str) -> None:
    """What isn't said goes by CI, which every such service sets; this project's own says it in .ci/run."""
    command = ["make", "-f", "-", "show", "--no-print-directory"]
    shown = "include Makefile\nshow:\n\t@echo $(AUDIT_UNREACHABLE)\n"
    kept = {key: value for key, value in os.environ.items() if key not in ("AUDIT_UNREACHABLE", "CI")}
    done = subprocess.run(
        command, input=shown, env=kept | {"CI": ci}, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{expected}\n"
    assert "export AUDIT_UNREACHABLE=tell\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.process
@pytest.mark.parametrize("answer", [b"<html>Please sign in</html>", b"", b'{"vulns": 7}'])
def test_an_answer_that_is_none_fails(lock: Path, answer: bytes) -> None:
    """It doesn't count as nothing found."""
    with service(lambda _: answer) as (url, _):
        done = audit(lock, url)
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"audit: the packages of {lock} could not be looked up at {url}: ")


@pytest.mark.process
def test_a_pin_that_is_none_fails(lock: Path) -> None:
    """What isn't pinned could be any version."""
    lock.write_text("leaky>=1.0\n")
    with service(found) as (url, _):
        done = audit(lock, url)
    assert done.returncode == 1
    assert "leaky" in done.stderr


@pytest.mark.process
def test_the_lock_is_audited_before_the_tests() -> None:
    """As the CI runs them."""
    told = subprocess.run(["make", "-n", "test"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert 0 < told.index(".ci/audit.sh") < told.index("pytest")
