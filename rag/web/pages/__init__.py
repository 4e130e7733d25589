"""The pages of bulletins, quotes and answers."""
