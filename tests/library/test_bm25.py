"""BM25 over passages: the numbers of the formula, and a folder that says what it is."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from embeddings import array_store
from embeddings.errors import IndexUnreadable
from rag.library.bm25 import _TYPES, KIND, LexicalIndex, Postings
from rag.settings import ROOT
from rag.text.analyzer import question_terms, terms

PASSAGES = (
    "Residents of Lugu learned about consular protection.",
    "A delegation from Kazan visited Changping.",
    "Consular officers answered 1,260 calls to the hotline 12308, and 12308 was printed on the bags.",
    "",
    "海淀区举办领事保护讲座。",
)


def lexical_index(postings: Postings) -> LexicalIndex:
    """Returns the index of all passages, in order."""
    return LexicalIndex([postings], np.arange(len(postings)))


@pytest.fixture
def index() -> LexicalIndex:
    return lexical_index(Postings.build([terms(passage) for passage in PASSAGES]))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    Postings.build([terms(passage) for passage in PASSAGES]).save(tmp_path / "lexical")
    return tmp_path / "lexical"


def by_hand(documents: Sequence[Sequence[str]], asked: Sequence[str]) -> list[float]:
    """The formula of the docstring, written out."""
    n, mean = len(documents), sum(map(len, documents)) / len(documents)
    found = []
    for document in documents:
        counts, score = Counter(document), 0.0
        for term in set(asked):
            df = sum(term in other for other in documents)
            idf = math.log(1 + (n - df + 0.5) / (df + 0.5))
            score += idf * counts[term] / (counts[term] + 1.2 * (0.5 + 0.5 * len(document) / mean))
        found.append(score)
    return found


@pytest.mark.parametrize(
    "question", ["consular protection", "12308 12308 hotline", "the delegation", "领事保护", "Paris"]
)
def test_scores_are_those_of_the_formula(index: LexicalIndex, question: str) -> None:
    """For each passage in order; a term asked for twice counts once, one that no passage has not at all."""
    expected = by_hand([terms(passage) for passage in PASSAGES], terms(question))
    scores = index.scores(terms(question))
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("question", "best"),
    [("Who protects residents consularly?", 0), ("calls to 12308", 2), ("delegations of Kazan", 1), ("领事讲座", 4)],
)
def test_the_passage_with_the_words_asked_for_is_first(index: LexicalIndex, question: str, best: int) -> None:
    """In English by stems, in Chinese by pairs of characters."""
    assert int(np.argmax(index.scores(question_terms(question)))) == best


def test_coverage_is_the_share_of_the_words_asked_for(index: LexicalIndex) -> None:
    """Rare words weigh more than common ones, and a word that no passage has weighs most."""
    asked = ["consular", "protect", "paris"]
    weights = [index.weight(term) for term in asked]
    expected = np.array([weights[0] + weights[1], 0, weights[0], 0, 0]) / sum(weights)
    np.testing.assert_allclose(index.coverage(asked), expected, rtol=1e-5)
    assert index.coverage([]).tolist() == [0.0] * len(PASSAGES)


def test_a_term_weighs_more_the_fewer_passages_have_it(index: LexicalIndex) -> None:
    """Frequencies count passages, not occurrences."""
    assert [index.document_frequency(term) for term in ("consular", "12308", "paris")] == [2, 1, 0]
    assert 0 < index.weight("consular") < index.weight("12308") < index.weight("paris")
    assert index.weight("paris") == pytest.approx(math.log(1 + 5.5 / 0.5))


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_nothing_can_be_indexed(documents: list[list[str]], tmp_path: Path) -> None:
    """No passages, or passages without words: nothing is found, and they can be stored."""
    Postings.build(documents).save(tmp_path)
    index = lexical_index(Postings.load(tmp_path))
    assert index.scores(["hotline"]).tolist() == index.coverage(["hotline"]).tolist() == [0.0] * len(documents)
    assert index.document_frequency("hotline") == 0
    assert index.weight("hotline") > 0


def test_a_question_without_terms_scores_nothing(index: LexicalIndex) -> None:
    """A row of zeros, not an error."""
    assert index.scores([]).tolist() == index.scores(["paris"]).tolist() == [0.0] * len(PASSAGES)


def test_stored_passages_give_the_same_scores(index: LexicalIndex, saved: Path) -> None:
    """Bit for bit, terms in Chinese included."""
    loaded = lexical_index(Postings.load(saved))
    for passage in PASSAGES:
        np.testing.assert_array_equal(loaded.scores(terms(passage)), index.scores(terms(passage)))


DOCUMENTS = [[f"word{n * step % 23}" for n in range(step % 9)] for step in range(1, 60)]


@pytest.mark.parametrize("cuts", [[0, 59], [0, 1, 30, 30, 59]], ids=str)
def test_in_several_places_and_another_order_the_scores_are_those_of_one(cuts: list[int]) -> None:
    """Rarity and mean length are those of all passages that are named; those left out count for nothing."""
    parts = [Postings.build(DOCUMENTS[a:b]) for a, b in pairwise(cuts)]
    rows = np.array([n for n in range(58, -1, -1) if n % 5])
    index = LexicalIndex(parts, rows)
    alone = lexical_index(Postings.build([DOCUMENTS[n] for n in rows]))
    for n in range(23):
        asked = [f"word{n}", f"word{n + 1}", "none"]
        np.testing.assert_allclose(index.scores(asked), alone.scores(asked), rtol=1e-6)
        np.testing.assert_allclose(index.coverage(asked), alone.coverage(asked), rtol=1e-6)
        assert index.document_frequency(asked[0]) == alone.document_frequency(asked[0])


def test_merged_postings_are_those_of_a_new_build() -> None:
    """Of the passages that are kept, one part's after another's; terms that only the others had are gone."""
    one, other = Postings.build([*DOCUMENTS[:20], ["unheard"]]), Postings.build(DOCUMENTS[20:])
    kept = [np.arange(0, 20, 2), np.arange(1, 39, 3)]
    merged = Postings.merge([(one, kept[0]), (other, kept[1])])
    built = Postings.build([*(DOCUMENTS[n] for n in kept[0]), *(DOCUMENTS[20 + n] for n in kept[1])])
    assert merged.term_ids.keys() == built.term_ids.keys()
    assert merged.lengths.tolist() == built.lengths.tolist()
    for term in built.term_ids:
        assert [part.tolist() for part in merged.lookup(term)] == [part.tolist() for part in built.lookup(term)]


def test_threads_get_the_scores_that_one_gets() -> None:
    """Many questions at once, each with the scores it would get alone."""
    words = [[f"word{n * step % 97}" for n in range(60)] for step in range(1, 400)]
    index = lexical_index(Postings.build(words))
    expected = [index.scores(question[:5]) for question in words]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda question: index.scores(question[:5]), words))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.process
def test_the_same_passages_give_the_same_files(tmp_path: Path) -> None:
    """Whatever seed Python hashes strings with."""
    script = (
        "import sys, pathlib\nfrom rag.library.bm25 import Postings\n"
        "Postings.build([f'word{n} word{n % 7} 领事'.split() for n in range(50)]).save(pathlib.Path(sys.argv[1]))"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", script, str(tmp_path / seed)], cwd=ROOT, env=environment, check=True)
    assert digests(tmp_path / "1") == digests(tmp_path / "2")


FILES = ("starts.npy", "passages.npy", "counts.npy", "lengths.npy", "vocabulary.npy")


@pytest.mark.parametrize("name", [array_store.DESCRIPTION, *FILES])
def test_a_missing_file_is_named(saved: Path, name: str) -> None:
    """The line says which file it is."""
    (saved / name).unlink()
    with pytest.raises(IndexUnreadable, match=rf"{name}: "):
        Postings.load(saved)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_seen(saved: Path, name: str) -> None:
    """Before any of it is used."""
    path = saved / name
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexUnreadable, match=f"{name}: .*sha256 differs"):
        Postings.load(saved)


@pytest.mark.parametrize(
    ("name", "value"),
    [("starts", [0, 1]), ("starts", None), ("passages", [9] * 40), ("counts", [1]), ("vocabulary", [65])],
)
def test_files_that_dont_fit_together_are_refused(saved: Path, name: str, value: list[int] | None) -> None:
    """Also where somebody has made the digests fit."""
    found = array_store.load(saved, KIND, _TYPES)
    changed = found[name][::-1] if value is None else np.array(value)
    if name == "passages":
        changed = changed[: len(found["passages"])]
    array_store.save(saved, KIND, found | {name: changed.astype(found[name].dtype)})
    with pytest.raises(IndexUnreadable, match="don't fit one another"):
        Postings.load(saved)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
