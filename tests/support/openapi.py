"""The published document, as tests judge by it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import httpx2
from jsonschema import Draft202012Validator, FormatChecker

METHODS = ("get", "post", "put", "patch", "delete")
_FORMATS = FormatChecker([])


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_FORMATS.checks("date", raises=ValueError)
def _is_day(value: object) -> bool:
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Path, method and declaration of every operation."""
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def validator(document: dict[str, Any], schema: dict[str, Any], *, closed: bool = False) -> Draft202012Validator:
    """Judges by a schema of the document; `closed` also refuses members that it does not name."""
    whole = {**schema, "components": {"schemas": document["components"]["schemas"]}}
    return Draft202012Validator(_closed(whole) if closed else whole, format_checker=_FORMATS)


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _closed(value) for name, value in schema.items()}
    is_open = inner.get("type") == "object" and "properties" in inner and "additionalProperties" not in inner
    return inner | ({"additionalProperties": False} if is_open else {})


def assert_documented(document: dict[str, Any], operation: dict[str, Any], response: httpx2.Response) -> None:
    """The document knows this status, its headers, and the body to the last member."""
    status = str(response.status_code)
    assert status in operation["responses"], f"{operation['operationId']} answered {status}: {response.text}"
    answer = resolved(document, operation["responses"][status])
    for name, header in answer["headers"].items():
        rules = resolved(document, header)
        value = response.headers.get(name)
        assert value is not None or not rules.get("required"), name
        if value is not None:
            typed = int(value) if rules["schema"]["type"] == "integer" else value
            validator(document, rules["schema"]).validate(typed)
    if "content" not in answer:
        assert response.content == b""
        return
    if "application/json" not in answer["content"]:
        (kind,) = answer["content"]
        assert response.headers["content-type"] == kind or kind == "*/*"
        return
    assert response.headers["content-type"] == "application/json"
    validator(document, answer["content"]["application/json"]["schema"], closed=True).validate(response.json())


def is_endless(operation: dict[str, Any]) -> bool:
    """Whether its answer has no end: a client in the same process would wait for it for ever."""
    return "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
