"""One module for each generated page; each has `page()`, which returns its Markdown."""
