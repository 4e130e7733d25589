"""Receipts as JSON files, and those stored in the library for permanent links.

``digest`` is the SHA-256 of the rest in canonical form (keys sorted, no white space, UTF-8).  It shows damage, and is
the receipt's identity; it has no key, so that whoever changes a receipt can make it anew.

library/receipts/IDENTITY.json
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag import files, limits
from rag.errors import LibraryDamaged, ReceiptUnusable, os_reason
from rag.library import archive
from rag.models import Citation, Status

FORMAT = 1
_REMEDY = "Get the receipt again from whoever made it"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ReceiptQuote(_Strict):
    """A citation as a receipt stores it: its fields, in the order of the file.

    ``prefix`` and ``suffix`` are the 32 code points around it; ``file_sha256`` is of the bulletin's file, None where it
    isn't known.
    """

    text: str = Field(min_length=1)
    bulletin: str
    title: str | None
    date: dt.date | None
    source: str | None
    url: str | None
    districts: tuple[str, ...]
    heading: str | None
    start: int = Field(ge=0)
    end: int = Field(ge=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    file_sha256: str | None = Field(pattern=r"^[0-9a-f]{64}$")
    prefix: str
    suffix: str

    @classmethod
    def of(cls, citation: Citation, file_sha256: str | None, prefix: str, suffix: str) -> ReceiptQuote:
        """What a receipt stores of the citation."""
        known = {field.name: getattr(citation, field.name) for field in fields(Citation)}
        return cls(**known, file_sha256=file_sha256, prefix=prefix, suffix=suffix)

    @property
    def citation(self) -> Citation:
        """The citation that the receipt was made of."""
        return Citation(**self.model_dump(exclude={"file_sha256", "prefix", "suffix"}))


class Model(_Strict):
    """The encoder of the generation that answered."""

    name: str
    digest: str


class Receipt(_Strict):
    """A receipt; ``created`` is its day, and ``model`` is None if the library had moved on to another generation."""

    format: Literal[1] = 1
    kind: Literal["answer", "quote"]
    question: str | None
    status: Status
    message: str
    created: dt.date
    generation: str | None
    model: Model | None
    quotes: tuple[ReceiptQuote, ...]

    @property
    def identity(self) -> str:
        """The SHA-256 of the contents in canonical form."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode("utf-8")).hexdigest()

    def contents(self) -> dict[str, Any]:
        """Returns the contents as JSON, with the digest."""
        return {**self.model_dump(mode="json"), "digest": self.identity}

    def to_bytes(self) -> bytes:
        """Returns the file: the same contents give the same bytes."""
        return (json.dumps(self.contents(), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def read(given: Path | bytes) -> Receipt:
    """Reads a receipt from a file or its bytes, and checks that it is as it was made.

    Raises:
        ReceiptUnusable: it can't be read, is too large, no receipt, of another version, or was changed.
    """
    where = given if isinstance(given, Path) else "the receipt"
    data = given if isinstance(given, bytes) else _read_bytes(given)
    if len(data) > limits.MAX_RECEIPT_BYTES:
        what = f"has over {limits.MAX_RECEIPT_BYTES // 1_000_000} MB, which no receipt has"
        raise ReceiptUnusable(what, where=where, remedy=_REMEDY)
    try:
        contents = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError):
        raise ReceiptUnusable("is no JSON", where=where, remedy=_REMEDY) from None
    if not isinstance(contents, dict) or not {"format", "kind", "quotes", "digest"} <= contents.keys():
        raise ReceiptUnusable("is no receipt", where=where, remedy="Give a file that ask --receipt has written")
    if contents["format"] != FORMAT:
        what = f"is a receipt in format {contents['format']!r}, this version reads {FORMAT}"
        raise ReceiptUnusable(what, where=where, remedy="Use the version of the desk that wrote it")
    digest = contents.pop("digest")
    try:
        receipt = Receipt.model_validate_json(json.dumps(contents))
        identity = receipt.identity
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"])
        what = f"is no receipt: “{field}” is missing or unusable" if field else "is no receipt"
        raise ReceiptUnusable(what, where=where, remedy=_REMEDY) from None
    except UnicodeEncodeError:  # half of a surrogate pair
        raise ReceiptUnusable("holds a character that is none", where=where, remedy=_REMEDY) from None
    if identity != digest:
        what = "was changed after it was made: its digest doesn't fit its contents"
        raise ReceiptUnusable(what, where=where, remedy=_REMEDY)
    return receipt


def store(root: Path, receipt: Receipt) -> str:
    """Stores a receipt in the library for its permanent link; returns its identity.  The same one is stored once.

    Raises:
        LibraryUnwritable: the folder can't be written.
    """
    path = _path(root, receipt.identity)
    data = receipt.to_bytes()
    with files.translate_os_errors(root):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != data:
            files.write_atomic(path, data)
    return receipt.identity


def load(root: Path, identity: str) -> Receipt | None:
    """Returns the stored receipt of that identity, None if there is none.

    Raises:
        LibraryDamaged: the file is not what was stored.
    """
    if not archive.is_digest(identity) or not _path(root, identity).exists():
        return None
    path = _path(root, identity)
    try:
        receipt = read(path)
    except ReceiptUnusable as error:
        raise LibraryDamaged(error.what, where=path, remedy="Remove it") from error
    if receipt.identity != identity:
        raise LibraryDamaged("is another receipt", where=path, remedy="Remove it")
    if path.read_bytes() != receipt.to_bytes():
        raise LibraryDamaged("is not as it was stored", where=path, remedy="Remove it")
    return receipt


def list_stored(root: Path) -> list[str]:
    """Returns the identities of the stored receipts, the latest stored first."""
    times = []
    for path in root.glob("receipts/*.json"):
        with contextlib.suppress(FileNotFoundError):  # removed just now
            times.append((path.stat().st_mtime_ns, path.stem))
    return [identity for _, identity in sorted(times, reverse=True) if archive.is_digest(identity)]


def remove(root: Path, identity: str) -> bool:
    """Deletes the stored receipt of that identity; returns whether there was one.

    Raises:
        LibraryUnwritable: it can't be deleted.
    """
    if not archive.is_digest(identity):
        return False
    with files.translate_os_errors(root):
        is_stored = _path(root, identity).exists()
        _path(root, identity).unlink(missing_ok=True)
        return is_stored


def receipt_generations(root: Path) -> frozenset[str]:
    """Returns the names of the generations that the stored receipts are of, damaged receipts aside."""
    names = set()
    for path in root.glob("receipts/*.json"):
        try:
            names.add(read(path).generation)
        except ReceiptUnusable:
            continue
    return frozenset(filter(None, names))


def integrity_errors(root: Path) -> Iterator[tuple[Path, str]]:
    """Yields the stored receipts that are not what was stored, with what is wrong with each."""
    for path in sorted(root.glob("receipts/*.json")):
        try:
            load(root, path.stem)
        except LibraryDamaged as error:
            yield path, error.what


def _path(root: Path, identity: str) -> Path:
    return root / "receipts" / f"{identity}.json"


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limits.MAX_RECEIPT_BYTES + 1)
    except OSError as error:
        what = f"can't be read ({os_reason(error)})"
        raise ReceiptUnusable(what, where=path, remedy="Give a receipt's file") from None


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that stands twice could show one value to a reader and another to the program."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)
