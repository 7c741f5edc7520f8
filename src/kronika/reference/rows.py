"""A schema as rows of a table: what a reader wants to know of each member, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kronika.input.fields import Schema
from kronika.input.normalise import LARGEST_INTEGER, SMALLEST_INTEGER

_MOST_CHOICES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    kind: str
    links: tuple[str, ...]
    """Things the kind is made of."""
    limits: str
    choices: tuple[str, ...]
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    rows: tuple[Row, ...]


def tables(schema: Schema) -> list[Table]:
    """What all shapes of an object share, then what each shape adds to it."""
    found = [Table("", tuple(_members(schema)))]
    for shape in schema.get("anyOf", ()):
        rows = tuple(row for row in _members(shape) if row.kind)
        found.append(Table(shape["title"], rows))
    return found


def _members(schema: Schema, prefix: str = "") -> list[Row]:
    rows: list[Row] = []
    for name, member in schema["properties"].items():
        if member.get("type") == "null":
            continue
        inner = member.get("properties")
        if inner is None or "description" in member:
            rows.append(as_row(member, prefix + name, required=name in schema.get("required", ())))
        if inner is not None:
            rows += _members(member, f"{prefix}{name}.")
    return rows


def as_row(schema: Schema, name: str, *, required: bool = False) -> Row:
    """One member. One without a kind only repeats a constant."""
    kind, links = _kind(schema)
    choices = tuple(str(choice) for choice in schema.get("enum", ()) if choice is not None)
    limits = _limits(schema)
    if len(choices) > _MOST_CHOICES_SHOWN:
        limits, choices = f"one of {len(choices)} ids", ()
    return Row(name, kind, links, limits, choices, required, schema.get("description", ""))


def _kind(schema: Schema) -> tuple[str, tuple[str, ...]]:
    """Type in words, and the things it links to."""
    if "$ref" in schema:
        return "object", (schema["$ref"].rpartition("/")[2],)
    if "anyOf" in schema:
        parts = [_kind(part) for part in schema["anyOf"]]
        words = list(dict.fromkeys(words for words, _ in parts))
        return " or ".join(words), tuple(link for _, links in parts for link in links)
    declared: Any = schema.get("type", "")
    links: tuple[str, ...] = ()
    words = [declared] if isinstance(declared, str) else [str(kind) for kind in declared]
    if "array" in words and "items" in schema:
        inner, links = _kind(schema["items"])
        words[words.index("array")] = f"list of {inner}s"
    elif "array" in words:
        words[words.index("array")] = "empty list"
    return " or ".join(words), links


def _limits(schema: Schema) -> str:
    smallest, largest = schema.get("minimum"), schema.get("maximum")
    smallest = None if smallest == SMALLEST_INTEGER else smallest
    largest = None if largest == LARGEST_INTEGER else largest
    found: list[str] = []
    if smallest is not None and largest is not None:
        found.append(f"{smallest:,} to {largest:,}")
    elif smallest is not None:
        found.append(f"at least {smallest:,}")
    elif largest is not None:
        found.append(f"at most {largest:,}")
    if "exclusiveMinimum" in schema:
        found.insert(0, f"more than {schema['exclusiveMinimum']:,}")
    if "const" in schema.get("not", {}):
        found.append(f"not {schema['not']['const']}")
    if "maxLength" in schema:
        found.append(f"at most {schema['maxLength']:,} characters")
    if schema.get("minItems"):
        found.append(f"at least {schema['minItems']:,} of them")
    if schema.get("maxItems"):
        found.append(f"at most {schema['maxItems']:,} items")
    formats = {
        "email": "an e-mail address",
        "uri": "a URL",
        "uuid": "a UUID",
        "date": "a day (2026-03-10)",
        "date-time": "a time (ISO 8601)",
    }
    if schema.get("format") in formats:
        found.append(formats[schema["format"]])
    return ", ".join(found)
