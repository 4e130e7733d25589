"""Writes a BertModel from a sentence-transformers folder as an ONNX graph of few, large steps; torch has no part in it.

The word table is left apart from the rest and in fewer bits, so that it stays in the mapped file: a text needs few of
its rows.  ``bits`` are those of the other weights: 32, or 8 in blocks with a scale each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from embeddings.model_files import read_json
from embeddings.vectors import FloatRows

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

WEIGHTS = "model.safetensors"
GRAPH, OUTPUT = "model.onnx", "token_embeddings"
# Of the forms with 8 bits this one keeps the vectors nearest (a cosine of .999 against .990 where each matrix has one
# scale and activations one for all), and it needs no instructions that only newer processors have.
BLOCK = 128
_OPSET, _IR = 20, 10
_MICROSOFT = "com.microsoft"  # steps that ONNX Runtime adds to ONNX
_ROWS_AT_ONCE = 10_000

Array = npt.NDArray[Any]


def why_not(folder: Path) -> str:
    """What keeps the folder's model from being written so; empty if nothing does.

    Raises:
        EncoderDamaged: a configuration can't be read.
    """
    config = read_json(folder / "config.json")
    if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
        return f"models of the type {config.get('model_type')} can't be exported here, BERT's can"
    if config.get("position_embedding_type", "absolute") != "absolute" or config.get("hidden_size", 0) % BLOCK:
        return "this kind of BERT can't be exported here"
    if not read_json(folder / "1_Pooling" / "config.json").get("pooling_mode_mean_tokens"):
        return "its vectors aren't the means of their tokens'"
    if sorted(path.name for path in folder.rglob("*.safetensors")) != [WEIGHTS]:
        return f"its weights aren't all in {WEIGHTS}"
    return ""


def write(folder: Path, target: Path, bits: int) -> None:
    """Write the folder's model into ``target``, as ``model.onnx`` and a file of weights beside it.

    Raises:
        OSError: a file can't be read or written.
        KeyError: the weights have other names than BertModel's.
    """
    import onnx
    from safetensors import safe_open

    config = read_json(folder / "config.json")
    with safe_open(folder / WEIGHTS, "np") as weights:
        graph = _Graph(weights, bits)
        _bert(graph, config)
        model = graph.model(config["hidden_size"])
    onnx.save(model, target / GRAPH, save_as_external_data=True, location=f"{GRAPH}.data", size_threshold=1024)


class _Graph:
    """Steps added one after the other, each with its weights."""

    def __init__(self, weights: Any, bits: int) -> None:
        self._weights, self._bits = weights, bits
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def weight(self, name: str) -> FloatRows:
        """A tensor of the model."""
        if name not in self._weights.keys():  # noqa: SIM118 - safetensors' files are no containers
            raise KeyError(name)
        values: FloatRows = self._weights.get_tensor(name).astype(np.float32)
        return values

    def constant(self, name: str, values: Array) -> str:
        """A constant's name in the graph."""
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def step(self, kind: str, *inputs: str, domain: str = "", outputs: int = 1, **attributes: Any) -> list[str]:
        """Adds a step; returns the names of what it gives."""
        from onnx import helper

        names = [f"{kind}_{len(self._nodes)}_{number}" for number in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names

    def product(self, name: str, rows: str, matrix: FloatRows) -> str:
        """The rows times the transposed (n, k) matrix."""
        if self._bits == 32:
            return self.step("MatMul", rows, self.constant(name, matrix.T))[0]
        count, width = matrix.shape
        codes, scales = _in_8_bits(matrix.reshape(count, width // BLOCK, BLOCK))
        stored = self.constant(name, (codes.astype(np.int16) + 128).astype(np.uint8))
        scale = self.constant(f"{name}.scale", scales[..., 0])
        layout = {"K": width, "N": count, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
        return self.step("MatMulNBits", rows, stored, scale, domain=_MICROSOFT, **layout)[0]

    def table_rows(self, name: str, numbers: str) -> str:
        """The rows of a large table with these numbers: the table is never brought to full size."""
        from onnx import TensorProto

        stored = self._weights.get_slice(name)
        [count, width] = stored.get_shape()
        table = np.empty((count, width), np.float16 if self._bits == 32 else np.int8)
        scales = np.ones((count, 1), np.float32)
        for start in range(0, count, _ROWS_AT_ONCE):
            part = slice(start, min(start + _ROWS_AT_ONCE, count))
            if self._bits == 32:
                table[part] = stored[part]
            else:
                table[part], scales[part] = _in_8_bits(stored[part])
        [rows] = self.step("Gather", self.constant(name, table), numbers)
        [rows] = self.step("Cast", rows, to=TensorProto.FLOAT)
        if self._bits == 32:
            return rows
        [scale] = self.step("Gather", self.constant(f"{name}.scale", scales), numbers)
        return self.step("Mul", rows, scale)[0]

    def model(self, width: int) -> Any:
        """The whole, whose last step gives the tokens' vectors."""
        from onnx import TensorProto, helper

        self._nodes[-1].output[0] = OUTPUT
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        ]
        outputs = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", "tokens", width])]
        graph = helper.make_graph(self._nodes, "bert", inputs, outputs, self._constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR)


def _bert(graph: _Graph, config: Mapping[str, Any]) -> None:
    from onnx import TensorProto

    epsilon = float(config["layer_norm_eps"])
    rows = _embedded(graph, epsilon)
    [mask] = graph.step("Cast", "attention_mask", to=TensorProto.INT32)
    for number in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{number}"
        rows = _attended(graph, f"{layer}.attention", rows, mask, config["num_attention_heads"], epsilon)
        inner = graph.product(f"{layer}.inner", rows, graph.weight(f"{layer}.intermediate.dense.weight"))
        bias = graph.constant(f"{layer}.inner.bias", graph.weight(f"{layer}.intermediate.dense.bias"))
        [inner] = graph.step("BiasGelu", inner, bias, domain=_MICROSOFT)
        rows = _added(graph, f"{layer}.output", inner, rows, epsilon)


def _embedded(graph: _Graph, epsilon: float) -> str:
    name = "embeddings"
    words = graph.table_rows(f"{name}.word_embeddings.weight", "input_ids")
    places = (
        graph.weight(f"{name}.position_embeddings.weight") + graph.weight(f"{name}.token_type_embeddings.weight")[0]
    )
    [length] = graph.step("Shape", "input_ids", start=1, end=2)
    zero = graph.constant("zero", np.array([0]))
    [used] = graph.step("Slice", graph.constant("positions", places), zero, length, zero)
    [rows] = graph.step("Add", words, used)
    return graph.step("LayerNormalization", rows, *_norm(graph, f"{name}.LayerNorm"), epsilon=epsilon, axis=-1)[0]


def _attended(graph: _Graph, name: str, rows: str, mask: str, heads: int, epsilon: float) -> str:
    parts = [f"{name}.self.{part}" for part in ("query", "key", "value")]
    # One product instead of three.
    product = graph.product(f"{name}.in", rows, np.concatenate([graph.weight(f"{part}.weight") for part in parts]))
    bias = graph.constant(f"{name}.in.bias", np.concatenate([graph.weight(f"{part}.bias") for part in parts]))
    split = graph.step("Split", product, outputs=3, axis=-1, num_outputs=3)
    [seen] = graph.step("MultiHeadAttention", *split, bias, mask, domain=_MICROSOFT, num_heads=heads)
    return _added(graph, f"{name}.output", seen, rows, epsilon)


def _added(graph: _Graph, name: str, rows: str, skipped: str, epsilon: float) -> str:
    """The rows through the layer, added to those that skip it, at a common scale."""
    product = graph.product(f"{name}.product", rows, graph.weight(f"{name}.dense.weight"))
    bias = graph.constant(f"{name}.bias", graph.weight(f"{name}.dense.bias"))
    inputs: Sequence[str] = (product, skipped, *_norm(graph, f"{name}.LayerNorm"), bias)
    return graph.step("SkipLayerNormalization", *inputs, domain=_MICROSOFT, epsilon=epsilon)[0]


def _norm(graph: _Graph, name: str) -> tuple[str, str]:
    weight, bias = (graph.constant(f"{name}.{part}", graph.weight(f"{name}.{part}")) for part in ("weight", "bias"))
    return weight, bias


def _in_8_bits(values: FloatRows) -> tuple[npt.NDArray[np.int8], FloatRows]:
    """The values over the last axis as whole numbers up to 127, and what each of those is multiplied by."""
    scales = np.abs(values).max(axis=-1, keepdims=True) / np.float32(127)
    scales[scales == 0] = 1
    return np.rint(values / scales).astype(np.int8), scales.astype(np.float32)
