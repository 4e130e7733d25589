"""The one place that decides which kind of encoder runs a model."""

from __future__ import annotations

from embeddings.encoder import Encoder, SentenceEncoder


def load_encoder(model: str = "", device: str = "cpu") -> Encoder:
    """The encoder for a model; its weights are read on first use.

    Args:
        model: "" for the packaged all-MiniLM-L6-v2, else a local folder, else a hub name ("org/name") that is in the
            local Hugging Face cache already.
        device: where PyTorch runs it ("cpu", "cuda", …); "auto" lets the library choose.
    """
    return SentenceEncoder(model, device=device)
