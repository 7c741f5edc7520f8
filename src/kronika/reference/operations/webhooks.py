from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import to_builtins

from kronika.http.problems import API_PREFIX
from kronika.input.fields import Schema
from kronika.reference.operation import Body, Chapter, Operation, Thing, described
from kronika.reference.operations.contacts import THEN
from kronika.reference.told import SAMPLE_SECRET, VERIFYING
from kronika.webhooks.input import SUBSCRIPTION_FIELDS, new_subscription
from kronika.webhooks.models import (
    MOST_SUBSCRIPTIONS,
    NewSubscription,
    Subscription,
    WebhookSubscriptionView,
    WebhookSubscriptionWithSecretView,
    secret_view,
    subscription_view,
)
from kronika.webhooks.routes import WebhookSubscriptionList
from kronika.webhooks.types import WEBHOOK_EVENT_TYPES

_PATH = f"{API_PREFIX}/webhook-subscriptions"
EXAMPLE_ID: Final = 801
_COMPANY_ID: Final = 2
_NEXT_SECRET: Final = "whsec_NotARealOneButOneOfTheRightLength0000000002"

_CRM: dict[str, Any] = {
    "name": "Our CRM mirror",
    "url": "https://hooks.example.com/kronika",
    "isActive": True,
    "subscribedEvents": ["contact-activity-logs.created", "clients.updated"],
}
_PAUSED: dict[str, Any] = _CRM | {"isActive": False, "subscribedEvents": ["invoices.paid"]}


def _stored(new: NewSubscription) -> Subscription:
    return Subscription(EXAMPLE_ID, new.name, new.url, new.is_active, new.events, None, None, THEN, THEN)


def _shown(body: dict[str, Any]) -> WebhookSubscriptionView:
    return subscription_view(_stored(new_subscription(body)), _COMPANY_ID, ZoneInfo("Europe/Bratislava"))


def _types() -> str:
    """All types, by what can happen to a kind of resource."""
    kinds: dict[str, list[str]] = {}
    for event_type in WEBHOOK_EVENT_TYPES:
        kind, _, verb = event_type.partition(".")
        kinds.setdefault(kind, []).append(verb)
    by_verbs: dict[str, list[str]] = {}
    for kind, verbs in kinds.items():
        by_verbs.setdefault(", ".join(f"`.{verb}`" for verb in verbs), []).append(f"`{kind}`")
    return "; ".join(f"{verbs} of {', '.join(names)}" for verbs, names in by_verbs.items())


_TEXTS = {
    "name": "A name of your own for it.",
    "url": "Where changes are sent to: https, without user and password, on a host in the public internet. That is "
    "looked at when it is saved, and again before each attempt; a name that leads nowhere yet is accepted.",
    "isActive": "Whether anything is sent. What happens while it is false is never sent.",
    "subscribedEvents": "The types of changes that are sent, at least one. Those that are named twice are kept once.",
}
_MEMBERS = {
    "id": "Id, given by Kronika.",
    "companyId": "Id of the company that it belongs to.",
    **_TEXTS,
    "lastSuccessAt": "When an attempt last ended well.",
    "lastFailureAt": "When an attempt last ended in failure.",
    "disabledAt": "Always null: Kronika disables no subscription by itself.",
    "disabledReason": "Always null.",
    "createdAt": "When it was created.",
    "updatedAt": "When it, or its secret, was last changed.",
}
EVENTS_RULE: Final[Schema] = {"items": {"type": "string", "enum": list(WEBHOOK_EVENT_TYPES)}}
_RULES: Final[dict[str, Schema]] = {"url": {"format": "uri"}, "subscribedEvents": EVENTS_RULE}
_ID = {"id": "Id of the subscription."}
_SCHEMA = described(SUBSCRIPTION_FIELDS, _TEXTS)
_ONE: dict[str, Any] = {"path_texts": _ID, "parameter_examples": {"id": EXAMPLE_ID}}

