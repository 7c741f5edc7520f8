"""The JSON Schemas of answers, from the structs that are encoded into them.

msgspec's own generator refuses a union of untagged structs, which an event's metadata is.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import UNSET, Struct, UnsetType

from kronika.input.fields import Schema
from kronika.reference.operation import Thing

_PLAIN: dict[type, str] = {
    int: "integer",
    str: "string",
    bool: "boolean",
    float: "number",
    Decimal: "number",
    types.NoneType: "null",
}
# Of texts, by the end of their member's name.
_FORMATS: dict[str, str] = {"At": "date-time", "Date": "date"}


def component_name(struct: type[Struct]) -> str:
    """`EventView` is published as `Event`."""
    return struct.__name__.removesuffix("View")


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def struct_schemas(roots: Iterable[type[Struct]], things: Iterable[Thing]) -> dict[str, Schema]:
    """The schemas of these structs and of all they hold, by component name."""
    texts = {thing.struct: thing for thing in things}
    structs: dict[str, type[Struct]] = {}
    waiting = list(roots)
    while waiting:
        struct = waiting.pop()
        name = component_name(struct)
        if structs.setdefault(name, struct) is not struct:
            raise TypeError(f"two structs are called {name}")
        for field in msgspec.structs.fields(struct):
            waiting += [other for other in _structs_in(field.type) if structs.get(component_name(other)) is not other]
    return {name: _struct_schema(struct, texts.get(struct)) for name, struct in sorted(structs.items())}


def _struct_schema(struct: type[Struct], thing: Thing | None) -> Schema:
    texts: Mapping[str, str] = thing.members if thing else {}
    rules: Mapping[str, Schema] = thing.rules if thing else {}
    properties: dict[str, Schema] = {}
    for field in msgspec.structs.fields(struct):
        name = field.encode_name
        schema = _schema_of(field.type)
        for ending, form in _FORMATS.items():
            if name.endswith(ending) and field.type in (str, str | None):
                schema["format"] = form
        properties[name] = schema | rules.get(name, {}) | ({"description": texts[name]} if name in texts else {})
    described = {"description": thing.text} if thing else {}
    always = [field.encode_name for field in msgspec.structs.fields(struct) if field.default is not UNSET]
    return {"type": "object", **described, "properties": properties, "required": always}


def _schema_of(kind: Any) -> Schema:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return reference(component_name(kind))
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    if get_origin(kind) is Literal:
        return {"type": "string", "enum": list(get_args(kind))}
    if get_origin(kind) is list:
        return {"type": "array", "items": _schema_of(get_args(kind)[0])}
    if get_origin(kind) is dict:
        return {"type": "object", "additionalProperties": _schema_of(get_args(kind)[1])}
    if get_origin(kind) in (Union, types.UnionType):
        return _any_of([_schema_of(part) for part in get_args(kind) if part not in (types.NoneType, UnsetType)], kind)
    raise TypeError(f"no schema for {kind}")


def _any_of(schemas: list[Schema], kind: Any) -> Schema:
    null = types.NoneType in get_args(kind)
    if null and len(schemas) == 1 and "type" in schemas[0]:
        choices = {"enum": [*schemas[0]["enum"], None]} if "enum" in schemas[0] else {}
        return {**schemas[0], "type": [schemas[0]["type"], "null"], **choices}
    if not null and len(schemas) == 1:
        return schemas[0]
    return {"anyOf": [*schemas, *([{"type": "null"}] if null else [])]}


def _structs_in(kind: Any) -> list[type[Struct]]:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return [kind]
    return [struct for part in get_args(kind) for struct in _structs_in(part)]
