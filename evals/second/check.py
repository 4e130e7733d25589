#!/usr/bin/env python3
"""Checks that every gold passage and section of a question set stands in its corpus. Standard library only.

Usage: python3 check.py [folder ...]     (default: the folder of this script)
A folder holds questions.jsonl and either corpus/ or a set.toml that names it, and perhaps sections.jsonl.
Exit status 0 when everything holds, 1 otherwise.
"""

import html
import json
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

KINDS = {"list", "fact", "district", "date", "latest", "count", "compare", "followup", "howto", "unanswerable", "typo"}
FIELDS = {"id", "question", "kind", "history", "answerable", "gold", "must_include_all", "notes"}
PLAIN = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u2013": "-", "\u2014": "-"})


def read(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def plain(text: str) -> str:
    return " ".join(text.translate(PLAIN).split())


def lines(name: str, text: str) -> list[str]:
    if name.endswith(".html"):
        text = html.unescape(re.sub(r"<[^>]+>", "\n", text.partition("<body")[2]))
    return [plain(line) for line in text.splitlines() if line.strip()]


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def check_question(q: dict, docs: dict[str, str]) -> list[str]:
    faults = [f"no {key}" for key in FIELDS - q.keys()]
    if faults or q["kind"] not in KINDS:
        return faults or [f"kind {q['kind']}"]
    if bool(q["gold"]) != q["answerable"] or (q["kind"] == "unanswerable") == q["answerable"]:
        faults.append("gold, kind and answerable disagree")
    if (q["kind"] == "followup") != bool(q["history"]):
        faults.append("history")
    if q["gold"] and all(g.get("optional") for g in q["gold"]):
        faults.append("only optional gold")
    for g in q["gold"]:
        text = docs.get(g["bulletin"], "")
        if text.count(g["quote"]) != 1:
            faults.append(f"{text.count(g['quote'])} times in {g['bulletin']}: {g['quote'][:60]!r}")
        if g["section"] is not None and g["section"] not in lines(g["bulletin"], text.partition(g["quote"])[0]):
            faults.append(f"section {g['section']!r} is no line above the quote in {g['bulletin']}")
    return faults


def check_sections(r: dict, docs: dict[str, str]) -> list[str]:
    faults, at, known = [], 0, lines(r["bulletin"], docs[r["bulletin"]])
    if plain(r["title"]) not in known:
        faults.append("title is no line")
    for s in r["sections"]:
        found = [k for k in range(at, len(known)) if known[k].startswith(plain(s["starts_with"]))]
        above = known[found[0] - 1] if found else ""
        if not found or (s["heading"] and above.rpartition(plain(s["heading"]))[1:] != (plain(s["heading"]), "")):
            faults.append(f"section {s['heading']!r}: {s['starts_with']!r}")
        at = found[0] + 1 if found else at
    return faults


def check(folder: Path) -> int:
    config = folder / "set.toml"
    corpus = folder / (tomllib.loads(config.read_text(encoding="utf-8"))["corpus"] if config.is_file() else "corpus")
    docs = {path.name: read(path) for path in sorted(corpus.iterdir()) if path.suffix in (".txt", ".html")}
    questions = rows(folder / "questions.jsonl")
    faults = [f"{q.get('id')}: {fault}" for q in questions for fault in check_question(q, docs)]
    for field in ("id", "question"):
        again = [x for x, n in Counter(q[field] for q in questions if q["kind"] != "followup").items() if n > 1]
        faults += [f"{field} {x!r} is not unique" for x in again]
    if (folder / "sections.jsonl").is_file():
        sections = rows(folder / "sections.jsonl")
        faults += [f"{r['bulletin']}: {fault}" for r in sections for fault in check_sections(r, docs)]
    kinds = dict(Counter(q["kind"] for q in questions))
    passages = sum(len(q["gold"]) for q in questions)
    told = [f"{folder.name}: {len(docs)} bulletins, {len(questions)} questions, {passages} passages, {kinds}"]
    sys.stdout.write("\n".join(told + ([f" - {fault}" for fault in faults] or ["OK"])) + "\n")
    return len(faults)


if __name__ == "__main__":
    folders = [Path(x) for x in sys.argv[1:]] or [Path(__file__).resolve().parent]
    sys.exit(bool(sum(check(folder) for folder in folders)))
