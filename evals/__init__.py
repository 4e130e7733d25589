"""Question sets, their floors, and what is fitted and drawn with them.  See README.md."""
