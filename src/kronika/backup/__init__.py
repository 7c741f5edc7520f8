"""Database, files and secret key of an installation in one archive, and back."""
