"""One reader a file format: from a file's text to a ``Page``."""
