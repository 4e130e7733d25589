"""The index on disk: segments, the generations that list them, old texts and the audit log."""
