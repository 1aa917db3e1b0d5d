"""`python -m ssa_engine.cli`: the same as `ssa`."""

from ssa_engine.cli import main

main(prog_name="ssa")
