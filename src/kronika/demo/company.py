"""Makes the demo company, in one transaction, by the very actions that requests use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
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
from kronika.demo.story import CASES, CLIENTS, COMPANY_NAME, STATUSES, STORY, SUPPLIERS
from kronika.events.models import NewEvent
from kronika.events.queries import record_event_as_part
from kronika.settings import Settings
from kronika.statuses.actions import create_status
from kronika.timelines.models import Target, TargetKind

# The name tells the demo's tokens from all others, revoked ones included, and thereby its company.
_TOKEN_NAME = "kronika serve --demo"

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
    statuses = {name: (await create_status(transaction, new, SYSTEM)).id for name, new in STATUSES.items()}
    for name, deal in CASES.items():
        new = NewCase("client", ids["client", deal.client], statuses[deal.status], deal.name, deal.description)
        ids["business_case", name] = (await create_case(transaction, new, SYSTEM)).id
    for moment in STORY:
        at = (today - timedelta(days=moment.days_ago)).replace(hour=moment.hour, minute=moment.minute)
        await _set_clock(transaction, at)
        target = Target(moment.target, ids[moment.target, moment.whom])
        await record_event_as_part(transaction, token_hash, NewEvent(target, moment.what))
    return ids["client", next(iter(CLIENTS))]


async def _set_clock(transaction: Transaction, at: datetime) -> None:
    await transaction.run(_SET_CLOCK, now=at.astimezone(UTC).isoformat())
