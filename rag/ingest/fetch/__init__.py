"""Bulletins fetched from allow-listed hosts."""
