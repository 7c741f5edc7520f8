"""The one error of the embedded PostgreSQL."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be used; the text is one line for the user."""
