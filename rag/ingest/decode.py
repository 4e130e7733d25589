"""Bytes -> text, strictly: a bulletin whose bytes don't decode is refused, never repaired."""

from __future__ import annotations

import codecs
import os
import re
from contextlib import suppress
from pathlib import Path

from rag import limits
from rag.errors import BulletinUnreadable, os_reason
from rag.ingest.chinese_bytes import chinese_readings
from rag.ingest.refused import Refused

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*+=\s*+["']?\s*+([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffd]")
_MUCH_LIKER = 0.4  # a reading that is this much more like Chinese than the declared one is what was written
# Four accented letters side by side, and signs amid letters, stand in no Western word.
_NOT_WESTERN = re.compile(r"[À-ÖØ-öø-ÿŠŽšžŒœŸ]{4,}|[À-ÿ][¢¤¥¦¨¬¯±´µ¶¹¼½¾×÷]|[¢¤¥¦¨¬¯±´µ¶¹¼½¾][À-ÿ]")
_HIGH, _UNLIKE_WESTERN = re.compile(r"[^\x00-\x7f]"), 6  # one such place to that many letters is too many
# The charsets that pages declare, each with the larger set that is often written under its name.  No others are tried:
# "utf-7" or "unicode_escape" would turn plain words into other characters.
_CHARSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "cp1252": "cp1252",
}


def read_bytes(path: Path, max_bytes: int = limits.MAX_TEXT_FILE_BYTES) -> bytes:
    """Returns the file's bytes, read twice to make sure that nobody is writing them.

    Raises:
        BulletinUnreadable: it is missing, not a file, not permitted, empty, over ``max_bytes`` (it isn't read then), or
            being written.
    """
    try:
        # A pipe would keep its reader waiting, a device never ends.
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise BulletinUnreadable("is not an ordinary file", where=path, remedy="Name a file, or move it away")
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            data = b"" if before.st_size > max_bytes else file.read(max_bytes + 1)
            file.seek(0)
            again = b"" if before.st_size > max_bytes else file.read(max_bytes + 1)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        raise BulletinUnreadable("no such file", where=path, remedy="Check the name") from None
    except IsADirectoryError:
        raise BulletinUnreadable("is a folder", where=path, remedy="Name the files in it") from None
    except OSError as error:
        reason = os_reason(error)
        raise BulletinUnreadable(f"can't be read ({reason})", where=path, remedy="Check its permissions") from error
    if max(before.st_size, len(data)) > max_bytes:
        remedy = "Check that it is one bulletin; split it if it is"
        raise BulletinUnreadable(f"is larger than {max_bytes:,} bytes", where=path, remedy=remedy)
    if data != again or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        remedy = "Index again when that is done"
        raise BulletinUnreadable("is being written just now", where=path, remedy=remedy, passing=True)
    if not data:
        raise BulletinUnreadable("is empty (0 bytes)", where=path, remedy="Save the bulletin again, or remove the file")
    return data


def decode(data: bytes) -> tuple[str, str]:
    """Returns the text without a byte-order mark, its line ends untouched, and the name of the encoding.

    The encodings tried are, in order: that of the byte-order mark, UTF-8, the declared charset, GB18030, Big5.  UTF-8
    comes before a declaration because bytes of other encodings are hardly ever valid UTF-8.  A declaration that makes
    no language of bytes which one of the Chinese encodings makes Chinese of is wrong.

    Raises:
        Refused: none fits, or the result isn't text.
    """
    marked = next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)
    with suppress(UnicodeDecodeError):
        encoding = marked or "utf-8"
        text = data.decode(encoding)
        if is_text(text):
            return text, encoding
        marked = encoding
    if not marked and (read := _by_charset(data)):
        return read
    what = "is not text in UTF-8, UTF-16 with a byte-order mark, GB18030, Big5 or its declared charset"
    raise Refused(what, "Save it as UTF-8 text")


def _by_charset(data: bytes) -> tuple[str, str] | None:
    """Returns the text by the declared charset, unless another one makes more of the bytes; None where none does."""
    readings = chinese_readings(data)
    likely = max((one for one in readings.values() if one.is_likely), key=lambda one: one.likeness, default=None)
    declared = _declared(data)
    stated = readings.get(declared)
    chosen = likely if likely and (not stated or likely.likeness > stated.likeness + _MUCH_LIKER) else stated
    if chosen and is_text(chosen.text):
        return chosen.text, chosen.encoding
    if declared == "cp1252":
        with suppress(UnicodeDecodeError):
            text = data.decode(declared)
            is_western = _UNLIKE_WESTERN * len(_NOT_WESTERN.findall(text)) <= len(_HIGH.findall(text))
            return (text, declared) if is_text(text) and is_western else None
    return None


def is_text(text: str) -> bool:
    """Whether there are no control characters, and none that replace undecodable bytes."""
    return not _CONTROL.search(text)


def _declared(data: bytes) -> str:
    """Returns the encoding that the first bytes declare, "" for none that is known here."""
    match = _DECLARED.search(data[:4096])
    try:
        return _CHARSETS.get(codecs.lookup(match[1].decode("ascii")).name, "") if match else ""
    except LookupError:
        return ""
