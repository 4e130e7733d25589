"""Word-piece vectors kept small: the same greatest similarities as at full size, and a folder that says what it is."""

import hashlib
import importlib
import json
import os
import subprocess
import sys
import tracemalloc
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings import quantizer
from embeddings.errors import BadVectors, IndexUnreadable
from embeddings.late_interaction import PRODUCTS_PER_STEP, TokenIndex, _steps
from embeddings.quantizer import MAX_CODE, Quantizer, dot_products
from embeddings.vectors import EncodedText, unit_rows
from tests.support.hashing_encoder import HashingEncoder
from tests.support.maxsim import maxsim
from tests.support.paths import ROOT

TEXTS = [
    ["Chaoyang District", "A lecture on visas.", "Tea was served."],
    ["", "Strawberries were picked in Changping."],
    ["Haidian District", "", "A lecture on tea."],
]


def using(name):
    """Late interaction by that library, be the other loaded or not."""
    library = importlib.import_module(name)
    tensor = library.from_numpy if name == "torch" else library.asarray
    return mock.patch.object(quantizer, "_library", return_value=(library, tensor))


@pytest.fixture
def fake():
    return HashingEncoder()


@pytest.fixture
def index(fake):
    return TokenIndex.build(fake.encode_passage_tokens(TEXTS))


@pytest.fixture
def saved(index, tmp_path):
    folder = tmp_path / "tokens"
    index.save(folder)
    return folder


def rows_of(vectors, pieces=None):
    """A passage of these word pieces, each in the piece of its number."""
    vectors = np.asarray(vectors, dtype=np.float32)
    pieces = np.zeros(len(vectors), np.int16) if pieces is None else np.array(pieces, np.int16)
    spans = np.zeros((len(vectors), 2), np.int32)
    return EncodedText(np.ones(vectors.shape[1], np.float32), vectors, spans, pieces, int(pieces.max(initial=0)) + 1)


def passages(lengths, dimension=32, seed=5):
    source = np.random.default_rng(seed)
    return [rows_of(unit_rows(source.standard_normal((n, dimension)))) for n in lengths]


def question(fake, text):
    return fake.encode_query_tokens([text])[0].token_vectors


def test_a_word_that_stands_in_a_passage_has_similarity_one(fake, index):
    """And one that doesn't has none: the greatest over the passage's words, for each word of the question."""
    found = maxsim(index, question(fake, "Tea lecture in Changping"))
    np.testing.assert_allclose(found, [[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0]], atol=0.03)
    assert (found.dtype, len(index)) == (np.float32, 3)


def test_each_piece_is_scored_by_its_own_words(fake, index):
    """Title, then sentences; an empty piece has no words, hence -1."""
    first, third = index.maxsim_by_piece(question(fake, "Tea lecture"), [0, 2])
    np.testing.assert_allclose(first, [[0, 0], [0, 1], [1, 0]], atol=0.03)
    np.testing.assert_allclose(third, [[0, 0], [-1, -1], [1, 1]], atol=0.03)


def test_passages_may_be_asked_for_in_any_order_and_more_than_once(fake, index):
    """Each gives what it gives among all."""
    query, rows = question(fake, "A lecture on visas in Haidian"), [2, 0, 1, 2]
    whole = maxsim(index, query)
    np.testing.assert_array_equal(maxsim(index, query, rows), whole[rows])


def test_similarities_are_those_of_the_full_vectors():
    """Where no dimension is lost, 8 bits cost less than a hundredth."""
    texts, query = passages([5, 90, 1, 300]), unit_rows(np.random.default_rng(6).standard_normal((9, 32)))
    expected = [(text.token_vectors @ query.T).max(axis=0) for text in texts]
    np.testing.assert_allclose(maxsim(TokenIndex.build(enumerate(texts)), query), expected, atol=0.01)


def test_fewer_dimensions_keep_what_tells_texts_apart():
    """Vectors that lie in 8 of 64 dimensions lose nothing in 8."""
    source = np.random.default_rng(7)
    plane = source.standard_normal((8, 64))
    texts = [rows_of(unit_rows(source.standard_normal((40, 8)) @ plane)) for _ in range(5)]
    query = unit_rows(source.standard_normal((6, 8)) @ plane)
    expected = [(text.token_vectors @ query.T).max(axis=0) for text in texts]
    np.testing.assert_allclose(maxsim(TokenIndex.build(enumerate(texts), width=8), query), expected, atol=0.02)


