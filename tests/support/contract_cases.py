"""Every constraint of the vendor's description, as a request that just breaks it and one that just keeps it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from support.contract import Operation, contract, crm_operations
from support.contract_bodies import World
from support.openapi import resolved

ABSENT = object()
TARGETS = ("businessCaseId", "clientId", "supplierId")


@dataclass(frozen=True)
class Id:
    """In a value: the id of a record of this field's kind, the company's own or a stranger's."""

    field: str
    foreign: bool = False

    def real(self, world: World) -> int:
        return (world.foreign_ids if self.foreign else world.ids)[self.field]


@dataclass(frozen=True)
class Case:
    """A request that is good but for `sent` (values by dotted path), and the keys of its 422: none, it is accepted."""

    operation: Operation
    what: str
    sent: dict[str, Any]
    keys: frozenset[str] = frozenset()
    in_query: bool = False
    event_type: str = "note"

    @property
    def name(self) -> str:
        return f"{self.operation.name} {self.what}"

    def request(self, world: World) -> tuple[str, dict[str, Any]]:
        """Path and options."""
        base = world.query(self.operation) if self.in_query else world.body(self.operation, self.event_type)
        if set(self.sent) & set(TARGETS):
            # They exclude each other: what the case says of them is all there is.
            base = {name: value for name, value in base.items() if name not in TARGETS}
        for path, value in self.sent.items():
            base = _with(base, path.split("."), _real(value, world))
        return world.path(self.operation, self.event_type), {"params" if self.in_query else "json": base}


