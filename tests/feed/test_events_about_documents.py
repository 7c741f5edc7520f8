"""What a document leaves on a timeline: numbers as they were then, the document as it is now, and nobody changes it."""

from __future__ import annotations

from typing import Any

import pytest
from support.api import Api, errors_of
from support.documents import TYPES, fed, paid, said, told

EURO = {"id": 1, "symbol": "EUR", "name": "Euro", "mark": "€"}
CROWN = {"id": 5, "symbol": "CZK", "name": "Czech Koruna", "mark": "Kč"}
LABELS = {
    "invoice": ("Faktúra", "Faktura", "Invoice"),
    "proforma": ("Zálohová faktúra", "Zálohová faktura", "Proforma invoice"),
    "order": ("Objednávka", "Objednávka", "Order"),
    "quotation": ("Cenová ponuka", "Cenová nabídka", "Quotation"),
    "credit-note": ("Dobropis", "Dobropis", "Credit note"),
    "received-invoice": ("Prijatá faktúra", "Přijatá faktura", "Received invoice"),
    "received-receipt": ("Prijatý doklad", "Přijatý doklad", "Received receipt"),
    "warehouse-inbound-receipt": ("Príjemka", "Příjemka", "Goods receipt"),
    "warehouse-outbound-receipt": ("Výdajka", "Výdejka", "Goods issue"),
}


async def test_snapshots_never_change_and_the_document_is_always_the_living_one(plain_api: Api):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id, number="FV1", totalWithVat=100)
    await paid(plain_api, amount=10, currencyId=5, currencyRate=25)
    await fed(plain_api, client_id, number="FV2", totalWithVat=200.5, name="Renamed", issueDate="2026-04-01")
    now = {
        "documentType": "invoice", "documentId": 1, "name": "Renamed", "number": "FV2", "issueDate": "2026-04-01",
        "totalWithVat": 200.5, "currency": EURO,
    }  # fmt: skip
    assert await told(plain_api, clientId=client_id) == [
        {
            "type": "document_created", "documentNumberSnapshot": "FV1", "documentPriceSnapshot": 100,
            "documentCurrencySnapshot": EURO, "relatedDocument": now,
        },
        {
            "type": "document_payment_added", "paidAmount": 10, "documentCurrencySnapshot": CROWN,
            "relatedDocument": now,
        },
        {
            "type": "document_updated", "documentNumberSnapshot": "FV2", "documentPriceSnapshot": 200.5,
            "documentCurrencySnapshot": EURO, "relatedDocument": now,
        },
    ]  # fmt: skip


async def test_an_event_alone_is_shown_as_on_its_timeline(plain_api: Api, stranger: Api):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    await paid(plain_api)
    await plain_api.delete("/documents/invoice/1")
    for event in (await plain_api.timeline(clientId=client_id))["data"]:
        path = f"/contact-activity-logs/{event['id']}"
        assert (await plain_api.get(path)).json() == event
        assert (event["attachments"], event["clientId"], event["businessCaseId"]) == ([], client_id, None)
        assert (await stranger.get(path)).status_code == 404


async def test_nobody_changes_or_deletes_what_kronika_wrote(plain_api: Api):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    await paid(plain_api)
    await fed(plain_api, client_id, number="FV2")
    await plain_api.delete("/documents/invoice/1")
    before = await plain_api.timeline(clientId=client_id)
    for event in before["data"]:
        path = f"/contact-activity-logs/{event['id']}"
        metadata = {"documentType": "invoice", "documentId": 1}
        for answer in (
            await plain_api.patch(path, {"metadata": metadata}),
            await plain_api.patch(path, {}),
            await plain_api.delete(path),
        ):
            assert (answer.status_code, answer.json()) == (403, {"message": "This action is unauthorized."})
    assert await plain_api.timeline(clientId=client_id) == before
    assert len(before["data"]) == 4


@pytest.mark.parametrize(
    "type_", ["document_created", "document_updated", "document_deleted", "document_payment_added"]
)
async def test_nobody_but_kronika_writes_them(plain_api: Api, type_: str):
    refused = await plain_api.record(clientId=await plain_api.new_client(), type=type_, metadata={})
    assert "type" in errors_of(refused)


@pytest.mark.parametrize("document_type", TYPES)
async def test_a_document_is_called_by_its_kind_and_number_in_the_readers_language(plain_api: Api, document_type: str):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id, 1, document_type)

    async def names(language: str) -> set[str]:
        headers = {"Accept-Language": language}
        page = await plain_api.get("/contact-activity-logs", params={"clientId": client_id}, headers=headers)
        [event] = page.json()["data"]
        alone = (await plain_api.get(f"/contact-activity-logs/{event['id']}", headers=headers)).json()
        document = (await plain_api.get(f"/documents/{document_type}/1", headers=headers)).json()
        metadata = (event["metadata"], alone["metadata"])
        return {document["label"], *(each["relatedDocument"]["name"] for each in metadata)}

    for language, label in zip(("sk", "cs", "en"), LABELS[document_type], strict=True):
        assert await names(language) == {f"{label} FV1"}
    assert await names("ja") == {f"{LABELS[document_type][2]} FV1"}


