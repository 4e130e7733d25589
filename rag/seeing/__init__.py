"""Seeing what goes on: logs, metrics, the record of what was asked, and what readers say of answers."""
