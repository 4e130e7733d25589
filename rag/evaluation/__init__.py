"""Question sets become figures of quality."""
