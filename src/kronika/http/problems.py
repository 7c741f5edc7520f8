"""Problems → HTTP. The one place where an error becomes an answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kronika.errors import Invalid, KeyBusy, KeyProblem, Problem, TooManyRequests, Unavailable
from kronika.http.admission import identify
from kronika.http.context import context
from kronika.http.responses import json_response
from kronika.http.texts import texts_of

API_PREFIX = "/api/public/v1"

_log = structlog.get_logger("kronika")


async def answer_problem(request: Request, problem: Exception) -> Response:
    """The answer to a Problem."""
    assert isinstance(problem, Problem)
    body: dict[str, Any] = {"message": problem.message}
    headers: dict[str, str] = {}
    match problem:
        case KeyProblem():
            body = {"error": problem.message}
            if isinstance(problem, KeyBusy):
                headers["Retry-After"] = "1"
        case Invalid():
            body["errors"] = texts_of(problem.complaints, context(request).language)
        case TooManyRequests():
            headers["Retry-After"] = str(problem.retry_after)
            headers["X-RateLimit-Reset"] = str(problem.resets_at)
        case Unavailable():
            headers["Retry-After"] = "1"
            _log.warning("unavailable", request_id=context(request).request_id, cause=repr(problem.__cause__))
        case _:
            pass
    return json_response(body, status=problem.status, headers=headers)


async def answer_lock_wait(request: Request, _: Exception) -> Response:
    """A lock that is held for seconds is trouble below, not with the request."""
    return await answer_problem(request, Unavailable())


async def answer_unexpected(_: Request, __: Exception) -> Response:
    """An exception nobody expected: the envelope logs it under the request's id; the caller is told nothing of it."""
    return json_response({"message": Problem.message}, status=Problem.status)


async def answer_route_problem(request: Request, problem: Exception) -> Response:
    """No such route, or no such method: told only to who may know, as 401 comes first."""
    assert isinstance(problem, HTTPException)
    if f"{request.url.path}/".startswith(API_PREFIX + "/"):
        try:
            await identify(request)
        except Problem as other:
            return await answer_problem(request, other)
    return json_response(
        {"message": HTTPStatus(problem.status_code).phrase},
        status=problem.status_code,
        headers=problem.headers,
    )
