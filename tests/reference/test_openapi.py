"""The document is valid OpenAPI, whole, and in step with the application's routes."""

from __future__ import annotations

from typing import Any

import schemathesis
from support.api import Api
from support.openapi import operations, resolved, validator

from kronika import __version__
from kronika.app import API_ROUTES, PLAIN_ROUTES

# Where the document itself and the page made from it are found.
_ABOUT_ITSELF = {"/openapi.json", "/docs", "/docs/style.css"}


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for inner in value.values() for found in _references(inner)]
    return [found for inner in value for found in _references(inner)] if isinstance(value, list) else []


async def test_the_document_is_served_as_json_to_anyone(plain_api: Api):
    response = await plain_api.http.get("/openapi.json")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json()["info"]["title"] == "Kronika"
    assert response.json()["info"]["version"] == __version__
    assert response.json()["servers"][0]["url"] == "http://kronika.test"


async def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]):
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()


async def test_every_schema_is_a_json_schema_and_every_reference_leads_somewhere(document: dict[str, Any]):
    for schema in document["components"]["schemas"].values():
        validator(document, schema).check_schema(schema)
    for target in _references(document):
        assert resolved(document, {"$ref": target})


async def test_every_component_is_used(document: dict[str, Any]):
    used = set(_references(document))
    for kind in ("schemas", "headers", "parameters", "responses"):
        for name in document["components"][kind]:
            assert f"#/components/{kind}/{name}" in used


async def test_every_route_and_method_of_the_application_is_in_the_document_and_no_other(document: dict[str, Any]):
    routes = [route for route in [*API_ROUTES, *PLAIN_ROUTES] if route.path not in _ABOUT_ITSELF]
    served = {(route.path, method.lower()) for route in routes for method in route.methods or () if method != "HEAD"}
    assert {(path, method) for path, method, _ in operations(document)} == served


async def test_every_operation_says_what_it_is(document: dict[str, Any]):
    tags = {tag["name"] for tag in document["tags"]}
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, _, operation in operations(document):
        assert operation["summary"]
        assert operation["description"].endswith(".")
        assert len(operation["tags"]) == 1
        assert set(operation["tags"]) <= tags
        in_path = {p["name"] for p in operation["parameters"] if p.get("in") == "path"}
        assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}


async def test_every_parameter_and_every_member_says_what_it_means(document: dict[str, Any]):
    for _, _, operation in operations(document):
        for parameter in operation["parameters"]:
            assert resolved(document, parameter)["description"]
    for name, schema in document["components"]["schemas"].items():
        for member, rules in schema["properties"].items():
            assert rules.get("description") or rules == {"type": "null"}, f"{name}.{member}"
        for shape in schema.get("anyOf", ()):
            own = shape["properties"]
            for member, rules in own.get("metadata", {"properties": own})["properties"].items():
                assert rules.get("description") or rules == {"type": "null"}, f"{name} {member}"


_NO_CREATES = {
    "putDocuments",  # a second time it changes nothing, without any key
    "rotateWebhookSubscriptionSecret",
}
"""What is asked for by POST and makes no record."""


def _is_create(method: str, operation: dict[str, Any]) -> bool:
    return method == "post" and operation["operationId"] not in _NO_CREATES


def _is_form(operation: dict[str, Any]) -> bool:
    return "multipart/form-data" in operation.get("requestBody", {}).get("content", {})


def _successes(method: str, operation: dict[str, Any]) -> set[str]:
    if operation["operationId"] == "putDocument":
        return {"200", "201"}
    if method == "delete":
        return {"204"}
    return {"201"} if _is_create(method, operation) else {"200"}


async def test_every_operation_of_the_api_tells_every_way_it_can_end(document: dict[str, Any]):
    for path, method, operation in operations(document):
        if not path.startswith("/api/"):
            assert operation["security"] == []
            continue
        expected = {"401", "429", "500", "503"}
        expected |= _successes(method, operation)
        expected |= {"403"} if method != "get" else set()
        expected |= {"404"} if "{id}" in path else set()
        expected |= {"408", "413", "422"} if "requestBody" in operation else set()
        expected |= {"400", "409", "422"} if _is_create(method, operation) and not _is_form(operation) else set()
        expected |= {"422"} if any(p.get("in") == "query" for p in operation["parameters"]) else set()
        assert set(operation["responses"]) == expected
        for answer in operation["responses"].values():
            assert {"X-Request-Id", "Content-Language"} <= resolved(document, answer)["headers"].keys()


async def test_every_create_takes_an_idempotency_key_and_every_operation_of_the_api_a_language(
    document: dict[str, Any],
):
    for path, method, operation in operations(document):
        headers = {p.get("$ref", "").rpartition("/")[2] for p in operation["parameters"]} - {""}
        expected = {"Accept-Language"} if path.startswith("/api/") else set()
        is_keyed = _is_create(method, operation) and not _is_form(operation)
        assert headers == expected | ({"Idempotency-Key"} if is_keyed else set())
