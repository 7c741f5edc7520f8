"""Makes the demo company, in one transaction, by the very actions that requests use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, LiteralString
from zoneinfo import ZoneInfo

from msgspec import Struct

from kronika.cases.actions import create_case
from kronika.cases.models import NewCase
from kronika.changes.models import SYSTEM
from kronika.companies.actions import create_company, issue_token, revoke_token
from kronika.companies.models import Company
from kronika.contacts.actions import create_contact
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.db.statements import Statements, Transaction
from kronika.demo.papers import PAPERS, Paid, Paper
from kronika.demo.story import CASES, CLIENTS, COMPANY_NAME, STATUSES, STORY, SUPPLIERS, Deal, Moment
from kronika.documents.models import Said
from kronika.documents.queries import lock_document
from kronika.errors import Complaints
from kronika.events.models import NewEvent
from kronika.events.queries import record_event_as_part
from kronika.feed.actions import Put, put_as_part
from kronika.feed.payment_actions import add_payment
from kronika.feed.payment_input import AskedPayment
from kronika.settings import Settings
from kronika.statuses.actions import create_status
from kronika.timelines.models import Target, TargetKind

# The name tells the demo's tokens from all others, revoked ones included, and thereby its company.
_TOKEN_NAME = "Kronika demo"

_TOKENS: Final[LiteralString] = """
SELECT t.id, t.company_id, c.name AS company_name, min(k.id) AS client_id
FROM tokens t
JOIN companies c ON c.id = t.company_id
JOIN contacts k ON k.company_id = c.id AND k.kind = 'client' AND k.deleted_at IS NULL
WHERE t.name = %(name)s AND t.created_by = 'system' AND c.name = %(company_name)s
GROUP BY t.id, t.company_id, c.name ORDER BY t.id
"""
_SET_CLOCK: Final[LiteralString] = "SELECT set_config('kronika.now', %(now)s, true)"


class Demo(Struct, frozen=True):
    """What is needed to try the demo company: a fresh token, and a client to record something for."""

    company_name: str
    client_id: int
    token: str


class _Found(Struct):
    id: int
    company_id: int
    company_name: str
    client_id: int


async def prepare_demo(settings: Settings) -> Demo:
    """The demo company, made on first use, with a fresh token; its last token ends."""
    hasher = Hasher(settings.secret_key)
    async with owner_transaction(settings.database_url) as owner:
        earlier = await owner.all(_Found, _TOKENS, name=_TOKEN_NAME, company_name=COMPANY_NAME)
        for token in earlier:
            await revoke_token(owner, token.id)
        if earlier:
            last = earlier[-1]
            fresh = await issue_token(owner, hasher, last.company_id, _TOKEN_NAME, "write")
            return Demo(last.company_name, last.client_id, fresh.token)
        company = await create_company(owner, COMPANY_NAME)
        fresh = await issue_token(owner, hasher, company.id, _TOKEN_NAME, "write")
        client_id = await _tell_story(owner, company, hasher.token_hash(fresh.token))
        return Demo(company.name, client_id, fresh.token)


async def _tell_story(owner: Statements, company: Company, token_hash: bytes) -> int:
    transaction = await owner.for_company(company.id)
    today = datetime.now(ZoneInfo(company.time_zone))
    await _set_clock(transaction, today - timedelta(days=STORY[0].days_ago + 1))
    ids: dict[tuple[TargetKind, str], int] = {}
    for name, contact in CLIENTS.items():
        ids["client", name] = (await create_contact(transaction, "client", contact, SYSTEM)).id
    for name, contact in SUPPLIERS.items():
        ids["supplier", name] = (await create_contact(transaction, "supplier", contact, SYSTEM)).id
    statuses = {key: (await create_status(transaction, new, SYSTEM)).id for key, new in STATUSES.items()}
    names = {deal: name for name, deal in CASES.items()}
    for moment in sorted([*CASES.values(), *STORY, *PAPERS], key=lambda it: (-it.days_ago, it.hour, it.minute)):
        at = (today - timedelta(days=moment.days_ago)).replace(hour=moment.hour, minute=moment.minute)
        await _set_clock(transaction, at)
        match moment:
            case Deal():
                column = statuses[moment.status] if moment.status else None
                new = NewCase(moment.kind, ids[moment.kind, moment.whom], column, moment.name, moment.description)
                ids["business_case", names[moment]] = (await create_case(transaction, new, SYSTEM)).id
            case Moment():
                target = Target(moment.target, ids[moment.target, moment.whom])
                await record_event_as_part(transaction, token_hash, NewEvent(target, moment.what))
            case Paper():
                await _issue(transaction, moment, at.date(), ids)
            case Paid():
                await _pay(transaction, moment, at)
    return ids["client", next(iter(CLIENTS))]


async def _issue(transaction: Transaction, paper: Paper, day: date, ids: Mapping[tuple[TargetKind, str], int]) -> None:
    said = Said(
        type=paper.type,
        document_id=paper.document_id,
        number=paper.number,
        name=paper.name,
        issue_date=day,
        due_date=None if paper.due_days is None else day + timedelta(days=paper.due_days),
        contact_kind=paper.kind,
        contact_id=ids[paper.kind, paper.whom],
        business_case_id=None if paper.case is None else ids["business_case", paper.case],
        total=Decimal(paper.total),
        currency_id=paper.currency_id,
        currency_rate=Decimal(paper.rate),
    )
    (put,) = await put_as_part(transaction, [said], SYSTEM)
    assert isinstance(put, Put)


async def _pay(transaction: Transaction, paid: Paid, at: datetime) -> None:
    document = await lock_document(transaction, (paid.type, paid.document_id))
    assert document is not None
    asked, zone = AskedPayment(amount=paid.amount), ZoneInfo(str(at.tzinfo))
    await add_payment(transaction, document, asked, SYSTEM, zone=zone, complaints=Complaints())


async def _set_clock(transaction: Transaction, at: datetime) -> None:
    await transaction.run(_SET_CLOCK, now=at.astimezone(UTC).isoformat())
