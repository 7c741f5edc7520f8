"""Bytes of files, by key: in a local folder, or in an S3-compatible store. Knows nothing of what the files are."""
