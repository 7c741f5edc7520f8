"""Field kinds: each reads one normalised value, and says in JSON Schema what it accepts.

Reading never raises: it adds complaints and gives None, so that all errors of an input are told at once. The schema is
what `/openapi.json` publishes; it stands beside the check so that the two cannot drift apart unseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar

import email_validator

from kronika.errors import Complaints
from kronika.input.normalise import LARGEST_INTEGER, SMALLEST_INTEGER, Json

T = TypeVar("T")
Reader: TypeAlias = Callable[[Json, str, Complaints], T | None]
Schema: TypeAlias = dict[str, Any]
MembersReader: TypeAlias = "Callable[[Mapping[str, Field[Any]], Mapping[str, Json], Complaints], dict[str, Any]]"
"""Reads the members of a body's object by their names: `read_members` or `read_sent_members`."""

# A record says what was said: an address at example.test is an address. The list is the library's own switch for it.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

LONGEST_TEXT = 65_535
"""Bytes of UTF-8 of a text that the contract gives no length."""
LONGEST_LINE = 255
"""Characters of a single-line text."""

_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})", re.ASCII)
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_FLAGS: dict[object, bool] = {True: True, False: False, "1": True, "0": False}
_FLAG_WORDS: dict[str, str] = {"true": "1", "false": "0"}


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """How one member of an object is read. `required` = absent or null is a complaint."""

    reader: Reader[T]
    schema: Schema
    required: bool = False

    def read(self, value: Json, path: str, complaints: Complaints) -> T | None:
        """The typed value; None when it is absent, null or complained about."""
        if value is None:
            # What could not even be stored has been complained about, and reads as null from then on.
            if self.required and path not in complaints:
                complaints.add(path, "required")
            return None
        return self.reader(value, path, complaints)


def required(field: Field[T]) -> Field[T]:
    """The same field, which must be there and not null."""
    return replace(field, required=True)


def text(*, characters: int | None = None, bytes_: int | None = None) -> Field[str]:
    """A string of at most so many characters, or bytes of UTF-8 (LONGEST_TEXT when neither is given)."""
    most_bytes = bytes_ if bytes_ or characters else LONGEST_TEXT

    def read(value: Json, path: str, complaints: Complaints) -> str | None:
        if not isinstance(value, str):
            complaints.add(path, "string")
        elif characters is not None and len(value) > characters:
            complaints.add(path, "characters_at_most", characters)
        elif most_bytes is not None and len(value.encode()) > most_bytes:
            complaints.add(path, "bytes_at_most", most_bytes)
        else:
            return value
        return None

    return Field(read, {"type": "string", "maxLength": characters or most_bytes})


def color() -> Field[str]:
    """A colour in hex, `#rrggbb` or `#rgb`, kept as it was written."""
    line = text(characters=7)

    def read(value: Json, path: str, complaints: Complaints) -> str | None:
        written = line.read(value, path, complaints)
        if written is not None and not _COLOR.fullmatch(written):
            complaints.add(path, "color")
            return None
        return written

    return Field(read, line.schema | {"pattern": f"^{_COLOR.pattern}$"})


def integer(smallest: int = SMALLEST_INTEGER, largest: int = LARGEST_INTEGER) -> Field[int]:
    """A whole number, also written as a string of digits."""

    def read(value: Json, path: str, complaints: Complaints) -> int | None:
        number = parse_integer(value)
        if number is None:
            complaints.add(path, "integer")
        elif number < smallest:
            complaints.add(path, "at_least", smallest)
        elif number > largest:
            complaints.add(path, "at_most", largest)
        else:
            return number
        return None

    return Field(read, {"type": "integer", "minimum": smallest, "maximum": largest})


