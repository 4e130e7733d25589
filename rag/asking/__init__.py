"""What a question asks for: its words, conditions, kind, and what it takes from the questions before it."""
