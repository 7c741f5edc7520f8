"""Answers as bytes. JSON is encoded by msgspec, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

_JSON = "application/json"
_ENCODER = msgspec.json.Encoder()


def json_bytes(body: Any) -> bytes:
    return _ENCODER.encode(body)


def json_response(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` is a struct, or bytes that are JSON already."""
    content = body if isinstance(body, bytes) else _ENCODER.encode(body)
    return Response(content, status, headers, media_type=_JSON)


def no_content() -> Response:
    return Response(status_code=204)
