"""A draft: read from a file, its quotations found, each checked, the report saved."""
