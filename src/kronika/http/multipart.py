"""A multipart/form-data body, read part by part as it arrives: never more of it in memory than one message of it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import unquote_to_bytes

from msgspec import Struct
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from kronika.errors import Complaints, Invalid
from kronika.http.incoming import Incoming

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_SLICE: Final = 64 * 1024
_MOST_HEADERS: Final = 16
_LONGEST_HEADER: Final = 8 * 1024

# RFC 7578 wants only `filename`; some clients send `filename*` (RFC 5987) alone all the same.
_EXTENDED_NAME = re.compile(rb";\s*filename\*\s*=\s*([\w-]+)'[^']*'([^;\s]+)", re.ASCII | re.IGNORECASE)


class _Begin(Struct):
    disposition: bytes


class _End(Struct):
    pass


_Event: TypeAlias = _Begin | _End | bytes


class Part:
    """One part of the form. `file_name` as it was sent; None: the part is no file."""

    def __init__(self, form: Multipart, name: str, file_name: str | None) -> None:
        self.name = name
        self.file_name = file_name
        self._form = form

    async def pieces(self) -> AsyncGenerator[bytes]:
        """What is left of its content. What nobody asked for is passed over."""
        async for piece in self._form.content():
            yield piece


class Multipart:
    """The form in the body of a request.

    All raise Invalid (on `body`): it is no such form, or breaks off; and what reading the body raises.
    """

    def __init__(self, body: Incoming, *, most_parts: int) -> None:
        """Raises what can be told before the body is read."""
        body.judge_announced()
        media_type, options = parse_options_header(body.headers.get("content-type"))
        if media_type != b"multipart/form-data" or not options.get(b"boundary"):
            raise _unreadable("multipart")
        self._body = body
        self._found = _Findings(most_parts)
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                self._found.callbacks(),
                max_header_count=_MOST_HEADERS,
                max_header_size=_LONGEST_HEADER,
            )
        except FormParserError:
            raise _unreadable("multipart") from None

    async def parts(self) -> AsyncGenerator[Part]:
        """Each part in turn, its content to be taken before the next one is asked for."""
        while (event := await self._next()) is not None:
            if isinstance(event, _Begin):
                name, file_name = _names(event.disposition)
                yield Part(self, name, file_name)

    async def content(self) -> AsyncGenerator[bytes]:
        """What is left of the part that was begun last."""
        while isinstance(event := await self._next(), bytes):
            yield event
        # The end of the part, which asking once more must meet again.
        if event is not None:
            self._found.events.appendleft(event)

    async def _next(self) -> _Event | None:
        while not self._found.events:
            if self._body.ended:
                if not self._found.closed:
                    raise _unreadable("multipart")
                return None
            self._parse(await self._body.piece())
        return self._found.events.popleft()

    def _parse(self, piece: bytes) -> None:
        try:
            for start in range(0, len(piece), _SLICE):
                self._parser.write(piece[start : start + _SLICE])
        except FormParserError:
            raise _unreadable("multipart") from None


class _Findings:
    """What the parser calls. It knows neither the parser nor the body: a circle through them would live on after the
    request, and the connection with it.
    """

    def __init__(self, most_parts: int) -> None:
        self.events: deque[_Event] = deque()
        self.closed = False
        self._parts_left = most_parts
        self._header = b""
        self._value = b""
        self._disposition = b""

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._on_header,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_data,
            "on_part_end": self._on_end,
            "on_end": self._on_close,
        }

    def _begin(self) -> None:
        self._parts_left -= 1
        if self._parts_left < 0:
            raise _unreadable("parts_at_most")
        self._header = self._value = self._disposition = b""

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _on_headers(self) -> None:
        self.events.append(_Begin(self._disposition))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self.events.append(data[start:end])

    def _on_end(self) -> None:
        self.events.append(_End())

    def _on_close(self) -> None:
        self.closed = True


def _names(disposition: bytes) -> tuple[str, str | None]:
    """The field's name, and the file's if it is one."""
    _, options = parse_options_header(disposition.decode("latin-1"))
    name = options.get(b"name", b"").decode(errors="replace")
    file_name = options.get(b"filename")
    if file_name is not None:
        return name, file_name.decode(errors="replace")
    if extended := _EXTENDED_NAME.search(disposition):
        charset = "latin-1" if extended[1].lower() == b"iso-8859-1" else "utf-8"
        return name, unquote_to_bytes(extended[2]).decode(charset, errors="replace")
    return name, None


def _unreadable(code: str) -> Invalid:
    complaints = Complaints()
    complaints.add("body", code)
    return Invalid(complaints)
