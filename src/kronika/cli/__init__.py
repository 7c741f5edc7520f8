"""The command `kronika`."""

from __future__ import annotations


def main() -> None:
    # Imported late: worker processes import this module too, and have no use for the commands.
    from kronika.cli.commands import app  # noqa: PLC0415

    app()
