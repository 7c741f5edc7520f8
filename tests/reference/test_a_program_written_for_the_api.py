"""One program as somebody wrote it for the public contract: every answer on its way is as contracted."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import pytest
from support.api import Api
from support.contract import Operation, assert_as_contracted, crm_operations, needs_contract
from support.contract_bodies import CASE, CLIENT, CONTACT, FILES, METADATA, PAYMENT, STATUS
from support.documents import fed, said

pytestmark = needs_contract

LOOKUPS = [
    "listBanks", "listCountries", "listLanguages", "listCurrencies", "listDeliveryMethods", "listPaymentMethods",
    "listQrTypes", "listUnits",
]  # fmt: skip
TYPES = list(METADATA)
INVOICE = 7


@dataclass(frozen=True)
class Program:
    """Knows operations by the names that the contract gives them, and judges every answer."""

    api: Api
    operations: dict[str, Operation]

    async def call(self, name: str, record_id: int | None = None, *, status: int | None = None, **options: Any) -> Any:
        """The body of an answer with this status: the operation's success unless another one is named."""
        operation = self.operations[name]
        key = options.get("headers", {}).get("Idempotency-Key")
        response = await self.api.request(operation.method, operation.path.format(id=record_id), **options)
        assert response.status_code == (status or int(operation.success)), response.text
        assert_as_contracted(operation, response, key=key)
        return response.json() if response.headers.get("content-type") == "application/json" else None

    async def ids(self, name: str, **query: Any) -> list[int]:
        return [record["id"] for record in (await self.call(name, params=query))["data"]]

    async def every_filter(self, name: str, good: dict[str, list[Any]], **needed: Any) -> None:
        """Asks the list by each of its parameters, with these values: whatever it answers, it finds something."""
        assert good.keys() | needed.keys() == set(self.operations[name].queries)
        for parameter, values in good.items():
            for value in values:
                assert await self.ids(name, **needed, **{parameter: value}), (name, parameter, value)


@pytest.fixture
def program(plain_api: Api) -> Program:
    return Program(plain_api, {operation.operation_id: operation for operation in crm_operations()})


async def test_it_says_who_it_is_and_reads_what_there_is_to_choose_from(program: Program):
    assert await program.call("showWhoami") == {"name": "Acme s.r.o."}
    for name in LOOKUPS:
        entries = (await program.call(name, headers={"Accept-Language": "sk"}))["data"]
        assert len({entry["id"] for entry in entries}) == len(entries) > 0


async def test_it_keeps_the_timeline_of_a_deal(program: Program):
    client_id = await _created_once(program, "createClient", CLIENT)
    supplier_id = await _created_once(program, "createSupplier", CONTACT)
    first, second = [await _created_once(program, "createBusinessCaseStatus", STATUS | {"name": n}) for n in "ab"]
    case_id = await _created_once(program, "createBusinessCase", {**CASE, "clientId": client_id, "statusId": first})
    other_id = await _created_once(program, "createBusinessCase", {**CASE, "supplierId": supplier_id})
    issuer_id = await _has_an_invoice(program)
    await _records_events(program, {"businessCaseId": case_id, "clientId": client_id, "supplierId": supplier_id})
    await _lists_with_every_filter(program, client_id, supplier_id, case_id, first)
    await _replaces_and_changes(program, client_id, supplier_id, second)
    await _moves(program, case_id, other_id, second)
    await program.call("deleteSupplier", issuer_id)
    await _deletes(program, client_id, supplier_id, case_id, second)


