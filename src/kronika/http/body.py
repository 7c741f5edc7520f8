"""Reading a request's body within bounds of size and time."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from kronika.errors import Complaints, PayloadTooLarge, RequestTimeout
from kronika.http.admission import bearer_hash
from kronika.http.context import context
from kronika.input.normalise import MOST_VALUES, Json, decode

LARGEST_BODY = 1024 * 1024
"""Bytes."""
_LONGEST_READ_SECONDS = 20


async def read_body(request: Request, *, most: int = LARGEST_BODY) -> bytes:
    """The whole body.

    Raises PayloadTooLarge: more than `most` bytes, as announced or as sent. RequestTimeout: it does not come to an end.
    Unauthenticated: there is no token that could be one, and so nothing to wait for.
    """
    announced = request.headers.get("content-length", "")
    context(request).close = True
    if announced.isdecimal() and int(announced) > most:
        raise PayloadTooLarge
    bearer_hash(request)
    try:
        async with asyncio.timeout(_LONGEST_READ_SECONDS):
            body = await _gather(request, most)
    except TimeoutError:
        raise RequestTimeout from None
    context(request).close = False
    return body


async def _gather(request: Request, most: int) -> bytes:
    message = await request.receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(body) > most:
            raise PayloadTooLarge
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise RequestTimeout
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise PayloadTooLarge
    return b"".join(parts)


def decode_object(
    request: Request, body: bytes, *, most_values: int = MOST_VALUES
) -> tuple[dict[str, Json] | None, Complaints]:
    """The body as a normalised JSON object, and what is wrong with it; None: there is no object to judge further."""
    complaints = Complaints()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        complaints.add("body", "content_type")
        return None, complaints
    return decode(body, complaints, most_values=most_values), complaints
