"""Business cases in the browser: a list of them, made, changed, deleted."""

from __future__ import annotations

import re

import psycopg
import pytest
from support.api import Api
from support.board import new_status
from support.people import Person, errors_in
from support.records import types_of_changes
from web.test_contacts import HOSTILE, form_in, rows

from kronika.http.lanes import Lanes
from kronika.statuses.models import BOARD


async def test_without_cases_the_list_says_what_a_case_is_and_leads_to_the_first(jana: Person, plain_api: Api):
    page = await jana.get(f"{jana.company}/cases")
    assert "No cases yet" in page.text
    assert f'href="{jana.company}/cases/new"' in page.text
    client_id = await plain_api.new_client(name="Lonely")
    of_one = await jana.get(f"{jana.company}/cases?clientId={client_id}")
    assert "No cases with Lonely yet" in of_one.text
    assert f'href="{jana.company}/cases/new?clientId={client_id}"' in of_one.text


async def test_the_list_is_searched_filtered_by_status_and_by_contact_and_sorted(
    jana: Person, plain_api: Api, stranger: Api
):
    status_id = await new_status(plain_api, name="Offer", color="#2a4")
    client_id = await plain_api.new_client(name="Žilina Trade")
    await plain_api.new_case(name="Beta", clientId=client_id, statusId=status_id)
    await plain_api.new_case(name="Alfa", description="Strecha a krov")
    await plain_api.new_case(name="Čln", statusId=status_id)
    await stranger.new_case(name="Alien")
    foreign = await new_status(stranger)

    async def found(query: str) -> list[str]:
        return rows(await jana.get(f"{jana.company}/cases?{query}"))

    assert await found("view=list") == ["Čln", "Alfa", "Beta"]
    assert await found("sort=name") == ["Alfa", "Beta", "Čln"]
    assert await found("search=krov") == ["Alfa"]
    assert await found("search=cln") == ["Čln"]
    assert await found(f"statusId={status_id}&sort=oldest") == ["Beta", "Čln"]
    assert await found("statusId=none") == ["Alfa"]
    assert await found(f"clientId={client_id}") == ["Beta"]
    assert await found(f"search=b&statusId={status_id}&page=99999") == ["Beta"]
    # What is nobody's status here filters nothing.
    assert await found(f"statusId={foreign}") == ["Čln", "Alfa", "Beta"]
    page = (await jana.get(f"{jana.company}/cases?clientId={client_id}&sort=name")).text
    assert f'<input type="hidden" name="clientId" value="{client_id}">' in page
    assert 'fill="#2a4"' in page
    assert f'href="{jana.company}/clients/{client_id}">Žilina Trade</a>' in page


