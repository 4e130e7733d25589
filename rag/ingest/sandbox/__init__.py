"""Readers of PDF and Word files, run in a process of their own with little memory and time."""
