from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from kronika.encoding import json_bytes
from kronika.http.problems import API_PREFIX
from kronika.reference.examples import as_sent
from kronika.reference.operation import Body, Chapter, Operation, Thing, described
from kronika.reference.operations.clients import EXAMPLE_ID as CLIENT_ID
from kronika.reference.operations.webhooks import EVENTS_RULE
from kronika.reference.operations.webhooks import EXAMPLE_ID as SUBSCRIPTION_ID
from kronika.webhooks.delivery_input import DEFAULT_DELIVERIES, LOG_FIELDS, REPLAY_FIELDS
from kronika.webhooks.delivery_models import (
    MOST_ASKED,
    MOST_REPLAYS,
    TEST_TYPE,
    Attempt,
    AttemptView,
    Cause,
    Delivery,
    DeliveryView,
    Replay,
    ReplayView,
    State,
    delivery_view,
    replay_view,
)
from kronika.webhooks.delivery_routes import DeliveryList, ReplayList

_SUBSCRIPTION: Final = f"{API_PREFIX}/webhook-subscriptions/{{id}}"
_DELIVERY_ID: Final = 90412
_REPLAY_ID: Final = 31
_ZONE: Final = ZoneInfo("Europe/Bratislava")
_AT: Final = datetime(2026, 3, 10, 9, 0, 0, 123_000, UTC)


def _delivery(
    number: int, cause: Cause, state: State, *attempts: Attempt, due: datetime | None = None, at: datetime = _AT
) -> DeliveryView:
    is_test = cause == "test"
    return delivery_view(
        Delivery(
            number,
            UUID("0b0e5a35-6c0f-4a53-9d29-5f0f6a1f1c52" if is_test else "6f1c1b2e-8f0a-4c55-9d5e-3b7c0f4a1d22"),
            TEST_TYPE if is_test else "clients.created",
            SUBSCRIPTION_ID if is_test else CLIENT_ID,
            at if is_test else _AT,
            cause,
            state,
            json_bytes(list(attempts)).decode(),
            due,
            at,
        ),
        _ZONE,
    )


# Each waits from the end of the one before.
_AFTER_TEN: Final = _AT + timedelta(seconds=10, milliseconds=48)
_LATER: Final = _AT + timedelta(hours=5)
_TRIED: Final = _delivery(
    _DELIVERY_ID,
    "change",
    "pending",
    Attempt(_AT, "status", 503, 48),
    Attempt(_AFTER_TEN, "timeout", None, 10_000),
    due=_AFTER_TEN + timedelta(seconds=10 + 100),
)
_AGAIN: Final = _delivery(_DELIVERY_ID + 7, "replay", "pending", due=_LATER, at=_LATER)
_TEST: Final = _delivery(_DELIVERY_ID + 8, "test", "pending", due=_LATER, at=_LATER)
_LOG: dict[str, Any] = {"log": as_sent(DeliveryList([_TRIED], None, more=False))}
_OUTAGE: Final = Replay(_REPLAY_ID, _AT, _LATER, ["clients.created", "clients.updated"])
_REPLAY: Final = replay_view(_OUTAGE, _ZONE)
_ASKED: dict[str, Any] = {
    "outage": {
        "from": _REPLAY.begin,
        "to": _REPLAY.end,
        "subscribedEvents": _REPLAY.subscribed_events,
    }
}
_ID: Final = {"id": "Id of the subscription."}
_DELIVERY: Final = {**_ID, "delivery": "Id of the delivery."}
_ID_EXAMPLE: Final = {"id": SUBSCRIPTION_ID}
_DELIVERY_EXAMPLE: Final = {**_ID_EXAMPLE, "delivery": _DELIVERY_ID}
_OWN: Final = "\n\n**An extension of Kronika**, which the Fintoro API does not have."
_MOST: Final = f"At most {MOST_ASKED:,} deliveries that were asked for wait for their first attempt."
_RANGE_TEXTS: Final = {
    "from": "Instant from which on changes are told again, with its offset: `2026-03-10T10:00:00+01:00`.",
    "to": "Instant up to which changes are told again, itself not included; without it, now.",
    "subscribedEvents": "Types of the changes; without it, those that the subscription names now.",
}