async def test_a_case_is_made_for_a_contact_that_one_looks_for_first(
    jana: Person, plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    supplier_id = await plain_api.new_supplier(name="Drevo Turiec", city="Martin")
    await stranger.new_supplier(name="Drevo Alien")
    new = f"{jana.company}/cases/new"
    assert rows(await jana.get(new)) == []
    whose = await jana.get(f"{new}?search=drevo")
    assert rows(whose) == ["Drevo Turiec"]
    assert f'href="{new}?supplierId={supplier_id}"' in whose.text
    form = await jana.get(f"{new}?supplierId={supplier_id}")
    assert "Drevo Turiec" in form.text
    made = await jana.submit(f"{new}?supplierId={supplier_id}", form_in(form) | {"name": "Krov", "description": "A\nB"})
    case_id = int(re.search(r"/cases/(\d+)\?done=added", made.headers["location"])[1])
    case = (await plain_api.get(f"/business-cases/{case_id}")).json()
    assert (case["name"], case["description"], case["supplier"]["id"]) == ("Krov", "A\nB", supplier_id)
    assert types_of_changes(owner, plain_api, case_id) == ["business-cases.created"]


async def test_what_is_wrong_is_told_and_what_was_written_is_kept(jana: Person, plain_api: Api, stranger: Api):
    client_id, foreign = await plain_api.new_client(), await new_status(stranger)
    path = f"{jana.company}/cases/new?clientId={client_id}"
    page = await jana.submit(
        path, {"clientId": client_id, "name": "x" * 300, "statusId": foreign, "description": HOSTILE}
    )
    assert errors_in(page).keys() == {"name", "statusId"}
    assert form_in(page)["description"] == HOSTILE
    assert "<script>alert" not in page.text
    for fields in ({"name": "A"}, {"name": "A", "clientId": client_id, "supplierId": client_id}):
        assert (await jana.submit(path, fields)).status_code == 422


async def test_name_description_and_status_change_and_who_it_is_with_does_not(
    jana: Person, plain_api: Api, owner: psycopg.Connection
):
    status_id, client_id = await new_status(plain_api), await plain_api.new_client()
    case_id = await plain_api.new_case(name="Old", clientId=client_id, statusId=status_id, description="Some")
    edit = f"{jana.company}/cases/{case_id}/edit"
    fields = form_in(await jana.get(edit))
    assert (await jana.submit(edit, fields)).status_code == 303
    assert types_of_changes(owner, plain_api, case_id) == ["business-cases.created"]
    other_id = await plain_api.new_client()
    said = {"name": "New", "description": "", "statusId": "", "clientId": other_id}
    assert (await jana.submit(edit, fields | said)).status_code == 303
    case = (await plain_api.get(f"/business-cases/{case_id}")).json()
    assert (case["name"], case["description"], case["status"], case["contactId"]) == ("New", None, None, client_id)
    assert errors_in(await jana.submit(edit, {**fields, "name": ""})).keys() == {"name"}


async def test_deleting_a_case_asks_for_its_name(jana: Person, plain_api: Api):
    case_id = await plain_api.new_case(name="Roof")
    path = f"{jana.company}/cases/{case_id}/delete"
    assert "Delete Roof?" in (await jana.get(path)).text
    assert errors_in(await jana.submit(path, {"name": ""})).keys() == {"name"}
    assert (await jana.submit(path, {"name": "Roof"})).headers["location"] == f"{jana.company}/cases?done=deleted"
    assert (await plain_api.get(f"/business-cases/{case_id}")).status_code == 404
    assert (await jana.submit(path, {"name": "Roof"})).status_code == 404


async def test_a_form_that_was_sent_without_its_query_keeps_whose_it_is_and_what_was_written(
    jana: Person, plain_api: Api, stranger: Api
):
    supplier_id, alien = await plain_api.new_supplier(name="Drevo Turiec"), await stranger.new_client(name="Alien")
    path = f"{jana.company}/cases/new"
    page = await jana.submit(path, {"supplierId": str(supplier_id), "name": "", "description": "A long story"})
    assert errors_in(page).keys() == {"name"}
    assert form_in(page)["description"] == "A long story"
    assert form_in(page)["supplierId"] == str(supplier_id)
    assert (await jana.submit(path, {"clientId": str(alien), "name": "Mine"})).status_code == 404
    foreign = await jana.submit(path, {"clientId": str(alien), "name": ""})
    assert "Alien" not in foreign.text


async def test_two_who_change_a_case_at_once_do_not_undo_each_other_unseen(jana: Person, peter: Person, plain_api: Api):
    case_id = await plain_api.new_case(name="Old")
    edit = f"{jana.company}/cases/{case_id}/edit"
    fields = form_in(await jana.get(edit))
    assert (await peter.submit(edit, {**fields, "name": "First"})).status_code == 303
    late = await jana.submit(edit, {**fields, "name": "Second"})
    assert late.status_code == 422
    assert "Somebody has changed this" in late.text
    assert (await plain_api.get(f"/business-cases/{case_id}")).json()["name"] == "First"
    assert (await jana.submit(edit, form_in(late))).status_code == 303
    assert (await plain_api.get(f"/business-cases/{case_id}")).json()["name"] == "Second"


async def test_a_change_waits_for_the_board_in_the_process_and_holds_no_connection(
    jana: Person, plain_api: Api, monkeypatch: pytest.MonkeyPatch
):
    case_id = await plain_api.new_case(name="Old")
    edit = f"{jana.company}/cases/{case_id}/edit"
    fields = form_in(await jana.get(edit))
    taken: list[object] = []
    real = Lanes.take

    def take(lanes: Lanes, name: object) -> object:
        taken.append(name)
        return real(lanes, name)

    monkeypatch.setattr(Lanes, "take", take)
    for path, said in ((edit, fields | {"name": "New"}), (f"{jana.company}/cases/{case_id}/delete", {"name": "New"})):
        assert (await jana.submit(path, said)).status_code == 303
        assert taken == [(BOARD, jana.company_id)]
        taken.clear()
