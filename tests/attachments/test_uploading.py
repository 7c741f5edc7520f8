"""A form with files becomes files in the store and tokens for them: all of them or none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from support.api import Api, errors_of
from support.files import PDF, PNG, TEXT, download, event_with, kept, send
from support.forms import BOUNDARY, END, part, post


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


async def test_a_token_is_stored_nowhere(plain_api: Api, owner: psycopg.Connection, files_folder: Path):
    token = (await send(plain_api, ("secret-name.txt", TEXT))).json()["data"][0]["uploadToken"]
    row = owner.execute("SELECT * FROM uploads WHERE company_id = %s", [plain_api.company_id]).fetchone()
    assert token not in str(row)
    assert token.encode() not in row["token_hash"]
    (file,) = kept(files_folder, plain_api.company_id)
    assert str(file.relative_to(files_folder)) == row["storage_key"]
    assert "secret-name" not in str(file)


@pytest.mark.parametrize("field", ["files", "files[]", "files[0]", "files[12]"])
async def test_the_field_may_be_called_in_several_ways(plain_api: Api, field: str):
    response = await send(plain_api, ("a.txt", TEXT), ("b.txt", TEXT), field=field)
    assert [entry["fileName"] for entry in response.json()["data"]] == ["a.txt", "b.txt"]


async def test_fields_that_nobody_asked_for_are_passed_over(plain_api: Api):
    beside = [
        part(b"x" * 100_000, 'form-data; name="comment"'),
        part(TEXT),
        part(b"MZ", 'form-data; name="file"; filename="x.exe"'),
        part(b"", 'form-data; name="filesystem"'),
        part(b"y", 'form-data; name="files[x]"; filename="x.exe"'),
        part(b"z", 'attachment; filename="x.exe"'),
    ]
    response = await post(plain_api, b"".join(beside) + END)
    assert [(e["fileName"], e["size"]) for e in response.json()["data"]] == [("a.txt", len(TEXT))]


async def test_a_form_may_arrive_in_any_pieces(plain_api: Api):
    content = b"\r\n--a-line-betwee\r\n--a-line-between-not" * 50 + b"\r"
    body = part(content) + part(TEXT) + END + b"and after it whatever"
    for size in (1, 7, 64):

        async def pieces(size: int = size) -> AsyncIterator[bytes]:
            for start in range(0, len(body), size):
                yield body[start : start + size]

        data = (await post(plain_api, pieces())).json()["data"]
        assert [entry["size"] for entry in data] == [len(content), len(TEXT)]


@pytest.mark.usefixtures("nothing_stays")
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {}),
        (b"{}", {"Content-Type": "application/json"}),
        (part(TEXT) + END, {"Content-Type": "multipart/form-data"}),
        (part(TEXT) + END, {"Content-Type": "multipart/mixed; boundary=a-line-between"}),
        (part(TEXT) + END, {"Content-Type": "multipart/form-data; boundary=another"}),
        (part(TEXT) + END, {"Content-Type": "multipart/form-data; boundary=" + "b" * 400}),
        (part(TEXT), {}),
        (part(TEXT)[:-20], {}),
        (part(TEXT) + END[:-4], {}),
        (part(TEXT) + f"--{BOUNDARY}\r\nContent-Disposition".encode(), {}),
        (part(TEXT) + f"--{BOUNDARY}\r\n: nameless\r\n\r\nx\r\n".encode() + END, {}),
        (part(TEXT, "form-data; name=files; filename=" + "n" * 20_000) + END, {}),
        (f"--{BOUNDARY}\r\n".encode() + b"X-A: b\r\n" * 50 + b"\r\nx\r\n" + END, {}),
    ],
)
async def test_what_is_no_whole_form_is_wrong_as_a_body(plain_api: Api, body: bytes, headers: dict[str, str]):
    assert errors_of(await post(plain_api, body, **headers)).keys() == {"body"}


@pytest.mark.usefixtures("nothing_stays")
async def test_a_form_without_files_is_wrong(plain_api: Api):
    for body in (END, part(b"x", 'form-data; name="comment"') + END):
        assert errors_of(await post(plain_api, body)) == {"files": ["This field is required."]}


@pytest.mark.usefixtures("nothing_stays")
async def test_a_text_in_the_place_of_a_file_is_wrong(plain_api: Api):
    body = part(TEXT) + part(b"text", "form-data; name=files") + part(b"", "form-data; name=files[]") + END
    assert errors_of(await post(plain_api, body)) == {
        "files.1": ["This must be a file."],
        "files.2": ["This must be a file."],
    }
    slovak = errors_of(await post(plain_api, body, **{"Accept-Language": "sk"}))
    assert slovak["files.1"] == ["Hodnota musí byť súbor."]


@pytest.mark.usefixtures("nothing_stays")
async def test_every_file_that_is_empty_or_too_large_is_named(plain_api: Api, new_api):
    api = await new_api(company_id=plain_api.company_id, max_file_bytes=1000)
    response = await send(api, ("a", TEXT), ("b", b""), ("c", b"x" * 1001), ("d", b"x" * 1000), ("e", b""))
    assert errors_of(response) == {
        "files.1": ["This file is empty."],
        "files.2": ["This may have at most 1000 bytes."],
        "files.4": ["This file is empty."],
    }


@pytest.mark.usefixtures("nothing_stays")
async def test_more_files_or_parts_than_a_call_may_bring_are_refused(plain_api: Api, new_api):
    api = await new_api(company_id=plain_api.company_id, max_upload_files=3)
    assert errors_of(await send(api, *[("a", TEXT)] * 4)) == {"files": ["This may have at most 3 items."]}
    crowd = part(b"", 'form-data; name="x"') * 10_000
    assert errors_of(await post(api, part(TEXT) + crowd + END)) == {"body": ["The form has too many parts."]}


@pytest.mark.usefixtures("nothing_stays")
async def test_a_body_beyond_all_files_together_is_413_announced_or_not(plain_api: Api, new_api):
    api = await new_api(company_id=plain_api.company_id, max_upload_files=1, max_file_bytes=1000)
    large = part(b"x" * 2_000_000) + END
    assert (await post(api, large)).status_code == 413

    async def unannounced() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 100_000):
            yield large[start : start + 100_000]

    response = await post(api, unannounced())
    # It was read to its end all the same, so the connection lives.
    assert (response.status_code, response.headers.get("connection")) == (413, None)
