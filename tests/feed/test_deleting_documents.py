"""DELETE: a document goes with its payments; what happened stays told. A contact takes its documents along."""

from __future__ import annotations

import asyncio

import psycopg
from support.api import Api, errors_of
from support.documents import announced, fed, paid, said, shown, told, types_told
from support.records import changes_of


async def test_a_deleted_document_is_nowhere_to_be_found(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    payment = await paid(plain_api, amount=21)
    gone = await plain_api.delete("/documents/invoice/1")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await plain_api.get("/documents/invoice/1")).status_code == 404
    assert (await plain_api.delete("/documents/invoice/1")).status_code == 404
    assert (await plain_api.get(f"/document-payments/{payment['id']}")).status_code == 404
    assert (await plain_api.delete(f"/document-payments/{payment['id']}")).status_code == 404
    of_it = {"documentType": "invoice", "documentId": 1}
    assert set(errors_of(await plain_api.get("/document-payments", params=of_it))) == {"documentId"}
    assert set(errors_of(await plain_api.post("/document-payments", of_it))) == {"documentId"}
    link = {"type": "document_linked", "metadata": of_it, "clientId": client_id}
    assert set(errors_of(await plain_api.post("/contact-activity-logs", link))) == {"metadata.documentId"}
    assert announced(owner, plain_api) == [
        ("invoices.created", 1),
        ("document-payments.created", payment["id"]),
        ("document-payments.deleted", payment["id"]),
        ("invoices.deleted", 1),
    ]


async def test_its_timeline_keeps_what_it_said_of_it(plain_api: Api):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    await paid(plain_api, amount=21)
    await plain_api.delete("/documents/invoice/1")
    created, payment, deleted = await told(plain_api, clientId=client_id)
    assert (created["documentNumberSnapshot"], created["documentPriceSnapshot"]) == ("FV1", 121)
    assert payment["paidAmount"] == 21
    assert deleted == {"type": "document_deleted", "documentNumberSnapshot": "FV1", "relatedDocument": None}
    assert created["relatedDocument"] is None
    assert payment["relatedDocument"] is None


