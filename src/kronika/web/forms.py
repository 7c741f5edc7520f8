"""What a form brings: read within bounds, only from our own pages, and shown again when something is wrong with it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, NamedTuple
from unicodedata import normalize
from urllib.parse import parse_qsl

from msgspec import Struct
from starlette.requests import Request

from kronika.attachments.actions import offer
from kronika.attachments.intake import Limits, take_in
from kronika.credentials import new_ticket, unmasked
from kronika.encoding import json_bytes
from kronika.errors import Complaints, Invalid, PayloadTooLarge
from kronika.http.incoming import Incoming, incoming
from kronika.http.multipart import Multipart, Part
from kronika.http.services import services
from kronika.http.texts import texts_of
from kronika.input.fields import Field, read_members
from kronika.input.normalise import Json, clean_text
from kronika.web.origins import is_from_here
from kronika.web.visitors import Guest, Member

TOKEN_FIELD: Final = "form_token"
ONCE_FIELD: Final = "key"
"""By which a form that is sent again is known (`once.py`)."""
KEPT_FIELD: Final = "kept"
"""A file that was sent before, as it is named in a form: its token and its name."""
_LARGEST: Final = 1024 * 1024
_MOST_FIELDS: Final = 200
_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


class ForgedForm(Exception):
    """It was not sent by a page of ours in this browser, or that page is too old."""


class Kept(NamedTuple):
    """A file that came with a form and waits for it to be right: the token it can be claimed by, its size in bytes, and
    its name; by the last two it is known when it is sent again.
    """

    token: str
    size: str
    name: str

    def __str__(self) -> str:
        return " ".join(self)

    @classmethod
    def read(cls, written: str) -> Kept:
        token, _, rest = written.partition(" ")
        size, _, name = rest.partition(" ")
        return cls(token, size, name)


class Form:
    """The fields of a form as they were sent, and what is wrong with them. Falsy: none was sent."""

    def __init__(self, sent: Sequence[tuple[str, str]] = (), complaints: Complaints | None = None) -> None:
        self._pairs = sent
        self._sent = dict(sent)
        self.complaints = complaints if complaints is not None else Complaints()
        self.files = [Kept.read(value) for value in self.all(KEPT_FIELD)]

    def __bool__(self) -> bool:
        return bool(self._sent)

    def text(self, name: str) -> str:
        """Exactly what was written; empty when nothing was."""
        return self._sent.get(name, "")

    def all(self, name: str) -> list[str]:
        """Of a field that can be there several times."""
        return [value for each, value in self._pairs if each == name]

    def value(self, name: str, otherwise: object = None) -> str:
        """What to show in a field: what was written, else the value it has."""
        return self._sent.get(name, "" if otherwise is None else str(otherwise))

    def key(self) -> str:
        """What the form is known by: as it was sent, while what it asks has not been done."""
        sent = "" if ONCE_FIELD in self.complaints else self.text(ONCE_FIELD)
        return sent or new_ticket()

    def said(self) -> dict[str, Json]:
        """What it asks: its fields, without those that say where it comes from."""
        return {name: list[Json](self.all(name)) for name in self._sent if name not in {TOKEN_FIELD, ONCE_FIELD}}

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

    def complain(self, complaints: Complaints) -> None:
        """Adds what is wrong with it."""
        for field, each in complaints.items():
            for complaint in each:
                self.complaints.add(field, complaint.code, complaint.bound)

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


async def read_form(request: Request, who: Guest, *, with_files: bool = False) -> Form:
    """The form in the request. `with_files`: of a page of a company, for whom the files are kept.

    Raises ForgedForm, PayloadTooLarge, RequestTimeout.
    """
    if not is_from_here(request):
        raise ForgedForm
    if with_files and isinstance(who, Member):
        return await _read_files_too(request, who)
    async with incoming(request, most_bytes=_LARGEST) as body:
        body.judge_announced()
        parts: list[bytes] = []
        while not body.ended:
            parts.append(await body.piece())
    if _media_type(request) != _MEDIA_TYPE:
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
    form = Form([(name, value.replace("\r\n", "\n")) for name, value in fields])
    _judge_token(form.text(TOKEN_FIELD), who)
    return form


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _judge_token(sent: str, who: Guest) -> None:
    if not hmac.compare_digest(unmasked(sent), who.form_key):
        raise ForgedForm


class _Fields(Multipart):
    """A form whose parts are its files. Its other fields, which stand before them, are put aside; until the form's
    token has been among them, no file is taken.
    """

    def __init__(self, body: Incoming, who: Guest, *, most_parts: int) -> None:
        super().__init__(body, most_parts=most_parts)
        self.fields: list[tuple[str, str]] = []
        self._who = who
        self._room = _LARGEST

    async def parts(self) -> AsyncGenerator[Part]:
        async with aclosing(super().parts()) as parts:
            async for part in parts:
                if part.file_name is None:
                    self.fields.append((part.name, await self._text(part)))
                # A field without a file comes as a file without a name.
                elif part.file_name:
                    self.judge_token()
                    yield part

    def judge_token(self) -> None:
        _judge_token(dict(self.fields).get(TOKEN_FIELD, ""), self._who)

    async def _text(self, part: Part) -> str:
        pieces: list[bytes] = []
        async with aclosing(part.pieces()) as coming:
            async for piece in coming:
                self._room -= len(piece)
                if self._room < 0:
                    raise PayloadTooLarge
                pieces.append(piece)
        return b"".join(pieces).decode(errors="replace").replace("\r\n", "\n")


async def _read_files_too(request: Request, who: Member) -> Form:
    if _media_type(request) != "multipart/form-data":
        raise ForgedForm
    tools = services(request)
    limits = Limits(tools.settings.max_upload_files, tools.settings.max_file_bytes)
    sent: list[tuple[str, str]] = []
    try:
        async with incoming(request, most_bytes=limits.files * limits.bytes + 2 * _LARGEST) as body:
            parts = _Fields(body, who, most_parts=limits.files + 1 + _MOST_FIELDS)
            sent = parts.fields
            taken = await take_in(parts, tools.files, who.company_id, limits, required=False)
            parts.judge_token()
    except Invalid as wrong:
        _judge_token(dict(sent).get(TOKEN_FIELD, ""), who)
        form = Form(sent)
        for path, each in wrong.complaints.items():
            for complaint in each:
                form.complaints.add(path.partition(".")[0], complaint.code, complaint.bound)
        return form
    if taken:
        async with tools.database.transaction(who.company_id) as transaction:
            offered = await offer(transaction, tools.hasher, taken)
        sent += [(KEPT_FIELD, str(Kept(file.upload_token, str(file.size), file.file_name))) for file in offered]
    return Form(sent)
