"""Training speed against other tools, as users get it: ``python benchmarks/training DATA``."""
