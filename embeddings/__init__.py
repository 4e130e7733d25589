"""What knows numbers: texts to unit vectors, and vectors to their nearest.  It never imports ``rag``."""

from embeddings.encoder import Encoder, SentenceEncoder
from embeddings.errors import BadVectors, EmbeddingError, EncoderDamaged, EncoderMissing, IndexUnreadable
from embeddings.late_interaction import TokenIndex
from embeddings.sharded import JoinedTokens, JoinedVectors
from embeddings.vector_index import VectorIndex
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
