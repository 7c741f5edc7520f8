"""What a form brings: read within bounds, only from our own pages, and shown again when something is wrong with it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
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
from kronika.web.origins import is_from_here, is_surely_from_here
from kronika.web.visitors import Guest, Member

TOKEN_FIELD: Final = "form_token"
SEEN_FIELD: Final = "seen"
"""What a form for a change was made of (`trace`)."""
ONCE_FIELD: Final = "key"
"""By which a form that is sent again is known (`once.py`)."""
KEPT_FIELD: Final = "kept"
"""A file that was sent before, as it is named in a form: its token and its name."""
_LARGEST: Final = 1024 * 1024
_MOST_FIELDS: Final = 200
_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"


class ForgedForm(Exception):
    """It was not sent by a page of ours in this browser, or that page is too old."""


class StaleForm(ForgedForm):
    """It comes from a page of ours, but of another session: nothing is done, and it can be shown again."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form


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
    """The fields of a form as they were sent, and what is wrong with them. Falsy: none was sent.

    `is_stale`: it is of another session's page, and only shown again.
    """

    def __init__(self, sent: Sequence[tuple[str, str]] = (), complaints: Complaints | None = None) -> None:
        self.is_stale = False
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

    def seen(self, now: str) -> str:
        """What the form was made of, by its trace: as it was sent, until the change since has been told."""
        sent = "" if SEEN_FIELD in self.complaints else self.text(SEEN_FIELD)
        return sent or now

    def again(self) -> list[tuple[str, str]]:
        """Its fields, to be sent once more. A password is never shown again."""
        return [(name, value) for name, value in self._pairs if name != TOKEN_FIELD and "password" not in name]

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


def judge_repeated(form: Form, field: str, *names: str | None) -> None:
    """What cannot be undone asks for the name, or one of them: as it is shown, where spaces in a row are one.

    Raises Invalid: it is another.
    """
    if _as_shown(form.text(field)) not in {_as_shown(name) for name in names if name}:
        form.complaints.add(field, "name_repeated")
    form.judge()


def trace(record: Struct) -> str:
    """What a form for changing this record brings along as `seen`."""
    return hashlib.sha256(json_bytes(record)).hexdigest()[:32]


def judge_seen(form: Form, record: Struct) -> None:
    """Complains when the record is not what the form was made of: nobody undoes unseen what somebody else has saved."""
    if form.text(SEEN_FIELD) != trace(record):
        form.complaints.add(SEEN_FIELD, "changed_meanwhile")


def _as_shown(name: str) -> str:
    return " ".join(normalize("NFC", name).split())


async def read_form(request: Request, who: Guest, *, with_files: bool = False) -> Form:
    """The form in the request. `with_files`: of a page of a company, for whom the files are kept.

    Raises ForgedForm, StaleForm, PayloadTooLarge, RequestTimeout.
    """
    if not is_from_here(request):
        raise ForgedForm
    if with_files and isinstance(who, Member):
        return await _read_files_too(request, who)
    form = await _read_fields(request)
    _judge_token(request, form, who)
    return form


async def read_unjudged(request: Request) -> Form:
    """The fields of the form in the request, without its files, whoever sent it: to be shown, and for nothing else.

    Raises ForgedForm, Invalid, PayloadTooLarge, RequestTimeout.
    """
    if _media_type(request) != _MULTIPART:
        return await _read_fields(request)
    limits = _limits(request)
    async with incoming(request, most_bytes=_most_bytes(limits)) as body:
        parts = _Fields(body, lambda _: None, most_parts=_most_parts(limits))
        async with aclosing(parts.parts()) as coming:
            # They stand before the files.
            async for _ in coming:
                break
        await body.pass_over()
    return Form(parts.fields)


async def _read_fields(request: Request) -> Form:
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
    return Form([(name, value.replace("\r\n", "\n")) for name, value in fields])


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _judge_token(request: Request, form: Form, who: Guest) -> None:
    if hmac.compare_digest(unmasked(form.text(TOKEN_FIELD)), who.form_key):
        return
    if form and is_surely_from_here(request):
        form.is_stale = True
        raise StaleForm(form)
    raise ForgedForm


class _Fields(Multipart):
    """A form whose parts are its files. Its other fields, which stand before them, are put aside; no file is taken that
    `judge` does not let pass, which is asked with what was sent until then.
    """

    def __init__(self, body: Incoming, judge: Callable[[Form], None], *, most_parts: int) -> None:
        super().__init__(body, most_parts=most_parts)
        self.fields: list[tuple[str, str]] = []
        self._judge = judge
        self._room = _LARGEST

    async def parts(self) -> AsyncGenerator[Part]:
        async with aclosing(super().parts()) as parts:
            async for part in parts:
                if part.file_name is None:
                    self.fields.append((part.name, await self._text(part)))
                # A field without a file comes as a file without a name.
                elif part.file_name:
                    self._judge(Form(self.fields))
                    yield part

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
    if _media_type(request) != _MULTIPART:
        raise ForgedForm
    tools, limits = services(request), _limits(request)
    judge = partial(_judge_token, request, who=who)
    sent: list[tuple[str, str]] = []
    try:
        async with incoming(request, most_bytes=_most_bytes(limits)) as body:
            parts = _Fields(body, judge, most_parts=_most_parts(limits))
            sent = parts.fields
            taken = await take_in(parts, tools.files, who.company_id, limits, required=False)
            judge(Form(sent))
    except Invalid as wrong:
        form = Form(sent)
        judge(form)
        for path, each in wrong.complaints.items():
            for complaint in each:
                form.complaints.add(path.partition(".")[0], complaint.code, complaint.bound)
        return form
    if taken:
        async with tools.database.transaction(who.company_id) as transaction:
            offered = await offer(transaction, tools.hasher, taken)
        sent += [(KEPT_FIELD, str(Kept(file.upload_token, str(file.size), file.file_name))) for file in offered]
    return Form(sent)


def _limits(request: Request) -> Limits:
    settings = services(request).settings
    return Limits(settings.max_upload_files, settings.max_file_bytes)


def _most_bytes(limits: Limits) -> int:
    return limits.files * limits.bytes + 2 * _LARGEST


def _most_parts(limits: Limits) -> int:
    return limits.files + 1 + _MOST_FIELDS
