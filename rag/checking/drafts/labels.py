"""Verdicts and what goes with them in the words of a report."""

from __future__ import annotations

from collections import Counter

from rag.checking.models import Changed, Checked, Claim, ClaimKind, Difference, Report, VerdictName

# From the best to the worst, each with what it means.
VERDICTS: dict[VerdictName, str] = {
    "exact": "word for word in a bulletin",
    "exact-normalised": "the same words, printed a little differently",
    "ellipsis": "true pieces in order, with what is left out marked",
    "ambiguous": "stands in several bulletins, or is too short to attribute",
    "misattributed": "true words, but not of the date, title or district claimed",
    "altered": "words changed, added or dropped",
    "spliced": "separate passages joined as one quotation",
    "not-found": "stands in no bulletin",
}
GOOD: frozenset[VerdictName] = frozenset({"exact", "exact-normalised", "ellipsis"})
_OF: dict[Changed, str] = {
    "negation": "negation",
    "number": "number",
    "name": "name",
    "character": "look-alike or unseen characters",
    "word": "words",
    "case": "upper and lower case",
    "punctuation": "punctuation",
}


def of_what(change: Difference) -> str:
    """What a difference is of, in a word."""
    return _OF[change.of]


def difference(change: Difference) -> str:
    """A difference in one line of plain text."""
    of = of_what(change)
    if change.op == "insert":
        return f"added: “{change.claimed}” ({of})"
    if change.op == "delete":
        return f"left out: “{change.true}” ({of})"
    if change.op == "bracket":
        return f"put in brackets: “{change.claimed}”" + (f" instead of “{change.true}”" if change.true else "")
    return f"“{change.claimed}” instead of “{change.true}” ({of})"


def holds(claim: Claim) -> str:
    return {True: "holds", False: "does not hold", None: "could not be checked"}[claim.holds]


def claimed(row: Checked, kind: ClaimKind) -> str:
    """What the draft says of a quotation's date, title or district; "" where it says nothing."""
    return "; ".join(claim.words for claim in row.claims if claim.kind == kind)


def counted(report: Report) -> list[tuple[VerdictName, int]]:
    """How often each verdict was given, from the best to the worst; those never given are left out."""
    counts = Counter(row.verdict for row in report.rows)
    return [(verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]]


def summary(report: Report) -> str:
    """ "12 quotations: 5 exact, 2 altered"."""
    number = len(report.rows)
    if not number:
        return "No quotations"
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in counted(report))
    return f"{number:,} quotation{'' if number == 1 else 's'}: {verdicts}"
