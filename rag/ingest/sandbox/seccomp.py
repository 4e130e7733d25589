"""The system calls that a process may make once it reads foreign files; the kernel refuses all others.

Sources of the numbers: seccomp(2), ``linux/filter.h``, ``linux/seccomp.h``, ``linux/audit.h``; the calls' own are those
of ``asm/unistd_64.h`` (x86_64) and ``asm-generic/unistd.h`` (aarch64).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterator

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL_PROCESS, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | 1  # with EPERM
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # places in struct seccomp_data, on little-endian processors
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

# Each call's number on x86_64 and on aarch64, None where there is none.  The calls read and write what is open, look at
# files, take memory and the time; none names another process, and signals' own are for what this one handles.
_CALLS: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "lseek": (8, 62),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "stat": (4, None),
    "lstat": (6, None),
    "fstat": (5, 80),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "brk": (12, 214),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "madvise": (28, 233),
    "futex": (202, 98),
    "sched_yield": (24, 124),
    "getrandom": (318, 278),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "getrusage": (98, 165),
    "setitimer": (38, 103),
    "sysinfo": (99, 179),
    "uname": (63, 160),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
_OPENING: dict[str, tuple[int | None, int | None, int]] = {"open": (2, None, 1), "openat": (257, 56, 2)}
"""Allowed for reading alone; the last is the number of the argument that says what for."""
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install(libc: ctypes.CDLL) -> bool:
    """Refuses all calls but those named here, for good; False where the system doesn't have or allow this."""
    machine = os.uname().machine
    if not _is_known():
        return False
    code = b"".join(struct.pack("<HBBI", *instruction) for instruction in _program(*_ARCHITECTURES[machine]))
    program = _Filter(len(code) // 8, code)
    return int(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)) == 0


def is_available(libc: ctypes.CDLL) -> bool:
    """Whether ``install`` would work: a filter at no address is looked for only where filters are allowed."""
    installed = libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, None, 0, 0) == 0
    return _is_known() and not installed and ctypes.get_errno() == errno.EFAULT


def _is_known() -> bool:
    return os.uname().machine in _ARCHITECTURES and struct.calcsize("P") == 8


def _program(column: int, architecture: int) -> Iterator[tuple[int, int, int, int]]:
    """Yields the instructions: code, how many to skip if true, how many if false, and a number."""
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _JUMP_IF_EQUAL, 1, 0, architecture
    yield _RETURN, 0, 0, _KILL_PROCESS
    yield _LOAD, 0, 0, _NUMBER
    for numbers in _CALLS.values():
        if (number := numbers[column]) is not None:
            yield _JUMP_IF_EQUAL, 0, 1, number
            yield _RETURN, 0, 0, _ALLOW
    for *opening, argument in _OPENING.values():
        if (number := opening[column]) is not None:
            yield _JUMP_IF_EQUAL, 0, 4, number
            yield _LOAD, 0, 0, _ARGUMENTS + 8 * argument
            yield _JUMP_IF_SET, 1, 0, _WRITING
            yield _RETURN, 0, 0, _ALLOW
            yield _RETURN, 0, 0, _REFUSE
    yield _RETURN, 0, 0, _REFUSE
