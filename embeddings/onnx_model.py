"""A model on ONNX Runtime, with as much of sentence-transformers' interface as the encoder uses; neither that nor torch
is imported.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings import onnx_graph
from embeddings.encoder import SentenceEncoder
from embeddings.errors import EncoderDamaged, EncoderMissing
from embeddings.model_cache import check, made_once
from embeddings.model_files import find_folder, pinned_digest, read_json, weights_digest
from embeddings.vectors import FloatRows

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

BITS = {"onnx": 32, "onnx-int8": 8}
_NEEDED = "onnxruntime", "onnx", "safetensors"
# Raised when the graph is written otherwise, so that one exported before isn't used.
_FORMAT = 1


def why_not(model: str, device: str, cache: Path) -> str:
    """What keeps the model from running on ONNX Runtime here; empty if nothing does that can be told beforehand."""
    if missing := [name for name in _NEEDED if not importlib.util.find_spec(name)]:
        return f"not installed: {', '.join(missing)}; pip install {' '.join(missing)}"
    if device not in ("cpu", "auto"):
        return f"it runs on the processor here, not on {device}"
    if pinned_digest(model):
        return ""
    try:
        return onnx_graph.why_not(find_folder(model, cache))
    except (EncoderMissing, EncoderDamaged):  # said when the model is first used
        return ""


class OnnxEncoder(SentenceEncoder):
    """A model exported once from its sentence-transformers folder into ``cache``; ``bits`` are its weights'.

    Its digest is the original's, since vectors of both can be compared.
    """

    def __init__(self, model: str, *, cache: Path, bits: int) -> None:
        super().__init__(model, cache=cache)
        self._bits = bits

    @cached_property
    def digest(self) -> str:
        """That of the model exported: the export's own is checked when it is loaded."""
        self._check_side_files()
        return pinned_digest(self._model_name) or super().digest

    def _load(self) -> Any:
        of = f"{self.digest[:12]}{self.side_digest[:12]}"
        name = f"{self.name.replace('/', '--')}-{of}-onnx-{self._bits}-{_FORMAT}"
        folder = made_once(self._cache / name, self._export)
        check(folder)
        return OnnxModel(self._folder, folder / onnx_graph.GRAPH, self._tokenizer)

    def _export(self, target: Path) -> dict[str, Any]:
        weights = weights_digest(self._folder, self._remedy, pinned_digest(self._model_name))
        try:
            onnx_graph.write(self._folder, target, self._bits)
        except KeyError as error:
            what = f"the weights lack {error}"
            raise EncoderDamaged(what, where=self._folder, remedy=self._remedy) from error
        return {"made from": {"model": self.name, "sha256": weights}, "bits": self._bits}


class OnnxModel:
    """Runs a graph on texts.

    Raises:
        EncoderDamaged: ONNX Runtime can't load it.
    """

    def __init__(self, folder: Path, graph: Path, tokenizer: Tokenizer) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # Threads that wait by spinning take the other processes' time.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # whatever the library says of files it can't use
            raise EncoderDamaged(f"ONNX Runtime can't load the model ({error})", where=graph) from error
        self._tokenizer = tokenizer
        settings = read_json(folder / "config_sentence_transformers.json")
        self.prompts: dict[str, str] = settings.get("prompts") or {}
        self.default_prompt_name: str | None = settings.get("default_prompt_name")
        self.max_seq_length = int(
            read_json(folder / "sentence_bert_config.json").get("max_seq_length")
            or read_json(folder / "config.json")["max_position_embeddings"]
        )
        self._dimension = int(self._session.get_outputs()[0].shape[2])

    def get_embedding_dimension(self) -> int:
        """Numbers in a vector."""
        return self._dimension

    def encode_document(
        self,
        texts: Sequence[str],
        *,
        prompt: str,
        batch_size: int,
        output_value: str | None = "sentence_embedding",
        show_progress_bar: bool,
    ) -> Any:
        """The texts' vectors, (n, dimension), or all that the model made of each where ``output_value`` is None."""
        encodings = self._tokenizer.encode_batch([prompt + text for text in texts])
        ids = [_cut(encoding, self.max_seq_length) for encoding in encodings]
        ordered = sorted(range(len(ids)), key=lambda number: -len(ids[number]))
        outputs: dict[int, dict[str, Any]] = {}
        for start in range(0, len(ordered), batch_size):
            numbers = ordered[start : start + batch_size]
            outputs.update(zip(numbers, self._run([ids[number] for number in numbers]), strict=True))
        found = [outputs[number] for number in range(len(ids))]
        return [output["sentence_embedding"] for output in found] if output_value else found

    encode_query = encode_document  # the encoder says which prompt

    def _run(self, batch: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
        lengths = [len(ids) for ids in batch]
        padded = np.zeros((len(batch), max(lengths)), dtype=np.int64)
        mask = np.zeros_like(padded)
        for row, ids in enumerate(batch):
            padded[row, : len(ids)], mask[row, : len(ids)] = ids, 1
        [tokens] = self._session.run(None, {"input_ids": padded, "attention_mask": mask})
        return [
            {
                "input_ids": np.array(ids),
                "attention_mask": np.ones(len(ids), dtype=np.int64),
                "token_embeddings": rows[: len(ids)],
                "sentence_embedding": _mean(rows[: len(ids)]),
            }
            for ids, rows in zip(batch, tokens, strict=True)
        ]


def _mean(rows: FloatRows) -> FloatRows:
    mean: FloatRows = rows.mean(axis=0)
    return mean


def _cut(encoding: Encoding, limit: int) -> list[int]:
    """The tokens' numbers, as many as the model reads: the special ones that end a text stay."""
    ids: list[int] = encoding.ids
    if len(ids) <= limit:
        return ids
    special = np.array(encoding.special_tokens_mask, dtype=bool)
    ending = int(np.argmin(special[::-1]))
    return ids[: limit - ending] + ids[len(ids) - ending :]
