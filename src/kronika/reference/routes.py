"""The routes of the reference. What makes it is imported when it is asked for: six megabytes of every worker, else."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from kronika.http.responses import json_response
from kronika.http.services import services

_STRICT: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


async def openapi_json(request: Request) -> Response:
    from kronika.reference.document import openapi_bytes  # noqa: PLC0415 - see above

    return json_response(
        openapi_bytes(services(request).settings.base_url), headers={"X-Content-Type-Options": "nosniff"}
    )


async def docs_page(request: Request) -> Response:
    from kronika.reference.page import docs_page_bytes  # noqa: PLC0415 - see above

    page = docs_page_bytes(services(request).settings.base_url)
    return Response(page, media_type="text/html", headers=_STRICT)


async def docs_style(_: Request) -> Response:
    return Response(_style(), media_type="text/css", headers=_STRICT)


@cache
def _style() -> bytes:
    return (files("kronika.reference") / "static" / "style.css").read_bytes()
