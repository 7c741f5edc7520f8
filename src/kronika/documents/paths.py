"""Documents as paths name them."""

from __future__ import annotations

from starlette.requests import Request

from kronika.documents.models import DOCUMENT_TYPES, Key
from kronika.errors import NotFound
from kronika.http.requests import path_id


def path_key(request: Request) -> Key:
    """The type and the id in the path.

    Raises NotFound: there is no such type, or the id is no number that could be one.
    """
    document_type = request.path_params["type"]
    if document_type not in DOCUMENT_TYPES:
        raise NotFound
    document_id = path_id(request, "id")
    if not document_id:
        raise NotFound
    return document_type, document_id
