"""Many documents at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.changes.models import token_actor
from kronika.documents.models import DocumentType, Key, Said, key_of
from kronika.errors import Complaints, Invalid
from kronika.feed import actions
from kronika.feed.actions import Put
from kronika.feed.input import BATCH, BATCH_FIELD, KEY_FIELDS, read_document
from kronika.feed.naming import Named, judge_named, named_in
from kronika.feed.pieces import pieces
from kronika.http.admission import Admission, admit
from kronika.http.body import decode_object, read_body
from kronika.http.context import context
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.http.texts import texts_of
from kronika.http.waiting import in_lane
from kronika.input.fields import read_members
from kronika.input.normalise import Json

# A document has 13 members, and some that a feed may add.
_MOST_VALUES = 40_000
_LARGEST_BODY = 4 * 1024 * 1024
# Of one company's batches one piece after another: together they would take all connections.
_LANE = "documents/batch"


class DocumentBatchItem(Struct, frozen=True, rename="camel"):
    """What came of one document of a batch; `errors`: why it was refused, by field."""

    document_type: DocumentType | None
    document_id: int | None
    outcome: Literal["created", "updated", "unchanged", "refused"]
    errors: dict[str, list[str]] | None


class DocumentBatch(Struct, frozen=True):
    data: list[DocumentBatchItem]


async def put_documents(request: Request) -> Response:
    body = await read_body(request, most=_LARGEST_BODY)
    who = await admit(request, needs_write=True)
    payload, complaints = decode_object(request, body, most_values=_MOST_VALUES)
    items = None if payload is None else BATCH.read(payload.get(BATCH_FIELD), BATCH_FIELD, complaints)
    # With a name like that, the path of a complaint could mean two things.
    unclear = any(name.startswith(f"{BATCH_FIELD}.") for name in payload or ())
    if items is None or (complaints and unclear):
        raise Invalid(complaints)
    per_item = _by_item(complaints)
    read = [_read(item, per_item.get(n, Complaints())) for n, item in enumerate(items)]
    results: list[DocumentBatchItem] = []
    for piece in pieces(read, lambda item: item.said):
        said = [item.said for item in piece if item.said is not None]
        async with in_lane(request, who.company_id, _LANE):
            puts = await actions.put_documents(
                services(request).database, who.company_id, said, token_actor(who.token_id)
            )
            await _tell_all(request, who, [item for item in piece if item.said is None and item.named])
        came = dict(zip([*map(key_of, said)], puts, strict=True))
        results += [_shown(item, came, context(request).language) for item in piece]
    return json_response(DocumentBatch(results))


def _by_item(complaints: Complaints) -> dict[int, Complaints]:
    """What could not even be stored, by the item it stands in: its neighbours are not to suffer.

    Raises Invalid: there is something else wrong, or too much to tell.
    """
    found: dict[int, Complaints] = {}
    for path, complained in complaints.items():
        field, _, rest = path.partition(".")
        number, _, member = rest.partition(".")
        if field != BATCH_FIELD or not number or len(complaints) >= Complaints.MOST:
            raise Invalid(complaints)
        found.setdefault(int(number), Complaints())[member or "document"] = complained
    return found


class _Item(Struct, frozen=True):
    """An item of a batch as it was read. `said` None: for the reasons in `complaints`, and whom it `named` may not be
    there either.
    """

    values: dict[str, Any]
    said: Said | None
    complaints: Complaints
    named: Named | None = None


def _read(item: Json, complaints: Complaints) -> _Item:
    if not isinstance(item, dict):
        if not complaints:
            complaints.add("document", "object")
        return _Item(dict.fromkeys(KEY_FIELDS), None, complaints)
    key = read_members(KEY_FIELDS, item, complaints)
    if key["documentType"] is None or key["documentId"] is None:
        return _Item(key, None, complaints, named_in(item))
    said = read_document(key["documentType"], key["documentId"], item, complaints)
    return _Item(key, said, complaints, named_in(item))


async def _tell_all(request: Request, who: Admission, refused: Sequence[_Item]) -> None:
    """Whom refused documents name is told together with the rest."""
    if refused:
        async with services(request).database.transaction(who.company_id) as transaction:
            await judge_named(transaction, [(item.named, item.complaints) for item in refused if item.named])


def _shown(item: _Item, came: Mapping[Key, Put | Complaints], language: str) -> DocumentBatchItem:
    put = item.complaints if item.said is None else came[key_of(item.said)]
    outcome, errors = ("refused", texts_of(put, language)) if isinstance(put, Complaints) else (put.outcome, None)
    return DocumentBatchItem(item.values["documentType"], item.values["documentId"], outcome, errors)
