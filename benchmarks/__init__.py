"""What `make bench` runs: the answering path and scoring, each beside its floor in the same run."""
