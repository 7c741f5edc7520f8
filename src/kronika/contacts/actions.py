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


async def replace_contact(transaction: Transaction, contact: Contact, new: NewContact, actor: Actor) -> Contact:
    """Gives a held contact all it is to say, and nothing it said before. The same again is no change."""
    if all(getattr(contact, name) == getattr(new, name) for name in NewContact.__struct_fields__):
        return contact
    changed = await queries.replace_contact(transaction, contact, new)
    await record_change(transaction, f"{contact.kind}s.updated", contact.id, actor)
    if _counted_as(changed) != _counted_as(contact):
        # In the order of their keys: two transactions that need the same two counters cannot each hold one.
        for other, by in sorted([(contact, -1), (changed, 1)], key=lambda counted: _counted_as(counted[0])):
            await queries.count_contact(transaction, other, by)
    return changed


def _counted_as(contact: Contact) -> tuple[str, int]:
    return contact.type, contact.country_id or 0
