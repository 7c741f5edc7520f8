"""Names come from anywhere, and are safe wherever they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.api import Api
from support.files import TEXT, download, event_with, send

from kronika.attachments.names import LONGEST_NAME, archive_names, disposition, shown_name

NAMES = {
    "offer.pdf": "offer.pdf",
    "ponuka č. 7 (finálna).pdf": "ponuka č. 7 (finálna).pdf",
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "C:\\Users\\Jana\\offer.pdf": "offer.pdf",
    "/etc/": "file",
    "..": "file",
    ".": "file",
    " ": "file",
    ".bashrc": ".bashrc",
    "a\tb\x00c\x7f.txt": "abc.txt",
    "line\r\nSet-Cookie: x": "lineSet-Cookie: x",
    "invoice\u202efdp.exe": "invoicefdp.exe",
    "cafe\u0301.txt": "café.txt",
    "x" * 400 + ".docx": "x" * 250 + ".docx",
    "x" * 400: "x" * 255,
    "a." + "b" * 400: "a." + "b" * 253,
    'he said "no".txt': 'he said "no".txt',
}


@pytest.mark.parametrize(("sent", "shown"), NAMES.items(), ids=range(len(NAMES)))
def test_a_name_is_the_last_part_of_what_was_sent_without_what_cannot_be_seen(sent: str, shown: str):
    assert shown_name(sent) == shown


def test_no_name_is_a_name_too():
    assert shown_name(None) == shown_name("") == "file"


@given(st.text(max_size=400))
def test_whatever_is_sent_a_name_can_be_shown_sent_and_put_in_an_archive(sent: str):
    name = shown_name(sent)
    assert 1 <= len(name) <= LONGEST_NAME
    assert shown_name(name) == name
    assert not set(name) & set("/\\\0\r\n")
    header = disposition(name, inline=False)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    entries = archive_names([name, name, name.upper(), sent])
    assert len({entry.casefold() for entry in entries}) == 4
    for entry in entries:
        assert 1 <= len(entry.encode()) <= LONGEST_NAME
        assert entry not in {".", ".."}
        assert not set(entry) & set('/\\\0:*?"<>|')
        assert not entry.endswith((".", " "))


def test_entries_of_one_name_get_numbers_before_their_extension():
    assert archive_names(["note.pdf", "note.pdf", "NOTE.pdf", "note (2).pdf", "note"]) == [
        "note.pdf", "note (2).pdf", "NOTE (3).pdf", "note (2) (2).pdf", "note",
    ]  # fmt: skip
    long = archive_names(["ž" * 255 + ".pdf"] * 2)
    assert all(name.endswith(".pdf") and len(name.encode()) <= 255 for name in long)


def test_names_of_devices_in_windows_become_others():
    devices = ["con", "PRN.txt", "aux.tar.gz", "Nul.pdf", "com1", "LPT9.log", "com¹.txt"]
    assert archive_names(devices) == [f"_{name}" for name in devices]
    plain = ["console.txt", "con-1.txt", "com0", "com10.txt", "a.con", "nula"]
    assert archive_names(plain) == plain
    assert archive_names(["con", "_con", "CON"]) == ["_con", "_con (2)", "_CON (3)"]


@pytest.mark.parametrize("name", ["a" * 254 + ".ž", "a" * 253 + ". ž", "." * 254 + "ž", "ž" * 127 + ".ž"])
def test_a_name_that_is_cut_for_an_archive_does_not_end_in_a_dot_or_a_space(name: str):
    for entry in archive_names([name, name]):
        assert entry
        assert len(entry.encode()) <= LONGEST_NAME
        assert not entry.endswith((".", " "))


async def test_a_name_is_kept_through_upload_event_and_download(plain_api: Api):
    event = await event_with(plain_api, ("../ponuka \u202e.txt", TEXT))
    (attachment,) = event["attachments"]
    assert attachment["name"] == "ponuka.txt"
    header = (await download(plain_api, attachment)).headers["content-disposition"]
    assert header == "attachment; filename=\"ponuka.txt\"; filename*=UTF-8''ponuka.txt"


async def test_a_name_in_the_extended_form_is_read_where_there_is_no_other(plain_api: Api):
    boundary = "x"
    for disposition_, shown in {
        "form-data; name=files; filename*=UTF-8''%C4%8Daj.txt": "čaj.txt",
        "form-data; name=files; filename*=iso-8859-1''%E9t%E9.txt": "été.txt",
        "form-data; name=files; filename=\"plain.txt\"; filename*=UTF-8''%2e%2e%2fx": "plain.txt",
        "form-data; name=files; filename*=UTF-8''..%2F..%2Fx.txt": "x.txt",
        'form-data; name=files; filename=""': "file",
    }.items():
        body = f"--{boundary}\r\nContent-Disposition: {disposition_}\r\n\r\ncontent\r\n--{boundary}--\r\n"
        response = await plain_api.request(
            "POST",
            "/contact-activity-attachments",
            content=body.encode(),
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        assert response.json()["data"][0]["fileName"] == shown


async def test_two_files_of_one_name_are_two_files(plain_api: Api):
    data = (await send(plain_api, ("a.txt", b"one"), ("a.txt", b"three"))).json()["data"]
    assert [(entry["fileName"], entry["size"]) for entry in data] == [("a.txt", 3), ("a.txt", 5)]
