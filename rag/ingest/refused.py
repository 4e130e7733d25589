"""What a reader says of a file that it can't read."""

from __future__ import annotations


class Refused(Exception):
    """The file can't be read: ``what`` is wrong, and its ``remedy``, "" where that depends on the file's use;
    ``passing`` says that the machine is the cause, not the file."""

    def __init__(self, what: str, remedy: str = "", *, passing: bool = False) -> None:
        self.what, self.remedy, self.passing = what, remedy, passing
        super().__init__(what)
