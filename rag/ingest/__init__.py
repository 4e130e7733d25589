"""A file becomes a bulletin, its sections and its passages."""
