"""What a process gives up before it reads foreign files: limits of its resources, then Landlock and seccomp.

Each means is used where the system has it; what it hasn't is named.  The kernel's interfaces are called directly: the
packages that wrap them need libseccomp, are unfinished, or refuse older kernels altogether.  Sources of the numbers:
``linux/landlock.h``, ``linux/prctl.h`` and ``asm-generic/unistd.h`` of Linux 6.12; landlock(7), prctl(2).
"""

from __future__ import annotations

import ctypes
import os
import resource
from collections.abc import Sequence
from contextlib import suppress

from rag import limits
from rag.ingest.sandbox import seccomp

MEMORY, LANDLOCK, SECCOMP = "a limit of memory", "Landlock", "seccomp"
_PR_SET_NO_NEW_PRIVS = 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # system calls, the same on every processor
_VERSION, _PATH_BENEATH, _READ_FILE, _READ_DIR = 1, 1, 1 << 2, 1 << 3
_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15}  # kinds of access to files that a version knows; 16 since version 5
_NET_SINCE, _SCOPE_SINCE = 4, 6  # versions that know of TCP, and of signals and abstract sockets


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def confine(folders: Sequence[str]) -> tuple[str, ...]:
    """Gives up everything but reading files in ``folders`` and the descriptors that are open; returns what is missing.

    It can't be taken back.  No file can be opened for writing, no program or process started, nobody connected to.
    """
    lacking = [] if _limit_resources() else [MEMORY]
    libc = ctypes.CDLL(None, use_errno=True)
    is_linux = os.uname().sysname == "Linux"
    no_new_privileges = is_linux and libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    if not (no_new_privileges and _restrict_files(libc, folders)):
        lacking.append(LANDLOCK)
    if not (no_new_privileges and seccomp.install(libc)):
        lacking.append(SECCOMP)
    return tuple(lacking)


def missing() -> tuple[str, ...]:
    """Returns the means that this system hasn't; nothing is given up for it."""
    if os.uname().sysname != "Linux":
        return (MEMORY, LANDLOCK, SECCOMP)
    libc = ctypes.CDLL(None, use_errno=True)
    found = {LANDLOCK: _landlock_version(libc) > 0, SECCOMP: seccomp.is_available(libc)}
    return tuple(name for name, is_there in found.items() if not is_there)


def lacking() -> str:
    """Returns a sentence on the means that this system hasn't, "" where it has all."""
    means = missing()
    return f"Foreign files are read without {', '.join(means)}, which this system lacks or forbids" if means else ""


def _landlock_version(libc: ctypes.CDLL) -> int:
    return int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION))


def _limit_resources() -> bool:
    """Limits what the process may use, and returns whether its memory is."""
    # Its own alarm ends a file's reading; this one ends what has switched the alarm off.
    cpu = 2 * limits.SANDBOX_WALL_SECONDS
    wanted = {
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,  # of the superuser it counts nothing: then seccomp alone keeps it from starting any
        resource.RLIMIT_NOFILE: limits.SANDBOX_OPEN_FILES,
    }
    for kind, most in wanted.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limits.SANDBOX_MEMORY_BYTES, limits.SANDBOX_MEMORY_BYTES))
    except (ValueError, OSError):  # macOS
        return False
    return True


def _restrict_files(libc: ctypes.CDLL, folders: Sequence[str]) -> bool:
    version = _landlock_version(libc)
    if version < 1:
        return False
    bits = _FS_BITS.get(version, 16)
    net, scoped = 3 * (version >= _NET_SINCE), 3 * (version >= _SCOPE_SINCE)
    size = 8 * (1 + (version >= _NET_SINCE) + (version >= _SCOPE_SINCE))
    rules = _Ruleset((1 << bits) - 1, net, scoped)
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        return all(_allow_reading(libc, ruleset, folder) for folder in folders) and (
            libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
        )
    finally:
        os.close(ruleset)


def _allow_reading(libc: ctypes.CDLL, ruleset: int, folder: str) -> bool:
    at = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        rule = _PathBeneath(_READ_FILE | _READ_DIR, at)
        return int(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)) == 0
    finally:
        os.close(at)
