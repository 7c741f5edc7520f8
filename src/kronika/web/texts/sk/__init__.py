"""Slovak: a file for each room."""

from __future__ import annotations

from kronika.web.texts.sk import board, common, documents, home, integrations, people, relations, search, timeline

TEXTS: dict[str, str | dict[str, str]] = {
    **board.TEXTS,
    **common.TEXTS,
    **documents.TEXTS,
    **home.TEXTS,
    **integrations.TEXTS,
    **people.TEXTS,
    **relations.TEXTS,
    **search.TEXTS,
    **timeline.TEXTS,
}
