"""What costs the desk most: the inputs that a review found, and those that a search finds, each within its budget."""

from __future__ import annotations

from pathlib import Path

from benchmarks.costliest import doors_of, search, spent
from benchmarks.generate import generate
from rag.library.build.update import update_library
from rag.library.reader import Library
from tests.faults.outcome import Outcome, failures
from tests.support.sample_library import ENCODER

FAULT = "the costliest questions, checks, drafts, comparisons, files and searches"
DUTY = "none costs more processor time than its door may: 2 s of anybody, 20 s of the staff, with the rest of one step"

REVIEWED = {
    "vs": ("question", "vs " * 333),
    "list all": ("question", "list all " * 111),
    "Chaoyang": ("question", "Chaoyang, " * 99),
    "who visited": ("question", "who visited " * 83),
    "nested quotations": ("check", "“a " * 333),
    "quotations in a row": ("check", "'a' " * 497),
    "quotations and dates": ("check", "May 1 'a' " * 30),
    "a draft of nested quotations": ("draft", "“a " * 6_666),
    "block quotations": ("draft", "> a\n" * 5_000),
    "comments without an end": ("preview", "<html><body>" + "<!--" * 10_000),
    "two long paragraphs": ("comparison", "".join(f"guest{number} " for number in range(40_000))),
}


def run(folder: Path, *, bulletins: int, seconds: float, drafts: bool = True) -> Outcome:
    """The review's inputs over so many bulletins, then a search of so many seconds at each door."""
    generate(folder / "bulletins", bulletins)
    update_library(folder / "bulletins", folder / "library", ENCODER)
    library = Library.open(folder / "library")
    doors = doors_of(library, ENCODER, folder)
    if not drafts:
        del doors["draft"]
    reviewed = {name: one for name, one in REVIEWED.items() if one[0] in doors}
    problems, most, told = list[str](), dict.fromkeys(doors, 0.0), len(reviewed)
    for name, (door, text) in reviewed.items():
        seconds_spent, _ = spent(doors[door], text)
        if seconds_spent > doors[door].most:  # the first time may have loaded something, or met another program's noise
            seconds_spent, _ = spent(doors[door], text)
        most[door] = max(most[door], seconds_spent)
        if seconds_spent > doors[door].most:
            problems.append(f"{name} cost {seconds_spent:.1f} s at the door {door}")
    for found in search(doors, sorted(library.vocabulary), seconds) if seconds else ():
        told += found.tried
        most[found.door] = max(most[found.door], found.seconds)
        problems += found.over
    costs = ", ".join(f"{door} {cost:.2f} s" for door, cost in most.items())
    searched = told - len(reviewed)
    what = f"{told:,} inputs over {bulletins:,} bulletins, {searched:,} of them made by the search: at most {costs}"
    return Outcome(FAULT, told, len(problems), what, {"seconds": most} | failures(problems))
