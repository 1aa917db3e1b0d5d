"""Panels of judges, and the standards that follow from their judgements."""
