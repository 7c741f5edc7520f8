"""Forms with files, written by hand: also those that no client library would send."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg

from support.api import Api
from support.files import UPLOADS

BOUNDARY = "a-line-between"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(content: bytes, disposition: str = 'form-data; name="files"; filename="a.txt"') -> bytes:
    return f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


async def post(api: Api, body: bytes | AsyncIterator[bytes], **headers: str):
    return await api.request("POST", UPLOADS, content=body, headers=FORM | headers)


def uploads_of(owner: psycopg.Connection, api: Api) -> int:
    found = owner.execute("SELECT count(*) AS n FROM uploads WHERE company_id = %s", [api.company_id]).fetchone()
    return found["n"]
