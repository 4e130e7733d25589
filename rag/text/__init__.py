"""What words are: tokens, sentences, dates, numbers, and the names of districts, places and offices."""
