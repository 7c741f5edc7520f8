from __future__ import annotations

from typing import Any, Final, get_args

from kronika.errors import Complaints
from kronika.input.fields import Field, choice, integer, items, required
from kronika.input.moments import instant
from kronika.webhooks.delivery_models import Asked, State
from kronika.webhooks.types import WEBHOOK_EVENT_TYPES

MOST_DELIVERIES: Final = 200
DEFAULT_DELIVERIES: Final = 50
_MOST_EVENTS: Final = 200

LOG_FIELDS: dict[str, Field[Any]] = {
    "before": integer(1),
    "limit": integer(1, MOST_DELIVERIES),
    "state": choice(*get_args(State)),
}
REPLAY_FIELDS: dict[str, Field[Any]] = {
    "from": required(instant()),
    "to": instant(),
    "subscribedEvents": items(choice(*WEBHOOK_EVENT_TYPES), most=_MOST_EVENTS),
}


def judge_replay(values: dict[str, Any], complaints: Complaints) -> None:
    """Complains where nothing could be meant."""
    begin, end = values["from"], values["to"]
    if begin and end and begin >= end:
        complaints.add("from", "before_the_end")
    if values["subscribedEvents"] == []:
        complaints.add("subscribedEvents", "not_empty")


def asked_replay(values: dict[str, Any]) -> Asked:
    """The replay that fault-free values describe."""
    events = values["subscribedEvents"]
    return Asked(values["from"], values["to"], None if events is None else list(dict.fromkeys(events)))
