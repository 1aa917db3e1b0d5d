"""Other people's formats: CSV data packages, Parquet."""