async def link(api: Api, client_id: int, **options: Any) -> Any:
    body = {"type": "document_linked", "clientId": client_id, "metadata": {"documentType": "invoice", "documentId": 1}}
    return await api.post("/contact-activity-logs", body, **options)


async def test_a_linked_document_is_shown_as_it_is_now(plain_api: Api):
    client_id, other = await plain_api.new_client(), await plain_api.new_client()
    await fed(plain_api, other, totalWithVat=100)
    linked = await link(plain_api, client_id, headers={"Accept-Language": "sk"})
    assert linked.status_code == 201
    event = linked.json()
    assert event["metadata"] == {
        "relatedDocument": {
            "documentType": "invoice", "documentId": 1, "name": "Faktúra FV1", "number": "FV1",
            "issueDate": "2026-03-10", "totalWithVat": 100, "currency": EURO,
        },
    }  # fmt: skip
    await fed(plain_api, other, number="FV2", totalWithVat=2500, currencyId=5)
    now = (await plain_api.get(f"/contact-activity-logs/{event['id']}")).json()["metadata"]["relatedDocument"]
    assert (now["number"], now["totalWithVat"], now["currency"]) == ("FV2", 2500, CROWN)


async def test_a_link_is_recorded_once_for_its_key_and_answered_the_same(plain_api: Api):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    first = await link(plain_api, client_id, key="a-link")
    await plain_api.delete("/documents/invoice/1")
    again = await link(plain_api, client_id, key="a-link")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Status"] == "Repeated"
    assert (await plain_api.timeline(clientId=client_id, type="document_linked"))["paginator"]["totalResults"] == 1


async def test_only_documents_of_the_company_can_be_linked(plain_api: Api, stranger: Api):
    client_id = await plain_api.new_client()
    await fed(stranger, await stranger.new_client())
    assert set(errors_of(await link(plain_api, client_id))) == {"metadata.documentId"}
    refused = await plain_api.record(
        type="document_linked", metadata={"documentType": "invoice", "documentId": 1}, attachmentUploadTokens=["x"]
    )
    assert set(errors_of(refused)) == {
        "metadata.documentId", "attachmentUploadTokens", "businessCaseId", "clientId", "supplierId",
    }  # fmt: skip


@pytest.mark.parametrize("document_type", TYPES)
async def test_five_types_can_be_linked(plain_api: Api, document_type: str):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id, 1, document_type)
    metadata = {"documentType": document_type, "documentId": "1"}
    answer = await plain_api.record(clientId=client_id, type="document_linked", metadata=metadata)
    if document_type in ("invoice", "proforma", "order", "quotation", "credit-note"):
        assert answer.json()["metadata"]["relatedDocument"]["documentType"] == document_type
    else:
        assert set(errors_of(answer)) == {"metadata.documentType"}


async def test_a_link_can_be_turned_to_another_document(plain_api: Api, stranger: Api):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id, 1)
    await fed(plain_api, client_id, 2, "order", number="OB2")
    await fed(stranger, await stranger.new_client(), 3)
    event = (await link(plain_api, client_id)).json()
    path = f"/contact-activity-logs/{event['id']}"
    same = await plain_api.patch(path, {"metadata": {"documentType": "invoice", "documentId": 1}})
    assert same.json() == event
    other = await plain_api.patch(path, {"metadata": {"documentType": "order", "documentId": 2}})
    assert other.json()["metadata"]["relatedDocument"]["number"] == "OB2"
    assert (await plain_api.get(path)).json() == other.json()
    for wrong in ({"documentType": "invoice", "documentId": 3}, {"documentType": "invoice", "documentId": 2}):
        assert set(errors_of(await plain_api.patch(path, {"metadata": wrong}))) == {"metadata.documentId"}
    await plain_api.delete("/documents/order/2")
    assert (await plain_api.get(path)).json()["metadata"] == {"relatedDocument": None}
    back = await plain_api.patch(path, {"metadata": {"documentType": "invoice", "documentId": 1}})
    assert back.json()["metadata"]["relatedDocument"]["number"] == "FV1"
    assert (await plain_api.delete(path)).status_code == 204


async def test_a_page_of_many_documents_shows_each_as_it_is(plain_api: Api):
    client_id = await plain_api.new_client()
    for n in range(1, 61):
        await fed(plain_api, client_id, n, number=f"N{n}", totalWithVat=n)
    batch = [{"documentType": "invoice", "documentId": n, **said(client_id, number=f"M{n}")} for n in range(1, 31)]
    await plain_api.post("/documents/batch", {"documents": batch})
    events = await told(plain_api, clientId=client_id)
    assert [event["documentNumberSnapshot"] for event in events] == [
        *(f"N{n}" for n in range(1, 61)), *(f"M{n}" for n in range(1, 31)),
    ]  # fmt: skip
    assert [event["relatedDocument"]["number"] for event in events[:60]] == [
        *(f"M{n}" for n in range(1, 31)), *(f"N{n}" for n in range(31, 61)),
    ]  # fmt: skip
