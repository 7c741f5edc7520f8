"""What an operator is told in one line."""

from __future__ import annotations


class BackupError(Exception):
    """The backup cannot be taken, or not be restored."""


class DamagedError(BackupError):
    """The archive is not what a backup wrote."""
