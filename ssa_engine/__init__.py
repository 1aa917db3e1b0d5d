"""ssa_engine: from a Structured Self-Assessment to prescribed continuing education."""

__version__ = "0.1.0"
