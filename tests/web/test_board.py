"""The board as a plain page: columns, cards, and a form that moves a case; scripts do the same by the same requests."""

from __future__ import annotations

import re

import psycopg
import pytest
from support.api import Api
from support.board import columns, new_status
from support.lanes import shown_board, shown_columns, shown_sizes
from support.people import Person, errors_in
from support.records import types_of_changes
from web.test_contacts import HOSTILE

from kronika.http.lanes import Lanes
from kronika.statuses.models import BOARD
from kronika.web.board import board_view

NO = "No status"


async def test_the_board_shows_columns_in_their_order_and_last_those_without_a_status(
    jana: Person, plain_api: Api, stranger: Api
):
    offer, won = await new_status(plain_api, name="Offer"), await new_status(plain_api, name="Won", color="#2a4")
    client_id = await plain_api.new_client(name="Žilina Trade")
    for name, status_id in (("Alfa", offer), ("Beta", None), ("Gama", offer), ("Delta", won)):
        await plain_api.new_case(name=name, clientId=client_id, statusId=status_id)
    await new_status(stranger, name="Alien column")
    page = await jana.get(f"{jana.company}/cases")
    assert shown_board(page) == {"Offer": ["Alfa", "Gama"], "Won": ["Delta"], NO: ["Beta"]}
    assert list(shown_board(page)) == ["Offer", "Won", NO]
    assert shown_sizes(page) == {"Offer": 2, "Won": 1, NO: 1}
    assert "Žilina Trade" in page.text
    assert 'fill="#2a4"' in page.text
    assert "Alien" not in page.text
    assert "Stranger" not in page.text


async def test_the_address_says_whether_it_is_a_board_or_a_list(jana: Person, plain_api: Api):
    client_id = await plain_api.new_client(name="Lonely")
    here = f"{jana.company}/cases"
    for query, is_board in (
        ("", True), ("?view=board", True), ("?view=nonsense", True), ("?done=moved", True),
        (f"?view=board&clientId={client_id}", True), ("?view=list", False), (f"?clientId={client_id}", False),
        ("?search=x", False), ("?sort=name", False),
    ):  # fmt: skip
        page = await jana.get(here + query)
        assert ('id="board"' in page.text) is is_board, query
        view = "board" if is_board else "list"
        assert f'href="{here}?view={view}" data-view="{view}" aria-current="page"' in page.text


async def test_the_list_has_every_filter_and_every_order_of_the_contract(jana: Person, plain_api: Api):
    client_id, supplier_id = await plain_api.new_client(name="Buyer"), await plain_api.new_supplier(name="Seller")
    first = await plain_api.new_case(name="Beta", clientId=client_id)
    await plain_api.new_case(name="Alfa", supplierId=supplier_id)
    await plain_api.new_case(name="Gama", clientId=client_id)
    await plain_api.put(f"/business-cases/{first}/position", {"position": 2})

    async def found(query: str) -> list[str]:
        page = await jana.get(f"{jana.company}/cases?view=list&{query}")
        return re.findall(r'class="over"[^>]*>([^<]*)</a>', page.text)

    orders = {
        "": ["Gama", "Alfa", "Beta"],
        "begun": ["Gama", "Alfa", "Beta"],
        "name": ["Alfa", "Beta", "Gama"],
        "place": ["Alfa", "Gama", "Beta"],
    }
    opposite = {"": "oldest", "begun": "begun-first", "name": "name-desc", "place": "place-desc"}
    for sort, names in orders.items():
        assert await found(f"sort={sort}") == names
        assert await found(f"sort={opposite[sort]}") == names[::-1]
    assert (await found("sort=changed")) == (await found("sort=changed-first"))[::-1]
    assert await found(f"supplierId={supplier_id}") == ["Alfa"]
    chooser = await jana.get(f"{jana.company}/cases/of?search=buyer")
    assert f'href="{jana.company}/cases?view=list&amp;clientId={client_id}"' in chooser.text
    assert await found(f"clientId={client_id}") == ["Gama", "Beta"]


