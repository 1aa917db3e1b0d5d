"""Fairness: differential item functioning, and groups compared."""
