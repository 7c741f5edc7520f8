from __future__ import annotations

from dataclasses import replace
from typing import Any

from kronika.errors import Complaints
from kronika.input.fields import LONGEST_LINE, Field, choice, flag, items, required, text
from kronika.input.normalise import Json
from kronika.outgoing.urls import LONGEST_URL
from kronika.webhooks.models import NewSubscription
from kronika.webhooks.types import WEBHOOK_EVENT_TYPES


def _event_types() -> Field[list[Any]]:
    """At least one type; the same one again says nothing new."""
    each = items(choice(*WEBHOOK_EVENT_TYPES))

    def read(value: Json, path: str, complaints: Complaints) -> list[Any] | None:
        if value == []:
            complaints.add(path, "not_empty")
            return None
        types = each.reader(value, path, complaints)
        return None if types is None else list(dict.fromkeys(types))

    return Field(read, each.schema | {"minItems": 1})


def _url() -> Field[str]:
    """A text of a URL's length: what is allowed beyond is this installation's to say (`outgoing.urls.read_url`)."""
    line = text(characters=LONGEST_URL)
    return replace(line, schema=line.schema | {"format": "uri"})


SUBSCRIPTION_FIELDS: dict[str, Field[Any]] = {
    "name": text(characters=LONGEST_LINE),
    "url": required(_url()),
    "isActive": required(flag()),
    "subscribedEvents": required(_event_types()),
}


def new_subscription(values: dict[str, Any]) -> NewSubscription:
    """The subscription that fault-free values describe."""
    return NewSubscription(values["name"], values["url"], values["isActive"], values["subscribedEvents"])
