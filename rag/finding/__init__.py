"""A question and a library -> the stretches to quote, all that belong to a list, or a reason to say no."""
