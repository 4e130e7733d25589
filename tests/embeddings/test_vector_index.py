"""The FAISS index: the same numbers as NumPy, and a folder that says what it is."""

import hashlib
import json

import faiss
import numpy as np
import pytest

from embeddings.errors import BadVectors, IndexUnreadable
from embeddings.vector_index import VectorIndex
from embeddings.vectors import unit_rows

# East, north-east, north, west: the cosine similarities to east are 1, 0.7071, 0 and -1.
COMPASS = unit_rows([[1, 0], [1, 1], [0, 1], [-1, 0]])


@pytest.fixture
def compass():
    return VectorIndex.build(COMPASS)


@pytest.fixture
def saved(compass, tmp_path):
    folder = tmp_path / "vectors"
    compass.save(folder)
    return folder


def random_rows(count, dimension=32, seed=7):
    return unit_rows(np.random.default_rng(seed).standard_normal((count, dimension)))


def test_scores_are_cosine_similarities(compass):
    """Not distances: 1 for the same direction, 0 across, -1 opposite."""
    np.testing.assert_allclose(compass.scores([1, 0]), [1, 0.70710678, 0, -1], atol=1e-6)


def test_scores_are_all_inner_products_in_order_of_id():
    """A (d,) and a (1, d) query alike."""
    rows, query = random_rows(300), random_rows(1, seed=9)
    index = VectorIndex.build(rows)
    np.testing.assert_allclose(index.scores(query), rows @ query[0], atol=1e-6)
    np.testing.assert_array_equal(index.scores(query[0]), index.scores(query))


def test_rows_come_back_bit_for_bit():
    """What the next generation reuses is what was stored, and a copy of it."""
    rows = random_rows(20)
    index = VectorIndex.build(rows)
    taken = index.rows([3, 3, 19])
    np.testing.assert_array_equal(taken, rows[[3, 3, 19]])
    taken[:] = 0
    np.testing.assert_array_equal(index.rows([3]), rows[[3]])
    assert index.rows([]).shape == (0, 32)


def test_the_rows_stand_in_memory_once():
    """Full scoring reads FAISS's own storage: what is added there is what is scored."""
    flat = faiss.IndexFlatIP(2)
    flat.add(COMPASS)
    index = VectorIndex(flat)
    faiss.rev_swig_ptr(flat.get_xb(), 8)[:2] = [0, 1]
    np.testing.assert_allclose(index.scores([1, 0]), [0, 0.70710678, 0, -1], atol=1e-6)


@pytest.mark.parametrize("unknown", [-1, 4])
def test_an_unknown_id_is_named(compass, unknown):
    """A negative id doesn't count from the end."""
    with pytest.raises(BadVectors, match=f"no row has the id {unknown}; there are 4"):
        compass.rows([0, unknown])


def test_queries_of_another_dimension_are_refused(compass):
    """Both dimensions are named."""
    with pytest.raises(BadVectors, match="3 dimensions, expected 2"):
        compass.scores([1, 0, 0])


def test_one_query_is_scored_at_a_time(compass):
    """Two would come out as nobody expects."""
    with pytest.raises(BadVectors, match="got 2"):
        compass.scores(COMPASS[:2])


def test_only_unit_rows_are_indexed():
    """Otherwise the scores wouldn't be similarities."""
    with pytest.raises(BadVectors, match="row 1 is not of length 1"):
        VectorIndex.build([[1, 0], [1, 1]])


def test_an_empty_index_works(tmp_path):
    """Nothing is scored, and it can be saved."""
    VectorIndex.build(np.empty((0, 3))).save(tmp_path)
    index = VectorIndex.load(tmp_path)
    assert (len(index), index.dimension) == (0, 3)
    assert len(index.scores([1, 0, 0])) == 0


def test_a_saved_index_comes_back_the_same(tmp_path):
    """Every row, bit for bit, and the same answers."""
    rows, query = random_rows(100), random_rows(1, seed=3)
    index = VectorIndex.build(rows)
    index.save(tmp_path)
    again = VectorIndex.load(tmp_path)
    np.testing.assert_array_equal(again.rows(range(100)), rows)
    np.testing.assert_array_equal(again.scores(query), index.scores(query))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.faiss", "index.json"]


