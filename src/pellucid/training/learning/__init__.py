"""The training loop, and everything that a step of it is made of."""
