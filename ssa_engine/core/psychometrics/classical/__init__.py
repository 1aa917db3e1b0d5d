"""Classical statistics of items, options and scores."""
