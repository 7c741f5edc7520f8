"""The OpenAPI 3.1 document, put together from the declarations in `operations/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from kronika import __version__
from kronika.encoding import json_bytes
from kronika.input.fields import Field, Schema, identifier, required
from kronika.reference import problems, told
from kronika.reference.guide import SUMMARY, description
from kronika.reference.operation import JSON, Body, Chapter, Operation
from kronika.reference.operations import (
    attachments,
    cases,
    changes,
    clients,
    company,
    deliveries,
    document_payments,
    documents,
    events,
    health,
    lookups,
    search,
    searching,
    statuses,
    suppliers,
    webhooks,
)
from kronika.reference.paging import PAGING_THINGS
from kronika.reference.schemas import component_name, reference, struct_schemas

CHAPTERS: Final[tuple[Chapter, ...]] = (
    events.CHAPTER, attachments.CHAPTER, clients.CHAPTER, suppliers.CHAPTER, search.CHAPTER, cases.CHAPTER,
    statuses.CHAPTER, documents.CHAPTER, document_payments.CHAPTER, searching.CHAPTER, changes.CHAPTER,
    webhooks.CHAPTER, deliveries.CHAPTER, lookups.CHAPTER, company.CHAPTER, health.CHAPTER,
)  # fmt: skip


@cache
def openapi_document(base_url: str) -> dict[str, Any]:
    """The document of a server at this address."""
    operations = [operation for chapter in CHAPTERS for operation in chapter.operations]
    paths: dict[str, dict[str, Any]] = {}
    for chapter in CHAPTERS:
        for operation in chapter.operations:
            paths.setdefault(operation.path, {})[operation.method] = _operation(operation, chapter.tag)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kronika",
            "version": __version__,
            "summary": SUMMARY,
            "description": description(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url, "description": "This server."}],
        "security": [{"token": []}],
        "tags": [{"name": chapter.tag, "description": chapter.text} for chapter in CHAPTERS],
        "paths": paths,
        "webhooks": told.webhooks(webhooks.CHAPTER.tag),
        "components": {
            "schemas": _schemas(operations),
            "headers": problems.HEADERS,
            "parameters": _PARAMETERS,
            "responses": problems.RESPONSES,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of one company, of scope `read` or `write`.",
                }
            },
        },
    }


@cache
def openapi_bytes(base_url: str) -> bytes:
    """The document as it is served."""
    return json_bytes(openapi_document(base_url))


_PARAMETERS: Final[dict[str, Schema]] = {
    "Accept-Language": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The languages you would like names and validation errors in.",
        "schema": {"type": "string"},
        "example": "sk, en;q=0.5",
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A name of your choice for this create: sent again with the same payload, it is done once. "
        "An empty one counts as absent.",
        "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]*$"},
    },
}


def _schemas(operations: list[Operation]) -> dict[str, Schema]:
    roots = [operation.answer for operation in operations if operation.answer is not None]
    things = [*PAGING_THINGS, *(thing for chapter in CHAPTERS for thing in chapter.things)]
    bodies = {operation.body.name: operation.body.schema for operation in operations if operation.body is not None}
    return bodies | struct_schemas(roots, things) | problems.SCHEMAS


def _operation(operation: Operation, tag: str) -> Schema:
    security: Schema = {"security": []} if operation.public else {}
    body = {} if operation.body is None else {"requestBody": _body(operation.body)}
    return {
        "operationId": operation.id,
        "tags": [tag],
        "summary": operation.summary,
        "description": operation.description,
        **security,
        "parameters": _parameters(operation),
        **body,
        "responses": {str(status): answer for status, answer in sorted(_responses(operation).items())},
    }


def _parameters(operation: Operation) -> list[Schema]:
    shared = [] if operation.public else ["Accept-Language"]
    if operation.keyed:
        shared.insert(0, "Idempotency-Key")
    own = [
        *(
            _parameter("path", name, required(operation.path_fields.get(name, identifier())), text)
            for name, text in operation.path_texts.items()
        ),
        *(_parameter("query", name, field, operation.query_texts.get(name)) for name, field in operation.query.items()),
        *(_parameter("header", name, field, text) for name, (field, text) in operation.headers.items()),
    ]
    for parameter in own:
        if parameter["name"] in operation.parameter_examples:
            parameter["example"] = operation.parameter_examples[parameter["name"]]
    return [*own, *({"$ref": f"#/components/parameters/{name}"} for name in shared)]


def _parameter(where: str, name: str, field: Field[Any], text: str | None) -> Schema:
    described = {} if text is None else {"description": text}
    return {"name": name, "in": where, "required": field.required, **described, "schema": field.schema}


def _body(body: Body) -> Schema:
    return {"required": True, "content": {body.media_type: _content(body.name, body.examples)}}


def _content(component: str, examples: Mapping[str, Any]) -> Schema:
    named = {"examples": {name: {"value": value} for name, value in examples.items()}} if examples else {}
    return {"schema": reference(component), **named}


def _responses(operation: Operation) -> dict[int, Schema]:
    found = {operation.status: _answer(operation, operation.success, operation.answers)}
    for status, also in operation.also.items():
        found[status] = _answer(operation, also.text, also.answers, bare=also.bare)
    for status in operation.problems:
        found[status] = problems.problem_reference(status, keyed=operation.keyed)
    return found


def _answer(operation: Operation, text: str, examples: Mapping[str, Any], *, bare: bool = False) -> Schema:
    headers = problems.EVERY if operation.public else problems.KEYED if operation.keyed else problems.COUNTED
    answer: Schema = {"description": text, "headers": problems.header_references(headers)}
    if bare:
        return answer
    if operation.answer is not None:
        answer["content"] = {JSON: _content(component_name(operation.answer), examples)}
    elif operation.streams:
        answer["content"] = {operation.streams: {"schema": {"type": "string", "format": "binary"}}}
    return answer
