"""A query and a library become passages that answer it, or the reason why there are none."""
