"""Numbers without words: texts to unit vectors, and stored vectors compared with a query's.  Never imports ``rag``."""
