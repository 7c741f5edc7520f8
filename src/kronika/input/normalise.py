"""JSON as clients send it → plain values that are safe to judge and to store.

Strings are trimmed, then empty ones become null; numbers without a fraction become integers; what cannot be stored is
complained about at its path. The result is what rules judge and what the idempotency fingerprint is taken of.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias, TypeGuard

import msgspec

from kronika.errors import Complaints

Json: TypeAlias = "bool | int | float | Decimal | str | list[Json] | dict[str, Json] | None"
"""A number with a fraction is a float where that is exactly what was written, else a decimal."""

DEEPEST = 32
"""Levels of nesting: `{}` is one, `{"a": []}` two."""
MOST_VALUES = 20_000
"""Values in one body, members and items alike: what a megabyte of zeros holds would keep a process busy for seconds."""
LONGEST_NAME = 255
"""Characters of a member's name."""
SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**63 - 1
# Beyond this a float no longer names one integer.
_EXACT_FLOAT = 2.0**53

# Unicode's White_Space, which unlike Python's leaves out the four separators of ASCII; zero-width space; BOM.
_NOT_WHITE_SPACE = "\x1c\x1d\x1e\x1f"
_TRIMMED = "\u200b\ufeff" + "".join(
    c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace() and c not in _NOT_WHITE_SPACE
)


# A float of so many characters is the number that was written, to its last digit.
_LONGEST_FLOAT = 16


def _number(written: str) -> float | Decimal:
    number = float(written)
    if not math.isfinite(number):
        raise ValueError(written)
    return number if len(written) <= _LONGEST_FLOAT else Decimal(written)


_DECODER = msgspec.json.Decoder(float_hook=_number)
_CANONICAL = msgspec.json.Encoder(order="sorted", decimal_format="number")


def clean_text(value: str) -> str | None:
    """Without white space, zero-width space and BOM at both ends; null when nothing is left."""
    return value.strip(_TRIMMED) or None


def decode(body: bytes, complaints: Complaints, *, most_values: int = MOST_VALUES) -> dict[str, Json] | None:
    """The object in a JSON body, normalised; None when there is no object to judge, with a complaint under `body`.

    What cannot be stored reads as null, with a complaint under its path.
    """
    try:
        value = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        complaints.add("body", "json")
        return None
    if not _is_object(value):
        complaints.add("body", "json_object")
        return None
    try:
        return _Normaliser(complaints, most_values).members(value, None, 1)
    except _UnreadableError as error:
        complaints.add("body", error.code, error.bound)
        return None


class _UnreadableError(Exception):
    def __init__(self, code: str, bound: int) -> None:
        super().__init__(code)
        self.code, self.bound = code, bound


# Where a value stands: its name, and where the object or list it is in stands. Written out only to complain.
_Place: TypeAlias = "tuple[_Place | None, str | int]"


def _path(place: _Place | None) -> str:
    names: list[str] = []
    while place is not None:
        place, name = place
        names.append(str(name))
    return ".".join(reversed(names))


class _Normaliser:
    def __init__(self, complaints: Complaints, most_values: int) -> None:
        self._complaints = complaints
        self._most = self._left = most_values

    def members(self, value: dict[str, object], place: _Place | None, depth: int) -> dict[str, Json]:
        if depth > DEEPEST:
            raise _UnreadableError("depth", DEEPEST)
        clean: dict[str, Json] = {}
        for name, member in value.items():
            if len(name) > LONGEST_NAME:
                raise _UnreadableError("name_characters_at_most", LONGEST_NAME)
            if "\0" in name:
                self._complaints.add("body", "characters")
            else:
                clean[name] = self._value(member, (place, name), depth)
        return clean

    def _value(self, value: object, place: _Place, depth: int) -> Json:
        self._left -= 1
        if self._left < 0:
            raise _UnreadableError("values_at_most", self._most)
        match value:
            case bool() | None:
                return value
            case str():
                return clean_text(value) if "\0" not in value else self._unstorable(place, "characters")
            case int():
                fits = SMALLEST_INTEGER <= value <= LARGEST_INTEGER
                return value if fits else self._unstorable(place, "too_large_number")
            case Decimal():
                whole = value == value.to_integral_value() and SMALLEST_INTEGER <= value <= LARGEST_INTEGER
                return int(value) if whole else value
            case float():
                return int(value) if value.is_integer() and abs(value) <= _EXACT_FLOAT else value
            case _ if _is_object(value):
                return self.members(value, place, depth + 1)
            case _ if _is_list(value):
                if depth >= DEEPEST:
                    raise _UnreadableError("depth", DEEPEST)
                return [self._value(item, (place, n), depth + 1) for n, item in enumerate(value)]
            case _:  # pragma: no cover - the decoder makes nothing else
                raise TypeError(type(value))

    def _unstorable(self, place: _Place, code: str) -> None:
        self._complaints.add(_path(place), code)


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def canonical(value: Mapping[str, Json]) -> bytes:
    """One byte string for all spellings of the same normalised value: sorted keys, no white space."""
    return _CANONICAL.encode(value)
