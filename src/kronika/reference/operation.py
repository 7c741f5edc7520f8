"""How an operation is declared: what only a person can say of it. Everything else the document derives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import Struct

from kronika.input.fields import Field, Schema, nullable, object_schema

JSON: Final = "application/json"
FORM: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Thing:
    """A struct that answers are made of, in words."""

    struct: type[Struct]
    text: str
    members: Mapping[str, str]
    rules: Mapping[str, Schema] = field(default_factory=dict[str, Schema])
    """What more there is to know of a member than its type says."""


@dataclass(frozen=True, slots=True)
class Body:
    """A request body. Its examples are true: sent to the application they succeed (ids aside)."""

    name: str
    schema: Schema
    examples: Mapping[str, Any]
    media_type: str = JSON


@dataclass(frozen=True, slots=True)
class Also:
    """Another way to end with the same struct, with its examples; or without a body."""

    text: str
    answers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. The `answers` are examples, by the names of the requests they answer."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    success: str
    answer: type[Struct] | None = None
    answers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    status: int = 200
    query: Mapping[str, Field[Any]] = field(default_factory=dict[str, Field[Any]])
    query_texts: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, tuple[Field[Any], str]] = field(default_factory=dict[str, tuple[Field[Any], str]])
    """Of its own, each with its text."""
    body: Body | None = None
    keyed: bool = False
    """Takes an Idempotency-Key."""
    public: bool = False
    """Needs no token, is not counted, knows no language."""
    path_texts: Mapping[str, str] = field(default_factory=dict[str, str])
    parameter_examples: Mapping[str, Any] = field(default_factory=dict[str, Any])
    also: Mapping[int, Also] = field(default_factory=dict[int, "Also"])
    """Further statuses that are answered with the same struct."""
    streams: str = ""
    """The media type of an answer that is bytes and no struct."""
    path_fields: Mapping[str, Field[Any]] = field(default_factory=dict[str, Field[Any]])
    """What stands in the path, where it is no id."""
    own_problems: tuple[int, ...] = ()
    """Of a public operation: the errors it can answer."""

    @property
    def problems(self) -> list[int]:
        """The statuses of the errors it can answer, by what it does."""
        if self.public:
            return list(self.own_problems)
        found = {401, 429, 500, 503}
        if self.method != "get":
            found.add(403)
        if "{" in self.path:
            found.add(404)
        if self.query:
            found.add(422)
        if self.body is not None:
            found |= {408, 413, 422}
        if self.keyed:
            found |= {400, 409, 422}
        return sorted(found)


@dataclass(frozen=True, slots=True)
class Chapter:
    """The operations on one kind of thing: a tag of the document."""

    tag: str
    text: str
    operations: tuple[Operation, ...]
    things: tuple[Thing, ...]


def described_changes(fields: Mapping[str, Field[Any]], texts: Mapping[str, str]) -> Schema:
    """`described` for a change of which any member may be absent."""
    return described(fields, texts) | {"required": []}


def described(fields: Mapping[str, Field[Any]], texts: Mapping[str, str]) -> Schema:
    """The schema of an object with these members, each with its text.

    A text that must be there must also say something: an empty one reads as null.
    """
    schema = object_schema(fields)
    for name, member in fields.items():
        rules: Schema = dict(nullable(member))
        if member.required and rules["type"] == "string" and "enum" not in rules:
            rules = {"type": "string", "minLength": 1, **rules}
        schema["properties"][name] = rules | ({"description": texts[name]} if name in texts else {})
    return schema
