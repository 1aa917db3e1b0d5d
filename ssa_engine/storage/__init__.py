"""Storage: tables, dialects and all SQL. Core values and DataFrames out, no rules."""
