"""ASGI middleware, one concern a file; ``rag.web.server`` says in which order they stand."""
