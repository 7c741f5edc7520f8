"""English: a file for each room."""

from __future__ import annotations

from kronika.web.texts.en import board, common, integrations, people, relations, timeline

TEXTS: dict[str, str | dict[str, str]] = {
    **board.TEXTS,
    **common.TEXTS,
    **integrations.TEXTS,
    **people.TEXTS,
    **relations.TEXTS,
    **timeline.TEXTS,
}
