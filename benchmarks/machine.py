"""What the figures were measured on.  Neither the machine's name nor any path is told."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("torch", "sentence-transformers", "faiss-cpu")


def machine() -> dict[str, str]:
    """Processor, cores, memory, system and the versions that matter, for a person."""
    return {
        "processor": _processor(),
        "cores": str(_cores()),
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 1e9:.0f} GB",
        "system": platform.system(),
        "Python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def _processor() -> str:
    """The model's name; what Python knows of it (often only "x86_64") where there is no list of processors."""
    cpuinfo = Path("/proc/cpuinfo")
    named = re.search(r"^model name\s*: (.+)$", cpuinfo.read_text(), re.MULTILINE) if cpuinfo.is_file() else None
    return " ".join(named[1].split()) if named else platform.processor() or platform.machine()


def _cores() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
