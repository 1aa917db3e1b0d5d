"""Decisions at a cut: how often they are right, and what their error does to credits."""