CHAPTER: Final = Chapter(
    tag="Webhooks",
    text=f"Who is told of changes, and of which: each is sent to a URL as it happens, at least once.\n\n{VERIFYING}",
    operations=(
        Operation(
            id="listWebhookSubscriptions",
            method="get",
            path=_PATH,
            summary="List the subscriptions",
            description="All subscriptions of the company, in the order they were made.",
            success="The subscriptions.",
            answer=WebhookSubscriptionList,
            answers={"one": to_builtins(WebhookSubscriptionList([_shown(_CRM)]))},
        ),
        Operation(
            id="createWebhookSubscription",
            method="post",
            path=_PATH,
            summary="Create a subscription",
            description="Sends what happens from now on. The answer holds the secret that every delivery is signed "
            "with; it is not shown again (`rotateWebhookSubscriptionSecret` gives another), except to the same request "
            f"with the same `Idempotency-Key`. A company can have {MOST_SUBSCRIPTIONS} subscriptions.\n\n"
            f"The types of changes: {_types()}. Those of which Kronika has no resources are never sent.",
            success="The subscription as it was created, with its secret.",
            answer=WebhookSubscriptionWithSecretView,
            answers={"mirror": to_builtins(secret_view(_shown(_CRM), SAMPLE_SECRET))},
            status=201,
            body=Body("WebhookSubscriptionInput", _SCHEMA, {"mirror": _CRM}),
            keyed=True,
        ),
        Operation(
            id="showWebhookSubscription",
            method="get",
            path=f"{_PATH}/{{id}}",
            summary="Show a subscription",
            description="The subscription as it is now, without its secret.",
            success="The subscription.",
            answer=WebhookSubscriptionView,
            answers={"mirror": to_builtins(_shown(_CRM))},
            **_ONE,
        ),
        Operation(
            id="updateWebhookSubscription",
            method="put",
            path=f"{_PATH}/{{id}}",
            summary="Change a subscription",
            description="Replaces all that it says; its secret stays. What happened before is sent as it was wanted "
            "then, what happens from now on as it is wanted now. Set inactive, it is sent nothing. Set active again, "
            "it is sent what was still to be sent before, and what happens from then on; what happened "
            "meanwhile is not.",
            success="The subscription as it is now.",
            answer=WebhookSubscriptionView,
            answers={"paused": to_builtins(_shown(_PAUSED))},
            body=Body("WebhookSubscriptionInput", _SCHEMA, {"paused": _PAUSED}),
            **_ONE,
        ),
        Operation(
            id="deleteWebhookSubscription",
            method="delete",
            path=f"{_PATH}/{{id}}",
            summary="Delete a subscription",
            description="It is sent nothing more, and what was to be tried again is given up. Its deliveries are a 404 "
            "from now on.",
            success="It is gone.",
            status=204,
            **_ONE,
        ),
        Operation(
            id="rotateWebhookSubscriptionSecret",
            method="post",
            path=f"{_PATH}/{{id}}/rotate-secret",
            summary="Give a subscription another secret",
            description="The old secret ends at once: each attempt from now on, also of what was tried before, is "
            "signed with the new one, which is not shown again. A receiver that does not know it yet refuses, and is "
            "tried again later as ever; or it knows both for a while.",
            success="The subscription with its new secret.",
            answer=WebhookSubscriptionWithSecretView,
            answers={"mirror": to_builtins(secret_view(_shown(_CRM), _NEXT_SECRET))},
            **_ONE,
        ),
    ),
    things=(
        Thing(WebhookSubscriptionView, "Who is told of which changes.", _MEMBERS, _RULES),
        Thing(
            WebhookSubscriptionWithSecretView,
            "A subscription when its secret is made.",
            {**_MEMBERS, "plainTextSecret": "The secret: the key of the signatures is this whole text."},
            _RULES,
        ),
        Thing(
            WebhookSubscriptionList, "The subscriptions of a company.", {"data": "The subscriptions, the oldest first."}
        ),
    ),
)
