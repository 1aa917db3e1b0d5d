"""Content: the only reader of content_specs/ and item_bank/. Files in, core values and problems out."""