CHAPTER: Final = Chapter(
    tag="Webhook deliveries",
    text="What was sent for a subscription and what became of it, for 30 days; sending again, and trying it out.",
    operations=(
        Operation(
            id="listWebhookDeliveries",
            method="get",
            path=f"{_SUBSCRIPTION}/deliveries",
            summary="Read the delivery log",
            description="The deliveries of a subscription with all their attempts, the newest first. Go on with the "
            "`next` of the last answer as `before`, while `more` is true. A delivery stands here from its first "
            "attempt on, or from when somebody asked for it, and for 30 days." + _OWN,
            success="A piece of the log.",
            answer=DeliveryList,
            answers=_LOG,
            query=LOG_FIELDS,
            query_texts={
                "before": "The `next` of the last answer: only older deliveries.",
                "limit": f"At most so many deliveries; {DEFAULT_DELIVERIES} when it is left out.",
                "state": "Only deliveries of which this is true now.",
            },
            path_texts=_ID,
            parameter_examples=_ID_EXAMPLE,
        ),
        Operation(
            id="showWebhookDelivery",
            method="get",
            path=f"{_SUBSCRIPTION}/deliveries/{{delivery}}",
            summary="Show a delivery",
            description="One delivery with all its attempts." + _OWN,
            success="The delivery.",
            answer=DeliveryView,
            answers={"tried": as_sent(_TRIED)},
            path_texts=_DELIVERY,
            parameter_examples=_DELIVERY_EXAMPLE,
        ),
        Operation(
            id="replayWebhookDelivery",
            method="post",
            path=f"{_SUBSCRIPTION}/deliveries/{{delivery}}/replay",
            summary="Deliver again",
            description="Sends the same again, in a delivery of its own: the receiver sees the same `webhook-id` and "
            "payload. The subscription must be active (else 422 on `isActive`), unless it was a test. "
            f"{_MOST} There is no body." + _OWN,
            success="The new delivery, about to be sent.",
            answer=DeliveryView,
            answers={"again": as_sent(_AGAIN)},
            status=201,
            keyed=True,
            path_texts=_DELIVERY,
            parameter_examples=_DELIVERY_EXAMPLE,
        ),
        Operation(
            id="sendWebhookTestDelivery",
            method="post",
            path=f"{_SUBSCRIPTION}/test-delivery",
            summary="Try a subscription out",
            description=f"Sends a `{TEST_TYPE}`, which is about the subscription itself, once, whether it is active or "
            "not. Look at the delivery to see what came of it. "
            f"{_MOST} There is no body." + _OWN,
            success="The delivery, about to be sent.",
            answer=DeliveryView,
            answers={"test": as_sent(_TEST)},
            status=201,
            keyed=True,
            path_texts=_ID,
            parameter_examples=_ID_EXAMPLE,
        ),
        Operation(
            id="listWebhookReplays",
            method="get",
            path=f"{_SUBSCRIPTION}/replays",
            summary="List replays",
            description="The replays of a subscription that are not finished, the oldest first." + _OWN,
            success="The replays.",
            answer=ReplayList,
            answers={"outage": as_sent(ReplayList([_REPLAY]))},
            path_texts=_ID,
            parameter_examples=_ID_EXAMPLE,
        ),
        Operation(
            id="createWebhookReplay",
            method="post",
            path=f"{_SUBSCRIPTION}/replays",
            summary="Deliver a range again",
            description="Delivers again everything of these types that happened in a range of time, whether it was "
            "delivered before or not, and also from before the subscription was there. Changes are kept for 90 days: "
            "of a range that begins earlier, what is left is delivered. The subscription must be active (else 422 on "
            f"`isActive`); at most {MOST_REPLAYS} of its replays may be unfinished." + _OWN,
            success="The replay, about to begin. It is gone when everything of it has been tried once.",
            answer=ReplayView,
            answers={"outage": as_sent(_REPLAY)},
            status=201,
            body=Body("WebhookReplayInput", described(REPLAY_FIELDS, _RANGE_TEXTS), _ASKED),
            keyed=True,
            path_texts=_ID,
            parameter_examples=_ID_EXAMPLE,
        ),
        Operation(
            id="deleteWebhookReplay",
            method="delete",
            path=f"{_SUBSCRIPTION}/replays/{{replay}}",
            summary="Stop a replay",
            description="Nothing more of it is begun. What has been tried already goes on. A replay that is finished "
            "is not there any more (404)." + _OWN,
            success="It has stopped.",
            status=204,
            path_texts={**_ID, "replay": "Id of the replay."},
            parameter_examples={**_ID_EXAMPLE, "replay": _REPLAY_ID},
        ),
    ),
    things=(
        Thing(
            DeliveryList,
            "A piece of the delivery log.",
            {
                "data": "The deliveries, the newest first.",
                "next": "The `before` to go on with; null when there are no older ones.",
                "more": "Whether there are older ones.",
            },
        ),
        Thing(
            DeliveryView,
            "Something that was sent for a subscription, or is about to be.",
            {
                "id": "Id of the delivery.",
                "webhookId": "Id that the receiver sees: that of the change, the same in every delivery of it.",
                "type": f"What it tells of: `clients.created`; `{TEST_TYPE}` of a test.",
                "occurredAt": "When that happened, in UTC, as the payload says it.",
                "resource": "What it happened to.",
                "cause": "Why it was sent: it happened, it was asked for again, or it is a test.",
                "state": "`pending` while there is another attempt to come.",
                "attempts": "All attempts so far, the first one first.",
                "nextAttemptAt": "When the next attempt is due, to the millisecond; null when there is none.",
                "createdAt": "When it was first tried, or asked for, to the millisecond.",
            },
            {"webhookId": {"format": "uuid"}},
        ),
        Thing(
            AttemptView,
            "One request to the receiver, or why there was none.",
            {
                "number": "1, 2, 3 …",
                "at": "When it began, to the millisecond.",
                "result": "What came of it: `delivered` (a 2xx); `redirected`, which is not followed; another "
                "`status`; `refused_url` and `refused_address`, where it would have led inside; `unresolvable`, "
                "`connection_failed`, `tls_failed`, `answer_broken`, `timeout`.",
                "status": "Status of the answer; null when there was none.",
                "milliseconds": "How long it took.",
            },
            {"at": {"format": "date-time"}},
        ),
        Thing(ReplayList, "The replays of a subscription.", {"data": "The replays, the oldest first."}),
        Thing(
            ReplayView,
            "A range of time of which everything is delivered again.",
            {
                "id": "Id of the replay.",
                "from": "Instant from which on changes are told again.",
                "to": "Instant up to which they are, itself not included.",
                "subscribedEvents": "Types of the changes.",
            },
            {"from": {"format": "date-time"}, "to": {"format": "date-time"}, "subscribedEvents": EVENTS_RULE},
        ),
    ),
)
