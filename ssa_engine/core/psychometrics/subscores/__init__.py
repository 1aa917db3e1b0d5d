"""Short subscores: what they are worth, and the probability of lying below a standard."""