def test_the_real_model_finds_by_meaning(encoder):
    """The sentence on help abroad is nearer to a question on consular protection than the one on farming, and so is
    its passage."""
    texts = [["Daxing", "Strawberries were picked.", "The harvest was large."], ["Daxing", "Citizens got help abroad."]]
    built = TokenIndex.build(encoder.encode_passage_tokens(texts))
    query = encoder.encode_query_tokens(["consular protection of travelers"])[0].token_vectors
    farm, abroad = maxsim(built, query).mean(axis=1)
    assert abroad > farm + 0.05
    [pieces] = built.maxsim_by_piece(query, [1])
    assert pieces[1].mean() > pieces[0].mean() + 0.05


@pytest.mark.parametrize("lengths", [[0], [0, 3], [3, 0], [0, 0, 2, 0, 0, 4, 0], [1]])
def test_a_passage_without_word_pieces_has_minus_one(lengths):
    """Wherever it stands; the others keep theirs."""
    texts, query = passages(lengths), unit_rows(np.random.default_rng(8).standard_normal((2, 32)))
    expected = [(text.token_vectors @ query.T).max(axis=0, initial=-1) for text in texts]
    built = TokenIndex.build(enumerate(texts))
    np.testing.assert_allclose(maxsim(built, query), expected, atol=0.03)
    np.testing.assert_allclose(np.concatenate(built.maxsim_by_piece(query, range(len(texts)))), expected, atol=0.03)


def test_no_passages_and_no_word_pieces_of_a_question_are_fine(index, tmp_path):
    """Arrays of no rows or no columns, also after saving."""
    TokenIndex.build([]).save(tmp_path)
    empty = TokenIndex.load(tmp_path)
    assert empty.maxsim_by_piece(np.ones((2, 384), np.float32), []) == []
    nothing = np.empty((0, 64), np.float32)
    assert maxsim(index, nothing).shape == (3, 0)
    assert maxsim(index, nothing, []).shape == (0, 0)
    assert [pieces.shape for pieces in index.maxsim_by_piece(nothing, [1, 0])] == [(2, 0), (3, 0)]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 20), st.integers(1, 300), st.integers(8, 130), st.integers(0, 9), st.sampled_from(["torch", "numpy"])
)
def test_products_are_exact(asked, kept, width, seed, library):
    """Whatever the shape, on torch and on NumPy: those of whole numbers as NumPy has them."""
    source = np.random.default_rng(seed)
    a = source.choice([-MAX_CODE, 0, MAX_CODE], (asked, width)).astype(np.int8)
    b = source.choice([-MAX_CODE, 0, MAX_CODE], (kept, width)).astype(np.int8)
    with using(library):
        products = dot_products(a, b)
    np.testing.assert_array_equal(products, a.astype(np.int32) @ b.astype(np.int32).T)
    assert products.dtype == np.int32


def test_a_quantizer_is_the_same_on_torch_and_on_numpy():
    """Directions may differ in sign; what is compared doesn't, within a step of the 8 bits."""
    rows = unit_rows(np.random.default_rng(1).normal(size=(400, 16)))
    compared = []
    for library in ("torch", "numpy"):
        with using(library):
            fitted = Quantizer.fit([rows], 8)
            asked, scales = fitted.quantize_query(rows[:5])
            compared.append(dot_products(asked, fitted.quantize(rows)) / scales[:, None])
    np.testing.assert_allclose(*compared, atol=0.05)


