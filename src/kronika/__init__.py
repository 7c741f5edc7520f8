"""Kronika: an open, self-hosted chronicle of a company's relations."""

__version__ = "0.1.0"
