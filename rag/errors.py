"""The errors: each is one line for a person that says what is wrong, where, and what to do about it.

"Nothing found" is an answer, not an error.
"""

from __future__ import annotations


class RagError(Exception):
    """An error that a person reads as one line.

    ``what`` is wrong, without a full stop; ``where`` is the file, setting or place, ``remedy`` what to do about it, ""
    for none; ``exit_status`` is what the command line exits with (1 failed, 2 unusable arguments).
    """

    exit_status = 1

    def __init__(self, what: str, *, where: object = "", remedy: str = "") -> None:
        self.what = one_line(what)
        self.where = one_line(str(where))
        self.remedy = one_line(remedy)
        super().__init__(str(self))

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line}. {self.remedy}" if self.remedy else line


class SettingInvalid(RagError):
    """A setting or an option has an unusable value."""

    exit_status = 2


class QuestionRefused(RagError):
    """The question can't be taken."""

    exit_status = 2


class NothingAsked(QuestionRefused):
    """The question is a greeting, thanks or the like, which holds nothing to look for."""

    def __init__(self) -> None:
        super().__init__("The question holds nothing to look for", remedy="Say what it is about in a few words.")


class BulletinUnreadable(RagError):
    """A file can't be read as a bulletin; ``passing`` says that the same file may be readable the next time."""

    def __init__(self, what: str, *, where: object = "", remedy: str = "", passing: bool = False) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.passing = passing


class DraftUnreadable(RagError):
    """A file can't be read as a draft."""


class CorrectionUnusable(RagError):
    """A correction can't be read, or doesn't fit its bulletin."""


class FetchFailed(RagError):
    """A page can't be fetched, or may not be."""


class AccountRefused(RagError):
    """An account can't be made or changed as asked."""


class OperatorRefused(RagError):
    """What the operator asked for can't be done as things stand."""


class Cancelled(RagError):
    """The operator stopped the work; nothing was changed."""


class SeedsMissing(RagError):
    """The folder of bulletins is missing, or holds none."""


class RemovalRefused(RagError):
    """Too many bulletins have gone; nothing was changed."""


class LibraryMissing(RagError):
    """Nothing has been indexed yet."""


class LibraryStale(RagError):
    """The library was built by another model or in another format."""


class LibraryDamaged(RagError):
    """A stored file is not what was written."""


class LibraryBusy(RagError):
    """Another process is changing what this one would change."""


class LibraryUnwritable(RagError):
    """The library's folder can't be written."""


class EncoderUnavailable(RagError):
    """The embedding model can't be loaded."""


class DataDamaged(RagError):
    """A file of rag/data is missing or isn't what the code reads."""


class ReceiptUnusable(RagError):
    """A receipt can't be read, or was changed after it was made."""

    exit_status = 2


class QuoteMismatch(RagError):
    """A quote is not a slice of its bulletin; it is never shown."""


def os_reason(error: OSError) -> str:
    """Returns the system's reason in lower case, as it stands within a sentence ("no space left on device")."""
    return (error.strerror or str(error)).lower()


def one_line(text: str) -> str:
    """Returns the text as one line: white space is collapsed, and control characters are spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
