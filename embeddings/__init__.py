"""What knows numbers: texts to unit vectors, and vectors to their nearest.  It never imports ``rag``."""

from embeddings.encoder import Encoder, SentenceEncoder
from embeddings.errors import BadVectors, EmbeddingError, EncoderDamaged, EncoderMissing, IndexUnreadable
from embeddings.index import VectorIndex
from embeddings.joined import JoinedTokens, JoinedVectors
from embeddings.tokens import TokenIndex
from embeddings.vectors import FloatRows, TokenRows, unit_rows

__all__ = [
    "BadVectors",
    "EmbeddingError",
    "Encoder",
    "EncoderDamaged",
    "EncoderMissing",
    "FloatRows",
    "IndexUnreadable",
    "JoinedTokens",
    "JoinedVectors",
    "SentenceEncoder",
    "TokenIndex",
    "TokenRows",
    "VectorIndex",
    "unit_rows",
]
