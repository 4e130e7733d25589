"""Verdicts and what goes with them in the words of a report."""

from __future__ import annotations

from collections import Counter

from rag.checking.models import CheckedQuotation, CheckReport, Claim, ClaimKind, Difference, DifferenceKind, VerdictName

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
_KIND_LABELS: dict[DifferenceKind, str] = {
    "negation": "negation",
    "number": "number",
    "name": "name",
    "character": "look-alike or unseen characters",
    "word": "words",
    "case": "upper and lower case",
    "punctuation": "punctuation",
}


def kind_label(change: Difference) -> str:
    """Returns what a difference is in, in a word."""
    return _KIND_LABELS[change.kind]


def difference_text(change: Difference) -> str:
    """Returns a difference in one line of plain text."""
    kind = kind_label(change)
    if change.operation == "insert":
        return f"added: “{change.claimed}” ({kind})"
    if change.operation == "delete":
        return f"left out: “{change.true}” ({kind})"
    if change.operation == "bracket":
        return f"put in brackets: “{change.claimed}”" + (f" instead of “{change.true}”" if change.true else "")
    return f"“{change.claimed}” instead of “{change.true}” ({kind})"


def claim_status(claim: Claim) -> str:
    """Returns whether a claim holds, in words."""
    return {True: "holds", False: "does not hold", None: "could not be checked"}[claim.holds]


def claimed_words(row: CheckedQuotation, kind: ClaimKind) -> str:
    """Returns what the draft says of a quotation's date, title or district; "" where it says nothing."""
    return "; ".join(claim.words for claim in row.claims if claim.kind == kind)


def verdict_counts(report: CheckReport) -> list[tuple[VerdictName, int]]:
    """Returns how often each verdict was given, from the best to the worst; those never given are left out."""
    counts = Counter(row.verdict for row in report.rows)
    return [(verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]]


def summary(report: CheckReport) -> str:
    """Returns "12 quotations: 5 exact, 2 altered"."""
    number = len(report.rows)
    if not number:
        return "No quotations"
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in verdict_counts(report))
    return f"{number:,} quotation{'' if number == 1 else 's'}: {verdicts}"
