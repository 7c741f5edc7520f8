"""JSON as clients send it → plain values that are safe to judge and to store.

Strings are trimmed, then empty ones become null; numbers without a fraction become integers; what cannot be stored is
complained about at its path. The result is what rules judge and what the idempotency fingerprint is taken of.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TypeAlias, TypeGuard

import msgspec

from kronika.errors import Complaints

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

DEEPEST = 32
"""Levels of nesting: `{}` is one, `{"a": []}` two."""
SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**63 - 1
# Beyond this a float no longer names one integer.
_EXACT_FLOAT = 2.0**53

# Unicode's White_Space, which unlike Python's leaves out the four separators of ASCII; zero-width space; BOM.
_NOT_WHITE_SPACE = "\x1c\x1d\x1e\x1f"
_TRIMMED = "\u200b\ufeff" + "".join(
    c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace() and c not in _NOT_WHITE_SPACE
)


def clean_text(value: str) -> str | None:
    """Without white space, zero-width space and BOM at both ends; null when nothing is left."""
    return value.strip(_TRIMMED) or None


def decode(body: bytes, complaints: Complaints) -> dict[str, Json]:
    """The object in a JSON body, normalised; complaints under `body` and under the paths concerned."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        complaints.add("body", "json")
        return {}
    if not _is_object(value):
        complaints.add("body", "json_object")
        return {}
    try:
        return _members(value, "", 1, complaints)
    except _TooDeepError:
        complaints.add("body", "depth", DEEPEST)
        return {}


class _TooDeepError(Exception):
    pass


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _members(value: dict[str, object], path: str, depth: int, complaints: Complaints) -> dict[str, Json]:
    if depth > DEEPEST:
        raise _TooDeepError
    clean: dict[str, Json] = {}
    for name, member in value.items():
        if "\0" in name:
            complaints.add("body", "characters")
            continue
        clean[name] = _normalise(member, f"{path}.{name}" if path else name, depth, complaints)
    return clean


def _normalise(value: object, path: str, depth: int, complaints: Complaints) -> Json:
    match value:
        case str():
            if "\0" in value:
                complaints.add(path, "characters")
                return None
            return clean_text(value)
        case bool() | None:
            return value
        case int():
            if not SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
                complaints.add(path, "integer")
                return None
            return value
        case float():
            return int(value) if value.is_integer() and abs(value) <= _EXACT_FLOAT else value
        case _ if _is_list(value):
            if depth >= DEEPEST:
                raise _TooDeepError
            return [_normalise(item, f"{path}.{n}", depth + 1, complaints) for n, item in enumerate(value)]
        case _ if _is_object(value):
            return _members(value, path, depth + 1, complaints)
        case _:  # pragma: no cover - the decoder makes nothing else
            raise TypeError(type(value))


def canonical(value: Mapping[str, Json]) -> bytes:
    """One byte string for all spellings of the same normalised value: sorted keys, no white space."""
    return msgspec.json.encode(value, order="sorted")
