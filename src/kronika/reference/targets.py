"""How a schema says that exactly one of several members names what a thing belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from kronika.input.fields import Schema


def exactly_one_of(names: Iterable[str]) -> Schema:
    """Keywords for an object of which exactly one of these members is there and not null."""
    return {"oneOf": [{"properties": {name: {"type": "integer"}}, "required": [name]} for name in names]}