@pytest.mark.process
def test_products_are_exact_on_older_processors():
    """Those that sum 8-bit products in 16 bits, to which oneDNN can be held, cut nothing off."""
    code = (
        "import numpy as np, torch\n"
        "from embeddings.quantizer import MAX_CODE, dot_products\n"
        "a, b = (np.random.default_rng(n).choice([-MAX_CODE, MAX_CODE], (9, 128)).astype(np.int8) for n in (1, 2))\n"
        "a[0] = b[0] = MAX_CODE; a[1] = b[1] = -MAX_CODE\n"
        "print((dot_products(a, b) == a.astype(int) @ b.astype(int).T).all())\n"
    )
    environment = os.environ | {"ONEDNN_MAX_CPU_ISA": "AVX2"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr


@pytest.mark.parametrize("dimension", [1, 2, 7, 8])
def test_vectors_of_few_dimensions_work(dimension):
    """Fewer than are kept, down to one."""
    texts = passages([3, 4], dimension)
    query = unit_rows(np.ones((2, dimension)))
    expected = [(text.token_vectors @ query.T).max(axis=0) for text in texts]
    np.testing.assert_allclose(maxsim(TokenIndex.build(enumerate(texts)), query), expected, atol=0.02)


def test_a_row_across_all_axes_stays_zero():
    """It is like nothing that is kept; nothing is divided by zero."""
    east, north = np.eye(2, 16, dtype=np.float32)
    projection = Quantizer.fit([east[None]], 1)
    assert projection.quantize(north[None]).any() == np.False_
    assert np.isfinite(projection.quantize_query(north[None])[1]).all()


def test_what_is_kept_is_small(encoder):
    """At most 135 bytes a word piece, so that 10,000 passages of 100 cost less than 200 MB."""
    texts = passages([100] * 40, encoder.dimension)
    built = TokenIndex.build(enumerate(texts))
    assert built._vectors.nbytes + built._pieces.nbytes <= 135 * 4000


def test_passages_are_let_go_of_as_they_come():
    """500 of 100 word pieces take 77 MB at full size; a third of that is held at most besides the sample."""

    def coming():
        for number in range(700):
            yield number, rows_of(np.ones((100, 384)) / np.sqrt(384))

    tracemalloc.start()
    TokenIndex.build(coming())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 70e6 < 700 * 100 * 384 * 4


def test_order_of_coming_makes_no_difference(fake):
    """A passage is found under its number."""
    query = question(fake, "A lecture on visas in Changping")
    coming = dict(fake.encode_passage_tokens(TEXTS))
    for order in ([0, 1, 2], [1, 2, 0]):
        built = TokenIndex.build((number, coming[number]) for number in order)
        np.testing.assert_allclose(
            maxsim(built, query), [[1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1], [1, 1, 1, 0, 0, 0]], atol=0.03
        )


def test_stored_rows_are_reused_bit_for_bit(fake, index, saved):
    """Only what is new is encoded; a passage that moved keeps its rows, pieces included."""
    before = TokenIndex.load(saved)
    new = [["Fengtai", "A lecture on tea."]]
    coming = ((1, rows) for _, rows in fake.encode_passage_tokens(new))
    built = TokenIndex.build(coming, previous=before, reused={0: (before, 2), 2: (before, 0)})
    query = question(fake, "Lecture on tea in Fengtai")
    np.testing.assert_array_equal(maxsim(built, query, [0, 2]), maxsim(index, query, [2, 0]))
    np.testing.assert_allclose(maxsim(built, query, [1]), [[1, 1, 1, 0, 1]], atol=0.03)
    for mine, theirs in zip(built.maxsim_by_piece(query, [0, 2]), index.maxsim_by_piece(query, [2, 0]), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_given_projection_is_kept():
    """Rows of an index that is shown together with another's must be comparable with them."""
    before = TokenIndex.build(enumerate(passages([300], 32)))
    built = TokenIndex.build(enumerate(passages([4, 2], 32)), previous=before)
    assert (built.quantizer.digest, built.quantizer.fitted_tokens) == (before.quantizer.digest, 300)
    assert TokenIndex.build(enumerate(passages([4, 2], 32))).quantizer.digest != before.quantizer.digest


def test_rows_of_another_model_or_projection_are_refused():
    """Vectors of two models don't mix, nor those of two projections."""
    before = TokenIndex.build(enumerate(passages([3], 16)))
    with pytest.raises(BadVectors, match="32 dimensions, expected 16"):
        TokenIndex.build([(1, *passages([2], 32))], previous=before, reused={0: (before, 0)})
    other = TokenIndex.build(enumerate(passages([40], 16)))
    with pytest.raises(BadVectors, match="of another projection"):
        TokenIndex.build([], previous=before, reused={0: (other, 0)})


@pytest.mark.parametrize(("numbers", "what"), [([0, 2], "passage 1 is missing"), ([0, 1, 0], "passage 0 comes twice")])
def test_numbers_that_do_not_fit_are_named(numbers, what):
    """Otherwise a question would be answered from another passage."""
    with pytest.raises(BadVectors, match=what):
        TokenIndex.build(zip(numbers, passages([2, 2, 2]), strict=False))


def test_vectors_of_two_dimensions_are_refused():
    """Within one index, and between an index and a question."""
    with pytest.raises(BadVectors, match="32 dimensions, expected 16"):
        TokenIndex.build(enumerate([*passages([2], 16), *passages([2], 32)]))
    with pytest.raises(BadVectors, match="8 dimensions, expected 16"):
        maxsim(TokenIndex.build(enumerate(passages([2], 16))), np.ones((1, 8), np.float32))


@pytest.mark.parametrize("unknown", [-1, 3])
def test_an_unknown_passage_is_named(index, unknown):
    """A negative number doesn't count from the end."""
    query = np.ones((1, 64), np.float32)
    with pytest.raises(BadVectors, match=f"no passage {unknown}; there are 3"):
        index.maxsim_by_piece(query, [0, unknown])


def test_a_long_question_over_many_passages_is_scored_in_steps():
    """Which don't show in the result."""
    texts, query = passages([7, 0, 150, 2, 0] * 1280, 8), passages([50], 8, seed=9)[0].token_vectors
    assert PRODUCTS_PER_STEP < 50 * 159 * 1280
    built = TokenIndex.build(enumerate(texts))
    apart = [maxsim(built, query, rows) for rows in np.array_split(np.arange(len(texts)), 7)]
    np.testing.assert_array_equal(maxsim(built, query), np.concatenate(apart))


def test_a_step_takes_as_many_passages_as_it_may():
    """One at least, however long."""
    steps = [(step.start, step.stop) for step in _steps(np.array([2, 4, 5, 11, 12]), 5)]
    assert steps == [(0, 3), (3, 4), (4, 5)]


def test_a_saved_index_comes_back_the_same(fake, index, saved):
    """The same answers to the last bit, and nothing in the folder but what is described."""
    query = question(fake, "A lecture on visas in Haidian")
    again = TokenIndex.load(saved)
    np.testing.assert_array_equal(maxsim(again, query), maxsim(index, query))
    np.testing.assert_array_equal(again.maxsim_by_piece(query, [2])[0], index.maxsim_by_piece(query, [2])[0])
    described = json.loads((saved / "arrays.json").read_text())["arrays"]
    assert {path.name for path in saved.iterdir()} == {"arrays.json", *(f"{name}.npy" for name in described)}


def test_loading_leaves_the_vectors_on_the_disk(encoder, tmp_path):
    """They are mapped: 10 MB of them cost next to no memory until they are read."""
    TokenIndex.build(enumerate(passages([1000] * 80, 128))).save(tmp_path)
    tracemalloc.start()
    index = TokenIndex.load(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2e6 < index._vectors.nbytes


@pytest.mark.parametrize("name", ["vectors", "pieces", "starts", "counts", "axes", "scale"])
def test_a_changed_short_or_missing_array_is_named(saved, name):
    """By its path, with what to do."""
    path = saved / f"{name}.npy"
    sound = path.read_bytes()
    for broken in (b"", sound[:-1], sound + b"\0", sound[:-1] + bytes([sound[-1] ^ 1]), b"X" + sound[1:]):
        path.write_bytes(broken)
        with pytest.raises(IndexUnreadable, match=rf"{name}\.npy: the bytes are not those .* Build the index again"):
            TokenIndex.load(saved)
    path.unlink()
    with pytest.raises(IndexUnreadable, match=rf"{name}\.npy: the file can't be read"):
        TokenIndex.load(saved)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"arrays": 1}'])
def test_a_description_that_is_none_is_refused(saved, content):
    """Empty, cut short, another type, not text, or nested past all bounds."""
    (saved / "arrays.json").write_bytes(content)
    with pytest.raises(IndexUnreadable, match=r"arrays\.json: the file is not a description"):
        TokenIndex.load(saved)
    (saved / "arrays.json").unlink()
    with pytest.raises(IndexUnreadable, match=r"arrays\.json: the file can't be read"):
        TokenIndex.load(saved)


@pytest.mark.parametrize("change", [{"format": 2}, {"kind": "sentences"}, {"arrays": {}}], ids=str)
def test_a_folder_of_another_kind_or_format_is_refused(saved, change):
    """Before any array is read."""
    path = saved / "arrays.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(IndexUnreadable, match="something else than word pieces in format 1"):
        TokenIndex.load(saved)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("starts", np.array([0, 9, 5, 20])),
        ("starts", np.array([0, 9, 14, 99])),
        ("starts", np.array([3, 9, 14, 20])),
        ("starts", np.array([0, 20])),
        ("pieces", np.zeros(3, np.int16)),
        ("axes", np.zeros((64, 5), np.float32)),
        ("scale", np.zeros(1)),
        ("vectors", np.zeros((20, 64), np.int16)),
        ("vectors", np.array([{}], dtype=object)),
    ],
    ids=str,
)
def test_arrays_that_do_not_fit_are_refused_under_a_true_digest(saved, name, array):
    """Rows of one passage never run over into another's, and nothing is unpickled."""
    path = saved / f"{name}.npy"
    np.save(path, array, allow_pickle=True)
    described = json.loads((saved / "arrays.json").read_text())
    described["arrays"][name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (saved / "arrays.json").write_text(json.dumps(described))
    with pytest.raises(IndexUnreadable):
        TokenIndex.load(saved)
    described["arrays"][name]["shape"] = list(array.shape)
    (saved / "arrays.json").write_text(json.dumps(described))
    with pytest.raises(IndexUnreadable):
        TokenIndex.load(saved)
