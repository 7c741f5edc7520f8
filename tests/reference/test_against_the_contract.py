"""Our document against the public contract, where a copy of that is at hand: names, enums, limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from support.api import PREFIX
from support.contract import needs_contract
from support.openapi import operations, resolved

from kronika.reference.document import openapi_document

_OURS = openapi_document("http://kronika.test")
_LIMITS = ("maxLength", "minimum", "maximum", "format")

pytestmark = needs_contract

# What Kronika adds on its own, by operationId: the contract cannot know it.
_EXTENSIONS = {
    "listDocuments",  # the contract has a list for each kind of document, of what is made there
    "listChanges",
    "streamChanges",  # the contract tells of changes by webhooks alone
    # The contract has no log of deliveries, and no way to have something delivered again.
    "listWebhookDeliveries",
    "showWebhookDelivery",
    "replayWebhookDelivery",
    "sendWebhookTestDelivery",
    "listWebhookReplays",
    "createWebhookReplay",
    "deleteWebhookReplay",
    "moveBusinessCase",  # the contract shows the place of a case in its column, and gives no way to change it
    "moveBusinessCaseStatus",  # the contract says that columns have an order, and that there is no way to change it
    "searchContacts",  # clients and suppliers are searched in one
    "searchEverything",
    "putDocument",
    "showDocument",
    "deleteDocument",
    "putDocuments",  # another system issues them
}

_OPERATIONS = [
    pytest.param(path, method, id=f"{method} {path}")
    for path, method, operation in operations(_OURS)
    if path.startswith(PREFIX) and operation["operationId"] not in _EXTENSIONS
]


# What Kronika adds to operations of the contract, by the name of a member or parameter.
_PAGES = re.compile(r"page|perPage|paginator(\..+)?")
_EXTENDED = {"listClients": _PAGES, "listSuppliers": _PAGES}
_PAYMENTS = {"listDocumentPayments", "createDocumentPayment", "showDocumentPayment"}
_PAID_TOO = {"received-invoice", "received-receipt"}
"""Documents whose payments Kronika knows, and the contract does not."""


def _of_the_contract(path: str, method: str, names: Iterable[str]) -> set[str]:
    """Those of our names that are no extension."""
    extension = _EXTENDED.get(_ours(path, method)["operationId"])
    return {name for name in names if extension is None or not extension.fullmatch(name)}


def _theirs(contract: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    """The operation at the same path, whatever its parameters are called."""
    shape = re.sub(r"\{\w+\}", "{}", path.removeprefix(PREFIX))
    found = [methods for known, methods in contract["paths"].items() if re.sub(r"\{\w+\}", "{}", known) == shape]
    assert found, f"the contract has no {path}"
    return found[0][method]


def _ours(path: str, method: str) -> dict[str, Any]:
    return _OURS["paths"][path][method]


def _content(document: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any] | None:
    content = next(iter(resolved(document, answer).get("content", {}).values()), None)
    return content and content["schema"]


def _members(
    document: dict[str, Any], schema: dict[str, Any], prefix: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every member below a schema, by dotted name, through objects, lists and alternatives."""
    schema = resolved(document, schema)
    for alternative in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _members(document, alternative, prefix)
    if "items" in schema:
        yield from _members(document, schema["items"], prefix)
    for name, member in schema.get("properties", {}).items():
        if member.get("type") == "null" or member.keys() == {"const"}:
            continue  # says only what a shape does not have, or repeats which one it is
        yield prefix + name, resolved(document, member)
        yield from _members(document, member, f"{prefix}{name}.")


