"""Folders of bulletins become a generation of the library."""
