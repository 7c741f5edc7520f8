"""The rules of what the invoicing system says of a document."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kronika.documents.models import DOCUMENT_TYPES, WAREHOUSE_TYPES, DocumentType, Key, Said
from kronika.errors import Complaints
from kronika.input.fields import LONGEST_LINE, Field, choice, identifier, integer, lookup, read_members, required, text
from kronika.input.normalise import Json
from kronika.input.quantities import ONE, amount, day, rate
from kronika.input.targets import judge_one_target
from kronika.lookups.currencies import EURO
from kronika.lookups.fixed import CURRENCY_IDS
from kronika.timelines.models import TargetKind

MOST_AT_ONCE = 1000
"""Documents in one batch."""

CONTACT_FIELDS: dict[str, TargetKind] = {"clientId": "client", "supplierId": "supplier"}
_MONEY: dict[str, Field[Any]] = {
    "totalWithVat": required(amount()),
    "currencyId": required(lookup(CURRENCY_IDS)),
    "currencyRate": rate(),
}
DOCUMENT_FIELDS: dict[str, Field[Any]] = {
    "number": required(text(characters=LONGEST_LINE)),
    "issueDate": required(day()),
    "dueDate": day(),
    "name": text(characters=LONGEST_LINE),
    "clientId": identifier(),
    "supplierId": identifier(),
    "businessCaseId": identifier(),
    **_MONEY,
}
# Goods that come and go need not have a price.
WAREHOUSE_FIELDS: dict[str, Field[Any]] = {
    **DOCUMENT_FIELDS,
    "totalWithVat": amount(),
    "currencyId": lookup(CURRENCY_IDS),
}
KEY_FIELDS: dict[str, Field[Any]] = {
    "documentType": required(choice(*DOCUMENT_TYPES)),
    # The feeding system's own number, which names no record here: any will do.
    "documentId": required(integer(1)),
}
BATCH_FIELD = "documents"


def _read_batch(value: Json, path: str, complaints: Complaints) -> list[Json] | None:
    if not isinstance(value, list):
        complaints.add(path, "array")
    elif len(value) > MOST_AT_ONCE:
        complaints.add(path, "items_at_most", MOST_AT_ONCE)
    else:
        return value
    return None


# Its items are judged one by one.
BATCH = required(Field(_read_batch, {"type": "array", "maxItems": MOST_AT_ONCE, "items": {"type": "object"}}))


def fields_of(document_type: DocumentType) -> dict[str, Field[Any]]:
    return WAREHOUSE_FIELDS if document_type in WAREHOUSE_TYPES else DOCUMENT_FIELDS


def read_document(
    document_type: DocumentType, document_id: int, payload: Mapping[str, Json], complaints: Complaints
) -> Said | None:
    """What is said of a document, or None and why; whether its contact and its case are any is asked in the
    transaction.
    """
    values = read_members(fields_of(document_type), payload, complaints)
    judge_one_target(values, CONTACT_FIELDS, complaints)
    if values["totalWithVat"] is not None and values["currencyId"] is None and "currencyId" not in complaints:
        complaints.add("currencyId", "required")
    if complaints:
        return None
    contact = next(name for name in CONTACT_FIELDS if values[name] is not None)
    return Said(
        type=document_type,
        document_id=document_id,
        number=values["number"],
        name=values["name"],
        issue_date=values["issueDate"],
        due_date=values["dueDate"],
        contact_kind="client" if contact == "clientId" else "supplier",
        contact_id=values[contact],
        business_case_id=values["businessCaseId"],
        total=values["totalWithVat"],
        currency_id=values["currencyId"],
        currency_rate=_rate(values["currencyId"], values["currencyRate"]),
    )


def _rate(currency_id: int | None, said: Decimal | None) -> Decimal | None:
    if currency_id is None:
        return None
    return ONE if currency_id == EURO else said


def lane_of(key: Key) -> str:
    """Who writes the same document waits in the process, not on a connection."""
    return f"{key[0]}/{key[1]}"
