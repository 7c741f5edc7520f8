from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from kronika.instants import local_iso8601

MOST_SUBSCRIPTIONS: Final = 100
"""Of one company, those deleted not counted."""
SUBSCRIPTIONS: Final = "webhook subscriptions"
"""The lane of requests that lock a company's list of subscriptions."""


class NewSubscription(Struct, frozen=True):
    """What a client says of a subscription, all of it."""

    name: str | None
    url: str
    is_active: bool
    events: list[str]


class Subscription(Struct, frozen=True):
    """Who is told what, as it is stored, but for the secret."""

    id: int
    name: str | None
    url: str
    is_active: bool
    events: list[str]
    last_success_at: datetime | None
    last_failure_at: datetime | None
    created_at: datetime
    updated_at: datetime


class WebhookSubscriptionView(Struct, frozen=True, rename="camel"):
    """A subscription as the API shows it. Nothing disables one but its owner, by `is_active`."""

    id: int
    company_id: int
    name: str | None
    url: str
    is_active: bool
    subscribed_events: list[str]
    last_success_at: str | None
    last_failure_at: str | None
    disabled_at: str | None
    disabled_reason: str | None
    created_at: str
    updated_at: str


class WebhookSubscriptionWithSecretView(WebhookSubscriptionView, frozen=True, rename="camel"):
    """The same with its secret: shown when that is made, and never again."""

    plain_text_secret: str


def subscription_view(subscription: Subscription, company_id: int, zone: ZoneInfo) -> WebhookSubscriptionView:
    return WebhookSubscriptionView(
        id=subscription.id,
        company_id=company_id,
        name=subscription.name,
        url=subscription.url,
        is_active=subscription.is_active,
        subscribed_events=subscription.events,
        last_success_at=_shown(subscription.last_success_at, zone),
        last_failure_at=_shown(subscription.last_failure_at, zone),
        disabled_at=None,
        disabled_reason=None,
        created_at=local_iso8601(subscription.created_at, zone),
        updated_at=local_iso8601(subscription.updated_at, zone),
    )


def secret_view(shown: WebhookSubscriptionView, secret: str) -> WebhookSubscriptionWithSecretView:
    return WebhookSubscriptionWithSecretView(**msgspec.structs.asdict(shown), plain_text_secret=secret)


def _shown(at: datetime | None, zone: ZoneInfo) -> str | None:
    return None if at is None else local_iso8601(at, zone)
