"""The operator's jobs: one at a time, in a process of its own, stopped safely, known to every server process."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from embeddings.vectors import FloatRows
from rag import settings
from rag.admin import jobs as job
from rag.admin import saved_questions, staging
from rag.admin.job_runner import JobRunner, Request
from rag.admin.jobs import Job
from rag.admin.worker import NICENESS
from rag.errors import LibraryBusy, OperatorRefused
from rag.ingest.corrections import sidecar
from rag.ingest.propose_corrections import propose
from rag.library import generations
from rag.library.build import update
from rag.library.reader import Library
from rag.web.operator import worker_process as children
from rag.web.operator.worker_process import WorkerProcess
from tests.support.hashing_encoder import HashingEncoder
from tests.support.paths import ROOT
from tests.support.sample_bulletins import bulletin_text

KITES = bulletin_text("2024-06-02", "Miyun District", "Kites", "Sixty kites rose over the hill.", title="Kites")
LONG = 60.0  # seconds that nothing here takes


@pytest.fixture
def chosen(folder: Path, library: Path) -> settings.Settings:
    return settings.load(seeds=folder, library=library)


@pytest.fixture
def child(chosen: settings.Settings) -> Iterator[WorkerProcess]:
    child = WorkerProcess(chosen)
    yield child
    child.close()


def stage(root: Path, folder: Path, name: str, text: str) -> None:
    staging.stage(root, [folder], name, io.BytesIO(text.encode()), {})


def ended(child: WorkerProcess, begun: Job) -> Job:
    child.wait(begun.id, LONG)
    latest = child.latest()
    assert latest
    assert latest.id == begun.id
    assert latest.state != "running"
    return latest


def until(true: Callable[[], bool]) -> None:
    for _ in range(int(LONG / 0.02)):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to that")


def process_of(child: WorkerProcess) -> subprocess.Popen[str]:
    assert child._process
    return child._process


# --- what a job does


def test_a_job_tells_how_far_it_is_and_what_came_of_it(chosen: settings.Settings) -> None:
    """The stages go by in order; the last word is in the file too, with what was found."""
    stage(chosen.library, chosen.seeds, "kites.txt", KITES)
    saved_questions.add(chosen.library, "kites")
    heard: list[Job] = []
    done = JobRunner(chosen, HashingEncoder(), heard.append).run(Request("1", "prepare"))
    assert (done.state, done.line) == ("done", "Prepared. Nothing is published yet.")
    stages = list(dict.fromkeys(one.stage for one in heard if one.stage))
    assert stages[:2] == ["Loading the language model", "Reading bulletins"]
    assert stages[-1] == "Asking the saved questions"
    assert job.read(chosen.library) == done == heard[-1]
    prepared = job.read_prepared(chosen.library)
    assert prepared
    assert prepared.report.added == ("kites.txt",)
    assert [change.question for change in prepared.changes] == ["kites"]
    assert prepared.previous == generations.in_use(chosen.library)


class Halting(HashingEncoder):
    """Runs something when it is first given passages."""

    def __init__(self, run: Callable[[], None]) -> None:
        super().__init__()
        self._run = run

    def encode_passages(self, *args: object, **kwargs: object) -> FloatRows:
        self._run()
        return super().encode_passages(*args, **kwargs)  # type: ignore[arg-type]


def test_a_cancelled_job_changes_nothing(chosen: settings.Settings) -> None:
    """It stops at the next step, and can be done again."""
    root = chosen.library
    stage(root, chosen.seeds, "kites.txt", KITES)
    before = generations.in_use(root)
    jobs = JobRunner(chosen, Halting(lambda: (job.cancel(root, "1"), time.sleep(0.3))[0]))
    done = jobs.run(Request("1", "prepare"))
    assert (done.state, done.line) == ("cancelled", "Stopped. The bulletins are as they were.")
    assert generations.in_use(root) == before
    assert job.read_prepared(root) is None
    assert Library.open(root).by_name.keys() == {"first.txt", "second.txt"}
    assert jobs.run(Request("2", "prepare")).state == "done"


def test_a_word_to_cancel_is_for_one_job(chosen: settings.Settings) -> None:
    """One that was meant for the job before stops nothing."""
    job.cancel(chosen.library, "1")
    assert JobRunner(chosen, HashingEncoder()).run(Request("1", "check")).state == "done"
    job.cancel(chosen.library, "other")
    assert JobRunner(chosen, HashingEncoder()).run(Request("2", "check")).state == "done"


def test_an_error_is_a_line(chosen: settings.Settings, caplog: pytest.LogCaptureFixture) -> None:
    """One of the desk's own says what and where; one that nobody foresaw gives the number that the log has."""
    gone = chosen.model_copy(update={"seeds": chosen.seeds / "none"})
    done = JobRunner(gone, HashingEncoder()).run(Request("1", "check"))
    assert (done.state, done.error) == ("failed", "SeedsMissing")
    assert "there is no such folder of bulletins" in done.line

    def burst() -> None:
        raise ZeroDivisionError

    stage(chosen.library, chosen.seeds, "kites.txt", KITES)
    done = JobRunner(chosen, Halting(burst)).run(Request("2", "prepare"))
    assert done.state == "failed"
    number = done.line.rsplit(" ", 1)[1].rstrip(".")
    assert number in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert Library.open(chosen.library).by_name.keys() == {"first.txt", "second.txt"}