def parse_integer(value: Json) -> int | None:
    """`5` or `"5"` within 64 bits; None for anything else (a boolean is no number)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, int) and SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
        return value
    return None


def identifier() -> Field[int]:
    """The id of a record; whether there is one is asked in the transaction."""
    return Field(_read_identifier, {"type": "integer", "minimum": 1, "maximum": LARGEST_INTEGER})


def _read_identifier(value: Json, path: str, complaints: Complaints) -> int | None:
    number = parse_integer(value)
    if number is None:
        complaints.add(path, "integer")
    elif number < 1:
        complaints.add(path, "unknown")
    else:
        return number
    return None


def lookup(ids: Collection[int]) -> Field[int]:
    """The id of an entry in a fixed lookup."""

    def read(value: Json, path: str, complaints: Complaints) -> int | None:
        number = parse_integer(value)
        if number is None:
            complaints.add(path, "integer")
        elif number not in ids:
            complaints.add(path, "unknown")
        else:
            return number
        return None

    return Field(read, {"type": "integer", "enum": sorted(ids)})


NULL_WORD = "null"


def or_null_word(field: Field[T]) -> Field[T | str]:
    """The word `null`, or what the field reads: a query has no other way to ask for what has none."""

    def read(value: Json, path: str, complaints: Complaints) -> T | str | None:
        return NULL_WORD if value == NULL_WORD else field.reader(value, path, complaints)

    return Field(read, nullable(field))


def flag() -> Field[bool]:
    """true, false, 0, 1, "0" or "1"."""

    def read(value: Json, path: str, complaints: Complaints) -> bool | None:
        if isinstance(value, bool | int | str) and value in _FLAGS:
            return _FLAGS[value]
        complaints.add(path, "boolean")
        return None

    return Field(read, {"type": "boolean"})


def flag_word() -> Field[bool]:
    """A flag in a query, where true and false are words too."""
    plain = flag()

    def read(value: Json, path: str, complaints: Complaints) -> bool | None:
        word = _FLAG_WORDS.get(value, value) if isinstance(value, str) else value
        return plain.reader(word, path, complaints)

    return Field(read, plain.schema)


def choice(*options: str) -> Field[str]:
    """One of these strings."""

    def read(value: Json, path: str, complaints: Complaints) -> str | None:
        if isinstance(value, str) and value in options:
            return value
        complaints.add(path, "string" if not isinstance(value, str) else "choice")
        return None

    return Field(read, {"type": "string", "enum": list(options)})


def email() -> Field[str]:
    """An e-mail address, kept as it was written; its domain is not looked up."""

    def read(value: Json, path: str, complaints: Complaints) -> str | None:
        if not isinstance(value, str):
            complaints.add(path, "string")
        elif len(value) > LONGEST_LINE:
            complaints.add(path, "characters_at_most", LONGEST_LINE)
        elif not is_email(value):
            complaints.add(path, "email")
        else:
            return value
        return None

    return Field(read, {"type": "string", "format": "email", "maxLength": LONGEST_LINE})


@lru_cache(maxsize=4096)
def is_email(address: str) -> bool:
    """By RFC 5322 and 6531 as email-validator reads them. Reserved domains (example.test) are addresses too."""
    try:
        email_validator.validate_email(address, check_deliverability=False, globally_deliverable=False)
    except email_validator.EmailNotValidError:
        return False
    return True


def items(field: Field[Any], *, most: int | None = None) -> Field[list[Any]]:
    """An array whose every item the field reads, at `path.N`."""
    each = required(field)

    def read(value: Json, path: str, complaints: Complaints) -> list[Any] | None:
        if not isinstance(value, list):
            complaints.add(path, "array")
            return None
        if most is not None and len(value) > most:
            complaints.add(path, "items_at_most", most)
            return None
        return [each.read(item, f"{path}.{n}", complaints) for n, item in enumerate(value)]

    schema: Schema = {"type": "array", "items": field.schema}
    return Field(read, schema | ({"maxItems": most} if most is not None else {}))


def members() -> Field[dict[str, Json]]:
    """An object, its members as they are."""

    def read(value: Json, path: str, complaints: Complaints) -> dict[str, Json] | None:
        if isinstance(value, dict):
            return value
        complaints.add(path, "object")
        return None

    return Field(read, {"type": "object"})


def unchangeable() -> Field[None]:
    """What a change may not name, unless with null."""

    def read(_: Json, path: str, complaints: Complaints) -> None:
        complaints.add(path, "unchangeable")

    return Field(read, {"type": "null"})


def read_members(
    fields: Mapping[str, Field[Any]], value: Mapping[str, Json], complaints: Complaints, path: str = ""
) -> dict[str, Any]:
    """Every named member of an object, read; the path is the object's own."""
    prefix = f"{path}." if path else ""
    return {name: field.read(value.get(name), prefix + name, complaints) for name, field in fields.items()}


def read_sent_members(
    fields: Mapping[str, Field[Any]], value: Mapping[str, Json], complaints: Complaints
) -> dict[str, Any]:
    """Those of the named members that were sent, null or not. A required one may be absent, but not null."""
    return read_members({name: field for name, field in fields.items() if name in value}, value, complaints)


def object_schema(fields: Mapping[str, Field[Any]]) -> Schema:
    """The JSON Schema of an object with these members."""
    return {
        "type": "object",
        "properties": {name: nullable(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
    }


def nullable(field: Field[Any]) -> Schema:
    """The field's schema, with null where null counts as absent."""
    if field.required or field.schema["type"] == "null":
        return field.schema
    schema = dict(field.schema)
    schema["type"] = [schema["type"], "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema
