"""A form with files becomes files in the store and tokens for them: all of them or none."""

from __future__ import annotations

from pathlib import Path

from support.api import Api
from support.files import PDF, PNG, TEXT, download, event_with, kept, send


async def test_each_file_gets_a_token_in_the_order_of_the_form(plain_api: Api, files_folder: Path):
    response = await send(plain_api, ("a.png", PNG), ("b.pdf", PDF), ("a.png", TEXT))
    assert response.status_code == 201
    data = response.json()["data"]
    assert [list(entry) for entry in data] == [["uploadToken", "fileName", "mimeType", "size"]] * 3
    assert [(e["fileName"], e["mimeType"], e["size"]) for e in data] == [
        ("a.png", "image/png", len(PNG)),
        ("b.pdf", "application/pdf", len(PDF)),
        ("a.png", "text/plain", len(TEXT)),
    ]
    assert len({entry["uploadToken"] for entry in data}) == 3
    assert sorted(path.read_bytes() for path in kept(files_folder, plain_api.company_id)) == sorted([PNG, PDF, TEXT])


async def test_what_was_uploaded_comes_back_byte_for_byte(plain_api: Api):
    event = await event_with(plain_api, ("a.png", PNG), ("poznámka.txt", TEXT))
    assert [(a["name"], a["mimeType"]) for a in event["attachments"]] == [
        ("a.png", "image/png"),
        ("poznámka.txt", "text/plain"),
    ]
    assert [(await download(plain_api, a)).content for a in event["attachments"]] == [PNG, TEXT]
