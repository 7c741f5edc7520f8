"""Whose address a request has, and what is kept of it."""

from __future__ import annotations

import psycopg
import pytest
from support.people import Browser, Person

FORWARDED = {
    "203.0.113.77": "203.0.113.0/24",
    "198.51.100.1, 203.0.113.77": "203.0.113.0/24",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1::/48",
    "::ffff:203.0.113.77": "203.0.113.0/24",
    "rubbish": "127.0.0.0/24",
    "203.0.113.77, rubbish": "127.0.0.0/24",
    "": "127.0.0.0/24",
}


@pytest.mark.parametrize(("told", "kept"), FORWARDED.items())
async def test_of_the_address_that_a_trusted_proxy_tells_only_the_neighbourhood_is_kept(
    browser: Browser, jana: Person, owner: psycopg.Connection, told: str, kept: str
):
    agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0\t" + "x" * 300
    await browser.sign_in(jana.email, headers={"X-Forwarded-For": told, "User-Agent": agent})
    row = owner.execute(
        "SELECT address, user_agent FROM sessions WHERE user_id = %s ORDER BY id DESC", [jana.user_id]
    ).fetchone()
    assert row["address"] == kept
    assert len(row["user_agent"]) < 256
    assert "\t" not in row["user_agent"]
    assert "Firefox, Linux" in (await browser.get("/account")).text
