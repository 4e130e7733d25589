"""Fetches bulletins from allow-listed hosts."""
