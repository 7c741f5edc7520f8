"""Colours that a column can be given with one click; any other can be written.

Each stands out from the ground of both themes by 3 : 1 at least, which a test computes.
"""

from __future__ import annotations

from typing import Final

PALETTE: Final = {
    "blue": "#3b82f6",
    "teal": "#0d9488",
    "green": "#1f9d4d",
    "olive": "#6b8e23",
    "amber": "#b87a0e",
    "orange": "#e0641c",
    "red": "#e5484d",
    "pink": "#d6409f",
    "violet": "#8b5cf6",
    "brown": "#a0693b",
    "grey": "#78808c",
}
"""By their names in the catalogue: `board.color_blue`."""

OTHER: Final = "other"
"""What the form says in a colour's place where it is one that is written."""


def next_color(taken: list[str]) -> str:
    """One that no column has yet; else the first."""
    used = {color.lower() for color in taken}
    return next((color for color in PALETTE.values() if color not in used), next(iter(PALETTE.values())))
