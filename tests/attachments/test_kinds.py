"""What a file is, is told from its content; neither the client's word nor a name's ending counts."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.files import PDF, PNG

from kronika.attachments.kinds import HEAD, INLINE, kind_of


def zipped(*names: str, mimetype: str = "") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return target.getvalue()


OOXML = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "png": (PNG, "image/png"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0\1", "image/jpeg"),
    "gif": (b"GIF89a\1\0\1\0\x80\0\0", "image/gif"),
    "webp": (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
    "avif": (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "image/avif"),
    "pdf": (PDF, "application/pdf"),
    "pdf in ascii": (b"%PDF-1.4\n1 0 obj", "application/pdf"),
    "text": ("Dohodli sme sa\r\n\tna máji.".encode(), "text/plain"),
    "text with a mark": (b"\xef\xbb\xbfa;b", "text/plain"),
    "text cut in a character": (("a" + "č" * HEAD).encode()[:HEAD], "text/plain"),
    "json": (b'{"a": 1}', "text/plain"),
    "mail": (b"From: a@example.test", "text/plain"),
    "two letters": (b"BM is a company", "text/plain"),
    "rtf": (b"{\\rtf1\\ansi", "application/rtf"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>', "image/svg+xml"),
    "svg after a prolog": (b'<?xml version="1.0"?><!-- a > b --> <svg onload="alert(1)">', "image/svg+xml"),
    "html": (b"<!doctype html><script>alert(1)</script>", "text/html"),
    "html after comments": (b"<!---->" * 5000 + b"<script>alert(1)</script>", "text/html"),
    "html after the shortest of a prolog": (b"<?><!-->\n<? ?>" * 4000 + b"<html>", "text/html"),
    "svg after its type": (b"\n<!DOCTYPE svg PUBLIC 'x'>\n<svg>", "image/svg+xml"),
    "endless instructions": (b"<??> " * 13_000 + b"<?", "text/plain"),
    "endless comments": (b"<!--" * 15_000, "text/plain"),
    "latin-1": ("Žilina č. 1".encode("iso-8859-2"), "application/octet-stream"),
    "zeros": (bytes(100), "application/octet-stream"),
    "binary": (bytes(range(128, 256)), "application/octet-stream"),
    "zip": (zipped("a.txt"), "application/zip"),
    "docx": (zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"), OOXML + "wordprocessingml.document"),
    "xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), OOXML + "spreadsheetml.sheet"),
    "odt": (
        zipped("content.xml", mimetype="application/vnd.oasis.opendocument.text"),
        "application/vnd.oasis.opendocument.text",
    ),
    "zip that would be shown": (zipped("a", mimetype="application/pdf"), "application/zip"),
    "old office": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/x-ole-storage"),
    "program": (b"MZ\x90\0\3\0\0\0", "application/vnd.microsoft.portable-executable"),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0", "application/gzip"),
}


@pytest.mark.parametrize(("content", "kind"), KINDS.values(), ids=KINDS)
def test_the_content_tells_the_kind(content: bytes, kind: str):
    assert kind_of(content, "file") == kind
    assert kind_of(content, "picture.png") == kind


def test_a_name_tells_office_documents_apart_once_the_content_is_one():
    hidden = zipped("[Content_Types].xml", *[f"customXml/item{n}.xml" for n in range(3)])
    assert kind_of(hidden, "table.XLSX") == OOXML + "spreadsheetml.sheet"
    assert kind_of(hidden, "table.exe") == "application/zip"
    assert kind_of(zipped("a.txt"), "table.xlsx") == "application/zip"
    assert kind_of(b"text", "table.xlsx") == "text/plain"


@given(st.binary(min_size=1, max_size=200) | st.text(min_size=1).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_have_some_kind_and_what_scripts_can_be_in_is_never_shown(content: bytes):
    kind = kind_of(content, "x")
    assert kind.isascii()
    assert kind.count("/") == 1
    if b"<" in content[:10]:
        assert kind not in INLINE
