"""Tuning a policy: what its standards and rules do to a cohort, at once."""
