"""A draft: its text read from a file, its quotations found, the report written."""
