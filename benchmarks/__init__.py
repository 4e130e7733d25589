"""How fast the desk is and how much memory it takes, on bulletins made up for the purpose: python -m benchmarks."""
