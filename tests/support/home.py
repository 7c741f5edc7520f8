"""What Home tells, and time that passes while nobody looks at it."""

from __future__ import annotations

import re
from html import unescape

import httpx2
import psycopg

from support.api import Api
from support.people import Person

LINE = "|"


def happened(page: httpx2.Response) -> list[str]:
    """What is told, in its order: what was written or which document, and the line where the last visit ended."""
    assert page.status_code == 200, page.text
    found = re.findall(
        r'class="said">([^<]*)<|aria-describedby="now-\d+">([^<]*)<|class="(seen-line)"', page.text, re.DOTALL
    )
    return [LINE if line else unescape(said or document) for said, document, line in found]


def settle(owner: psycopg.Connection, api: Api) -> None:
    """As if all that was recorded had been recorded some minutes ago."""
    owner.execute(
        "UPDATE events SET created_at = created_at - interval '5 minutes' WHERE company_id = %s", [api.company_id]
    )


def later(owner: psycopg.Connection, who: Person, minutes: int) -> None:
    """As if so much time had passed since the member was shown Home."""
    owner.execute(
        "UPDATE home_visits SET shown_at = shown_at - make_interval(mins => %s) WHERE user_id = %s",
        [minutes, who.user_id],
    )


async def note(api: Api, content: str, **target: int) -> int:
    return (await api.record(metadata={"content": content}, **target)).json()["id"]