async def test_it_sees_what_is_paid(program: Program):
    client_id = await _created_once(program, "createClient", CLIENT)
    await fed(program.api, client_id, INVOICE)
    of_it = {"documentType": "invoice", "documentId": INVOICE}
    assert await program.ids("listDocumentPayments", **of_it) == []
    part_id = await _created_once(program, "createDocumentPayment", {**PAYMENT, **of_it, "amount": 50.5})
    rest = await program.call("createDocumentPayment", json=of_it)
    assert (rest["amount"], rest["currency"]["id"], rest["currencyRate"], rest["receiptInvoice"]) == (70.5, 1, 1, None)
    assert await program.ids("listDocumentPayments", **of_it) == [rest["id"], part_id]
    events = (await program.call("listContactActivityLogs", params={"clientId": client_id}))["data"]
    assert [(event["type"], event["metadata"].get("paidAmount")) for event in events] == [
        ("document_payment_added", 70.5), ("document_payment_added", 50.5), ("document_created", None),
    ]  # fmt: skip
    for name, body in (
        ("updateContactActivityLog", {"metadata": {"content": "x"}}),
        ("deleteContactActivityLog", None),
    ):
        await program.call(name, events[0]["id"], status=403, **({"json": body} if body else {}))
    await program.call("deleteDocumentPayment", part_id)
    await program.call("showDocumentPayment", part_id, status=404)
    assert await program.ids("listDocumentPayments", **of_it) == [rest["id"]]


async def _has_an_invoice(program: Program) -> int:
    """The id of the supplier that it is of. The CRM part of the contract has no way to make one."""
    issuer_id = await _created_once(program, "createSupplier", {"name": "Wholesale"})
    response = await program.api.put(f"/documents/invoice/{INVOICE}", said(supplierId=issuer_id))
    assert response.status_code == 201
    return issuer_id


async def _created_once(program: Program, name: str, body: dict[str, Any]) -> int:
    """The id of what was created by the first of two requests, and shown by the second."""
    headers = {"Idempotency-Key": f"{name}-{zlib.crc32(repr(body).encode())}"}
    first, again = [await program.call(name, json=body, headers=headers) for _ in range(2)]
    assert first == again
    shown = await program.call(name.replace("create", "show"), first["id"])
    assert shown == first
    return first["id"]


async def _records_events(program: Program, targets: dict[str, int]) -> None:
    """Events of each type on each timeline, the newest first; one of them is changed, another one goes."""
    for target, target_id in targets.items():
        ids: list[int] = []
        for type_ in TYPES:
            is_link = type_ == "document_linked"
            metadata = METADATA[type_] | ({"documentId": INVOICE} if is_link else {})
            files = {} if is_link else await _with_files(program)
            body = {target: target_id, "type": type_, "metadata": metadata, **files}
            event = await program.call(
                "createContactActivityLog", json=body, headers={"Idempotency-Key": f"{target}-{type_}"}
            )
            assert {name: event[name] for name in targets} == dict.fromkeys(targets) | {target: target_id}
            said_of_it = event["metadata"]["relatedDocument"] if is_link else event["metadata"]
            assert {name: said_of_it[name] for name in metadata} == metadata
            shown = await program.call("showContactActivityLog", event["id"])
            # The address of a file may be another one each time.
            assert {**shown, "attachments": []} == {**event, "attachments": []}
            assert [file["id"] for file in shown["attachments"]] == [file["id"] for file in event["attachments"]]
            if not is_link:
                await _gets_the_files(program, event)
            ids.insert(0, event["id"])
        assert await program.ids("listContactActivityLogs", **{target: target_id}) == ids
        changed = await program.call(
            "updateContactActivityLog", ids[-1], json={"metadata": {**METADATA[TYPES[0]], "content": "Corrected"}}
        )
        assert changed["metadata"]["content"] == "Corrected"
        note = {target: target_id, "type": "note", "metadata": METADATA["note"]}
        mistake = await program.call("createContactActivityLog", json=note)
        await program.call("deleteContactActivityLog", mistake["id"])
        await program.call("showContactActivityLog", mistake["id"], status=404)
        assert await program.ids("listContactActivityLogs", **{target: target_id}) == ids


async def _with_files(program: Program) -> dict[str, Any]:
    uploads = (await program.call("uploadContactActivityAttachments", files=FILES))["data"]
    return {"attachmentUploadTokens": [upload["uploadToken"] for upload in uploads]}


async def _gets_the_files(program: Program, event: dict[str, Any]) -> None:
    assert [attachment["name"] for attachment in event["attachments"]] == [file[1][0] for file in FILES]
    await program.call("downloadContactActivityLogAttachments", event["id"])


