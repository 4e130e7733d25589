"""What the commands' argument parsers share: errors in one line, the common options, and the types of values."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import re
from pathlib import Path
from typing import NoReturn

from rag.errors import SettingInvalid


class Parser(argparse.ArgumentParser):
    """Raises SettingInvalid for unusable arguments, where argparse would print its usage and exit."""

    def error(self, message: str) -> NoReturn:
        """Reports arguments that can't be used.

        Raises:
            SettingInvalid: always.
        """
        raise SettingInvalid(message, remedy=f"Run: {self.prog} --help")


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that every command takes."""
    parser.add_argument("--seeds", type=Path, metavar="DIR", help="the bulletins (RAG_SEEDS; default seeds/)")
    parser.add_argument(
        "--more-seeds", type=Path, action="append", metavar="DIR", help="a further folder of them (RAG_MORE_SEEDS)"
    )
    parser.add_argument("--library", type=Path, metavar="DIR", help="the built index (RAG_LIBRARY; default library/)")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")


def day(value: object) -> dt.date:
    """Reads a day written as YYYY-MM-DD; ``fromisoformat`` alone would take "2024-W01" too.

    Raises:
        ArgumentTypeError: it is no such date.
    """
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        with contextlib.suppress(ValueError):
            return dt.date.fromisoformat(value)
    raise argparse.ArgumentTypeError(f"{value!r} is no date; write YYYY-MM-DD")


def count(value: str) -> int:
    """Reads a number from 1.

    Raises:
        ArgumentTypeError: it is no such number.
    """
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is no number; write 1 or more")
    return int(value)


def offset(value: str) -> int:
    """Reads an offset into a text: at most nine ASCII digits.

    Raises:
        ArgumentTypeError: it is no such number.
    """
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise argparse.ArgumentTypeError(f"{value!r} is no place in a text; write 0 or more")
    return int(value)
