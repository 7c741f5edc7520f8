"""What kind of file it is, told from its first bytes; nobody's word is taken for it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Final, Protocol, cast

from kronika.attachments.names import extension_of

HEAD: Final = 64 * 1024
"""Bytes that are looked at."""
UNKNOWN: Final = "application/octet-stream"
INLINE: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "application/pdf"})
"""Kinds that a browser may show: they run nothing in the page's name, as HTML and SVG do."""

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# OpenDocument and EPUB say what they are in a first entry that is not compressed.
_SELF_DESCRIBED = re.compile(
    rb"PK\x03\x04.{26}mimetype(application/(?:epub\+zip|vnd\.oasis\.opendocument\.[a-z-]{1,40}))", re.DOTALL
)
_OFFICE: Final = {
    b"word/": ("docx", "wordprocessingml.document"),
    b"xl/": ("xlsx", "spreadsheetml.sheet"),
    b"ppt/": ("pptx", "presentationml.presentation"),
}
_OFFICE_TYPE: Final = "application/vnd.openxmlformats-officedocument."
# Texts that are more than that. puremagic takes any `{` for JSON and any "From" for a mail.
_TEXTUAL: Final = (
    (re.compile(rb"%PDF-\d"), "application/pdf"),
    (re.compile(rb"\{\\rtf\d"), "application/rtf"),
    (re.compile(rb"%!PS-"), "application/postscript"),
    (re.compile(rb"<svg[\s>]", re.IGNORECASE), "image/svg+xml"),
    (re.compile(rb"<(!DOCTYPE html|html|head|body|script)[\s>]", re.IGNORECASE), "text/html"),
)
# What may stand before the first element of an XML or HTML document. `<?>` and `<!-->` are whole. Possessive: nothing
# is gone over twice, however much of it there is.
_PROLOG: Final = re.compile(rb"(?:\s++|<(?=\?).*?\?>|<!(?=--).*?-->|<!doctype svg.*?>)*+", re.DOTALL | re.IGNORECASE)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
# puremagic's name for it, where that is no registered one or the customary one is another.
_CUSTOMARY: Final = {
    "image/x-ms-bmp": "image/bmp",
    "application/x-gzip": "application/gzip",
    "audio/wave": "audio/wav",
    "image/heif": "image/heic",
}
# Two letters begin many a file: what they tell is not worth telling.
_SHORTEST_SIGNATURE: Final = 3


class _Match(Protocol):
    """A finding of puremagic's, which does not say so itself."""

    mime_type: str | None
    byte_match: bytes | None


def kind_of(head: bytes, name: str) -> str:
    """The media type of a file that begins so. Its name only tells office documents apart, all ZIP archives alike."""
    if head.startswith(_ZIP):
        return _zip_kind(head, name)
    if head.startswith(_OLE):
        return "application/x-ole-storage"  # An old office document, a mail, a drawing: the difference is deep inside.
    if _is_text(head):
        return _text_kind(head.removeprefix(codecs.BOM_UTF8))
    return _binary_kind(head)


def _is_text(head: bytes) -> bool:
    if _NO_TEXT.search(head):
        return False
    try:
        # The head may end in the middle of a character.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _text_kind(text: bytes) -> str:
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    return next((kind for pattern, kind in _TEXTUAL if pattern.match(text, start)), "text/plain")


def _zip_kind(head: bytes, name: str) -> str:
    if described := _SELF_DESCRIBED.match(head):
        return described[1].decode("ascii")
    if b"[Content_Types].xml" in head:
        extension = extension_of(name)
        for folder, (letters, kind) in _OFFICE.items():
            if folder in head or extension == f".{letters}":
                return _OFFICE_TYPE + kind
    return "application/zip"


def _binary_kind(head: bytes) -> str:
    # Its table is a megabyte, for workers that receive files.
    import puremagic  # noqa: PLC0415 - a large table, for who uploads

    look_up = cast(Callable[[bytes], list[_Match]], puremagic.magic_string)
    try:
        matches = look_up(head)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    for match in matches:
        signature = (match.byte_match or b"").strip(b"\0")
        if match.mime_type and len(signature) >= _SHORTEST_SIGNATURE:
            return _CUSTOMARY.get(match.mime_type, match.mime_type)
    return UNKNOWN
