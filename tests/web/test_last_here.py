"""The line on Home: where the visit before ended, and what counts as a visit."""

from __future__ import annotations

import re
from html import unescape

import psycopg
from support.api import Api
from support.home import LINE, happened, later, note, settle
from support.people import Person


async def test_the_line_stands_where_the_visit_before_ended_until_this_one_is_over(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection
):
    home, client = f"{jana.company}/home", await plain_api.new_client()
    await note(plain_api, "old", clientId=client)
    settle(owner, plain_api)
    # The first visit ever: nothing was seen, and nothing is called new.
    assert happened(await jana.get(home)) == ["old"]
    await note(plain_api, "new", clientId=client)
    settle(owner, plain_api)
    assert happened(await jana.get(home)) == ["new", "old"]
    later(owner, jana, 31)
    await note(plain_api, "newer", clientId=client)
    settle(owner, plain_api)
    page = await jana.get(home)
    assert happened(page) == ["newer", LINE, "new", "old"]
    assert "You were last here" in page.text
    # A reload, another tab, a minute later.
    later(owner, jana, 20)
    assert happened(await jana.get(home)) == ["newer", LINE, "new", "old"]
    later(owner, jana, 20)
    assert happened(await jana.get(home)) == ["newer", LINE, "new", "old"]
    later(owner, jana, 31)
    assert happened(await jana.get(home)) == [LINE, "newer", "new", "old"]
    # Each has his own.
    assert happened(await peter.get(home)) == ["newer", "new", "old"]


async def test_what_a_page_showed_when_its_reader_looked_away_is_not_new_the_next_time(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection
):
    home, client = f"{jana.company}/home", await plain_api.new_client()
    await note(plain_api, "old", clientId=client)
    settle(owner, plain_api)
    await jana.get(home)
    seen = await note(plain_api, "came live", clientId=client)
    await note(plain_api, "came later", clientId=client)
    settle(owner, plain_api)
    for event in (seen, seen - 1, "x", ""):
        answer = await jana.submit(f"{home}/left", {"event": str(event)}, headers={"X-Part": "1"})
        assert answer.status_code == 200
    later(owner, jana, 31)
    assert happened(await jana.get(home)) == ["came later", LINE, "came live", "old"]
    # Nobody can say to have seen what is still to come.
    await peter.get(home)
    await peter.submit(f"{home}/left", {"event": "999999999999999999"})
    await note(plain_api, "after all", clientId=client)
    later(owner, peter, 31)
    assert happened(await peter.get(home))[:2] == ["after all", LINE]


async def test_what_was_recorded_a_moment_ago_counts_as_shown_only_when_nothing_can_come_before_it(
    jana: Person, plain_api: Api, owner: psycopg.Connection
):
    client = await plain_api.new_client()
    await note(plain_api, "old", clientId=client)
    settle(owner, plain_api)
    await note(plain_api, "just now", clientId=client)
    await jana.get(f"{jana.company}/home")
    later(owner, jana, 31)
    assert happened(await jana.get(f"{jana.company}/home")) == ["just now", LINE, "old"]


async def test_parts_and_looks_of_programs_are_no_visits(jana: Person, plain_api: Api, owner: psycopg.Connection):
    client = await plain_api.new_client()
    event = await note(plain_api, "note", clientId=client)
    for path in (f"home?before={event}", f"home/events?ids={event}"):
        await jana.get(f"{jana.company}/{path}", headers={"X-Part": "1"})
    await jana.http.head(f"{jana.company}/home")
    rows = owner.execute("SELECT FROM home_visits WHERE company_id = %s", [jana.company_id]).rowcount
    assert rows == 0


async def test_the_line_is_found_further_down_too(jana: Person, plain_api: Api, owner: psycopg.Connection):
    client = await plain_api.new_client()
    await note(plain_api, "seen", clientId=client)
    settle(owner, plain_api)
    await jana.get(f"{jana.company}/home")
    later(owner, jana, 60)
    for number in range(40):
        await note(plain_api, f"n{number}", clientId=client)
    page = await jana.get(f"{jana.company}/home")
    assert LINE not in happened(page)
    (more,) = re.findall(r'<p class="more"><a class="button" href="([^"]*)"', page.text)
    part = await jana.get(unescape(more))
    assert happened(part) == [LINE, "seen"]
    assert re.search("You were last here (today|yesterday) ", part.text)
