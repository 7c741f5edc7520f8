from __future__ import annotations

from kronika.changes.models import Actor
from kronika.changes.queries import record_change
from kronika.contacts import queries
from kronika.contacts.models import Contact, ContactKind, NewContact
from kronika.db.statements import Transaction


async def create_contact(transaction: Transaction, kind: ContactKind, new: NewContact, actor: Actor) -> Contact:
    """A client or a supplier with its empty timeline."""
    contact = await queries.insert_contact(transaction, kind, new)
    await record_change(transaction, f"{kind}s.created", contact.id, actor)
    return contact