def _by_name(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, member in _members(document, schema):
        found[name] = found.get(name, {}) | member
    return found


def _choices(schema: dict[str, Any]) -> set[str]:
    return {choice for choice in schema.get("enum", ()) if isinstance(choice, str)}


def _types(schema: dict[str, Any]) -> set[str]:
    declared = schema.get("type", [])
    return ({declared} if isinstance(declared, str) else set(declared)) - {"null"}


# What is always null: Kronika knows no invoices that were issued for a payment.
_NOTHING = re.compile(r"(data\.)?receiptInvoice(\..+)?")


def _choices_of_the_contract(path: str, method: str, schema: dict[str, Any]) -> set[str]:
    is_extended = _ours(path, method)["operationId"] in _PAYMENTS
    return _choices(schema) - (_PAID_TOO if is_extended else set())


@pytest.mark.parametrize(("path", "method"), _OPERATIONS)
def test_the_members_of_answers_are_those_of_the_contract(contract: dict[str, Any], path: str, method: str):
    for status, answer in _ours(path, method)["responses"].items():
        known = _theirs(contract, path, method)["responses"].get(status)
        if not status.startswith("2") or known is None:
            continue
        ours, theirs = _content(_OURS, answer), _content(contract, known)
        assert (ours is None) == (theirs is None)
        if ours is None or theirs is None:
            continue
        our_members, their_members = _by_name(_OURS, ours), _by_name(contract, theirs)
        missing = {name for name in their_members.keys() - our_members.keys() if not _NOTHING.fullmatch(name)}
        assert missing == set()
        assert _of_the_contract(path, method, our_members) - their_members.keys() == set()
        for name in our_members.keys() & their_members.keys():
            assert _types(our_members[name]) == _types(their_members[name]) or "$ref" in str(their_members[name]), name
            if _choices(their_members[name]):
                assert _choices_of_the_contract(path, method, our_members[name]) == _choices(their_members[name]), name


@pytest.mark.parametrize(("path", "method"), _OPERATIONS)
def test_the_members_of_requests_are_those_of_the_contract(contract: dict[str, Any], path: str, method: str):
    known = _theirs(contract, path, method).get("requestBody")
    if known is None:
        assert "requestBody" not in _ours(path, method)
        return
    ours, theirs = (
        _content(document, body) for document, body in ((_OURS, _ours(path, method)["requestBody"]), (contract, known))
    )
    assert ours is not None
    assert theirs is not None
    our_members, their_members = _by_name(_OURS, ours), _by_name(contract, theirs)
    assert our_members.keys() == their_members.keys()
    assert set(resolved(_OURS, ours)["required"]) == set(resolved(contract, theirs).get("required", ()))
    for name, their_member in their_members.items():
        our_member = our_members[name]
        assert _types(our_member) == _types(their_member), name
        if _choices(their_member):
            assert _choices_of_the_contract(path, method, our_member) == _choices(their_member), name
        for limit in _LIMITS:
            # An amount is exact here, and no float.
            if limit in their_member and their_member[limit] != "float":
                assert our_member.get(limit) == their_member[limit], f"{name}: {limit}"


@pytest.mark.parametrize(("path", "method"), _OPERATIONS)
def test_the_parameters_are_those_of_the_contract(contract: dict[str, Any], path: str, method: str):
    ours = {p["name"]: p for p in (resolved(_OURS, p) for p in _ours(path, method)["parameters"])}
    theirs = [resolved(contract, p) for p in _theirs(contract, path, method).get("parameters", ())]
    assert {p["name"] for p in theirs if p["in"] != "path"} <= ours.keys()
    queries = {n for n, p in ours.items() if p["in"] == "query"}
    assert _of_the_contract(path, method, queries) == {p["name"] for p in theirs if p["in"] == "query"}
    for parameter in theirs:
        if parameter["in"] == "query":
            our_schema, their_schema = ours[parameter["name"]]["schema"], parameter["schema"]
            assert _types(our_schema) == _types(their_schema)
            assert _choices_of_the_contract(path, method, our_schema) == _choices(their_schema)
            for limit in _LIMITS:
                if limit in their_schema:
                    assert our_schema.get(limit) == their_schema[limit], f"{parameter['name']}: {limit}"


@pytest.mark.parametrize(("path", "method"), _OPERATIONS)
def test_no_way_to_end_that_the_contract_knows_is_missing(contract: dict[str, Any], path: str, method: str):
    theirs = _theirs(contract, path, method)
    # A token of either scope may read.
    impossible = {"403"} if method == "get" else set()
    if theirs["operationId"] == "deleteDocumentPayment":
        impossible = {"422"}  # of a payment that an invoice was issued for
    assert theirs["responses"].keys() - impossible <= _ours(path, method)["responses"].keys()
    assert theirs["operationId"] == _ours(path, method)["operationId"]


def test_what_is_left_out_as_an_extension_is_there_and_says_so(contract: dict[str, Any]):
    ours = {operation["operationId"]: operation for _, _, operation in operations(_OURS)}
    theirs = {operation["operationId"] for _, _, operation in operations(contract)}
    for name in _EXTENSIONS:
        assert "An extension of Kronika" in ours[name]["description"]
        assert name not in theirs