async def _lists_with_every_filter(
    program: Program, client_id: int, supplier_id: int, case_id: int, status_id: int
) -> None:
    order: dict[str, list[Any]] = {"sortDirection": ["asc", "desc"]}
    pages: dict[str, list[Any]] = {"perPage": [1, 200], "page": [1]}
    contact: dict[str, list[Any]] = {"search": ["panorama", "zilina", "01001", "slovakia"], **order}
    sorts = ["name", "city", "zip", "createdAt", "updatedAt"]
    of_a_client = {name: [CLIENT[name]] for name in ("type", "subjectId", "taxId", "vatId", "countryId")}
    await program.every_filter("listSuppliers", {**contact, "sortBy": sorts})
    await program.every_filter("listClients", {**contact, **of_a_client, "sortBy": [*sorts, "countryId"]})
    await program.every_filter(
        "listBusinessCases",
        {
            "clientId": [client_id],
            "supplierId": [supplier_id],
            "statusId": [status_id, "null"],
            "search": ["summer", "forty"],
            "sortBy": ["name", "createdAt", "updatedAt", "boardPosition"],
            **order,
            **pages,
        },
    )
    for target, target_id in (("businessCaseId", case_id), ("clientId", client_id), ("supplierId", supplier_id)):
        others = {name: [] for name in ("businessCaseId", "clientId", "supplierId") if name != target}
        await program.every_filter(
            "listContactActivityLogs", {"type": TYPES, **others, **pages}, **{target: target_id}
        )  # fmt: skip
    assert await program.ids("listClients") == await program.ids("listClients", page=1, perPage=1) == [client_id]
    assert await program.ids("listClients", search="nowhere") == []
    assert await program.ids("listBusinessCases", clientId=client_id) == [case_id]
    assert await program.ids("listBusinessCases", statusId=status_id, search="nowhere") == []
    await program.call("listBusinessCases", params={"clientId": client_id, "supplierId": supplier_id}, status=422)


async def _replaces_and_changes(program: Program, client_id: int, supplier_id: int, status_id: int) -> None:
    for name, record_id in (("updateClient", client_id), ("updateSupplier", supplier_id)):
        replaced = await program.call(name, record_id, json={"name": "Jana Nováková"})
        assert (replaced["type"], replaced["isVatPayer"], replaced["city"], replaced["country"]) == (
            "person", False, None, None,
        )  # fmt: skip
        assert await program.call(name.replace("update", "show"), record_id) == replaced
    renamed = {"name": "Won", "color": "#fff"}
    assert await program.call("updateBusinessCaseStatus", status_id, json=renamed) == {"id": status_id, **renamed}


async def _moves(program: Program, case_id: int, other_id: int, status_id: int) -> None:
    """Into another column, and there before the one that was first."""
    for record_id in (case_id, other_id):
        moved = await program.call("updateBusinessCase", record_id, json={"statusId": status_id})
        assert moved["status"]["id"] == status_id
        assert moved["description"] == CASE["description"]
    order = {"statusId": status_id, "sortBy": "boardPosition", "sortDirection": "asc"}
    assert await program.ids("listBusinessCases", **order) == [case_id, other_id]
    # Where in the column: the contract shows that and has no way to change it, so this is Kronika's own.
    put = await program.api.put(f"/business-cases/{other_id}/position", {"statusId": status_id, "position": 0})
    assert_as_contracted(program.operations["updateBusinessCase"], put)
    assert await program.ids("listBusinessCases", **order) == [other_id, case_id]


async def _deletes(program: Program, client_id: int, supplier_id: int, case_id: int, status_id: int) -> None:
    """From the leaves to the root: what is below something deleted is gone as well."""
    await program.call("deleteBusinessCaseStatus", status_id)
    assert (await program.call("showBusinessCase", case_id))["status"] is None
    await program.call("deleteBusinessCase", case_id)
    await program.call("showBusinessCase", case_id, status=404)
    await program.call("listContactActivityLogs", params={"businessCaseId": case_id}, status=422)
    assert len(await program.ids("listContactActivityLogs", clientId=client_id)) == len(TYPES)
    await program.call("deleteClient", client_id)
    await program.call("deleteSupplier", supplier_id)
    assert [await program.ids(name) for name in ("listClients", "listSuppliers", "listBusinessCases")] == [[], [], []]
