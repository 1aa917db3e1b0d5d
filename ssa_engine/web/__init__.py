"""The web: requests and templates, one blueprint per audience."""
