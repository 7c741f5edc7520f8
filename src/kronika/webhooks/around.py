"""What is to be found out before a subscription is made or changed, and not in its transaction, which may not wait."""

from __future__ import annotations

from typing import Final

from kronika.db.horizon import Horizon
from kronika.db.pool import Database
from kronika.errors import Complaints
from kronika.outgoing.sending import Sender
from kronika.outgoing.urls import read_url

# A name server that takes longer tells the sender, before each attempt.
_LOOK_UP_SECONDS: Final = 3.0


async def look_around(
    database: Database, horizon: Horizon, sender: Sender, *, url: str | None, complaints: Complaints
) -> int:
    """Judges where the URL leads, with complaints at `url`; gives the horizon of the journal, 0 where there are any."""
    readable = None if url is None else read_url(url, sender.allowed, "url", complaints)
    if readable is not None and await sender.leads_inside(readable, seconds=_LOOK_UP_SECONDS):
        complaints.add("url", "url_public")
    return 0 if complaints else await horizon.reach(database)
