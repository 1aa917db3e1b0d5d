"""The tests: the same tree as ssa_engine/."""
