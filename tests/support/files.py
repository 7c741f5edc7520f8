"""Files as clients send them, and what the store holds of them."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import httpx2

from support.api import Api

UPLOADS = "/contact-activity-attachments"
EVENTS = "/contact-activity-logs"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\x08\0\0\0\0")
    + _chunk(b"IDAT", zlib.compress(b"\0\0"))
    + _chunk(b"IEND", b"")
)
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
TEXT = "Dohodli sme sa na máji.\n".encode()


async def send(api: Api, *files: tuple[str, bytes], field: str = "files") -> httpx2.Response:
    """The answer to a form with these files, by name and content."""
    form = [(field, (name, content, "application/octet-stream")) for name, content in files]
    return await api.request("POST", UPLOADS, files=form)


async def upload(api: Api, *files: tuple[str, bytes]) -> list[str]:
    """The tokens of these files, by name and content; of one text without any."""
    response = await send(api, *(files or [("note.txt", TEXT)]))
    assert response.status_code == 201, response.text
    return [entry["uploadToken"] for entry in response.json()["data"]]


async def event_with(api: Api, *files: tuple[str, bytes], **fields: Any) -> dict[str, Any]:
    """A new event with these files, on a new client's timeline unless the fields say otherwise."""
    where = fields or {"clientId": await api.new_client()}
    response = await api.record(**where, attachmentUploadTokens=await upload(api, *files))
    assert response.status_code == 201, response.text
    return response.json()


async def download(api: Api, attachment: dict[str, Any], **options: Any) -> httpx2.Response:
    """What an attachment's address answers to anybody."""
    return await api.http.get(attachment["url"], **options)


def kept(folder: Path, company_id: int) -> list[Path]:
    """The files of a company in the local store."""
    return [path for path in (folder / str(company_id)).rglob("*") if path.is_file()]
