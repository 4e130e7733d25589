"""A reader of files that has been taken over: whatever a file makes it do, it gets at nothing but the file."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rag import limits
from rag.ingest.refused import Refused
from rag.ingest.sandbox import reader, replies, seccomp, worker
from rag.ingest.sandbox.confinement import LANDLOCK, MEMORY, SECCOMP, lacking
from tests.faults.outcome import Outcome, failures
from tests.support.sample_bulletins import FIRST

FAULT = "files that take over the process which reads them"
DUTY = "it reads no file but code, writes none, starts nothing, reaches nobody, and is ended in time"

_SECRET = "a-secret-of-the-desk"
# A worker whose reader of drafts runs them as a program.
_TAKEN_OVER = """
import sys; sys.path.insert(0, sys.argv[1])
import ctypes, os, resource, select, signal, socket, subprocess, threading, time
from rag.ingest.sandbox import worker
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    if libc.syscall(*arguments) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return 'done'
def run(suffix, data):
    names = globals() | {'told': ''}
    try:
        exec(data.decode(), names)
    except OSError as error:
        names['told'] = f'refused: {error.errno}'
    except (RuntimeError, ValueError):  # of threads and limits
        names['told'] = 'refused: 1'
    return {'text': str(names['told']), 'blocks': []}
worker._TASKS['draft'] = run
worker.main(sys.argv[2])
"""
_REFUSED = ("refused: 1", "refused: 13")  # EPERM, EACCES
# Each try is a program, with what prevents it.  ``{folder}`` and the other names are filled in.
_READING = {
    "its environment": "told = ''.join(value for name, value in os.environ.items() if name != 'LC_CTYPE')",
    "its environment in /proc": "told = open('/proc/self/environ').read()",
    "the desk's environment": "told = open('/proc/{desk}/environ', 'rb').read()",
    "the desk's memory": "told = open('/proc/{desk}/mem', 'rb').read(1)",
    "the accounts": "told = open('{folder}/accounts.json').read()",
    "the accounts by a link in the code": "told = open('{rag}/../{relative}/accounts.json').read()",
    "the users of the machine": "told = open('/etc/passwd').read()",
    "the names in a folder": "told = os.listdir('{folder}')",
    "open files of others": "told = os.listdir('/proc/{desk}/fd')",
}
_WRITING = {
    "a new file": "open('{folder}/new', 'w').write('x'); told = 'done'",
    "a file that is there": "open('{folder}/accounts.json', 'r+').write('x'); told = 'done'",
    "the desk's own code": "open('{rag}/limits.py', 'a').write(''); told = 'done'",
    "a file in memory": "os.memfd_create('x'); told = 'done'",
    "a folder": "os.mkdir('{folder}/made'); told = 'done'",
    "a file's removal": "os.unlink('{folder}/accounts.json'); told = 'done'",
    "a file's name": "os.rename('{folder}/accounts.json', '{folder}/other'); told = 'done'",
    "a file's length": "os.truncate('{folder}/accounts.json', 0); told = 'done'",
    "a file's mode": "os.chmod('{folder}/accounts.json', 0o777); told = 'done'",
    "a link": "os.symlink('/etc/passwd', '{folder}/link'); told = 'done'",
}
_REACHING = {
    "the desk by TCP": "socket.create_connection(('127.0.0.1', {port}), 5); told = 'done'",
    "a datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port})); told = 'done'",
    "a socket of the machine": "socket.socket(socket.AF_UNIX); told = 'done'",
    "a pair of sockets": "socket.socketpair(); told = 'done'",
    "a program": "subprocess.run(['/bin/true'], check=True); told = 'done'",
    "a shell": "told = 'done' if os.system('true') == 0 else 'refused: 1'",
    "itself as a program": "os.execv('/bin/true', ['true'])",
    "a program by posix_spawn": "os.posix_spawn('/bin/true', ['true'], {}); told = 'done'",
    "a process": "told = os.fork()",
    "a thread": "threading.Thread(target=print).start(); told = 'done'",
    "the desk by ptrace": "told = call({ptrace}, 16, {desk}, 0, 0)",
    "the desk's memory by a call": "told = call({vm_readv}, {desk}, 0, 0, 0, 0, 0)",
    "a signal to the desk": "os.kill({desk}, 0); told = 'done'",
    "a signal to the desk by its input": "import fcntl; told = fcntl.fcntl(0, fcntl.F_SETOWN, {desk}) or 'done'",
    "the desk's limits": "resource.prlimit({desk}, resource.RLIMIT_CPU); told = 'done'",
    "its own limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9)); told = 'done'",
}
# All that it mustn't call, with arguments that make none of it do anything; the other numbering of x86_64 too.
_CALLS = (
    "told = [n for n in [*range(480), *(n + 0x40000000 for n in range(480))] if n not in {allowed}"
    " and (libc.syscall(n, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 1)] or 'refused: 1'"
)
_COSTS = {
    "4 GB of memory": ("told = len(bytearray(4 << 30))", "takes too much memory to read"),
    "work without an end": ("while True: pass", "takes too long to read"),
    "work without an end or alarm": (
        "signal.setitimer(signal.ITIMER_PROF, 0)\nwhile True: pass",
        "takes too long to read",
    ),
    "waiting without an end": ("select.select([], [], [], 1000)", "takes too long to read"),
    "a gigabyte of words": (
        "while True: os.write(1, b'x' * (1 << 20))",
        "takes too much memory or time to read",
    ),
    "a reply of four gigabytes": (
        "os.write(1, b'\\xff' * 4)\nwhile True: os.write(1, bytes(1 << 20))",
        "takes too much memory or time to read",
    ),
    "a reply that is none": ("os.write(1, bytes([0, 0, 0, 2]) + b'[]')", "takes too much memory or time to read"),
    "its own end": ("os._exit(0)", "takes too much memory or time to read"),
    "a crash": ("import ctypes; ctypes.string_at(0)", "takes too much memory or time to read"),
}
_MEANS = {"reading": (LANDLOCK,), "writing": (SECCOMP, LANDLOCK), "reaching": (SECCOMP,), "calls": (SECCOMP,)}


def run(folder: Path, *, bulletins: int) -> Outcome:
    """Each program once; then as many ordinary bulletins are read, by the sandbox and without it."""
    (folder / "accounts.json").write_text(_SECRET)
    problems: list[str] = []
    tried = unprotected = 0
    missing = lacking()
    with _taken_over() as workers, socket.create_server(("127.0.0.1", 0)) as server:
        for kind, name, program in _programs(folder, server.getsockname()[1]):
            tried += 1
            told = _told(program)
            if told in _REFUSED or (told == "" and name == "its environment"):
                continue
            if all(means in missing for means in _MEANS[kind]):
                unprotected += 1
            else:
                problems.append(f"{name}: {told[:40]!r}")
        for name, (program, expected) in _COSTS.items():
            tried += 1
            with patch.object(limits, "SANDBOX_WALL_SECONDS", 1):
                told = _told(program)
            if told != expected and not (MEMORY in missing and "memory" in name):
                problems.append(f"{name}: {told[:40]!r}, not {expected!r}")
        if reader.read_bulletin(".txt", FIRST.encode())[0].body == ():
            problems.append("an ordinary bulletin is not read afterwards")
        workers.close()
    if (folder / "accounts.json").read_text() != _SECRET or [path.name for path in folder.iterdir()] != [
        "accounts.json"
    ]:
        problems.append("a file was changed")
    what = f"{tried} programs in a reader's place, one of which tries every other system call: all refused or ended"
    if unprotected:
        what += f", but {unprotected}. {missing}"
    details: dict[str, Any] = {"unprotected": unprotected}
    if bulletins:
        details |= _cost(bulletins)
        what += (
            f"; one of {bulletins:,} bulletins takes {details['apart_ms']} ms of the processor, the first, for which a"
        )
        what += f" process starts, {details['first_ms']} ms, and {details['here_ms']} ms without a sandbox"
    return Outcome(FAULT, tried, len(problems), what, details | failures(problems))


def _programs(folder: Path, port: int) -> Iterator[tuple[str, str, str]]:
    column = 0 if os.uname().machine == "x86_64" else 1
    calls = [*seccomp._CALLS.values(), *(opening[:2] for opening in seccomp._OPENING.values())]
    rag = Path(reader.__file__).parents[2]
    names = {
        "folder": folder,
        "rag": rag,
        "relative": os.path.relpath(folder, rag.parent),
        "port": port,
        "desk": os.getpid(),
        "ptrace": (101, 117)[column],
        "vm_readv": (310, 270)[column],
        # Of x86_64 two more, the kernel's own for tracing: they are never refused, and end whoever calls them.
        "allowed": {call[column] for call in calls} | ({335, 336} if column == 0 else set()),
    }
    kinds = {"reading": _READING, "writing": _WRITING, "reaching": _REACHING, "calls": {"every other call": _CALLS}}
    for kind, programs in kinds.items():
        for name, program in programs.items():
            for key, value in names.items():
                program = program.replace(f"{{{key}}}", str(value))
            yield kind, name, program


def _told(program: str) -> str:
    try:
        return reader.read_draft(".txt", program.encode()).text
    except Refused as refused:
        return refused.what


@contextmanager
def _taken_over() -> Iterator[reader._Workers]:
    """Workers that do what a draft says, of a desk with a secret in its environment."""
    with ExitStack() as stack:
        workers = reader._Workers()
        stack.enter_context(patch.dict(os.environ, {"RAG_METRICS_TOKEN": _SECRET}))
        stack.enter_context(patch.object(reader, "_MAIN", _TAKEN_OVER))
        stack.enter_context(patch.object(reader, "ask", workers.ask))
        stack.enter_context(patch.object(limits, "SANDBOX_CPU_SECONDS", 0.5))
        stack.enter_context(patch.object(limits, "SANDBOX_WALL_SECONDS", 20))
        yield workers


def _cost(bulletins: int) -> dict[str, Any]:
    """The processor's milliseconds for one of so many bulletins: in this process, apart, and apart for the first."""
    data = [FIRST.replace("May", f"May {number}", 1).encode() for number in range(bulletins)]
    workers = reader._Workers()

    def apart(one: bytes) -> None:
        workers.ask("bulletin", ".txt", one, replies.bulletin)

    ways: dict[str, tuple[Callable[[bytes], object], list[bytes]]] = {
        "first_ms": (apart, data[:1]),
        "apart_ms": (apart, data),
        "here_ms": (lambda one: worker.perform("bulletin", ".txt", one), data),
    }
    times = {}
    for name, (read, files) in ways.items():
        before = _processor_seconds()
        for one in files:
            read(one)
        workers.close()
        times[name] = round((_processor_seconds() - before) / len(files) * 1000, 2)
    return times


def _processor_seconds() -> float:
    """What this process and those that it has ended have taken."""
    used = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
