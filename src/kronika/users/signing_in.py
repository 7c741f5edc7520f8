"""Signing in: a password for a session. Tries are counted before they are made, by e-mail and by network."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_network
from math import ceil
from typing import Final

from kronika.credentials import Hasher, new_ticket
from kronika.db.pool import Database
from kronika.errors import TooManyRequests
from kronika.users import queries
from kronika.users.input import LONGEST_PASSWORD, email_key
from kronika.users.models import Browser
from kronika.users.passwords import is_right

# Within a quarter of an hour. A person mistypes a few times; an office behind one address has many persons.
TRIES_OF_AN_EMAIL: Final = 10
"""From one network: else anybody could keep somebody else from signing in."""
TRIES_OF_AN_EMAIL_ANYWHERE: Final = 100
TRIES_OF_A_NETWORK: Final = 100


def network_of(address: IPv4Address | IPv6Address, *, v4: int = 32, v6: int = 64) -> str:
    """The network an address is in: what one subscriber has, unless shorter prefixes are asked for."""
    return str(ip_network(f"{address}/{v4 if address.version == 4 else v6}", strict=False))  # noqa: PLR2004 - IPv4


async def count_try(database: Database, windows: dict[bytes, int]) -> None:
    """Counts a try to guess a password in each of these windows, which may have so many.

    Raises TooManyRequests.
    """
    async with database.across_companies() as statements:
        waits = [await queries.hit_window(statements, key, most) for key, most in windows.items()]
    if wait := max(waits):
        now = datetime.now(UTC).timestamp()
        raise TooManyRequests(resets_at=ceil(now + wait), retry_after=ceil(wait))


async def sign_in(
    database: Database, hasher: Hasher, *, email: str, password: str, network: str, browser: Browser
) -> str | None:
    """The cookie of a new session; None: e-mail or password is wrong; nobody learns which, by the time neither.

    Raises TooManyRequests, Unavailable.
    """
    key = email_key(email)
    by_network, by_email = hasher.try_hash(f"network {network}"), hasher.try_hash(f"e-mail {key}")
    by_both = hasher.try_hash(f"network {network} e-mail {key}")
    windows = {by_network: TRIES_OF_A_NETWORK, by_both: TRIES_OF_AN_EMAIL, by_email: TRIES_OF_AN_EMAIL_ANYWHERE}
    await count_try(database, windows)
    async with database.across_companies() as statements:
        found = await queries.find_sign_in(statements, key)
    known_hash = found.password_hash if found else None
    # No password is longer, and a long one would only cost time.
    if not await is_right(password[: LONGEST_PASSWORD + 1], known_hash) or found is None or known_hash is None:
        return None
    cookie = new_ticket()
    async with database.across_companies() as statements:
        await statements.for_user(found.user_id)
        is_open = await queries.open_session(
            statements,
            found.user_id,
            password_hash=known_hash,
            session_hash=hasher.session_hash(cookie),
            browser=browser,
        )
        # In the order in which they are counted: two sign-ins must not wait for each other.
        await queries.forgive_one_hit(statements, by_network)
        await queries.forget_window(statements, by_both)
        # Not forgotten: others may be trying.
        await queries.forgive_one_hit(statements, by_email)
    return cookie if is_open else None
