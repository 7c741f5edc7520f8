"""A table of documents as people's programs write it: its options, columns, rows and values."""
