"""The one place that decides which kind of encoder runs a model."""

from __future__ import annotations

from embeddings.encoder import Encoder, SentenceEncoder


def load_encoder(model: str = "", device: str = "cpu") -> Encoder:
    """The encoder for a model; see ``SentenceEncoder``."""
    return SentenceEncoder(model, device=device)
