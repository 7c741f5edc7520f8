"""Style, icons, scripts: under addresses that say what they hold, so that a browser may keep them for good."""

from __future__ import annotations

import hashlib
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.errors import NotFound
from kronika.http.compression import VARY, gzipped, takes_gzip

PATH: Final = "/static"
_KINDS: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_STYLE: Final = (
    "ground", "frame", "parts", "timeline", "lists", "board", "documents", "home", "integrations", "search", "phone",
    "paper",
)  # fmt: skip
"""The style sheet's files, in the order in which they stand in it: a later one wins."""
_HEADERS: Final = {
    **VARY,
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    # An icon that somebody opens as a page runs nothing.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class _Asset(Struct, frozen=True):
    content: bytes
    gzipped: bytes
    kind: str
    etag: str
    """A weak one: of the same file, whichever way it is sent."""


@cache
def _assets() -> dict[str, _Asset]:
    static = files("kronika.web") / "static"
    contents = {file.name: file.read_bytes() for file in static.iterdir() if file.is_file()}
    contents["style.css"] = style_sheet().encode()
    return {name: _asset(name, contents[name]) for name in sorted(contents)}


def style_sheet() -> str:
    """The one style sheet, put together."""
    folder = files("kronika.web") / "static" / "style"
    return "\n".join((folder / f"{part}.css").read_text() for part in _STYLE)


def _asset(name: str, content: bytes) -> _Asset:
    etag = f'W/"{hashlib.sha256(content).hexdigest()[:24]}"'
    return _Asset(content, gzipped(content, level=9), _KINDS[name.rpartition(".")[2]], etag)


@cache
def _version() -> str:
    """Of all together, and in front of the name: so a script may name another one beside it."""
    whole = "".join(f"{name} {asset.etag}" for name, asset in _assets().items())
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def asset(name: str) -> str:
    """The address of a file of `static`.

    Raises LookupError: there is none of this name.
    """
    if name not in _assets():
        raise LookupError(name)
    return f"{PATH}/{_version()}/{name}"


async def send_asset(request: Request) -> Response:
    """Raises NotFound: no such file, or one of another version."""
    found = _assets().get(request.path_params["name"])
    if found is None or request.path_params["version"] != _version():
        raise NotFound
    headers = {**_HEADERS, "ETag": found.etag}
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if takes_gzip(request):
        return Response(found.gzipped, media_type=found.kind, headers={**headers, "Content-Encoding": "gzip"})
    return Response(found.content, media_type=found.kind, headers=headers)
