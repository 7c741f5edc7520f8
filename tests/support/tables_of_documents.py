"""Tables of documents, imported, and what came of them."""

from __future__ import annotations

import io
from typing import Any

from msgspec import field

from kronika.db.pool import Database
from kronika.errors import Complaint
from kronika.feed.csv.options import Options, open_table
from kronika.feed.importing import Import, Tally, import_documents
from kronika.http.texts import text_of
from support.api import Api

HEADER = "documentType,documentId,number,issueDate,client,totalWithVat,currency"


class Imported(Tally):
    """A tally with the errors that were told: line, column, text."""

    errors: list[tuple[int, str | None, str]] = field(default_factory=list)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Created, updated, unchanged, refused."""
        return self.created, self.updated, self.unchanged, self.refused


def sentence(reason: Complaint | str) -> str:
    return reason if isinstance(reason, str) else text_of(reason, "en")


async def imported(database: Database, api: Api, table: str | bytes, *, rehearsal: bool = False, **options: Any):
    """What has come of a table."""
    raw = io.BytesIO(table.encode() if isinstance(table, str) else table)
    file, rules = open_table(raw, Options(**options))
    tally = Imported()
    wish = Import(
        api.company_id,
        file,
        rules,
        rehearsal,
        lambda error: tally.errors.append((error.line, error.column, sentence(error.reason))),
    )
    await import_documents(database, wish, tally)
    return tally


async def document(api: Api, document_id: int, type_: str = "invoice") -> dict[str, Any] | None:
    response = await api.get(f"/documents/{type_}/{document_id}")
    return response.json() if response.status_code == 200 else None
