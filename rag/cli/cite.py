"""``python -m rag cite``: cites a slice of a stored text, in the format that is asked for."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

from rag.answer.citation import bibliography, receipt, source
from rag.answer.citation.annotation import annotation
from rag.answer.citation.bibliography import citation_line
from rag.answer.citation.text_fragment import text_fragment_url
from rag.cli import json_output
from rag.cli.command import CommandOutput, Context, Outputs
from rag.cli.parser import Parser, day, offset
from rag.errors import SettingInvalid, one_line
from rag.library import archive
from rag.library.archive import ArchivedText
from rag.library.reader import Library
from rag.models import Citation

_FORMATS = ("line", "csl", "bibtex", "ris", "annotation", "link", "receipt")
_DIGEST_PREFIX = re.compile(r"[0-9a-f]{8,64}")
_WRITERS: dict[str, Callable[[Citation, dt.date], str]] = {
    "line": lambda cited, accessed: citation_line(cited, accessed=accessed) + "\n",
    "bibtex": bibliography.bibtex,
    "ris": bibliography.ris,
}


def add_arguments(parser: Parser) -> None:
    """Declares the slice, and the format of its citation."""
    parser.add_argument(
        "text", metavar="SHA256", help="the text's digest, 8 of its digits or more, or a bulletin's name"
    )
    parser.add_argument("start", type=offset, metavar="START", help="counted in code points, from 0")
    parser.add_argument("end", type=offset, metavar="END", help="where the slice is over, exclusive")
    parser.add_argument("--format", choices=_FORMATS, default="line", help="default: line")
    parser.add_argument("--accessed", type=day, metavar="YYYY-MM-DD", help="the day of access; default: today")


def run(context: Context) -> Outputs:
    """Cites the slice; notes say what a person should know of the text before citing it."""
    args = context.args
    library = Library.open(context.library)
    archived = _find_text(library, args.text)
    cited = source.cite(archived.text, archived.bulletin, args.start, args.end)
    written = _write(cited, archived, library, args.format, args.accessed or dt.date.today())
    if args.json:
        value = json_output.cited(args.format, written) if isinstance(written, str) else written
        yield CommandOutput(json_output.line(value), _notes(archived))
    else:
        text = written if isinstance(written, str) else json.dumps(written, ensure_ascii=False, indent=1)
        yield CommandOutput(text, _notes(archived), end="" if text.endswith("\n") else "\n")


def _write(
    cited: Citation, archived: ArchivedText, library: Library, form: str, accessed: dt.date
) -> str | dict[str, Any]:
    """The citation as text, or as an object where the format is one of JSON."""
    if form in _WRITERS:
        return _WRITERS[form](cited, accessed)
    if form == "csl":
        return bibliography.csl_json(cited, accessed)
    if form == "annotation":
        return annotation(cited, archived.text)
    if form == "receipt":
        return receipt.of_citation(cited, library, accessed).contents()
    link = text_fragment_url(cited.url, archived.text, cited.start, cited.end)
    if link is None:
        what = "states no address, so there is nothing to link to" if cited.url is None else "has no usable link"
        raise SettingInvalid(what, where=cited.bulletin, remedy="Use another --format")
    return link


def _find_text(library: Library, name: str) -> ArchivedText:
    """The text of the bulletin of that name, or with the digest, or the beginning of one, that the name is."""
    digests = {library.by_name[name].sha256} if name in library.by_name else _digests(library, name.lower())
    if len(digests) > 1:
        what = f"{len(digests)} texts have a digest that begins so"
        raise SettingInvalid(what, where=name, remedy="Give it whole")
    archived = archive.find(library, digests.pop()) if digests else None
    if archived is None:
        remedy = "Give a bulletin's name, or 8 digits or more of its text's digest (sha256)"
        raise SettingInvalid("the library holds no such text", where=name, remedy=remedy)
    return archived


def _digests(library: Library, prefix: str) -> set[str]:
    if not _DIGEST_PREFIX.fullmatch(prefix):
        return set()
    stored = {path.stem for path in (library.root / "texts").glob(f"{prefix}*.txt")}
    return {digest for digest in stored | library.by_digest.keys() if digest.startswith(prefix)}


def _notes(archived: ArchivedText) -> tuple[str, ...]:
    """What a person should know of the text before citing it."""
    name = one_line(archived.bulletin.name) if archived.bulletin else archived.sha256
    notes = []
    if archived.state == "changed" and archived.now:
        notes.append(f"{name}: has changed since; today's text has the digest {archived.now.sha256[:12]}")
    if archived.state == "withdrawn":
        notes.append(f"{name}: is no longer among the bulletins")
    if archived.corrected_by:
        notes.append(f"{name}: {archived.corrected_by.name} corrects it")
    return tuple(notes)
