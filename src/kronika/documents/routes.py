from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.documents.models import document_view
from kronika.documents.paths import path_key
from kronika.documents.queries import find_document
from kronika.errors import NotFound
from kronika.http.admission import admit
from kronika.http.context import context
from kronika.http.responses import json_response
from kronika.http.services import services


async def show_document(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    async with services(request).database.transaction(who.company_id) as transaction:
        document = await find_document(transaction, path_key(request))
    if document is None:
        raise NotFound
    return json_response(document_view(document, who.zone, context(request).language))