async def test_a_document_fed_again_is_another_one(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    await paid(plain_api)
    await plain_api.delete("/documents/invoice/1")
    again = await plain_api.put("/documents/invoice/1", said(client_id))
    assert (again.status_code, again.json()["toBePaid"]) == (201, 121)
    first, *_, second = await told(plain_api, clientId=client_id)
    assert (first["type"], first["relatedDocument"]) == ("document_created", None)
    assert second["relatedDocument"]["number"] == "FV1"
    assert announced(owner, plain_api)[-2:] == [("invoices.deleted", 1), ("invoices.created", 1)]


async def test_deleted_by_many_at_once_it_is_deleted_once(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    answers = await asyncio.gather(*(plain_api.delete("/documents/invoice/1") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 9
    assert await types_told(plain_api, clientId=client_id) == ["document_created", "document_deleted"]
    assert announced(owner, plain_api) == [("invoices.created", 1), ("invoices.deleted", 1)]


async def test_the_documents_of_a_deleted_contact_stop_resolving(plain_api: Api, owner: psycopg.Connection):
    leaving, staying = await plain_api.new_client(), await plain_api.new_client()
    case_id = await plain_api.new_case(clientId=leaving)
    await fed(plain_api, leaving, 1)
    await fed(plain_api, leaving, 2, businessCaseId=case_id)
    await fed(plain_api, staying, 3)
    payment = await paid(plain_api, 1)
    link = {"type": "document_linked", "metadata": {"documentType": "invoice", "documentId": 1}, "clientId": staying}
    event_id = (await plain_api.post("/contact-activity-logs", link)).json()["id"]
    assert (await plain_api.delete(f"/clients/{leaving}")).status_code == 204
    for document_id in (1, 2):
        assert (await plain_api.get(f"/documents/invoice/{document_id}")).status_code == 404
        assert (await plain_api.delete(f"/documents/invoice/{document_id}")).status_code == 404
        refused = await plain_api.put(f"/documents/invoice/{document_id}", said(leaving))
        assert set(errors_of(refused)) == {"clientId"}
    assert (await plain_api.get("/documents/invoice/3")).status_code == 200
    event = (await plain_api.get(f"/contact-activity-logs/{event_id}")).json()
    assert event["metadata"] == {"relatedDocument": None}
    assert sorted(announced(owner, plain_api)[-3:]) == [
        ("document-payments.deleted", payment["id"]),
        ("invoices.deleted", 1),
        ("invoices.deleted", 2),
    ]
    assert (await plain_api.put("/documents/invoice/1", said(staying))).status_code == 201


async def test_the_documents_of_a_deleted_case_belong_to_its_contact_alone(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    case_id = await plain_api.new_case(clientId=client_id)
    await fed(plain_api, client_id, 1, businessCaseId=case_id)
    await fed(plain_api, client_id, 2)
    assert (await plain_api.delete(f"/business-cases/{case_id}")).status_code == 204
    assert (await shown(plain_api, 1))["businessCaseId"] is None
    assert announced(owner, plain_api)[-1] == ("invoices.updated", 1)
    await paid(plain_api, 1)
    assert await types_told(plain_api, clientId=client_id) == [
        "document_created", "document_updated", "document_payment_added",
    ]  # fmt: skip


async def test_a_feed_may_go_on_naming_the_case_that_a_document_had(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    case_id, other_case = [await plain_api.new_case(clientId=client_id) for _ in range(2)]
    await fed(plain_api, client_id, 1, businessCaseId=case_id)
    await plain_api.delete(f"/business-cases/{case_id}")
    before = announced(owner, plain_api)
    again = await plain_api.put("/documents/invoice/1", said(client_id, businessCaseId=case_id))
    assert (again.status_code, again.json()["businessCaseId"]) == (200, None)
    assert announced(owner, plain_api) == before
    changed = await fed(plain_api, client_id, 1, businessCaseId=case_id, number="FV2")
    assert (changed["businessCaseId"], changed["number"]) == (None, "FV2")
    refused = await plain_api.put("/documents/invoice/2", said(client_id, businessCaseId=case_id))
    assert set(errors_of(refused)) == {"businessCaseId"}
    assert (await fed(plain_api, client_id, 1, businessCaseId=other_case))["businessCaseId"] == other_case
    assert await types_told(plain_api, clientId=client_id) == ["document_updated", "document_updated"]
    assert await types_told(plain_api, businessCaseId=other_case) == ["document_updated"]


async def test_documents_written_while_their_contact_goes_are_gone_or_refused(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    await fed(stranger, await stranger.new_client())
    for _ in range(3):
        client_id, case_id = await _client_with_case(plain_api)
        await fed(plain_api, client_id, 1, businessCaseId=case_id)
        answers = await asyncio.gather(
            *(
                plain_api.put(f"/documents/invoice/{n}", said(client_id, number=f"N{n}", businessCaseId=case_id))
                for n in (1, 2, 3, 4)
            ),
            plain_api.post("/document-payments", {"documentType": "invoice", "documentId": 1}),
            plain_api.delete(f"/business-cases/{case_id}"),
            plain_api.delete(f"/clients/{client_id}"),
            *(plain_api.put(f"/documents/invoice/{n}", said(client_id, number=f"M{n}")) for n in (1, 2, 3, 4)),
        )
        assert {answer.status_code for answer in answers} <= {200, 201, 204, 404, 422}
        assert answers[6].status_code == 204
        left = owner.execute(
            "SELECT count(*) AS n FROM documents WHERE company_id = %s AND deleted_at IS NULL", [plain_api.company_id]
        ).fetchone()
        assert left["n"] == 0
    counted = owner.execute(
        "SELECT coalesce(sum(n), 0) AS n FROM document_counts WHERE company_id = %s", [plain_api.company_id]
    ).fetchone()
    assert counted["n"] == 0
    created = [change for change in announced(owner, plain_api) if change[0] == "invoices.created"]
    deleted = [change for change in announced(owner, plain_api) if change[0] == "invoices.deleted"]
    assert len(created) == len(deleted)
    assert (await shown(stranger))["number"] == "FV1"
    assert "invoices.deleted" not in {change["type"] for change in changes_of(owner, stranger)}


async def _client_with_case(api: Api) -> tuple[int, int]:
    client_id = await api.new_client()
    return client_id, await api.new_case(clientId=client_id)
