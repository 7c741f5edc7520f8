"""What a feed may say of a document, made of the tables that judge it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kronika.documents.models import WAREHOUSE_TYPES
from kronika.feed.input import BATCH, BATCH_FIELD, CONTACT_FIELDS, DOCUMENT_FIELDS, KEY_FIELDS, WAREHOUSE_FIELDS
from kronika.input.fields import Field, Schema, choice
from kronika.reference.operation import described
from kronika.reference.targets import exactly_one_of

RATE_TEXT: Final = "how many units of the currency one euro buys, with at most 8 decimals"
KEY_TEXTS: Final = {
    "documentType": "Kind of the document.",
    "documentId": "Number that the feeding system knows it by.",
}
_TEXTS: Final = {
    "number": "Number that is printed on it.",
    "issueDate": "Day it was issued.",
    "dueDate": "Day by which it is to be paid.",
    "name": "What it is called; without it, its kind and its number: `Invoice 20260031`.",
    "clientId": "Client it was issued to.",
    "supplierId": "Supplier it is of.",
    "businessCaseId": "Business case it belongs to, one of the same client or supplier. When that is deleted, the "
    "document belongs to the contact alone; for this document its id may still be sent, and counts as none.",
    "totalWithVat": "What it comes to with VAT, in its currency, with at most two decimals; negative in a credit note.",
    "currencyId": "Its currency, by lookup id: 1 is EUR, 2 USD, 5 CZK.",
    "currencyRate": f"Its exchange rate: {RATE_TEXT}. The euro has 1.0, whatever is sent; without a currency there is "
    "none.",
}
_MONEY: Final = ("totalWithVat", "currencyId", "currencyRate")
_SHARED: Final = {name: field for name, field in DOCUMENT_FIELDS.items() if name not in _MONEY}
_WAREHOUSE_TYPE: Final = choice(*WAREHOUSE_TYPES).schema


def document_schema() -> Schema:
    """The body of a PUT. Which of the shapes it must have, the type in the path decides."""
    return _object(_SHARED, [_priced(), _unpriced()])


def batch_schema() -> Schema:
    """The body of a batch. Its documents are judged one by one: only for its own shape it is refused as a whole."""
    unpriced = _unpriced()
    unpriced["properties"] = {"documentType": _WAREHOUSE_TYPE, **unpriced["properties"]}
    documents = BATCH.schema | {
        "items": _object(KEY_FIELDS | _SHARED, [_priced(), unpriced]),
        "description": "The documents, in the order they are to be put in: each with `documentType`, `documentId`, and "
        "what the body of `putDocument` has.",
    }
    return {"type": "object", "properties": {BATCH_FIELD: documents}, "required": [BATCH_FIELD]}


def _object(fields: Mapping[str, Field[Any]], shapes: list[Schema]) -> Schema:
    return described(fields, KEY_TEXTS | _TEXTS) | exactly_one_of(CONTACT_FIELDS) | {"anyOf": shapes}


def _priced() -> Schema:
    fields = {name: DOCUMENT_FIELDS[name] for name in _MONEY}
    return {"title": "A document with a total", **described(fields, _TEXTS)}


def _unpriced() -> Schema:
    schema = described({name: WAREHOUSE_FIELDS[name] for name in _MONEY}, _TEXTS)
    schema["properties"]["totalWithVat"] = {"type": "null"}
    return {"title": "A warehouse receipt without a total", **schema}
