"""How good the answers are: a question set is asked, each reply judged against its gold, and the figures drawn up."""
