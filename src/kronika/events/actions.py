"""What can be done to a recorded event."""

from __future__ import annotations

from collections.abc import Mapping

from kronika.changes.models import Actor
from kronika.changes.queries import record_change
from kronika.db.statements import Transaction
from kronika.errors import Complaints, Forbidden, Invalid, NotFound
from kronika.events import queries
from kronika.events.input import read_changed_metadata
from kronika.events.models import RECORDABLE_TYPES, StoredEvent, metadata_of
from kronika.input.normalise import Json


async def correct_event(
    transaction: Transaction, event_id: int, payload: Mapping[str, Json] | None, complaints: Complaints, actor: Actor
) -> StoredEvent:
    """Replaces what an event says; the event as it is then. One that says the same stays untouched and unannounced.

    `payload` None: it could not be read, for the reasons in `complaints`.

    Raises NotFound; Forbidden: the system wrote it; Invalid.
    """
    event = await _own_event(transaction, event_id)
    if payload is None:
        raise Invalid(complaints)
    metadata = read_changed_metadata(event.type, payload, complaints)
    if metadata == metadata_of(event):
        return event
    changed = await queries.update_event(transaction, event_id, metadata)
    await record_change(transaction, "contact-activity-logs.updated", event_id, actor)
    return changed


async def remove_event(transaction: Transaction, event_id: int, actor: Actor) -> None:
    """Takes an event off its timeline; its row stays.

    Raises NotFound; Forbidden: the system wrote it.
    """
    event = await _own_event(transaction, event_id)
    await record_change(transaction, "contact-activity-logs.deleted", event_id, actor)
    # Last, for it holds the timeline's row until the commit.
    await queries.delete_event(transaction, event)


async def _own_event(transaction: Transaction, event_id: int) -> StoredEvent:
    event = await queries.lock_event(transaction, event_id)
    if event is None:
        raise NotFound
    if event.type not in RECORDABLE_TYPES:
        raise Forbidden
    return event