def test_only_one_job_at_a_time(chosen: settings.Settings) -> None:
    """Whoever comes second is told, and what the first is at stays to be seen."""
    with job.exclusive(chosen.library):
        job.write(chosen.library, Job("1", "prepare", stage="Reading bulletins"))
        with pytest.raises(LibraryBusy, match="another job is under way"):
            JobRunner(chosen, HashingEncoder()).run(Request("2", "check"))
        now = job.read(chosen.library)
        assert now
        assert (now.id, now.state, now.stage) == ("1", "running", "Reading bulletins")
    now = job.read(chosen.library)  # and in nobody's hands any more
    assert now
    assert (now.state, now.error) == ("failed", "Interrupted")


def test_what_was_prepared_before_is_discarded(chosen: settings.Settings) -> None:
    """One prepared generation waits at most, and preparing the same again leaves it."""
    root = chosen.library
    jobs = JobRunner(chosen, HashingEncoder())
    stage(root, chosen.seeds, "kites.txt", KITES)
    jobs.run(Request("1", "prepare"))
    jobs.run(Request("2", "prepare"))
    stage(root, chosen.seeds, "tea.txt", KITES.replace("kites", "teas"))
    jobs.run(Request("3", "prepare"))
    prepared = job.read_prepared(root)
    assert prepared
    held = {one.generation: one.state for one in generations.list_generations(root)}
    assert held == {prepared.report.generation: "prepared", generations.in_use(root): "current"}


def test_a_damaged_library_is_mended_without_comparing_answers(chosen: settings.Settings) -> None:
    """There is nothing to ask; that is said, and it can be published."""
    root = chosen.library
    saved_questions.add(root, "kites")
    (root / "CURRENT").write_bytes(b"x")
    done = JobRunner(chosen, HashingEncoder()).run(Request("1", "prepare"))
    assert done.state == "done"
    prepared = job.read_prepared(root)
    assert prepared
    assert prepared.questions == 0
    assert "The saved questions were not asked" in prepared.note
    assert JobRunner(chosen, HashingEncoder()).run(Request("2", "publish", prepared.report.generation)).state == "done"
    assert len(Library.open(root).bulletins) == 2


def test_publishing_waits_for_another_writer(chosen: settings.Settings) -> None:
    """A process that watches the folders may just be indexing what was moved there."""
    root = chosen.library
    jobs = JobRunner(chosen, HashingEncoder())
    stage(root, chosen.seeds, "kites.txt", KITES)
    jobs.run(Request("1", "prepare"))
    prepared = job.read_prepared(root)
    assert prepared
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with generations.write_lock(root):
            held.set()
            free.wait(LONG)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(LONG)
    threading.Timer(0.5, free.set).start()
    done = jobs.run(Request("2", "publish", prepared.report.generation))
    thread.join()
    assert done.state == "done"
    assert generations.in_use(root) == prepared.report.generation


# --- the staging area


def test_a_name_that_no_browser_sends_is_refused() -> None:
    """Nothing is ever written outside the staging area, or where nobody sees it."""
    odd = ("a\nb.txt", "a\0.txt", "a\u202eb.txt", "a\u2028b.txt", "\udcff.txt")
    for name in ("", "a/b.txt", "a\\b.txt", ".a.txt", "a.exe", "a", "x" * 200 + ".txt", *odd):
        assert staging.name_problem(name), name
    for name in ("a.txt", "A B.HTML", "海淀.txt", "é.htm", "a%0Ab.txt", "a.b.txt", "a'\"<b>.txt"):
        assert staging.name_problem(name) is None, name


def test_a_staged_file_goes_where_the_bulletin_of_its_name_lies(tmp_path: Path) -> None:
    """Not into the first folder, where it would stand beside the other."""
    first, second, root = (tmp_path / name for name in ("first", "second", "library"))
    first.mkdir()
    second.mkdir()
    (second / "kites.txt").write_text("Seven kites.")
    stage(root, first, "tea.txt", KITES)
    staging.stage(root, [first, second], "kites.txt", io.BytesIO(b"Eight kites."), {})
    wanted = {one.name: one.key for one in staging.list_staged(root)}
    staging.publish(root, [first, second], wanted)
    staging.unstage(root, wanted)
    assert (second / "kites.txt").read_text() == "Eight kites."
    assert [path.name for path in first.iterdir()] == ["tea.txt"]
    assert staging.list_staged(root) == ()


