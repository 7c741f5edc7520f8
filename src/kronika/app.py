"""The ASGI application: every route, and what stands around them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from kronika.attachments.links import PATH as FILES_PATH
from kronika.attachments.routes import download_attachment, download_event_attachments, upload_attachments
from kronika.cases.list_routes import list_cases
from kronika.cases.routes import (
    change_case,
    create_case,
    move_case,
    remove_case,
    remove_client,
    remove_status,
    remove_supplier,
    show_case,
)
from kronika.changes.routes import list_changes
from kronika.changes.stream import stream_changes
from kronika.companies.routes import whoami
from kronika.contacts.list_routes import list_clients, list_suppliers, search_contacts
from kronika.contacts.routes import (
    create_client,
    create_supplier,
    replace_client,
    replace_supplier,
    show_client,
    show_supplier,
)
from kronika.db.pool import LockWaitTimeout
from kronika.documents.list_routes import list_documents
from kronika.documents.payment_routes import list_payments, show_payment
from kronika.documents.routes import show_document
from kronika.errors import Problem
from kronika.events.routes import correct_event, create_event, list_events, remove_event, show_event
from kronika.feed.batch_routes import put_documents
from kronika.feed.payment_routes import create_payment, remove_payment
from kronika.feed.routes import put_document, remove_document
from kronika.http.envelope import Envelope
from kronika.http.health import healthz, readyz
from kronika.http.problems import API_PREFIX, answer_lock_wait, answer_problem, answer_route_problem, answer_unexpected
from kronika.http.routing import resource
from kronika.http.services import Services
from kronika.lookups.routes import (
    list_banks,
    list_countries,
    list_currencies,
    list_delivery_methods,
    list_languages,
    list_payment_methods,
    list_qr_types,
    list_units,
)
from kronika.reference.routes import docs_page, docs_style, openapi_json
from kronika.search.routes import search
from kronika.statuses.routes import create_status, list_statuses, move_status, show_status, update_status
from kronika.web.pages import answer_trouble
from kronika.web.routes import WEB_ROUTES
from kronika.webhooks.delivery_routes import (
    create_replay,
    list_deliveries,
    list_replays,
    replay_delivery,
    send_test_delivery,
    show_delivery,
    stop_replay,
)
from kronika.webhooks.routes import (
    create_subscription,
    list_subscriptions,
    remove_subscription,
    replace_subscription,
    rotate_secret,
    show_subscription,
)

_SUBSCRIPTION = f"{API_PREFIX}/webhook-subscriptions/{{id}}"

Lifespan: TypeAlias = Callable[[Starlette], AbstractAsyncContextManager[None]]

API_ROUTES: list[Route] = [
    # The hot routes first: a router looks from the top.
    resource(f"{API_PREFIX}/contact-activity-logs", get=list_events, post=create_event),
    resource(f"{API_PREFIX}/contact-activity-logs/{{id}}", get=show_event, patch=correct_event, delete=remove_event),
    resource(f"{API_PREFIX}/contact-activity-logs/{{id}}/attachments", get=download_event_attachments),
    resource(f"{API_PREFIX}/contact-activity-attachments", post=upload_attachments),
    resource(f"{API_PREFIX}/clients", get=list_clients, post=create_client),
    resource(f"{API_PREFIX}/clients/{{id}}", get=show_client, put=replace_client, delete=remove_client),
    resource(f"{API_PREFIX}/suppliers", get=list_suppliers, post=create_supplier),
    resource(f"{API_PREFIX}/suppliers/{{id}}", get=show_supplier, put=replace_supplier, delete=remove_supplier),
    resource(f"{API_PREFIX}/contacts", get=search_contacts),
    resource(f"{API_PREFIX}/search", get=search),
    resource(f"{API_PREFIX}/business-cases", get=list_cases, post=create_case),
    resource(f"{API_PREFIX}/business-cases/{{id}}", get=show_case, patch=change_case, delete=remove_case),
    resource(f"{API_PREFIX}/business-cases/{{id}}/position", put=move_case),
    resource(f"{API_PREFIX}/business-case-statuses", get=list_statuses, post=create_status),
    resource(f"{API_PREFIX}/business-case-statuses/{{id}}", get=show_status, put=update_status, delete=remove_status),
    resource(f"{API_PREFIX}/business-case-statuses/{{id}}/position", put=move_status),
    resource(f"{API_PREFIX}/documents", get=list_documents),
    resource(f"{API_PREFIX}/documents/batch", post=put_documents),
    resource(f"{API_PREFIX}/documents/{{type}}/{{id}}", get=show_document, put=put_document, delete=remove_document),
    resource(f"{API_PREFIX}/document-payments", get=list_payments, post=create_payment),
    resource(f"{API_PREFIX}/document-payments/{{id}}", get=show_payment, delete=remove_payment),
    resource(f"{API_PREFIX}/changes", get=list_changes),
    resource(f"{API_PREFIX}/stream", get=stream_changes),
    resource(f"{API_PREFIX}/webhook-subscriptions", get=list_subscriptions, post=create_subscription),
    resource(
        _SUBSCRIPTION,
        get=show_subscription,
        put=replace_subscription,
        delete=remove_subscription,
    ),
    resource(f"{_SUBSCRIPTION}/rotate-secret", post=rotate_secret),
    resource(f"{_SUBSCRIPTION}/deliveries", get=list_deliveries),
    resource(f"{_SUBSCRIPTION}/deliveries/{{delivery}}", get=show_delivery),
    resource(f"{_SUBSCRIPTION}/deliveries/{{delivery}}/replay", post=replay_delivery),
    resource(f"{_SUBSCRIPTION}/replays", get=list_replays, post=create_replay),
    resource(f"{_SUBSCRIPTION}/replays/{{replay}}", delete=stop_replay),
    resource(f"{_SUBSCRIPTION}/test-delivery", post=send_test_delivery),
    resource(f"{API_PREFIX}/banks", get=list_banks),
    resource(f"{API_PREFIX}/countries", get=list_countries),
    resource(f"{API_PREFIX}/languages", get=list_languages),
    resource(f"{API_PREFIX}/currencies", get=list_currencies),
    resource(f"{API_PREFIX}/delivery-methods", get=list_delivery_methods),
    resource(f"{API_PREFIX}/payment-methods", get=list_payment_methods),
    resource(f"{API_PREFIX}/qr-types", get=list_qr_types),
    resource(f"{API_PREFIX}/units", get=list_units),
    resource(f"{API_PREFIX}/whoami", get=whoami),
]
PLAIN_ROUTES: list[Route] = [
    resource(f"{FILES_PATH}/{{token}}", get=download_attachment),
    resource("/healthz", get=healthz),
    resource("/readyz", get=readyz),
    resource("/openapi.json", get=openapi_json),
    resource("/docs", get=docs_page),
    resource("/docs/style.css", get=docs_style),
]


# What is for programs, and answers in JSON whatever happens. Everything else is for people.
_FOR_PROGRAMS = ("/api/", *(f"{route.path.partition('/{')[0]}/" for route in PLAIN_ROUTES))


def _is_for_programs(request: Request) -> bool:
    return f"{request.url.path}/".startswith(_FOR_PROGRAMS)


async def _answer_route_problem(request: Request, problem: Exception) -> Response:
    answer = answer_route_problem if _is_for_programs(request) else answer_trouble
    return await answer(request, problem)


async def _answer_unexpected(request: Request, error: Exception) -> Response:
    if not _is_for_programs(request):
        # When it is the pages themselves that are broken, no page can say so.
        with suppress(Exception):
            return await answer_trouble(request, error)
    return await answer_unexpected(request, error)


def create_app(services: Services, lifespan: Lifespan | None = None) -> ASGIApp:
    """The application around these services; `lifespan` opens and closes them where a server runs it."""
    app = Starlette(
        routes=[*API_ROUTES, *PLAIN_ROUTES, *WEB_ROUTES],
        exception_handlers={
            Problem: answer_problem,
            LockWaitTimeout: answer_lock_wait,
            HTTPException: _answer_route_problem,
            Exception: _answer_unexpected,
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.services = services
    return Envelope(app, default_language=services.settings.default_language, token_uses=services.token_uses)