def test_the_folder_says_what_it_holds(saved):
    """A person can read it, and FAISS alone can open it."""
    description = json.loads((saved / "index.json").read_text())
    assert description | {"sha256": "", "faiss": ""} == {
        "format": 1,
        "kind": "faiss IndexFlatIP",
        "metric": "inner product",
        "normalised": True,
        "dimension": 2,
        "rows": 4,
        "bytes": (saved / "index.faiss").stat().st_size,
        "sha256": "",
        "faiss": "",
    }
    assert faiss.read_index(str(saved / "index.faiss")).ntotal == 4


def test_every_flipped_byte_of_the_vectors_is_found(saved):
    """One by one, header and rows: FAISS never sees them."""
    path = saved / "index.faiss"
    sound = path.read_bytes()
    for place in range(len(sound)):
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        with pytest.raises(IndexUnreadable, match=r"index\.faiss: .*sha256 differs"):
            VectorIndex.load(saved)


@pytest.mark.parametrize("kept", [0, 1, 44, 76])
def test_a_file_cut_short_is_named(saved, kept):
    """With the length it has and the length it had."""
    path = saved / "index.faiss"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(IndexUnreadable, match=rf"index\.faiss: the file is {kept} bytes long, 77 were written"):
        VectorIndex.load(saved)


@pytest.mark.parametrize("name", ["index.faiss", "index.json"])
def test_a_missing_file_is_named(saved, name):
    """With its path and what to do."""
    (saved / name).unlink()
    with pytest.raises(IndexUnreadable) as caught:
        VectorIndex.load(saved)
    assert caught.value.where == str(saved / name)
    assert caught.value.remedy == "Build the index again"


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"kind": "faiss IndexIVFFlat"},
        {"metric": "L2"},
        {"normalised": False},
        {"rows": 3},
        {"rows": -1},
        {"rows": "4"},
        {"rows": True},
        {"dimension": 4},
        {"dimension": 0},
        {"bytes": 76},
        {"bytes": None},
        {"sha256": "0" * 64},
        {"sha256": 5},
        {"extra": 1},
    ],
    ids=str,
)
def test_a_description_that_does_not_fit_is_refused(saved, change):
    """Whatever field says something else than what stands there."""
    path = saved / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(IndexUnreadable, match=r"index\.(json|faiss): "):
        VectorIndex.load(saved)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe", b"[" * 100_000])
def test_a_description_that_is_none_is_refused(saved, content):
    """Empty, cut short, another type, not text, or nested past all bounds."""
    (saved / "index.json").write_bytes(content)
    with pytest.raises(IndexUnreadable, match="not an index description"):
        VectorIndex.load(saved)


def test_another_kind_of_index_under_a_true_digest_is_refused(saved):
    """FAISS's readers of richer formats are never reached."""
    other = faiss.serialize_index(faiss.IndexFlatL2(2)).tobytes()
    description = json.loads((saved / "index.json").read_text())
    description |= {"rows": 0, "bytes": len(other), "sha256": hashlib.sha256(other).hexdigest()}
    (saved / "index.faiss").write_bytes(other)
    (saved / "index.json").write_text(json.dumps(description))
    with pytest.raises(IndexUnreadable, match="not a flat index of 0 rows x 2"):
        VectorIndex.load(saved)


def test_a_header_that_contradicts_the_description_is_refused(saved):
    """Two rows of four numbers are as long as four rows of two, and no row of ours."""
    flat = faiss.IndexFlatIP(4)
    flat.add(unit_rows(np.eye(2, 4)))
    other = faiss.serialize_index(flat).tobytes()
    description = json.loads((saved / "index.json").read_text()) | {"sha256": hashlib.sha256(other).hexdigest()}
    (saved / "index.faiss").write_bytes(other)
    (saved / "index.json").write_text(json.dumps(description))
    with pytest.raises(IndexUnreadable, match="described otherwise"):
        VectorIndex.load(saved)
