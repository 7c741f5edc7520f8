"""The vendor's description of the API, where there is a copy of it: what it lists, and whether an answer is as it says.

The file marks hardly a member as required, and forbids none. Here every member that it shows must be in an answer, and
no other may be.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from support.openapi import operations, resolved, validator

CONTRACT_FILE = Path(
    os.environ.get("KRONIKA_CONTRACT_FILE")
    or Path(__file__).parents[3] / "shared" / "contract" / "fintoro-openapi-en.yaml"
)
needs_contract = pytest.mark.skipif(
    not CONTRACT_FILE.is_file(), reason="no copy of the public contract here (KRONIKA_CONTRACT_FILE says where it is)"
)

CRM_TAGS = (
    "Token identity", "Lookups", "Clients", "Suppliers", "Business Case Statuses", "Business Cases", "CRM Events",
    "Document Payments", "Webhooks",
)  # fmt: skip

# What an event of each type shows in its metadata. The file says so in prose, for each member.
SHOWN_METADATA = {
    "note": {"content"},
    "email": {"content", "email"},
    "phone_call": {"content", "personName", "phoneNumber"},
    "document_linked": {"relatedDocument"},
    "document_created": {
        "documentNumberSnapshot", "documentPriceSnapshot", "documentCurrencySnapshot", "relatedDocument",
    },
    "document_updated": {
        "documentNumberSnapshot", "documentPriceSnapshot", "documentCurrencySnapshot", "relatedDocument",
    },
    "document_deleted": {"documentNumberSnapshot", "relatedDocument"},
    "document_payment_added": {"paidAmount", "documentCurrencySnapshot", "relatedDocument"},
}  # fmt: skip

# Members that Kronika adds when they are asked for: the contract answers these lists whole.
_EXTENSIONS = {"listClients": {"paginator": "Paginator"}, "listSuppliers": {"paginator": "Paginator"}}

# The file lists these for some operations only, and they hold for all.
_EVERYWHERE = {"401": "Forbidden", "403": "Forbidden", "422": "ValidationError"}

_REFUSALS = ({"message", "errors"}, {"error"})


@dataclass(frozen=True)
class Operation:
    """An operation of the contract. `path` as Kronika writes it, ids as `{id}`."""

    method: str
    path: str
    declared: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def operation_id(self) -> str:
        return self.declared["operationId"]

    @property
    def statuses(self) -> set[str]:
        return set(self.declared["responses"])

    @property
    def success(self) -> str:
        return next(status for status in self.declared["responses"] if status.startswith("2"))

    @property
    def is_write(self) -> bool:
        return self.method != "GET"

    @property
    def is_keyed(self) -> bool:
        """Whether it takes an Idempotency-Key."""
        names = [resolved(contract(), parameter)["name"] for parameter in self.declared.get("parameters", ())]
        return "Idempotency-Key" in names

    @property
    def queries(self) -> dict[str, dict[str, Any]]:
        """The schemas of its query parameters."""
        found = [resolved(contract(), parameter) for parameter in self.declared.get("parameters", ())]
        return {
            parameter["name"]: parameter["schema"] | {"description": parameter.get("description", "")}
            for parameter in found
            if parameter["in"] == "query"
        }

    @property
    def required_queries(self) -> frozenset[str]:
        """The names of the query parameters that it cannot do without."""
        found = [resolved(contract(), parameter) for parameter in self.declared.get("parameters", ())]
        return frozenset(each["name"] for each in found if each["in"] == "query" and each.get("required"))

    @property
    def input(self) -> dict[str, Any] | None:
        """The schema of its JSON body, if it takes one."""
        content = self.declared.get("requestBody", {}).get("content", {})
        return resolved(contract(), content["application/json"]["schema"]) if "application/json" in content else None


@cache
def contract() -> dict[str, Any]:
    """The whole file; one that lists nothing where there is no copy."""
    if not CONTRACT_FILE.is_file():
        return {"paths": {}, "components": {"schemas": {}}}
    # The reader in C takes a tenth of a second for it, the other one several.
    return yaml.load(CONTRACT_FILE.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe both


def crm_operations() -> list[Operation]:
    """Every operation of the CRM part, by its tags."""
    return [
        Operation(method.upper(), re.sub(r"\{\w+\}", "{id}", path), declared)
        for path, method, declared in operations(contract())
        if set(declared["tags"]) & set(CRM_TAGS)
    ]


def assert_as_contracted(operation: Operation, response: httpx2.Response, *, key: str | None = None) -> None:
    """The contract lists this status for the operation, or for all; its headers, its content type, and its body."""
    status = str(response.status_code)
    assert status in operation.statuses | _EVERYWHERE.keys(), f"{operation.name} answered {status}: {response.text}"
    answer = operation.declared["responses"].get(status) or _common(_EVERYWHERE[status])
    answer = resolved(contract(), answer)
    _assert_headers(answer["headers"], response, key)
    if "content" not in answer:
        assert response.content == b""
        return
    (kind,) = answer["content"]
    assert response.headers["content-type"] == kind
    if kind != "application/json":
        return
    schema, body = answer["content"][kind]["schema"], response.json()
    if status == "422":
        schema = _refusal(schema, set(body))
    if "paginator" in body:
        # An empty page has no first record: the contract's integers have nothing to say.
        bounds = {body["paginator"]["currentFrom"] is None, body["paginator"]["currentTo"] is None}
        assert bounds == {not body["data"]}
    for name, extension in _EXTENSIONS.get(operation.operation_id, {}).items():
        if name in body:
            _validate({"$ref": f"#/components/schemas/{extension}"}, body.pop(name))
    _validate(schema, body)


def _common(name: str) -> dict[str, Any]:
    return contract()["components"]["responses"][name]


def _assert_headers(declared: dict[str, Any], response: httpx2.Response, key: str | None) -> None:
    for name in declared:
        header = resolved(contract(), declared[name])["schema"]
        value = response.headers.get(name)
        if name.startswith("Idempotency-") and key is None:
            assert value is None, name
            continue
        assert value is not None, name
        validator(contract(), header).validate(int(value) if header["type"] == "integer" else value)
    # The file names this one for errors only; it comes with every answer.
    assert response.headers["Content-Language"]
    if key is not None and "Idempotency-Key" in declared:
        assert response.headers["Idempotency-Key"] == key


def _refusal(schema: dict[str, Any], members: set[str]) -> dict[str, Any]:
    """Which of the shapes of a 422 one with these members must have.

    The file writes them as alternatives, as one object with either half left out, or forgets one of them.
    """
    assert members in _REFUSALS
    alternatives = [*schema.get("oneOf", [schema]), _content(_common("ValidationError"))]
    fitting = next(shape for shape in alternatives if members <= shape["properties"].keys())
    return {**fitting, "properties": {name: fitting["properties"][name] for name in members}}


def _content(answer: dict[str, Any]) -> dict[str, Any]:
    return answer["content"]["application/json"]["schema"]


def _validate(schema: dict[str, Any], body: Any) -> None:
    validator(_whole_contract(), _whole(schema)).validate(body)


@cache
def _whole_contract() -> dict[str, Any]:
    """The schemas of the contract, read as answers."""
    schemas: dict[str, Any] = dict(contract()["components"]["schemas"])
    page = schemas["Paginator"]
    empty = {name: {"type": ["integer", "null"]} for name in ("currentFrom", "currentTo")}
    schemas["Paginator"] = {**page, "properties": {**page["properties"], **empty}}
    for name, schema in schemas.items():
        if "allOf" in schema:
            # One object: each of its parts by itself would forbid the members of the others.
            parts = [resolved(contract(), part)["properties"] for part in schema["allOf"]]
            schemas[name] = {
                "type": "object",
                "properties": {key: rules for part in parts for key, rules in part.items()},
            }
    event, metadata = schemas["ContactActivityLog"], schemas["ContactActivityLogMetadata"]
    shapes: list[dict[str, Any]] = []
    for type_, names in SHOWN_METADATA.items():
        shown = {**metadata, "properties": {name: metadata["properties"][name] for name in names}}
        shapes.append({**event, "properties": {**event["properties"], "type": {"const": type_}, "metadata": shown}})
    schemas["ContactActivityLog"] = {"anyOf": shapes}
    return {"components": {"schemas": _whole(schemas)}}


def _whole(schema: Any) -> Any:
    """The same, with every member of an object required and no other allowed. `oneOf` is read as `anyOf`."""
    if isinstance(schema, list):
        return [_whole(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {"anyOf" if name == "oneOf" else name: _whole(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "object" in schema.get("type", ()):
        inner |= {"required": list(schema["properties"]), "additionalProperties": False}
    return inner
