"""The answers that many operations share: errors, and the headers of every answer."""

from __future__ import annotations

from typing import Any

from kronika.errors import (
    Forbidden,
    Invalid,
    KeyBusy,
    KeyMalformed,
    KeyReused,
    NotFound,
    PayloadTooLarge,
    Problem,
    RequestTimeout,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)  # fmt: skip
from kronika.http.body import LARGEST_BODY
from kronika.http.texts import TEXTS
from kronika.input.fields import Schema
from kronika.reference.schemas import reference

HEADERS: dict[str, Schema] = {
    "X-Request-Id": {
        "description": "The id of this request, new each time. Quote it when you report trouble: the log has it too.",
        "required": True,
        "schema": {"type": "string", "pattern": "^req_[0-9a-f]{26}$"},
        "example": "req_5f0c8e4b9a7d3e216f84c0ab91",
    },
    "Content-Language": {
        "description": "The language that was selected for this request.",
        "required": True,
        "schema": {"type": "string"},
        "example": "en",
    },
    "X-RateLimit-Limit": {
        "description": "Requests the company may make in a window of 60 seconds. Absent where nothing is counted.",
        "schema": {"type": "integer"},
        "example": 120,
    },
    "X-RateLimit-Remaining": {
        "description": "Requests that are left in the current window.",
        "schema": {"type": "integer"},
        "example": 117,
    },
    "X-RateLimit-Reset": {
        "description": "When the window ends, in seconds since 1970.",
        "required": True,
        "schema": {"type": "integer"},
        "example": 1773133260,
    },
    "Retry-After": {
        "description": "Seconds to wait before the next attempt.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 1,
    },
    "Idempotency-Key": {
        "description": "The key that was sent. Absent without one.",
        "schema": {"type": "string"},
        "example": "offer-4711",
    },
    "Idempotency-Status": {
        "description": "`Original` when the work was done now, `Repeated` when this is the stored answer of an earlier "
        "request. Absent without a key.",
        "schema": {"type": "string", "enum": ["Original", "Repeated"]},
        "example": "Original",
    },
}
EVERY = ("X-Request-Id", "Content-Language")
COUNTED = (*EVERY, "X-RateLimit-Limit", "X-RateLimit-Remaining")
KEYED = (*COUNTED, "Idempotency-Key", "Idempotency-Status")

_REQUIRED_TEXT = TEXTS["required"]["en"]

SCHEMAS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "description": "What went wrong, in one English sentence that never changes.",
        "properties": {"message": {"type": "string", "description": "The sentence."}},
        "required": ["message"],
    },
    "KeyProblem": {
        "type": "object",
        "description": "What is wrong with the `Idempotency-Key`.",
        "properties": {"error": {"type": "string", "description": "One English sentence."}},
        "required": ["error"],
    },
    "ValidationProblem": {
        "type": "object",
        "description": "Everything that is wrong with an input, told at once.",
        "properties": {
            "message": {"type": "string", "description": "The same English sentence each time."},
            "errors": {
                "type": "object",
                "description": "By field, with dots into objects and lists (`metadata.email`, "
                "`deletedAttachmentIds.0`); `body` is the body as a whole. The sentences are in Slovak for `sk` and "
                "`cs`, else in English.",
                "additionalProperties": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            },
        },
        "required": ["message", "errors"],
    },
}


def header_references(names: tuple[str, ...]) -> dict[str, Schema]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _message(problem: type[Problem]) -> dict[str, Any]:
    return {"message": problem.message}


def _answer(text: str, headers: tuple[str, ...], schemas: tuple[str, ...], examples: dict[str, Any]) -> Schema:
    schema = reference(schemas[0]) if len(schemas) == 1 else {"anyOf": [reference(name) for name in schemas]}
    named = {name: {"value": value} for name, value in examples.items()}
    content = {"schema": schema, "examples": named}
    return {
        "description": text,
        "headers": header_references(headers),
        "content": {"application/json": content},
    }


_INVALID = {"message": Invalid.message, "errors": {"metadata.content": [_REQUIRED_TEXT]}}

RESPONSES: dict[str, Schema] = {
    "KeyMalformed": _answer(
        "The `Idempotency-Key` is longer than 255 characters, has others than visible ASCII, or was sent twice.",
        COUNTED, ("KeyProblem",), {"malformed": {"error": KeyMalformed.message}},
    ),
    "Unauthenticated": _answer(
        "There is no token, or it is mistyped, unknown or revoked.",
        EVERY, ("Problem",), {"unauthenticated": _message(Unauthenticated)},
    ),
    "Forbidden": _answer(
        "The token may only read, or the record may not be changed through the API.",
        COUNTED, ("Problem",), {"forbidden": _message(Forbidden)},
    ),
    "NotFound": _answer(
        "The company has no record with this id. A record of another company is answered the same.",
        COUNTED, ("Problem",), {"notFound": _message(NotFound)},
    ),
    "RequestTimeout": _answer(
        "The body did not arrive in time.", EVERY, ("Problem",), {"timeout": _message(RequestTimeout)},
    ),
    "KeyBusy": _answer(
        "A request with the same `Idempotency-Key` is still at work after five seconds.",
        (*COUNTED, "Retry-After"), ("KeyProblem",), {"busy": {"error": KeyBusy.message}},
    ),
    "PayloadTooLarge": _answer(
        f"The body has more than {LARGEST_BODY:,} bytes; a batch of documents, more than 4 MiB; a form with files, "
        "more than those may have together.",
        EVERY, ("Problem",), {"tooLarge": _message(PayloadTooLarge)},
    ),
    "Invalid": _answer(
        "The input breaks a rule. Every broken rule is named.",
        COUNTED, ("ValidationProblem",), {"invalid": _INVALID},
    ),
    "InvalidOrKeyReused": _answer(
        "The input breaks a rule, and every broken rule is named; or the `Idempotency-Key` was used before with "
        "another payload.",
        COUNTED, ("ValidationProblem", "KeyProblem"),
        {"invalid": _INVALID, "keyReused": {"error": KeyReused.message}},
    ),
    "TooManyRequests": _answer(
        "The company has used up its requests of this window.",
        (*COUNTED, "X-RateLimit-Reset", "Retry-After"), ("Problem",), {"tooMany": _message(TooManyRequests)},
    ),
    "ServerError": _answer(
        "A fault of the server. Nothing was changed.", EVERY, ("Problem",), {"serverError": _message(Problem)},
    ),
    "Unavailable": _answer(
        "The database or the store of files cannot be reached. Nothing was changed, as far as the server knows; with "
        "an `Idempotency-Key` it is safe to try again.",
        (*EVERY, "Retry-After"), ("Problem",), {"unavailable": _message(Unavailable)},
    ),
}  # fmt: skip

_BY_STATUS = {
    400: "KeyMalformed",
    401: "Unauthenticated",
    403: "Forbidden",
    404: "NotFound",
    408: "RequestTimeout",
    409: "KeyBusy",
    413: "PayloadTooLarge",
    422: "Invalid",
    429: "TooManyRequests",
    500: "ServerError",
    503: "Unavailable",
}


def problem_reference(status: int, *, keyed: bool) -> Schema:
    name = "InvalidOrKeyReused" if keyed and status == 422 else _BY_STATUS[status]  # noqa: PLR2004
    return {"$ref": f"#/components/responses/{name}"}
