"""The pages of a client, a supplier and a case: what their timeline shows, and to whom."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import psycopg
import pytest
from support.api import Api
from support.documents import fed, paid
from support.files import PDF, PNG, TEXT, event_with
from support.people import Person

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}<img src=x onerror=alert(1)>"


def events_in(response: httpx2.Response) -> list[int]:
    """The ids of the events that a page shows, from the top."""
    assert response.status_code == 200, response.text
    return [int(number) for number in re.findall(r'id="event-(\d+)"', response.text)]


def next_page(response: httpx2.Response) -> str | None:
    found = re.search(r'class="more"><a class="button" href="([^"]+)"', response.text)
    return found and found[1].replace("&amp;", "&")


async def recorded(api: Api, **fields: Any) -> int:
    return (await api.record(**fields)).json()["id"]


@pytest.fixture
async def client_id(plain_api: Api) -> int:
    return await plain_api.new_client(name="Žilina Trade s.r.o.", type="company")


@pytest.fixture
def page_of(jana: Person, client_id: int) -> str:
    return f"{jana.company}/clients/{client_id}"


async def test_each_of_the_three_has_a_page_with_its_name_and_its_events(jana: Person, plain_api: Api):
    client = await plain_api.new_client(name="Client & sons")
    supplier = await plain_api.new_supplier(name="Supplier")
    case = await plain_api.new_case(name="Deal", clientId=client)
    for path, name, target in (
        (f"clients/{client}", "Client &amp; sons", {"clientId": client}),
        (f"suppliers/{supplier}", "Supplier", {"supplierId": supplier}),
        (f"cases/{case}", "Deal", {"businessCaseId": case}),
    ):
        event = await recorded(plain_api, **target)
        page = await jana.get(f"{jana.company}/{path}")
        assert f"<h1>{name}</h1>" in page.text
        assert events_in(page) == [event]
    assert f'href="{jana.company}/clients/{client}"' in page.text


async def test_the_other_kind_another_company_and_what_is_gone_are_the_page_of_what_is_not_there(
    jana: Person, eve: Person, plain_api: Api, client_id: int
):
    gone = await plain_api.new_client()
    event = await recorded(plain_api, clientId=gone)
    await plain_api.delete(f"/clients/{gone}")
    for person, path in (
        (jana, f"{jana.company}/suppliers/{client_id}"),
        (jana, f"{jana.company}/cases/{client_id}"),
        (jana, f"{jana.company}/clients/{gone}"),
        (jana, f"{jana.company}/events/{event}"),
        (jana, f"{jana.company}/clients/x"),
        (eve, f"{eve.company}/clients/{client_id}"),
        (eve, f"{jana.company}/clients/{client_id}"),
    ):
        assert (await person.get(path)).status_code == 404, path
    assert (await eve.submit(f"{eve.company}/clients/{client_id}", {"type": "note"})).status_code == 403


async def test_an_empty_timeline_says_what_to_do_next(jana: Person, page_of: str):
    assert "Write the first note above" in (await jana.get(page_of)).text


async def test_a_timeline_goes_on_where_the_last_page_ended_and_loses_nothing(
    jana: Person, plain_api: Api, owner: psycopg.Connection, client_id: int, page_of: str
):
    made = [await recorded(plain_api, clientId=client_id) for _ in range(90)]
    # Many in one second, and some days apart.
    owner.execute("UPDATE events SET created_at = '2026-03-01T10:00:00Z' WHERE id = ANY (%s)", [made[:50]])
    seen, address = [], page_of
    while address:
        page = await jana.get(address)
        seen += events_in(page)
        address = next_page(page)
    assert seen == sorted(made, reverse=True)
    part = await jana.get(page_of, headers={"X-Part": "1"})
    assert "<html" not in part.text
    assert events_in(part) == seen[:40]


async def test_a_view_shows_only_its_own(jana: Person, plain_api: Api, client_id: int, page_of: str):
    await fed(plain_api, client_id)
    await paid(plain_api)
    note = await recorded(plain_api, clientId=client_id)
    mail = await recorded(plain_api, clientId=client_id, type="email", metadata={"content": "a", "email": "a@b.test"})
    call = await recorded(
        plain_api, clientId=client_id, type="phone_call", metadata={"content": "a", "personName": "Eva"}
    )
    link = await recorded(
        plain_api, clientId=client_id, type="document_linked", metadata={"documentType": "invoice", "documentId": 1}
    )
    file = (await event_with(plain_api, clientId=client_id))["id"]
    shown = {
        view: events_in(await jana.get(f"{page_of}?show={view}"))
        for view in (
            "all",
            "people",
            "documents",
            "files",
            "note",
            "email",
            "phone_call",
            "document_payment_added",
            "x",
        )
    }
    assert shown["people"] == [file, link, call, mail, note]
    assert shown["files"] == [file]
    assert shown["note"] == [file, note]
    assert (shown["email"], shown["phone_call"]) == ([mail], [call])
    assert len(shown["documents"]) == 3
    assert len(shown["document_payment_added"]) == 1
    assert shown["all"] == shown["x"]
    assert len(shown["all"]) == 7


@pytest.mark.parametrize("view", ["people", "email", "files", "documents"])
async def test_what_is_rare_is_found_in_a_long_timeline(
    jana: Person, owner: psycopg.Connection, client_id: int, page_of: str, view: str
):
    """Through its counted blocks, of which most have none."""
    # Events of the past, among thousands, as the application itself counts them.
    owner.execute("SELECT set_config('kronika.company_id', %s, false)", [str(jana.company_id)])
    (row,) = owner.execute(
        """
        INSERT INTO documents (company_id, type, document_id, number, issue_date, contact_kind, contact_id, total,
                               currency_id, created_at, updated_at)
        VALUES (%s, 'invoice', 9, '9', '2026-01-01', 'client', %s, 1, 1, now(), now()) RETURNING id
        """,
        [jana.company_id, client_id],
    ).fetchall()
    owner.execute(
        """
        DO $$ DECLARE n integer; at timestamptz; new bigint; kind event_type; BEGIN
            FOR n IN 1..2600 LOOP
                at := date_trunc('second', now()) - (2600 - n) * interval '1 hour';
                kind := CASE WHEN n % 400 = 0 THEN CASE %s WHEN 'documents' THEN 'document_linked' ELSE 'email' END
                        ELSE CASE %s WHEN 'documents' THEN 'note' ELSE 'document_created' END END;
                new := nextval('event_ids');
                INSERT INTO events (company_id, id, timeline_id, type, content, email, document_id, document_number,
                                    created_at, updated_at, created_by, attachments)
                VALUES (%s, new, %s, kind, CASE WHEN kind IN ('note', 'email') THEN 'x' END,
                        CASE kind WHEN 'email' THEN 'a@b.test' END,
                        CASE WHEN kind IN ('document_created', 'document_linked') THEN %s END,
                        CASE kind WHEN 'document_created' THEN '9' END, at, at, 'system', (n %% 400 = 0)::integer);
                PERFORM count_event(%s, %s, at, new, kind, 1);
            END LOOP; END $$
        """.replace("%%", "%").replace("n % 400", "n %% 400") % (
            f"'{view}'", f"'{view}'", jana.company_id, client_id, row["id"], jana.company_id, client_id
        ),
    )  # fmt: skip
    wanted = owner.execute(
        "SELECT id FROM events WHERE timeline_id = %s AND type IN ('email', 'document_linked')"
        " ORDER BY created_at DESC",
        [client_id],
    ).fetchall()
    assert events_in(await jana.get(f"{page_of}?show={view}")) == [each["id"] for each in wanted]
    # And on from any place.
    third = owner.execute(
        "SELECT extract(epoch FROM created_at)::bigint AS at, id FROM events WHERE id = %s", [wanted[2]["id"]]
    )
    place = third.fetchone()
    page = await jana.get(f"{page_of}?show={view}&before={place['at']}-{place['id']}")
    assert events_in(page) == [each["id"] for each in wanted[3:]]


async def test_several_document_changes_in_a_row_fold_into_one_line(
    jana: Person, plain_api: Api, client_id: int, page_of: str
):
    await fed(plain_api, client_id)
    await fed(plain_api, client_id, totalWithVat=130)
    assert 'class="fold" data-at' not in (await jana.get(page_of)).text
    await paid(plain_api)
    page = await jana.get(page_of)
    assert "<span data-folds>3 document changes</span>" in page.text
    assert page.text.count('class="fold" data-at') == 1
    await recorded(plain_api, clientId=client_id)
    await fed(plain_api, client_id, totalWithVat=140)
    page = await jana.get(page_of)
    assert page.text.index('class="quiet"') < page.text.index('class="event"') < page.text.index('class="fold" data-at')


async def test_a_document_shows_what_it_was_then_and_what_it_is_now(
    jana: Person, plain_api: Api, client_id: int, page_of: str
):
    await fed(plain_api, client_id, totalWithVat=25.5, dueDate="2020-01-01", issueDate="2020-01-01")
    page = (await jana.get(page_of)).text
    assert '<span class="amount">€25.50</span>' in page
    assert '<span class="tag bad">Overdue</span>' in page
    await paid(plain_api)
    page = (await jana.get(page_of)).text
    assert '<span class="tag good">Paid</span>' in page
    await plain_api.delete("/documents/invoice/1")
    page = (await jana.get(page_of)).text
    assert "This document no longer exists" in page
    assert "Invoice FV1" in page


async def test_who_wrote_it_stands_beside_it(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection, client_id: int
):
    page_of = f"{jana.company}/clients/{client_id}"
    await recorded(plain_api, clientId=client_id)
    await peter.post_form(page_of, {"type": "note", "content": "Peter's"})
    authors = re.findall(r'class="author">([^<]*)<', (await jana.get(page_of)).text)
    assert authors == ["Peter", "tests"]
    assert re.findall(r'class="author">([^<]*)<', (await peter.get(page_of)).text) == ["you", "tests"]
    # Also of who is not here any more.
    owner.execute("UPDATE memberships SET ended_at = now() WHERE user_id = %s", [peter.user_id])
    assert 'class="author">Peter<' in (await jana.get(page_of)).text


async def test_a_permanent_link_leads_to_the_event_at_its_place(
    jana: Person, eve: Person, plain_api: Api, client_id: int, page_of: str
):
    made = [await recorded(plain_api, clientId=client_id) for _ in range(60)]
    answer = await jana.get(f"{jana.company}/events/{made[10]}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{page_of}?at={made[10]}#event-{made[10]}"
    page = await jana.get(answer.headers["location"])
    assert events_in(page) == made[:16][::-1]
    assert f'class="event lit" id="event-{made[10]}"' in page.text
    assert "To the newest" in page.text
    # One that is deleted, or of another timeline, changes nothing.
    await plain_api.delete(f"/contact-activity-logs/{made[10]}")
    assert events_in(await jana.get(f"{page_of}?at={made[10]}"))[0] == made[-1]
    assert (await jana.get(f"{jana.company}/events/{made[10]}")).status_code == 404
    assert (await eve.get(f"{eve.company}/events/{made[0]}")).status_code == 404


async def test_hostile_text_is_text_everywhere_on_a_timeline(jana: Person, plain_api: Api):
    client = await plain_api.new_client(name=HOSTILE, email="a@b.test")
    case = await plain_api.new_case(clientId=client, name=HOSTILE, description=HOSTILE)
    await fed(plain_api, client, number=HOSTILE, name=HOSTILE)
    await plain_api.record(
        clientId=client, type="phone_call", metadata={"content": HOSTILE, "personName": HOSTILE, "phoneNumber": HOSTILE}
    )
    file = await event_with(plain_api, (f"{HOSTILE}.svg", b"<svg onload=alert(1)>"), clientId=client)
    page = f"{jana.company}/clients/{client}"
    for response in (
        await jana.get(page),
        await jana.get(f"{jana.company}/cases/{case}"),
        await jana.get(f"{page}?show={HOSTILE}&before={HOSTILE}&at={HOSTILE}"),
        await jana.get(f"{jana.company}/events/{file['id']}/edit"),
        await jana.get(f"{jana.company}/events/{file['id']}/delete"),
        await jana.get(f"{jana.company}/linkable", params={"number": HOSTILE}),
        await jana.post_form(page, {"type": HOSTILE, "content": HOSTILE, "key": HOSTILE, "kept": HOSTILE}),
        await jana.post_form(page, {"type": "document_linked", "number": HOSTILE[:9], "document": HOSTILE}),
    ):
        assert response.status_code in {200, 303, 422}, response.text
        assert "<script>alert" not in response.text
        assert "<img" not in response.text
        assert "<svg onload" not in response.text


async def test_only_real_images_are_shown_and_nothing_of_a_file_runs(
    jana: Person, eve: Person, plain_api: Api, client_id: int, page_of: str
):
    event = await event_with(
        plain_api,
        ("a.png", PNG),
        ("b.pdf", PDF),
        ("c.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("d.html", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("e.txt", TEXT),
        clientId=client_id,
    )
    ids = [each["id"] for each in event["attachments"]]
    page = (await jana.get(page_of)).text
    assert re.findall(r'<img src="([^"]+)"', page) == [f"{jana.company}/files/{ids[0]}"]
    answers = [await jana.get(f"{jana.company}/files/{number}") for number in ids]
    assert answers[0].content == PNG
    kinds = [answer.headers["content-disposition"].partition(";")[0] for answer in answers]
    assert kinds == ["inline", "inline", "attachment", "attachment", "attachment"]
    assert all("default-src 'none'" in answer.headers["content-security-policy"] for answer in answers)
    assert all(answer.headers["x-content-type-options"] == "nosniff" for answer in answers)
    assert (await jana.get(f"{jana.company}/events/{event['id']}/files")).content.startswith(b"PK")
    for path in (f"files/{ids[0]}", f"events/{event['id']}/files"):
        assert (await eve.get(f"{eve.company}/{path}")).status_code == 404
        assert (await eve.get(f"{jana.company}/{path}")).status_code == 404
    await plain_api.delete(f"/contact-activity-logs/{event['id']}")
    assert (await jana.get(f"{jana.company}/files/{ids[0]}")).status_code == 404


async def test_the_days_are_those_of_the_companys_time_and_told_in_the_readers_language(
    jana: Person, plain_api: Api, owner: psycopg.Connection, client_id: int, page_of: str
):
    event = await recorded(plain_api, clientId=client_id)
    owner.execute("UPDATE events SET created_at = '2025-03-02T23:30:00Z' WHERE id = %s", [event])
    english = (await jana.get(page_of)).text
    assert "<h2>Mon 3 March 2025</h2>" in english
    assert ">00:30</time>" in english
    assert "<h2>Po 3. marca 2025</h2>" in (await jana.get(page_of, headers={"Accept-Language": "sk"})).text


async def test_a_script_gets_these_events_of_a_timeline_in_its_view_and_no_others(
    jana: Person, plain_api: Api, client_id: int, new_api: Callable[..., Awaitable[Api]]
):
    note = await recorded(plain_api, clientId=client_id)
    other = await recorded(plain_api, clientId=await plain_api.new_client())
    path = f"{jana.company}/timelines/{client_id}"
    assert events_in(await jana.get(f"{path}?ids={note},{other},x,{'9' * 30}")) == [note]
    assert events_in(await jana.get(f"{path}?ids={note}&show=email")) == []
    assert events_in(await jana.get(path)) == []
