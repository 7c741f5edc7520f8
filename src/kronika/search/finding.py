"""From what was found to its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kronika.cases.list_queries import cases_by_ids
from kronika.contacts.list_queries import contacts_by_ids
from kronika.db.statements import Transaction
from kronika.documents.list_queries import documents_by_ids
from kronika.search.models import RESULT_TYPES, Found, Key, ResultType
from kronika.search.queries import found_events


async def rows_of(transaction: Transaction, keys: Sequence[Key], at: datetime) -> list[Found]:
    """What was found, in the same order, as it is at that moment; in the snapshot that it was found in."""
    rows: dict[Key, Found] = {}
    for each in RESULT_TYPES:
        ids = [key.id for key in keys if key.type == each]
        if ids:
            rows |= {Key(each, row.id): row for row in await _read(transaction, each, ids, at)}
    return [rows[key] for key in keys]


async def _read(transaction: Transaction, of_type: ResultType, ids: list[int], at: datetime) -> Sequence[Found]:
    match of_type:
        case "client" | "supplier":
            return await contacts_by_ids(transaction, ids)
        case "businessCase":
            return await cases_by_ids(transaction, ids)
        case "document":
            return await documents_by_ids(transaction, ids, at)
        case _:
            return await found_events(transaction, ids)
