"""What a form brings: read within bounds, only from our own pages, and shown again when something is wrong with it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final
from unicodedata import normalize
from urllib.parse import parse_qsl

from msgspec import Struct
from starlette.requests import Request

from kronika.encoding import json_bytes
from kronika.errors import Complaints, Invalid
from kronika.http.incoming import incoming
from kronika.http.texts import texts_of
from kronika.input.fields import Field, read_members
from kronika.input.normalise import Json, clean_text
from kronika.web.origins import is_from_here
from kronika.web.visitors import Guest

TOKEN_FIELD: Final = "form_token"
_LARGEST: Final = 1024 * 1024
_MOST_FIELDS: Final = 200
_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


class ForgedForm(Exception):
    """It was not sent by a page of ours in this browser, or that page is too old."""


class Form:
    """The fields of a form as they were sent, and what is wrong with them. Falsy: none was sent."""

    def __init__(self, sent: Mapping[str, str] | None = None, complaints: Complaints | None = None) -> None:
        self._sent = dict(sent or {})
        self.complaints = complaints if complaints is not None else Complaints()

    def __bool__(self) -> bool:
        return bool(self._sent)

    def text(self, name: str) -> str:
        """Exactly what was written; empty when nothing was."""
        return self._sent.get(name, "")

    def value(self, name: str, otherwise: object = None) -> str:
        """What to show in a field: what was written, else the value it has."""
        return self._sent.get(name, "" if otherwise is None else str(otherwise))

    def read(self, fields: Mapping[str, Field[Any]]) -> dict[str, Any]:
        """Typed values of these fields, as the API reads them; adds what is wrong with them."""
        values: dict[str, Json] = {}
        for name in fields:
            written = self.text(name)
            if "\0" in written:
                self.complaints.add(name, "characters")
            values[name] = None if "\0" in written else clean_text(written)
        return read_members(fields, values, self.complaints)

    def judge(self) -> None:
        """Raises Invalid: something is wrong."""
        if self.complaints:
            raise Invalid(self.complaints)

    def errors(self, language: str) -> dict[str, list[str]]:
        """Sentences by field."""
        return texts_of(self.complaints, language)


def judge_repeated(form: Form, field: str, name: str) -> None:
    """What cannot be undone asks for the name: as it is shown, where spaces in a row are one.

    Raises Invalid: it is another.
    """
    if _as_shown(form.text(field)) != _as_shown(name):
        form.complaints.add(field, "name_repeated")
    form.judge()


def trace(record: Struct) -> str:
    """What a form for changing this record brings along as `seen`."""
    return hashlib.sha256(json_bytes(record)).hexdigest()[:32]


def judge_seen(form: Form, record: Struct) -> None:
    """Complains when the record is not what the form was made of: nobody undoes unseen what somebody else has saved."""
    if form.text("seen") != trace(record):
        form.complaints.add("seen", "changed_meanwhile")


def _as_shown(name: str) -> str:
    return " ".join(normalize("NFC", name).split())


async def read_form(request: Request, who: Guest) -> Form:
    """The form in the request.

    Raises ForgedForm, PayloadTooLarge, RequestTimeout.
    """
    if not is_from_here(request):
        raise ForgedForm
    async with incoming(request, most_bytes=_LARGEST) as body:
        body.judge_announced()
        parts: list[bytes] = []
        while not body.ended:
            parts.append(await body.piece())
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _MEDIA_TYPE:
        raise ForgedForm
    try:
        fields = parse_qsl(
            b"".join(parts).decode("ascii", "replace"),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
            errors="replace",
        )
    except ValueError:
        raise ForgedForm from None
    # Forms end their lines as e-mails do (HTML, "encoding line breaks").
    form = Form({name: value.replace("\r\n", "\n") for name, value in fields})
    # Compared as bytes: what was sent need not be ASCII.
    if not hmac.compare_digest(form.text(TOKEN_FIELD).encode(), who.form_token.encode()):
        raise ForgedForm
    return form