def test_corrections_that_were_taken_away_do_not_come_back(folder: Path, library: Path) -> None:
    """Those beside the file whose place is taken go too."""
    second = folder / "second.txt"
    sidecar.save(second, propose(second, date="2023-01-10"))
    stage(library, folder, "second.txt", KITES)
    sidecar.save(staging.find(library, "second.txt").path, ())
    wanted = {one.name: one.key for one in staging.list_staged(library)}
    staging.publish(library, [folder], wanted)
    assert second.read_text() == KITES
    assert not sidecar.path_of(second).exists()


def test_files_staged_by_two_at_once_do_not_mix(tmp_path: Path) -> None:
    """Of two with one name one is taken, whole."""
    root, said = tmp_path / "library", []

    def put(number: int) -> None:
        try:
            staging.stage(root, [tmp_path], "one.txt", io.BytesIO(f"{number}".encode() * 500_000), {})
            said.append(number)
        except OperatorRefused:
            pass

    threads = [threading.Thread(target=put, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 1
    assert staging.find(root, "one.txt").path.read_bytes() == f"{said[0]}".encode() * 500_000
    assert [path.name for path in staging.folder(root).iterdir()] == ["one.txt"]


# --- the process


@pytest.mark.process
def test_jobs_run_in_a_process_that_gives_way(chosen: settings.Settings, child: WorkerProcess) -> None:
    """The same process does one after another; its results are there for every server process."""
    begun = child.start("check")
    assert begun.state == "running" or begun.ended
    process = process_of(child)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == os.getpriority(os.PRIO_PROCESS, 0) + NICENESS
    assert ended(child, begun).line == "Nothing would change."
    verified = ended(child, child.start("verify"))
    assert verified.verdict
    assert verified.verdict.damage == ()
    assert process_of(child) is process
    other = WorkerProcess(chosen)
    assert other.latest() == verified
    other.close()
    child.close()
    assert process.poll() == 0


@pytest.mark.process
def test_another_server_process_sees_the_job_and_can_stop_it(chosen: settings.Settings, child: WorkerProcess) -> None:
    """It can't begin one meanwhile, and says what is under way."""
    with job.exclusive(chosen.library):
        job.write(chosen.library, Job("1", "prepare"))
        now = child.latest()
        assert now
        assert (now.id, now.state) == ("1", "running")
        with pytest.raises(LibraryBusy, match="Preparing is under way"):
            child.start("check")
        child.cancel("1")
        assert job.is_cancelled(chosen.library, "1")
    assert ended(child, child.start("check")).state == "done"


@pytest.mark.process
def test_a_worker_that_is_killed_is_noticed_and_another_takes_its_place(child: WorkerProcess) -> None:
    """Between jobs nobody sees it; in the middle of one the job is said to be broken off."""
    ended(child, child.start("check"))
    first = process_of(child)
    first.kill()
    first.wait()
    assert ended(child, child.start("check")).state == "done"
    second = process_of(child)
    assert second.pid != first.pid
    os.kill(second.pid, signal.SIGSTOP)
    said: list[Exception] = []

    def begin() -> None:
        try:
            child.start("verify")
        except OperatorRefused as error:
            said.append(error)

    begun = threading.Thread(target=begin)
    begun.start()
    time.sleep(0.3)
    second.kill()
    begun.join(LONG)
    assert "could not be begun" in str(said)
    assert ended(child, child.start("verify")).state == "done"


@pytest.mark.process
def test_an_idle_worker_gives_its_memory_back(
    chosen: settings.Settings, child: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process ends by itself, and the next job begins another."""
    monkeypatch.setattr(children, "IDLE_SECONDS", 0.2)
    ended(child, child.start("verify"))
    until(lambda: child._process is None)
    assert ended(child, child.start("verify")).state == "done"


STUBBORN = """
import time
from rag.admin import job_runner, worker
worker.GRACE_SECONDS = 0.5
job_runner.verify = lambda root: time.sleep(600)
worker.main()
"""


def stubborn(chosen: settings.Settings) -> SimpleNamespace:
    """A worker's process in the middle of a job that doesn't stop when it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN, chosen.model_dump_json()],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write('{"id": "1", "what": "verify", "generation": "", "allow_removal": false}\n')
    process.stdin.flush()
    assert job.from_line(process.stdout.readline()).state == "running"
    return SimpleNamespace(process=process)


@pytest.mark.process
@pytest.mark.parametrize("how", ["cancelled", "abandoned"])
def test_a_job_that_does_not_stop_is_ended_with_its_process(chosen: settings.Settings, how: str) -> None:
    """After a time of grace, whether it was cancelled or the server has gone; the job is said to be broken off."""
    with stubborn(chosen).process as process:
        now = job.read(chosen.library)
        assert now
        assert now.state == "running"
        if how == "cancelled":
            job.cancel(chosen.library, "1")
        else:
            process.stdin.close()
        assert process.wait(LONG) == 1
        assert "did not stop" in process.stderr.read()
    now = job.read(chosen.library)
    assert now
    assert (now.state, now.line) == (
        "failed",
        "It was broken off; the bulletins that are answered from are as they were.",
    )
    assert update.dry_run(chosen.folders, chosen.library).unchanged == 2