async def test_names_stay_text_wherever_they_stand(jana: Person, plain_api: Api):
    status_id = await new_status(plain_api, name=HOSTILE)
    client_id = await plain_api.new_client(name=HOSTILE)
    case_id = await plain_api.new_case(name=HOSTILE, clientId=client_id, statusId=status_id)
    for path in ("", f"/{case_id}/move", f"/columns/{status_id}/edit", f"/columns/{status_id}/delete"):
        page = await jana.get(f"{jana.company}/cases{path}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "49" not in re.sub(r'"[^"]*"', "", page.text)
    assert shown_board(await jana.get(f"{jana.company}/cases"))[HOSTILE] == [HOSTILE]


async def test_a_long_column_shows_its_first_cards_and_leads_to_the_others(
    jana: Person, plain_api: Api, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(board_view, "STEP", 50)
    client_id, status_id = await plain_api.new_client(), await new_status(plain_api, name="Long")
    for number in range(53):
        await plain_api.new_case(name=f"Case {number}", clientId=client_id, statusId=status_id)
    here = f"{jana.company}/cases"
    page = await jana.get(here)
    assert shown_sizes(page) == {"Long": 53, NO: 0}
    assert shown_board(page)["Long"] == [f"Case {number}" for number in range(50)]
    more = re.search(
        rf'href="({here}\?view=list&amp;statusId={status_id}&amp;sort=place&amp;page=\d+)" data-more', page.text
    )
    others = await jana.get(more[1].replace("&amp;", "&"))
    assert re.findall(r'class="over"[^>]*>([^<]*)</a>', others.text) == ["Case 50", "Case 51", "Case 52"]
    part = await jana.get(f"{here}?columns={status_id}:100", headers={"X-Part": "1"})
    assert len(shown_board(part)["Long"]) == 53
    assert NO not in shown_board(part)
    assert 'data-column="0" data-size="0"' in part.text


async def test_many_columns_share_one_page(jana: Person, plain_api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(board_view, "_MOST", 20)
    monkeypatch.setattr(board_view, "_FEWEST", 3)
    client_id = await plain_api.new_client()
    for column in range(6):
        status_id = await new_status(plain_api, name=f"Column {column}")
        for _ in range(4):
            await plain_api.new_case(clientId=client_id, statusId=status_id)
    shown = shown_board(await jana.get(f"{jana.company}/cases"))
    assert [len(cards) for cards in shown.values()] == [3] * 6 + [0]


@pytest.mark.parametrize(
    "asked", ["", "x", "1:x,:,::,-1:5", "9" * 40 + ":1", "0:-5", "0:99999999999", "%00:1", "0:50&rest=1"]
)
async def test_a_part_that_is_asked_for_oddly_is_answered(jana: Person, plain_api: Api, asked: str):
    await plain_api.new_case(name="Alfa")
    part = await jana.get(f"{jana.company}/cases?columns={asked}", headers={"X-Part": "1"})
    assert part.status_code == 200
    assert "<html" not in part.text
    assert 'data-total="1"' in part.text


async def test_the_form_of_a_case_moves_it_to_a_column_and_a_place(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection
):
    client_id, offer = await plain_api.new_client(), await new_status(plain_api, name="Offer")
    alfa, beta = [await plain_api.new_case(name=name, clientId=client_id, statusId=offer) for name in ("Alfa", "Beta")]
    gama = await plain_api.new_case(name="Gama", clientId=client_id)
    move = f"{jana.company}/cases/{gama}/move"
    assert "Move Gama" in (await peter.get(move)).text
    moved = await peter.submit(move, {"column": offer, "place": "2"})
    assert moved.headers["location"] == f"{jana.company}/cases?done=moved#case-{gama}"
    assert columns(owner, plain_api) == {offer: [alfa, gama, beta]}
    for fields, expected in (
        ({"column": offer, "place": ""}, [alfa, beta, gama]),
        ({"column": offer, "place": "1"}, [gama, alfa, beta]),
        ({"column": offer, "place": "999"}, [alfa, beta, gama]),
        ({"place": "2"}, [alfa, gama, beta]),
    ):
        assert (await jana.submit(move, fields)).status_code == 303
        assert columns(owner, plain_api)[offer] == expected
    assert (await jana.submit(move, {"column": "0"})).status_code == 303
    assert columns(owner, plain_api) == {offer: [alfa, beta], None: [gama]}
    told = types_of_changes(owner, plain_api, gama)
    assert told == ["business-cases.created"] + ["business-cases.updated"] * 6


async def test_a_case_goes_between_its_new_neighbours_wherever_they_stand_by_then(
    jana: Person, plain_api: Api, owner: psycopg.Connection
):
    client_id, offer = await plain_api.new_client(), await new_status(plain_api)
    a, b, c, d = [await plain_api.new_case(clientId=client_id, statusId=offer) for _ in range(4)]
    case = await plain_api.new_case(clientId=client_id)
    away = await plain_api.new_case(clientId=client_id)

    async def put(which: int, **fields: object) -> list[int]:
        answer = await jana.submit(f"{jana.company}/cases/{which}/move", fields, headers={"X-Part": "1"})
        assert (answer.status_code, answer.content) == (204, b"")
        return columns(owner, plain_api)[offer]

    assert await put(case, column=offer, before=c, behind=b) == [a, b, case, c, d]
    # In its own column the gap that it leaves is counted.
    assert await put(case, column=offer, before="", behind=d) == [a, b, c, d, case]
    assert await put(case, column=offer, before=a, behind="") == [case, a, b, c, d]
    assert await put(case, column=offer, before=c, behind=b) == [a, b, case, c, d]
    assert await put(case, column=offer, before=c, behind=b) == [a, b, case, c, d]
    # The one before which it was put has gone elsewhere: behind the other.
    assert await put(case, column=offer, before=away, behind=a) == [a, case, b, c, d]
    # Both have gone, or it is its own neighbour: the place, else the end.
    assert await put(case, column=offer, before=away, behind=99_999_999, place=1) == [case, a, b, c, d]
    assert await put(case, column=offer, before=case, behind=case) == [a, b, c, d, case]
    # A neighbour that moved since is still the neighbour.
    await plain_api.put(f"/business-cases/{a}/position", {"position": 3})
    assert await put(case, column=offer, before=a, behind=b) == [b, c, d, case, a]


async def test_a_move_that_is_sent_again_does_not_undo_what_came_between(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection
):
    client_id, offer = await plain_api.new_client(), await new_status(plain_api)
    case = await plain_api.new_case(clientId=client_id)
    move, fields = f"{jana.company}/cases/{case}/move", {"column": offer, "key": "k" * 32}
    for _ in range(2):
        assert (await jana.submit(move, fields, headers={"X-Part": "1"})).status_code == 204
    assert types_of_changes(owner, plain_api, case).count("business-cases.updated") == 1
    assert (await peter.submit(move, {"column": "0"})).status_code == 303
    assert (await jana.submit(move, fields, headers={"X-Part": "1"})).status_code == 204
    assert columns(owner, plain_api) == {None: [case]}
    # The same key says nothing of another case.
    other = await plain_api.new_case(clientId=client_id)
    again = await jana.submit(f"{jana.company}/cases/{other}/move", fields, headers={"X-Part": "1"})
    assert again.status_code == 422


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "9" * 30, "\0", "<b>"])
@pytest.mark.parametrize("field", ["column", "before", "behind", "place"])
async def test_odd_values_are_complaints_and_move_nothing(
    jana: Person, plain_api: Api, owner: psycopg.Connection, field: str, value: str
):
    case = await plain_api.new_case()
    answer = await jana.submit(f"{jana.company}/cases/{case}/move", {"column": "0", field: value})
    assert answer.status_code == 422
    assert types_of_changes(owner, plain_api, case) == ["business-cases.created"]


async def test_what_is_another_companys_is_not_there(
    jana: Person, eve: Person, plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    case, alien = await plain_api.new_case(), await stranger.new_case(name="Alien")
    foreign = await new_status(stranger, name="Alien column")
    before = columns(owner, stranger)
    for path in (f"{alien}/move", f"columns/{foreign}/edit", f"columns/{foreign}/delete"):
        nothing = re.sub(r"\d+(?=/\w+$)", "99999999", path)
        pages = [await jana.get(f"{jana.company}/cases/{each}") for each in (path, nothing)]
        assert [page.status_code for page in pages] == [404, 404]
        assert "Alien" not in pages[0].text
    for path in (f"{alien}/move", f"columns/{foreign}/move", f"columns/{foreign}/edit", f"columns/{foreign}/delete"):
        said = {"column": "0", "before": "", "name": "Alien column", "color": "#000"}
        assert (await jana.submit(f"{jana.company}/cases/{path}", said)).status_code == 404
        assert (await eve.submit(f"{jana.company}/cases/{path}", said)).status_code == 404
    into = await jana.submit(f"{jana.company}/cases/{case}/move", {"column": foreign})
    assert errors_in(into).keys() == {"column"}
    assert "Alien" not in into.text
    # As a neighbour it is nobody's neighbour.
    assert (await jana.submit(f"{jana.company}/cases/{case}/move", {"column": "0", "before": alien})).status_code == 303
    part = await jana.get(f"{jana.company}/cases?columns={foreign}:50", headers={"X-Part": "1"})
    assert shown_columns(part) == []
    assert columns(owner, stranger) == before
    assert columns(owner, plain_api) == {None: [case]}


async def test_a_move_waits_for_the_board_in_the_process_and_holds_no_connection(
    jana: Person, plain_api: Api, monkeypatch: pytest.MonkeyPatch
):
    case, status_id = await plain_api.new_case(), await new_status(plain_api, name="Goes")
    taken: list[object] = []
    real = Lanes.take

    def take(lanes: Lanes, name: object) -> object:
        taken.append(name)
        return real(lanes, name)

    monkeypatch.setattr(Lanes, "take", take)
    for path, said in (
        (f"{case}/move", {"column": status_id}),
        ("columns/new", {"name": "New", "color": "#000"}),
        (f"columns/{status_id}/move", {"before": ""}),
        (f"columns/{status_id}/delete", {"name": "Goes"}),
    ):
        assert (await jana.submit(f"{jana.company}/cases/{path}", said)).status_code == 303
        assert taken == [(BOARD, jana.company_id)]
        taken.clear()
