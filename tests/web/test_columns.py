"""Columns of the board: added, renamed, recoloured, moved, deleted, by forms that any member may send."""

from __future__ import annotations

import re

import psycopg
import pytest
from support.api import Api
from support.board import columns, new_status, statuses
from support.lanes import shown_columns
from support.people import Person, errors_in, seen_in
from support.records import types_of_changes
from web.test_contacts import form_in

from kronika.web.board.palette import PALETTE, next_color

NO = "No status"


async def test_a_new_column_is_the_last_and_is_made_once(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection
):
    await new_status(plain_api, name="Offer", color=PALETTE["blue"])
    path = f"{jana.company}/cases/columns/new"
    form = await peter.get(path)
    # A colour that no column has yet is chosen.
    assert f'value="{PALETTE["teal"]}" checked' in form.text
    (key,) = re.findall(r'name="key" value="([^"]+)"', form.text)
    fields = {"name": "Won", "color": PALETTE["green"], "key": key}
    made = await peter.submit(path, fields)
    status_id = int(re.search(r"\?done=added#column-(\d+)$", made.headers["location"])[1])
    assert (await peter.submit(path, fields)).headers["location"] == made.headers["location"]
    assert shown_columns(await jana.get(f"{jana.company}/cases")) == ["Offer", "Won", NO]
    assert (await plain_api.get(f"/business-case-statuses/{status_id}")).json()["color"] == PALETTE["green"]
    assert types_of_changes(owner, plain_api, status_id) == ["business-case-statuses.created"]


async def test_a_column_is_renamed_and_given_any_colour_that_the_contract_allows(jana: Person, plain_api: Api):
    status_id = await new_status(plain_api, name="Offer", color="#2A4")
    path = f"{jana.company}/cases/columns/{status_id}/edit"
    shown = await jana.get(path)
    assert 'value="other" checked' in shown.text
    assert 'value="#2A4"' in shown.text
    seen = seen_in(shown)
    saved = await jana.submit(path, {"name": "Sent", "color": "other", "otherColor": " #abc ", "seen": seen})
    assert saved.headers["location"] == f"{jana.company}/cases?done=saved#column-{status_id}"
    assert (await plain_api.get(f"/business-case-statuses/{status_id}")).json() == {
        "id": status_id, "name": "Sent", "color": "#abc",
    }  # fmt: skip
    late = await jana.submit(path, {"name": "Mine", "color": PALETTE["red"], "seen": seen})
    assert late.status_code == 422
    assert "Somebody has changed this" in late.text
    assert (
        await jana.submit(path, {"name": "Mine", "color": PALETTE["red"], "seen": seen_in(late)})
    ).status_code == 303


@pytest.mark.parametrize("color", ["", "red", "#12", "#12345g", "url(x)", "#fff;x", "#fff\n", "\0"])
@pytest.mark.parametrize("field", ["color", "otherColor"])
async def test_what_is_no_colour_is_a_complaint_and_what_was_written_stays(
    jana: Person, plain_api: Api, color: str, field: str
):
    path = f"{jana.company}/cases/columns/new"
    said = (
        {"name": "Kept name", "color": color}
        if field == "color"
        else {"name": "Kept name", "color": "other", field: color}
    )
    answer = await jana.submit(path, said)
    if color == "#fff\n":
        assert answer.status_code == 303
        return
    assert errors_in(answer).keys() == {"color"}
    assert form_in(answer)["name"] == "Kept name"
    assert await statuses(plain_api) == []


async def test_a_column_goes_in_front_of_another_or_to_the_end(
    jana: Person, peter: Person, plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    a, b, c = [await new_status(plain_api, name=name) for name in ("A", "B", "C")]
    foreign = await new_status(stranger)
    before = await statuses(stranger)

    async def move(which: int, where: object, **more: object) -> list[int]:
        answer = await peter.submit(f"{jana.company}/cases/columns/{which}/move", {"before": where, **more})
        assert answer.headers["location"] == f"{jana.company}/cases#column-{which}"
        return await statuses(plain_api)

    assert await move(c, a) == [c, a, b]
    assert await move(c, "") == [a, b, c]
    assert await move(a, c) == [b, a, c]
    assert await move(b, b) == [b, a, c]
    # One that is not here, or was deleted a moment ago, says nothing.
    gone = await new_status(plain_api)
    await plain_api.delete(f"/business-case-statuses/{gone}")
    for nowhere in (foreign, gone):
        assert await move(b, nowhere) == [b, a, c]
    # What names no column means the end. And the last is the last already.
    assert await move(b, 0) == [a, c, b]
    assert await move(b, "x") == [a, c, b]
    assert types_of_changes(owner, plain_api, b).count("business-case-statuses.updated") == 1
    assert types_of_changes(owner, plain_api, c).count("business-case-statuses.updated") == 2
    await plain_api.delete(f"/business-case-statuses/{c}")
    assert await move(b, a) == [b, a]
    page = await jana.get(f"{jana.company}/cases")
    assert shown_columns(page) == ["B", "A", NO]
    # Each column offers the ways that it can go.
    assert len(re.findall(r'formaction="[^"]*/move"', page.text)) == 2
    assert await statuses(stranger) == before
    script = await peter.submit(f"{jana.company}/cases/columns/{a}/move", {"before": b}, headers={"X-Part": "1"})
    assert script.status_code == 204


async def test_deleting_a_column_says_how_many_cases_go_where_and_asks_for_its_name(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection
):
    client_id, status_id = await plain_api.new_client(), await new_status(plain_api, name="Offer  sent")
    a, b = [await plain_api.new_case(clientId=client_id, statusId=status_id) for _ in range(2)]
    free = await plain_api.new_case(clientId=client_id)
    path = f"{jana.company}/cases/columns/{status_id}/delete"
    page = await peter.get(path)
    assert "Its 2 cases stay" in page.text
    assert errors_in(await peter.submit(path, {"name": "Offer"})).keys() == {"name"}
    gone = await peter.submit(path, {"name": "Offer sent"})
    assert gone.headers["location"] == f"{jana.company}/cases?done=deleted"
    assert columns(owner, plain_api) == {None: [free, a, b]}
    assert (await peter.submit(path, {"name": "Offer sent"})).status_code == 404
    bare = await new_status(plain_api)
    assert "There is no case in it." in (await jana.get(f"{jana.company}/cases/columns/{bare}/delete")).text


def test_a_new_column_gets_a_colour_that_none_has():
    colors = list(PALETTE.values())
    assert next_color([]) == colors[0]
    assert next_color([colors[0].upper(), colors[2]]) == colors[1]
    assert next_color(colors) == colors[0]
