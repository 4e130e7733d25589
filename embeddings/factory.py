"""The one place that decides which kind of encoder runs a model."""

from __future__ import annotations

import logging
from pathlib import Path

from embeddings import onnx_model
from embeddings.encoder import Encoder, SentenceEncoder
from embeddings.model_files import CACHE

SENTENCE_TRANSFORMERS = "sentence-transformers"
_log = logging.getLogger(__name__)


def load_encoder(
    model: str = "", device: str = "cpu", *, runtime: str = SENTENCE_TRANSFORMERS, cache: Path = CACHE
) -> Encoder:
    """The encoder for a model; see ``SentenceEncoder``.

    ``runtime`` may be "onnx" or "onnx-int8" too; where that can't run the model here, sentence-transformers does, and a
    warning says why.
    """
    if runtime in onnx_model.BITS:
        reason = onnx_model.why_not(model, device, cache)
        if not reason:
            return onnx_model.OnnxEncoder(model, cache=cache, bits=onnx_model.BITS[runtime])
        _log.warning("sentence-transformers runs the model instead of ONNX Runtime: %s", reason)
    return SentenceEncoder(model, device=device, cache=cache)
