"""Uploads, downloads by signed address, and an event's attachments as an archive."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from starlette.requests import Request
from starlette.responses import Response

from kronika.attachments import actions, queries
from kronika.attachments.archive import archive
from kronika.attachments.intake import Limits, take_in
from kronika.attachments.kinds import INLINE
from kronika.attachments.links import Links
from kronika.attachments.models import StoredAttachment, UploadList
from kronika.attachments.names import disposition
from kronika.errors import NotFound
from kronika.http.admission import admit
from kronika.http.context import context
from kronika.http.incoming import incoming
from kronika.http.multipart import Multipart
from kronika.http.requests import path_id
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.http.streams import Stream, asked_range, begun, client_has, without_body
from kronika.storage.files import FileMissing

_SLACK: Final = 1024 * 1024
"""Bytes of a form that are no file: boundaries, headers, fields that nobody asked for."""
_PARTS_BESIDE: Final = 100
# Nothing that a file holds may run or load anything in our name. A browser's PDF viewer does not start in a sandbox; it
# runs its documents in one of its own.
_NOTHING: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
_SANDBOX: Final = f"{_NOTHING}; img-src 'self'; sandbox"
_PDF: Final = f"{_NOTHING}; object-src 'self'"

_log = structlog.get_logger("kronika")


async def upload_attachments(request: Request) -> Response:
    tools = services(request)
    limits = Limits(tools.settings.max_upload_files, tools.settings.max_file_bytes)
    async with incoming(request, most_bytes=limits.files * limits.bytes + _SLACK) as body:
        # Admitted before a byte of the body is taken: nobody fills the disk without a token.
        who = await admit(request, needs_write=True)
        form = Multipart(body, most_parts=limits.files + 1 + _PARTS_BESIDE)
        taken = await take_in(form, tools.files, who.company_id, limits)
    # From here on the files stay: a commit that was cut off may have gone through.
    async with tools.database.transaction(who.company_id) as transaction:
        offered = await actions.offer(transaction, tools.hasher, taken)
    return json_response(UploadList(offered), status=201)


async def download_event_attachments(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    return await send_archive(request, who.company_id, who.zone, path_id(request, "id"))


async def send_archive(request: Request, company_id: int, zone: ZoneInfo, event_id: int) -> Response:
    """All files of an event as one archive.

    Raises NotFound: there is no such event, or it has no files.
    """
    tools = services(request)
    async with tools.database.transaction(company_id) as transaction:
        found = await queries.attachments_of(transaction, event_id)
    if not found:
        raise NotFound
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": disposition(f"attachments-{event_id}.zip", inline=False),
        "Cache-Control": "private, no-store",
    }
    if request.method == "HEAD":
        return without_body(HTTPStatus.OK, headers)
    return Stream(await begun(archive(tools.files, found, zone)), HTTPStatus.OK, headers)


async def download_attachment(request: Request) -> Response:
    """No token is asked for, and nothing counted: the address itself says that we gave it."""
    tools = services(request)
    grant = Links(tools.settings.base_url, tools.hasher).grant(request.path_params["token"])
    if grant is None:
        raise NotFound
    context(request).company_id = grant.company_id
    async with tools.database.transaction(grant.company_id) as transaction:
        attachment = await queries.granted_attachment(transaction, grant.attachment_id, grant.expires)
    if attachment is None:
        raise NotFound
    return await send_attachment(request, grant.company_id, attachment)


async def send_attachment(request: Request, company_id: int, attachment: StoredAttachment) -> Response:
    """The bytes of an attachment, or the part that was asked for; what could run anything is only saved, not shown.

    Raises NotFound: the store has lost it.
    """
    etag = f'"{company_id}-{attachment.id}"'
    headers = _headers(attachment, etag)
    if client_has(request, etag):
        return without_body(HTTPStatus.NOT_MODIFIED, headers)
    part = asked_range(request, attachment.size, etag)
    if part is None:
        beyond = headers | {"Content-Range": f"bytes */{attachment.size}", "Content-Length": "0"}
        return without_body(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, beyond)
    headers["Content-Length"] = str(part.length)
    status = HTTPStatus.OK
    if not part.is_whole:
        status = HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = part.shown
    if request.method == "HEAD":
        return without_body(status, headers)
    pieces = services(request).files.read(attachment.storage_key, part.start, part.length)
    try:
        return Stream(await begun(pieces), status, headers)
    except FileMissing:
        async with aclosing(pieces):
            _log.error("file missing in the store", request_id=context(request).request_id, attachment=attachment.id)
            raise NotFound from None


def _headers(attachment: StoredAttachment, etag: str) -> dict[str, str]:
    inline = attachment.mime_type in INLINE
    shown: Mapping[str, str] = {
        "Content-Type": "text/plain; charset=utf-8" if attachment.mime_type == "text/plain" else attachment.mime_type,
        "Content-Disposition": disposition(attachment.name, inline=inline),
        "Content-Security-Policy": _PDF if attachment.mime_type == "application/pdf" else _SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        # Kept, but asked about each time: what was removed is gone at once.
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "ETag": etag,
    }
    return dict(shown)
