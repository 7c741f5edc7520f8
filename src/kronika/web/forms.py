"""What a form brings: read within bounds, only from our own pages, and shown again when something is wrong with it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request

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

    def __init__(
        self,
        sent: Mapping[str, str] | None = None,
        complaints: Complaints | None = None,
        *,
        pairs: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._pairs = pairs
        self._sent = dict(pairs, **(sent or {}))
        self.complaints = complaints if complaints is not None else Complaints()

    def __bool__(self) -> bool:
        return bool(self._sent)

    def text(self, name: str) -> str:
        """Exactly what was written; empty when nothing was."""
        return self._sent.get(name, "")

    def texts(self, name: str) -> list[str]:
        """What was chosen of several under one name."""
        return [value for each, value in self._pairs if each == name]

    def value(self, name: str, otherwise: object = None) -> str:
        """What to show in a field: what was written, else the value it has."""
        return self._sent.get(name, "" if otherwise is None else str(otherwise))

    def read(self, fields: Mapping[str, Field[Any]], **known: Json) -> dict[str, Any]:
        """Typed values of these fields, as the API reads them; adds what is wrong with them. `known`: values of those
        that are no text.
        """
        values = dict(known)
        for name in (name for name in fields if name not in known):
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
    form = Form(pairs=[(name, value.replace("\r\n", "\n")) for name, value in fields])
    # Compared as bytes: what was sent need not be ASCII.
    if not hmac.compare_digest(form.text(TOKEN_FIELD).encode(), who.form_token.encode()):
        raise ForgedForm
    return form
