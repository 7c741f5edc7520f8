"""Pages of documents and their payments."""
