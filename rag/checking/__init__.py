"""A quotation becomes a verdict."""
