"""What the composer records, what it refuses, and that nothing is recorded twice or lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from support.api import Api
from support.documents import fed
from support.files import PNG, kept
from support.people import Person, errors_in

SCRIPT = {"X-Part": "1"}


@pytest.fixture
async def client_id(plain_api: Api) -> int:
    return await plain_api.new_client(name="Žilina Trade s.r.o.")


@pytest.fixture
def page_of(jana: Person, client_id: int) -> str:
    return f"{jana.company}/clients/{client_id}"


def rows(owner: psycopg.Connection, company_id: int) -> list[dict[str, object]]:
    return owner.execute(
        "SELECT type::text, content, email, person_name, phone_number, created_by::text AS by, created_by_id"
        " FROM events WHERE company_id = %s AND deleted_at IS NULL ORDER BY id",
        [company_id],
    ).fetchall()


async def test_each_kind_is_recorded_by_a_plain_form_in_the_name_of_who_wrote_it(
    jana: Person, plain_api: Api, owner: psycopg.Connection, client_id: int, page_of: str
):
    await fed(plain_api, client_id, number="20260301")
    before = len(rows(owner, jana.company_id))
    for fields in (
        {"type": "note", "content": " Line\r\nline "},
        {"type": "email", "content": "Mail", "email": "buyer@example.test", "personName": "left from before"},
        {"type": "phone_call", "content": "Call", "personName": "Eva", "phoneNumber": ""},
        {"type": "document_linked", "number": "20260301", "content": "left from before"},
    ):
        answer = await jana.post_form(page_of, fields)
        assert (answer.status_code, answer.headers.get("location")) == (303, f"{page_of}?done=recorded"), answer.text
    by = {"by": "user", "created_by_id": jana.user_id}
    nothing = dict.fromkeys(("content", "email", "person_name", "phone_number"))
    assert rows(owner, jana.company_id)[before:] == [
        {**nothing, "type": "note", "content": "Line\nline", **by},
        {**nothing, "type": "email", "content": "Mail", "email": "buyer@example.test", **by},
        {**nothing, "type": "phone_call", "content": "Call", "person_name": "Eva", **by},
        {**nothing, "type": "document_linked", **by},
    ]
    # And told to whoever listens, as what the API makes.
    changes = owner.execute(
        "SELECT actor::text, actor_id FROM changes WHERE company_id = %s AND type = 'contact-activity-logs.created'"
        " ORDER BY position DESC LIMIT 4",
        [jana.company_id],
    ).fetchall()
    assert changes == [{"actor": "user", "actor_id": jana.user_id}] * 4


async def test_files_come_with_a_plain_form(
    jana: Person, plain_api: Api, client_id: int, page_of: str, files_folder: Path
):
    await jana.post_form(page_of, {"type": "note", "content": "With files"}, ("a.png", PNG), ("b.txt", b"text"))
    (event,) = (await plain_api.timeline(clientId=client_id))["data"]
    assert [each["name"] for each in event["attachments"]] == ["a.png", "b.txt"]
    assert len(kept(files_folder, jana.company_id)) == 2


async def test_what_is_wrong_is_told_and_what_was_written_and_sent_is_kept(
    jana: Person, plain_api: Api, client_id: int, page_of: str
):
    fields = {"type": "email", "content": "Long & typed", "email": "nonsense", "key": "k1"}
    answer = await jana.post_form(page_of, fields, ("a.png", PNG))
    assert errors_in(answer) == {"email": "This must be a valid e-mail address."}
    assert "Long &amp; typed</textarea>" in answer.text
    assert 'value="nonsense"' in answer.text
    assert 'name="key" value="k1"' in answer.text
    (kept_file,) = re.findall(r'name="kept" value="([\w-]{43} \d+ a\.png)" checked', answer.text)
    await jana.post_form(page_of, {**fields, "email": "a@b.test", "kept": kept_file})
    (event,) = (await plain_api.timeline(clientId=client_id))["data"]
    assert [each["name"] for each in event["attachments"]] == ["a.png"]
    wrong = await jana.post_form(page_of, {"type": "note", "content": ""})
    assert errors_in(wrong) == {"content": "This field is required."}
    aside = await jana.post_form(page_of, {"type": "note", "content": "\0"}, headers=SCRIPT)
    assert aside.status_code == 422
    assert list(aside.json()["errors"]) == ["content"]


async def test_a_file_that_is_too_large_is_told_beside_what_was_written(
    jana: Person, new_person: Callable[..., Person], new_browser: Callable, page_of: str
):
    small = new_browser(cookie=jana.session, max_file_bytes=1000, max_upload_files=1)
    small = Person(small.http, small.hasher, jana.user_id, jana.email, jana.name, jana.company_id)
    for files in ([("big.bin", b"x" * 1001)], [("a", b"x"), ("b", b"x")], [("empty", b"")]):
        answer = await small.post_form(page_of, {"type": "note", "content": "Kept"}, *files)
        assert list(errors_in(answer)) == ["files"]
        assert "Kept</textarea>" in answer.text


async def test_the_same_form_sent_again_is_recorded_once(
    jana: Person, peter: Person, plain_api: Api, client_id: int, page_of: str
):
    fields = {"type": "note", "content": "Once", "key": "a-key"}
    first = await jana.post_form(page_of, fields, ("a.png", PNG), headers=SCRIPT)
    again = await jana.post_form(page_of, fields, ("a.png", PNG), headers=SCRIPT)
    assert re.findall(r'id="event-(\d+)"', first.text) == re.findall(r'id="event-(\d+)"', again.text) != []
    assert len((await plain_api.timeline(clientId=client_id))["data"]) == 1
    # Another text under the same key is not passed off as saved.
    other = await jana.post_form(page_of, {**fields, "content": "Twice"}, headers=SCRIPT)
    assert other.status_code == 422
    assert list(other.json()["errors"]) == ["key"]
    shown = await jana.post_form(page_of, {**fields, "content": "Twice"})
    assert "An earlier version of this was saved already" in shown.text
    assert "Twice</textarea>" in shown.text
    (key,) = re.findall(r'name="key" value="([^"]+)"', shown.text)
    assert key != "a-key"
    # Nor is another file of the same name.
    larger = await jana.post_form(page_of, fields, ("a.png", PNG + b"!"), headers=SCRIPT)
    assert list(larger.json()["errors"]) == ["key"]
    # Keys are each user's own.
    await peter.post_form(page_of, fields)
    assert len((await plain_api.timeline(clientId=client_id))["data"]) == 2


async def test_a_document_is_found_by_the_beginning_of_its_number_and_chosen_where_there_are_several(
    jana: Person, eve: Person, plain_api: Api, client_id: int, page_of: str
):
    await fed(plain_api, client_id, 1, number="FV-1")
    await fed(plain_api, client_id, 2, number="FV-12")
    await fed(plain_api, client_id, 3, "quotation", number="fv-13")
    supplier = await plain_api.new_supplier()
    await plain_api.put(
        "/documents/received-invoice/4",
        {"number": "FV-14", "issueDate": "2026-03-10", "totalWithVat": 1, "currencyId": 1, "supplierId": supplier},
    )
    found = (await jana.get(f"{jana.company}/linkable", params={"number": "fv"})).text
    assert re.findall(r'value="([\w-]+)"', found) == ["invoice-1", "invoice-2", "quotation-3"]
    assert 'value="' not in (await eve.get(f"{eve.company}/linkable", params={"number": "fv"})).text
    which = await jana.post_form(page_of, {"type": "document_linked", "number": "FV"})
    assert errors_in(which) == {"number": "Several documents begin like this: choose one."}
    assert 'value="quotation-3"' in which.text
    assert list(errors_in(await jana.post_form(page_of, {"type": "document_linked", "number": "X"}))) == ["number"]
    for chosen in ({"number": "FV-1"}, {"number": "FV", "document": "quotation-3"}):
        await jana.post_form(page_of, {"type": "document_linked", **chosen})
    theirs = {"type": "document_linked", "number": "FV", "document": "received-invoice-4"}
    assert list(errors_in(await jana.post_form(page_of, theirs))) == ["number"]
    events = (await plain_api.timeline(clientId=client_id, type="document_linked"))["data"]
    assert [each["metadata"]["relatedDocument"]["documentId"] for each in events] == [3, 1]


async def test_a_form_of_elsewhere_records_nothing_and_leaves_no_file(
    jana: Person, eve: Person, owner: psycopg.Connection, page_of: str, files_folder: Path
):
    fields = {"type": "note", "content": "Forged"}
    for path in (page_of, f"{jana.company}/uploads"):
        for token, headers in (
            ("x", {}),
            (eve.form_token, {}),
            (jana.form_token, {"Origin": "https://evil.test"}),
            (jana.form_token, {"Sec-Fetch-Site": "cross-site"}),
        ):
            parts = [("form_token", (None, token)), *((name, (None, text)) for name, text in fields.items())]
            answer = await jana.http.post(path, files=[*parts, ("files", ("a.png", PNG))], headers=headers)
            assert answer.status_code == 403
        # A file that stands before the token is not taken either.
        parts = [("files", ("a.png", PNG)), ("form_token", (None, jana.form_token))]
        assert (await jana.http.post(path, files=parts)).status_code == 403
        assert (await jana.submit(path, fields)).status_code == 403
    assert rows(owner, jana.company_id) == []
    assert kept(files_folder, jana.company_id) == []


async def test_files_sent_ahead_are_claimed_by_the_form_and_by_nobody_elses(
    jana: Person, eve: Person, stranger: Api, page_of: str
):
    answer = await jana.post_form(f"{jana.company}/uploads", None, ("a.png", PNG), headers=SCRIPT)
    assert answer.status_code == 201
    (value,) = answer.json()["kept"]
    theirs = f"{eve.company}/clients/{await stranger.new_client()}"
    refused = await eve.post_form(theirs, {"type": "note", "content": "x", "kept": value})
    assert list(errors_in(refused)) == ["files"]
    shown = await jana.post_form(page_of, {"type": "note", "content": "x", "kept": value}, headers=SCRIPT)
    assert 'alt="a.png"' in shown.text


async def test_who_is_signed_out_or_has_left_is_told_so_in_place(jana: Person, owner: psycopg.Connection, page_of: str):
    owner.execute("DELETE FROM sessions WHERE user_id = %s", [jana.user_id])
    answer = await jana.post_form(page_of, {"type": "note", "content": "x"}, headers=SCRIPT)
    assert (answer.status_code, answer.json()) == (401, {})
    assert rows(owner, jana.company_id) == []


async def test_an_event_is_deleted_after_a_question_or_at_once_for_a_script(
    jana: Person, plain_api: Api, client_id: int, page_of: str
):
    for _ in range(2):
        await jana.post_form(page_of, {"type": "note", "content": "Gone soon"})
    one, other = [each["id"] for each in (await plain_api.timeline(clientId=client_id))["data"]]
    assert "Gone soon" in (await jana.get(f"{jana.company}/events/{one}/delete")).text
    assert len((await plain_api.timeline(clientId=client_id))["data"]) == 2
    done = await jana.submit(f"{jana.company}/events/{one}/delete")
    assert done.headers["location"] == f"{page_of}?done=event_deleted"
    assert (await jana.submit(f"{jana.company}/events/{other}/delete", headers=SCRIPT)).json() == {}
    assert (await plain_api.timeline(clientId=client_id))["data"] == []
    assert (await jana.submit(f"{jana.company}/events/{one}/delete", headers=SCRIPT)).status_code == 404


async def test_what_the_system_wrote_nobody_changes_and_strangers_change_nothing(
    jana: Person, eve: Person, plain_api: Api, owner: psycopg.Connection, client_id: int
):
    await fed(plain_api, client_id)
    (system,) = (row["id"] for row in owner.execute("SELECT id FROM events WHERE timeline_id = %s", [client_id]))
    note = (await plain_api.record(clientId=client_id)).json()["id"]
    for who, event, status in ((jana, system, 403), (eve, note, 404), (eve, system, 404)):
        here = f"{who.company}/events/{event}"
        assert (await who.get(f"{here}/edit")).status_code == status
        assert (await who.get(f"{here}/delete")).status_code == status
        assert (await who.post_form(f"{here}/edit", {"content": "x"})).status_code == status
        assert (await who.submit(f"{here}/delete")).status_code == status
    assert len((await plain_api.timeline(clientId=client_id))["data"]) == 2
