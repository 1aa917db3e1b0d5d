"""Psychometrics: statistics and simulation of item responses."""
