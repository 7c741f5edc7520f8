"""Events are corrected by those who see them, and nobody undoes unseen what somebody else has written."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from support.api import Api
from support.documents import fed
from support.files import PNG
from support.people import Person, errors_in

SCRIPT = {"X-Part": "1"}


@pytest.fixture
async def client_id(plain_api: Api) -> int:
    return await plain_api.new_client(name="Žilina Trade s.r.o.")


@pytest.fixture
async def note(jana: Person, plain_api: Api, client_id: int) -> dict[str, Any]:
    """An event with a file; `edit` is where it is corrected."""
    page_of = f"{jana.company}/clients/{client_id}"
    await jana.post_form(page_of, {"type": "note", "content": "Frist"}, ("a.png", PNG))
    (event,) = (await plain_api.timeline(clientId=client_id))["data"]
    return {**event, "edit": f"{jana.company}/events/{event['id']}/edit", "page": page_of}


async def shown(api: Api, event: dict[str, Any]) -> dict[str, Any]:
    return (await api.get(f"/contact-activity-logs/{event['id']}")).json()


async def seen(person: Person, edit: str) -> str:
    (trace,) = re.findall(r'name="seen" value="(\w+)"', (await person.get(edit)).text)
    return trace


async def test_an_event_is_corrected_in_place_and_on_a_page_of_its_own(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection, note: dict[str, Any]
):
    edit = note["edit"]
    assert "Frist</textarea>" in (await jana.get(edit)).text
    assert "<html" not in (await jana.get(edit, headers=SCRIPT)).text
    wrong = await peter.post_form(edit, {"content": "", "seen": await seen(peter, edit)})
    assert errors_in(wrong) == {"content": "This field is required."}
    remove = {"content": "First", "remove": str(note["attachments"][0]["id"]), "seen": await seen(peter, edit)}
    done = await peter.post_form(edit, remove, ("b.txt", b"b"))
    assert done.headers["location"] == f"{note['page']}?at={note['id']}#event-{note['id']}"
    (event,) = (await plain_api.timeline(clientId=note["clientId"]))["data"]
    assert event["metadata"] == {"content": "First"}
    assert [each["name"] for each in event["attachments"]] == ["b.txt"]
    part = await jana.post_form(edit, {"content": "Third", "seen": await seen(jana, edit)}, headers=SCRIPT)
    assert '<p class="said">Third</p>' in part.text
    last = owner.execute(
        "SELECT type, actor_id FROM changes WHERE company_id = %s ORDER BY position DESC LIMIT 1", [jana.company_id]
    ).fetchone()
    assert last == {"type": "contact-activity-logs.updated", "actor_id": jana.user_id}


async def test_who_saves_second_is_told_and_keeps_what_he_wrote(
    jana: Person, peter: Person, plain_api: Api, note: dict[str, Any]
):
    edit = note["edit"]
    before = await seen(jana, edit)
    assert (await jana.post_form(edit, {"content": "Jana's", "seen": before})).status_code == 303
    told = await peter.post_form(edit, {"content": "Peter's", "seen": before})
    assert told.status_code == 422
    assert "Somebody has changed this in the meantime." in told.text
    assert "Peter&#39;s</textarea>" in told.text
    assert (await shown(plain_api, note))["metadata"] == {"content": "Jana's"}
    aside = await peter.post_form(edit, {"content": "Peter's", "seen": before}, headers=SCRIPT)
    assert (aside.status_code, list(aside.json()["errors"])) == (422, ["seen"])
    # He has seen it by then: what he was shown is of the event as it is.
    (now,) = re.findall(r'name="seen" value="(\w+)"', told.text)
    assert (await peter.post_form(edit, {"content": "Peter's", "seen": now})).status_code == 303
    assert (await shown(plain_api, note))["metadata"] == {"content": "Peter's"}


async def test_a_correction_that_is_sent_again_is_done_once(jana: Person, plain_api: Api, note: dict[str, Any]):
    fields = {"content": "Second", "seen": await seen(jana, note["edit"])}
    first = await jana.post_form(note["edit"], fields, ("b.txt", b"b"))
    again = await jana.post_form(note["edit"], fields, ("b.txt", b"b"))
    assert (first.status_code, again.status_code) == (303, 303)
    event = await shown(plain_api, note)
    assert [each["name"] for each in event["attachments"]] == ["a.png", "b.txt"]


async def test_a_link_says_what_the_document_was_when_it_was_linked(
    jana: Person, plain_api: Api, client_id: int, owner: psycopg.Connection
):
    page_of = f"{jana.company}/clients/{client_id}"
    await fed(plain_api, client_id, 1, number="FV-1", totalWithVat=25.5)
    await fed(plain_api, client_id, 2, number="FV-2", totalWithVat=7)
    await jana.post_form(page_of, {"type": "document_linked", "number": "FV-1"})
    linked = re.compile(r'class="document-card".*?</div></div>', re.DOTALL)
    assert "then" not in linked.findall((await jana.get(page_of)).text)[0]
    await fed(plain_api, client_id, 1, number="FV-1", totalWithVat=99)
    (card,) = linked.findall((await jana.get(page_of)).text)
    assert "€25.50 then" in card
    assert "€99.00" in card
    (event,) = (await plain_api.timeline(clientId=client_id, type="document_linked"))["data"]
    edit = f"{jana.company}/events/{event['id']}/edit"
    fields = {"number": "FV-2", "document": "invoice-2", "seen": await seen(jana, edit)}
    assert (await jana.post_form(edit, fields)).status_code == 303
    assert owner.execute("SELECT amount FROM events WHERE id = %s", [event["id"]]).fetchone()["amount"] == 7
