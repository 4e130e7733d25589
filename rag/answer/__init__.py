"""Passages become an answer: quotes, notes about their sources, and messages."""
