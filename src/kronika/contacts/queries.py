from __future__ import annotations

from typing import Final, LiteralString

import msgspec

from kronika.contacts.models import Contact, ContactKind, NewContact
from kronika.db.statements import Transaction
from kronika.timelines.queries import end_timelines

# The columns a create sets are those of NewContact, by name: one list, held together by the struct.
_COLUMNS: Final = """
    name, type, is_vat_payer, subject_id, tax_id, vat_id, email, street, city, zip, country_id,
    delivery_street, delivery_city, delivery_zip, delivery_country_id,
    preferred_delivery_method_id, preferred_payment_method_id, preferred_currency_id, preferred_language_id,
    preferred_due_days, preferred_note, preferred_variable_symbol, preferred_constant_symbol,
    preferred_specific_symbol, preferred_text_above_items, stripe_customer_id, systemeio_contact_id
"""
_VALUES: Final = """
    %(name)s, %(type)s, %(is_vat_payer)s, %(subject_id)s, %(tax_id)s, %(vat_id)s, %(email)s, %(street)s, %(city)s,
    %(zip)s, %(country_id)s, %(delivery_street)s, %(delivery_city)s, %(delivery_zip)s, %(delivery_country_id)s,
    %(preferred_delivery_method_id)s, %(preferred_payment_method_id)s, %(preferred_currency_id)s,
    %(preferred_language_id)s, %(preferred_due_days)s, %(preferred_note)s, %(preferred_variable_symbol)s,
    %(preferred_constant_symbol)s, %(preferred_specific_symbol)s, %(preferred_text_above_items)s,
    %(stripe_customer_id)s, %(systemeio_contact_id)s
"""
SHOWN: Final[LiteralString] = "id, kind, created_at, updated_at," + _COLUMNS

_INSERT: Final = (
    """
WITH timeline AS (
    INSERT INTO timelines (company_id, kind) VALUES (%(company_id)s, %(kind)s::text::timeline_kind) RETURNING id
), moment AS (
    SELECT date_trunc('second', clock()) AS at
), inserted AS (
INSERT INTO contacts (company_id, id, kind, created_at, updated_at,"""
    + _COLUMNS
    + """)
SELECT %(company_id)s, timeline.id, %(kind)s::text::contact_kind, moment.at, moment.at,
"""
    + _VALUES
    + """
FROM timeline, moment
RETURNING *
)
SELECT """
    + SHOWN
    + """ FROM inserted WHERE count_contact(company_id, kind, type, country_id, 1)"""
)

_FIND: Final = (
    "SELECT "
    + SHOWN
    + """ FROM contacts
WHERE company_id = %(company_id)s AND id = %(id)s AND kind = %(kind)s AND deleted_at IS NULL"""
)

_LOCK: Final = _FIND + " FOR NO KEY UPDATE"
# Also against those who only see to it that it stays (FOR KEY SHARE).
_LOCK_TO_DELETE: Final = _FIND + " FOR UPDATE"

_REPLACE: Final = (
    "UPDATE contacts SET updated_at = date_trunc('second', clock()), ("
    + _COLUMNS
    + ") = ("
    + _VALUES
    + """)
WHERE company_id = %(company_id)s AND id = %(id)s RETURNING """
    + SHOWN
)

_DELETE: Final = """
UPDATE contacts SET deleted_at = clock() WHERE company_id = %(company_id)s AND id = %(id)s
"""

_COUNT: Final = "SELECT count_contact(%(company_id)s, %(kind)s, %(type)s, %(country_id)s::integer, %(by)s::integer)"


async def insert_contact(transaction: Transaction, kind: ContactKind, new: NewContact) -> Contact:
    return await transaction.one(Contact, _INSERT, kind=kind, **msgspec.structs.asdict(new))


async def find_contact(transaction: Transaction, kind: ContactKind, contact_id: int) -> Contact | None:
    return await transaction.maybe(Contact, _FIND, kind=kind, id=contact_id)


async def lock_contact(transaction: Transaction, kind: ContactKind, contact_id: int) -> Contact | None:
    """The contact, held until the transaction ends."""
    return await transaction.maybe(Contact, _LOCK, kind=kind, id=contact_id)


async def lock_contact_to_delete(transaction: Transaction, kind: ContactKind, contact_id: int) -> Contact | None:
    """The contact, held until the transaction ends, and named by nobody who is writing."""
    return await transaction.maybe(Contact, _LOCK_TO_DELETE, kind=kind, id=contact_id)


async def replace_contact(transaction: Transaction, contact: Contact, new: NewContact) -> Contact:
    """The contact as it is now. Its counters are the caller's."""
    return await transaction.one(Contact, _REPLACE, id=contact.id, **msgspec.structs.asdict(new))


async def delete_contact(transaction: Transaction, contact: Contact) -> None:
    """Takes the contact and its timeline away; their rows stay."""
    await end_timelines(transaction, [contact.id])
    await transaction.run(_DELETE, id=contact.id)
    await count_contact(transaction, contact, -1)


async def count_contact(transaction: Transaction, contact: Contact, by: int) -> None:
    await transaction.run(_COUNT, kind=contact.kind, type=contact.type, country_id=contact.country_id, by=by)
