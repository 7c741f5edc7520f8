"""Answers as bytes. JSON is encoded by msgspec, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from kronika.encoding import json_bytes

JSON = "application/json"


def json_response(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` is a struct, or bytes that are JSON already."""
    content = body if isinstance(body, bytes) else json_bytes(body)
    return Response(content, status, headers, media_type=JSON)


def no_content() -> Response:
    return Response(status_code=204)