def _with(body: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    name, *rest = path
    if rest:
        return {**body, name: _with(body.get(name, {}), rest, value)}
    kept = {other: there for other, there in body.items() if other != name}
    return kept if value is ABSENT else {**kept, name: value}


def _real(value: Any, world: World) -> Any:
    if isinstance(value, Id):
        return value.real(world)
    return [_real(item, world) for item in value] if isinstance(value, list) else value


_WRONG = {
    "string": 5,
    "integer": "five",
    "number": "five",
    "boolean": "perhaps",
    "array": "nothing",
    "object": "nothing",
}
_UNKNOWN_ENTRY = 9999  # of no lookup
_NOBODY = 10**12

# How texts are made that have a length and more to them.
_FILLED: dict[str, Callable[[int], str]] = {
    "email": lambda length: f"{'a' * 64}@{('b.' * length)[: length - 66]}b",
    "color": lambda length: "#" + "2" * (length - 1),
    "url": lambda length: "https://hooks.example.com/".ljust(length, "a"),
}
# An address has at most 254 characters (RFC 5321, 4.5.3.1.3, without the brackets): the last of 255 cannot be reached.
_LONGEST = {"email": 254}

# What each type of event takes in its metadata. The file says so in prose, for each member.
_ACCEPTED: dict[str, list[str]] = {
    "note": ["content"],
    "email": ["content", "email"],
    "phone_call": ["content", "personName", "phoneNumber"],
    "document_linked": ["documentType", "documentId"],
}
_OPTIONAL = {"phoneNumber"}
_CONTACTS = ("clientId", "supplierId")
_COMPUTED = (
    "documentNumberSnapshot", "documentPriceSnapshot", "documentCurrencySnapshot", "paidAmount", "relatedDocument",
)  # fmt: skip
_SYSTEM_TYPES = ("document_created", "document_updated", "document_deleted", "document_payment_added")


@dataclass(frozen=True)
class _Walk:
    """Makes the cases of one operation's parameters, or of its body."""

    operation: Operation
    in_query: bool
    prefix: str = ""
    event_type: str = "note"
    required: frozenset[str] = frozenset()

    @property
    def named(self) -> set[str]:
        return set((self.operation.input or {"properties": ()})["properties"])

    def case(self, name: str, what: str, value: Any, *keys: str) -> Case:
        path = self.prefix + name
        return Case(
            self.operation, f"{path} {what}", {path: value}, frozenset(keys), self.in_query, self.event_type
        )  # fmt: skip

    def refused(self, name: str, what: str, value: Any, key: str = "") -> Case:
        return self.case(name, what, value, self.prefix + name + key)

    def member(self, name: str, rules: dict[str, Any]) -> Iterator[Case]:
        """The cases of one member, or of one parameter."""
        types = rules["type"] if isinstance(rules["type"], list) else [rules["type"]]
        kind = types[0]
        # A query holds nothing but texts.
        if not (self.in_query and kind == "string"):
            yield self.refused(name, "type", _WRONG[kind])
        if name in self.required:
            yield self.refused(name, "required", ABSENT)
            yield self.refused(name, "required, not null", None)
        elif "null" in types:
            yield self._null(name)
        if "minItems" in rules:
            yield self.refused(name, "minItems", [])
        if "items" in rules:
            yield self.refused(name, "items type", [_wrong_item(rules)], ".0")
            yield self.refused(name, "items unknown", [_unknown_item(rules)], ".0")
        yield from self._bounds(name, rules)
        yield from self._choices(name, rules)
        yield from self._records(name, rules)

    def _null(self, name: str) -> Case:
        null = "null" if self.in_query else None
        # A target that is null is none: another one has to be there.
        others = [other for other in TARGETS if name in TARGETS and other != name and other in self.named]
        sent = {self.prefix + name: null, **{other: Id(other) for other in others[:1]}}
        return replace(self.case(name, "null", null), sent=sent)

    def _bounds(self, name: str, rules: dict[str, Any]) -> Iterator[Case]:
        if "minimum" in rules:
            yield self.refused(name, "minimum", rules["minimum"] - 1)
            yield self.case(name, "minimum, at it", rules["minimum"])
        if "maximum" in rules:
            yield self.refused(name, "maximum", rules["maximum"] + 1)
            yield self.case(name, "maximum, at it", rules["maximum"])
        if "maxLength" in rules:
            fill = _FILLED.get(name, lambda length: "ž" * length)
            yield self.refused(name, "maxLength", fill(rules["maxLength"] + 1))
            yield self.case(name, "maxLength, at it", fill(_LONGEST.get(name, rules["maxLength"])))

    def _choices(self, name: str, rules: dict[str, Any]) -> Iterator[Case]:
        if rules.get("format") == "email":
            yield self.refused(name, "format", "nobody")
        for choice in rules.get("enum", ()):
            # The type of an event goes with its metadata: see _types.
            if (name, "metadata" in self.named, self.in_query) != ("type", True, False):
                yield self.case(name, f"enum {choice}", choice)
        if "enum" in rules:
            yield self.refused(name, "enum", "nonsense")

    def _records(self, name: str, rules: dict[str, Any]) -> Iterator[Case]:
        """An id of a record or of a lookup's entry, which must be there."""
        if "#" in rules.get("description", "") and "reference-tables" in rules["description"]:
            yield self.refused(name, "unknown", _UNKNOWN_ENTRY)
        elif name in (*TARGETS, "statusId", "documentId"):
            for what, value in (("unknown", _NOBODY), ("foreign", Id(name, foreign=True))):
                yield self.refused(name, what, value)
            yield self.case(name, "own", Id(name))


def _wrong_item(rules: dict[str, Any]) -> Any:
    return _WRONG[_items(rules)["type"]]


def _unknown_item(rules: dict[str, Any]) -> Any:
    return {"string": "no such token", "integer": _NOBODY}[_items(rules)["type"]]


def _items(rules: dict[str, Any]) -> dict[str, Any]:
    return resolved(contract(), rules["items"])


def _of_a_body(operation: Operation, schema: dict[str, Any]) -> Iterator[Case]:
    walk = _Walk(operation, in_query=False, required=frozenset(schema.get("required", ())))
    if operation.operation_id == "updateBusinessCase":
        # A change may leave the name out, but not take it away.
        yield walk.refused("name", "not null", None)
    for name, rules in schema["properties"].items():
        yield from walk.member(name, rules)
    for name, rules in schema["properties"].get("metadata", {}).get("properties", {}).items():
        types = [type_ for type_, accepted in _ACCEPTED.items() if name in accepted]
        for type_ in types:
            needed = frozenset({name}) - _OPTIONAL
            of_type = _Walk(operation, in_query=False, prefix="metadata.", event_type=type_, required=needed)
            for case in of_type.member(name, rules):
                yield Case(operation, f"{type_} {case.what}", case.sent, case.keys, event_type=type_)


def _of_metadata(operation: Operation) -> Iterator[Case]:
    """What one type of event takes and another does not; what none takes."""
    named = {name for accepted in _ACCEPTED.values() for name in accepted}
    values = {"email": "a@example.test", "documentType": "invoice", "documentId": 1, "relatedDocument": {"id": 1}}
    for type_, accepted in _ACCEPTED.items():
        for name in sorted(named.difference(accepted)) + list(_COMPUTED):
            path = f"metadata.{name}"
            what = f"{type_} {path} not for the type"
            yield Case(operation, what, {path: values.get(name, "x")}, frozenset({path}), event_type=type_)
    files = {"attachmentUploadTokens": ["any"]}
    yield Case(
        operation, "document_linked attachmentUploadTokens", files, frozenset(files), event_type="document_linked"
    )  # fmt: skip


def _of_targets(operation: Operation, targets: tuple[str, ...], *, none: bool) -> Iterator[Case]:
    """Fields that exclude each other: in every pair, all at once, and (`none`) left out altogether."""
    in_query = operation.method == "GET"
    pairs = [(one, other) for one in targets for other in targets if one < other]
    for sent in dict.fromkeys([*pairs, targets]):
        values: dict[str, Any] = {name: Id(name) for name in sent}
        yield Case(operation, f"{' and '.join(sent)} exclude each other", values, frozenset(sent), in_query)
    if none:
        values = dict.fromkeys(targets, ABSENT)
        yield Case(operation, "without any target", values, frozenset(targets), in_query)


def _forbidden(operation: Operation, names: tuple[str, ...]) -> Iterator[Case]:
    for name in names:
        yield Case(operation, f"{name} forbidden", {name: Id(name) if name in TARGETS else "note"}, frozenset({name}))


def _types(operation: Operation) -> Iterator[Case]:
    """Each type of event with metadata of its own; those that nobody but the server records."""
    for type_ in _ACCEPTED:
        yield Case(operation, f"type enum {type_}", {}, event_type=type_)
    for type_ in _SYSTEM_TYPES:
        yield Case(operation, f"type {type_}", {"type": type_}, frozenset({"type"}))


# What the file says in prose: which fields exclude each other, and which may not be sent.
_PROSE: dict[str, Callable[[Operation], Iterable[Case]]] = {
    "createBusinessCase": lambda each: _of_targets(each, _CONTACTS, none=True),
    "listBusinessCases": lambda each: _of_targets(each, _CONTACTS, none=False),
    "updateBusinessCase": lambda each: _forbidden(each, _CONTACTS),
    "createContactActivityLog": lambda each: chain(
        _of_targets(each, TARGETS, none=True), _of_metadata(each), _types(each)
    ),
    "listContactActivityLogs": lambda each: _of_targets(each, TARGETS, none=True),
    "updateContactActivityLog": lambda each: chain(_of_metadata(each), _forbidden(each, (*TARGETS, "type"))),
}


def metadata_named_here() -> set[str]:
    """Every member of a request's metadata that these cases know."""
    return {name for accepted in _ACCEPTED.values() for name in accepted}


def cases() -> Iterator[Case]:
    """All of them, with names of their own."""
    for operation in crm_operations():
        walk = _Walk(operation, in_query=True, required=operation.required_queries)
        for name, rules in operation.queries.items():
            yield from walk.member(name, rules)
        if operation.input is not None:
            yield from _of_a_body(operation, operation.input)
        yield from _PROSE.get(operation.operation_id, lambda _: ())(operation)
