"""The outermost layer: gives each request its id and language, each response its headers, each request one log line,
and counts it.

Also the last catch: an exception nobody expected has been answered (`answer_unexpected`), and is logged here.
Pure ASGI, so that a response streams through it.
"""

from __future__ import annotations

import secrets
import traceback
from time import perf_counter

import psycopg
import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kronika.http.context import Context, attach
from kronika.http.token_uses import TokenUses
from kronika.languages import select_language
from kronika.metrics.numbers import REQUESTS_IN_PROGRESS, count_answer, count_unanswered

_log = structlog.get_logger("kronika")


class Envelope:
    def __init__(self, app: ASGIApp, *, default_language: str, token_uses: TokenUses) -> None:
        self._app = app
        self._default_language = default_language
        self._token_uses = token_uses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        accepted = Headers(scope=scope).get("accept-language", "")
        context = Context(
            request_id=f"req_{secrets.token_hex(13)}",
            language=select_language(accepted, self._default_language),
        )
        attach(scope, context)
        status = 0
        REQUESTS_IN_PROGRESS.grow(1)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # Only a token that there is leads to a company.
                if context.token_hash is not None and context.company_id is not None:
                    self._token_uses.note(context.token_hash)
                count_answer(scope["method"], _route(scope), status, perf_counter() - started)
                message["headers"] = [*message["headers"], *_headers(context)]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last catch
            _log.error("unexpected", request_id=context.request_id, company_id=context.company_id, **_described(error))
        finally:
            REQUESTS_IN_PROGRESS.grow(-1)
            if not status:
                count_unanswered(scope["method"], _route(scope))
            _log.info(
                "request",
                request_id=context.request_id,
                company_id=context.company_id,
                method=scope["method"],
                route=_route(scope),
                status=status,
                ms=round((perf_counter() - started) * 1000, 2),
            )


def _headers(context: Context) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"x-request-id", context.request_id.encode()),
        (b"content-language", context.language.encode()),
    ]
    if context.close:
        headers.append((b"connection", b"close"))
    if context.rate is not None:
        headers += [
            (b"x-ratelimit-limit", b"%d" % context.rate.limit),
            (b"x-ratelimit-remaining", b"%d" % context.rate.remaining),
        ]
    return headers


def _described(error: Exception) -> dict[str, str | None]:
    """Where it happened and what kind it was. Its message may quote what somebody wrote, so it is left out."""
    described: dict[str, str | None] = {
        "error": type(error).__name__,
        "traceback": "".join(traceback.format_tb(error.__traceback__)),
    }
    if isinstance(error, psycopg.Error):
        described |= {"sqlstate": error.sqlstate}
    return described


def _route(scope: Scope) -> str | None:
    """The route's pattern and never the path, which may hold anything."""
    return getattr(scope.get("route"), "path", None)
