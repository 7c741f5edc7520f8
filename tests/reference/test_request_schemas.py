"""What the published schemas accept is what the application accepts."""

from __future__ import annotations

from typing import Any

import pytest
from support.api import PREFIX, Api
from support.documents import fed, said
from support.openapi import validator

_NOTE = {"type": "note", "clientId": 0, "metadata": {"content": "x"}}
_CALL = {"type": "phone_call", "clientId": 0, "metadata": {"content": "x", "personName": "y"}}
_EMAIL = {"type": "email", "clientId": 0, "metadata": {"content": "x", "email": "a@b.example"}}
_LINK = {"type": "document_linked", "clientId": 0, "metadata": {"documentType": "invoice", "documentId": 1}}
_PAYMENT = {"documentType": "invoice", "documentId": 1}
_PAYMENT_DEFAULTS = ("currencyId", "currencyRate", "paymentDate", "paymentMethodId", "amount")


def _with(body: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return body | {"metadata": body["metadata"] | metadata}


ACCEPTED = [
    ("/contact-activity-logs", _NOTE),
    ("/contact-activity-logs", _EMAIL),
    ("/contact-activity-logs", _CALL),
    ("/contact-activity-logs", _NOTE | {"supplierId": None, "businessCaseId": None}),
    ("/contact-activity-logs", _NOTE | {"attachmentUploadTokens": None}),
    ("/contact-activity-logs", _NOTE | {"attachmentUploadTokens": []}),
    ("/contact-activity-logs", _NOTE | {"nobody": "knows this"}),
    ("/contact-activity-logs", _with(_NOTE, email=None, relatedDocument=None, nobody=1)),
    ("/contact-activity-logs", _with(_NOTE, content="x" * 65_535)),
    ("/contact-activity-logs", _with(_CALL, phoneNumber="+421")),
    ("/contact-activity-logs", _with(_CALL, phoneNumber=None)),
    ("/clients", {"name": "x"}),
    ("/clients", {"name": "x", "type": None, "isVatPayer": None, "countryId": None, "preferredDueDays": None}),
    ("/clients", {"name": "x", "preferredDueDays": 365, "preferredConstantSymbol": 9999, "countryId": 590}),
    ("/clients", {"name": "x", "systemeioContactId": -1, "preferredVariableSymbol": 9_999_999_999}),
    ("/suppliers", {"name": "x" * 255, "zip": "0123456789", "vatId": "x" * 40}),
    ("/business-cases", {"name": "x", "clientId": 0}),
    ("/business-cases", {"name": "x", "clientId": 0, "supplierId": None, "statusId": None, "description": None}),
    ("/business-case-statuses", {"name": "x" * 255, "color": "#22aa44"}),
    ("/business-case-statuses", {"name": "x", "color": "#AbC", "nobody": "knows this"}),
    ("/contact-activity-logs", _LINK),
    ("/document-payments", _PAYMENT),
    ("/document-payments", _PAYMENT | dict.fromkeys(_PAYMENT_DEFAULTS)),
    ("/document-payments", _PAYMENT | {"amount": -0.5, "paymentDate": "2024-02-29", "paymentMethodId": 6}),
    ("/document-payments", _PAYMENT | {"currencyId": 1, "currencyRate": 0.001, "amount": 10**13}),
    ("/document-payments", _PAYMENT | {"documentType": "received-receipt"}),
]
REFUSED = [
    ("/contact-activity-logs", {}),
    ("/contact-activity-logs", _NOTE | {"clientId": None}),
    ("/contact-activity-logs", _NOTE | {"supplierId": 1}),
    ("/contact-activity-logs", _NOTE | {"clientId": 0.5}),
    ("/contact-activity-logs", _NOTE | {"type": "document_created"}),
    ("/contact-activity-logs", _NOTE | {"type": None}),
    ("/contact-activity-logs", _NOTE | {"type": "email"}),
    ("/contact-activity-logs", _NOTE | {"metadata": None}),
    ("/contact-activity-logs", _NOTE | {"metadata": []}),
    ("/contact-activity-logs", _NOTE | {"metadata": {}}),
    ("/contact-activity-logs", _NOTE | {"attachmentUploadTokens": "x"}),
    ("/contact-activity-logs", _NOTE | {"attachmentUploadTokens": ["x"] * 21}),
    ("/contact-activity-logs", _with(_NOTE, content="")),
    ("/contact-activity-logs", _with(_NOTE, content="x" * 65_536)),
    ("/contact-activity-logs", _with(_NOTE, email="a@b.example")),
    ("/contact-activity-logs", _with(_NOTE, paidAmount=1)),
    ("/contact-activity-logs", _with(_CALL, personName=None)),
    ("/contact-activity-logs", _with(_CALL, personName="x" * 256)),
    ("/contact-activity-logs", _with(_EMAIL, documentId=1)),
    (
        "/contact-activity-logs",
        {"type": "document_linked", "clientId": 0, "metadata": {"documentType": "received-invoice", "documentId": 1}},
    ),
    ("/clients", {}),
    ("/clients", {"name": None}),
    ("/clients", {"name": ""}),
    ("/clients", {"name": "x", "type": "other"}),
    ("/clients", {"name": "x", "countryId": 591}),
    ("/clients", {"name": "x", "preferredDueDays": 366}),
    ("/clients", {"name": "x", "preferredDueDays": -1}),
    ("/suppliers", {"name": "x" * 256}),
    ("/suppliers", {"name": "x", "zip": "0123456789a"}),
    ("/business-cases", {"name": "x"}),
    ("/business-cases", {"name": "x", "clientId": 0, "supplierId": 1}),
    ("/business-cases", {"clientId": 0}),
    ("/business-case-statuses", {"name": "x"}),
    ("/business-case-statuses", {"name": "", "color": "#fff"}),
    ("/business-case-statuses", {"name": "x" * 256, "color": "#fff"}),
    ("/contact-activity-logs", _LINK | {"attachmentUploadTokens": ["x"]}),
    ("/contact-activity-logs", _with(_LINK, content="x")),
    ("/document-payments", {"documentType": "invoice"}),
    ("/document-payments", {"documentId": 1}),
    ("/document-payments", _PAYMENT | {"documentType": "order"}),
    ("/document-payments", _PAYMENT | {"documentId": 0}),
    ("/document-payments", _PAYMENT | {"amount": 0}),
    ("/document-payments", _PAYMENT | {"amount": 10**13 + 1}),
    ("/document-payments", _PAYMENT | {"currencyId": 1, "currencyRate": 0}),
    ("/document-payments", _PAYMENT | {"currencyId": 99}),
    ("/document-payments", _PAYMENT | {"paymentMethodId": 0}),
    *(("/document-payments", _PAYMENT | {"paymentDate": day}) for day in ("2026-02-29", "20260310", "10.3.2026", 5)),
    *(("/business-case-statuses", {"name": "x", "color": color}) for color in (None, "", "#ffff", "fff", "#ggg", 5)),
]


def _schema(document: dict[str, Any], path: str) -> dict[str, Any]:
    return document["paths"][PREFIX + path]["post"]["requestBody"]["content"]["application/json"]["schema"]


def _for(client_id: int, body: dict[str, Any]) -> dict[str, Any]:
    return body | ({"clientId": client_id} if body.get("clientId") == 0 else {})


async def _client(api: Api) -> int:
    """A client with documents that can be linked and paid."""
    client_id = await api.new_client()
    for document_type in ("invoice", "received-receipt"):
        await fed(api, client_id, 1, document_type)
    return client_id


@pytest.mark.parametrize(("path", "body"), ACCEPTED)
async def test_both_accept(plain_api: Api, document: dict[str, Any], path: str, body: dict[str, Any]):
    real = _for(await _client(plain_api), body)
    validator(document, _schema(document, path)).validate(real)
    assert (await plain_api.post(path, real)).status_code == 201


@pytest.mark.parametrize(("path", "body"), REFUSED)
async def test_both_refuse(plain_api: Api, document: dict[str, Any], path: str, body: dict[str, Any]):
    real = _for(await _client(plain_api), body)
    assert not validator(document, _schema(document, path)).is_valid(real)
    assert (await plain_api.post(path, real)).status_code == 422


@pytest.mark.parametrize(
    ("body", "accepted"),
    [
        ({"metadata": {"content": "y"}}, True),
        ({"metadata": {"content": "y"}, "type": None, "clientId": None, "deletedAttachmentIds": []}, True),
        ({}, False),
        ({"metadata": None}, False),
        ({"metadata": {"content": "y"}, "type": "note"}, False),
        ({"metadata": {"content": "y"}, "clientId": 1}, False),
        ({"metadata": {"content": "y", "paidAmount": 1}}, False),
        ({"metadata": {"content": "y"}, "deletedAttachmentIds": ["x"]}, False),
    ],
)
async def test_both_judge_a_correction_alike(
    plain_api: Api, document: dict[str, Any], body: dict[str, Any], accepted: bool
):
    event_id = (await plain_api.record(clientId=await plain_api.new_client())).json()["id"]
    operation = document["paths"][f"{PREFIX}/contact-activity-logs/{{id}}"]["patch"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert validator(document, schema).is_valid(body) == accepted
    response = await plain_api.patch(f"/contact-activity-logs/{event_id}", body)
    assert response.status_code == (200 if accepted else 422)


@pytest.mark.parametrize(
    ("method", "path", "body", "accepted"),
    [
        ("patch", "/business-cases/{id}", {}, True),
        ("patch", "/business-cases/{id}", {"name": "x", "description": None, "statusId": None}, True),
        ("patch", "/business-cases/{id}", {"clientId": None, "supplierId": None}, True),
        ("patch", "/business-cases/{id}", {"name": None}, False),
        ("patch", "/business-cases/{id}", {"name": ""}, False),
        ("patch", "/business-cases/{id}", {"clientId": 1}, False),
        ("patch", "/business-cases/{id}", {"supplierId": "x"}, False),
        ("patch", "/business-cases/{id}", {"statusId": 0}, False),
        ("put", "/business-cases/{id}/position", {}, True),
        ("put", "/business-cases/{id}/position", {"statusId": None, "position": None}, True),
        ("put", "/business-cases/{id}/position", {"position": 0}, True),
        ("put", "/business-cases/{id}/position", {"position": -1}, False),
        ("put", "/business-cases/{id}/position", {"position": 0.5}, False),
    ],
)
async def test_both_judge_a_change_of_a_case_alike(
    plain_api: Api, document: dict[str, Any], *, method: str, path: str, body: dict[str, Any], accepted: bool
):
    content = document["paths"][PREFIX + path][method]["requestBody"]["content"]["application/json"]
    assert validator(document, content["schema"]).is_valid(body) == accepted
    response = await plain_api.request(method.upper(), path.format(id=await plain_api.new_case()), json=body)
    assert response.status_code == (200 if accepted else 422)


_UNPRICED = dict.fromkeys(("totalWithVat", "currencyId", "currencyRate"))
_DOCUMENTS: list[tuple[str, dict[str, Any], bool]] = [
    ("invoice", {}, True),
    ("invoice", dict.fromkeys(("dueDate", "name", "supplierId", "businessCaseId", "currencyRate")), True),
    ("invoice", {"totalWithVat": -(10**13), "currencyId": 33, "currencyRate": 10_000_000}, True),
    ("invoice", {"totalWithVat": 0, "nobody": "knows this"}, True),
    ("invoice", {"totalWithVat": None}, False),
    ("invoice", {"currencyId": None}, False),
    ("warehouse-inbound-receipt", _UNPRICED, True),
    ("warehouse-inbound-receipt", _UNPRICED | {"currencyId": 5, "currencyRate": 25}, True),
    ("warehouse-outbound-receipt", {"totalWithVat": 5}, True),
    *[
        (document_type, wrong, False)
        for document_type in ("invoice", "warehouse-inbound-receipt")
        for wrong in (
            {"number": None}, {"number": ""}, {"number": "x" * 256}, {"number": 5}, {"name": "x" * 256},
            {"issueDate": None}, {"issueDate": "2026-02-30"}, {"issueDate": "2026-3-1"}, {"dueDate": "tomorrow"},
            {"clientId": None}, {"supplierId": 1}, {"businessCaseId": 0},
            {"totalWithVat": "much"}, {"totalWithVat": 10**13 + 1}, {"totalWithVat": 1, "currencyId": None},
            {"currencyId": 99}, {"currencyRate": 0}, {"currencyRate": 10_000_001},
        )
    ],
]  # fmt: skip


def _refused_for_its_type(document_type: str, fields: dict[str, Any]) -> bool:
    """Whether another type could say this: the body of a PUT does not name its own."""
    return document_type == "invoice" and fields == {"totalWithVat": None}


@pytest.mark.parametrize(("document_type", "fields", "accepted"), _DOCUMENTS)
async def test_both_judge_a_document_alike(
    plain_api: Api, document: dict[str, Any], *, document_type: str, fields: dict[str, Any], accepted: bool
):
    operation = document["paths"][f"{PREFIX}/documents/{{type}}/{{id}}"]["put"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    body = said(await plain_api.new_client(), **fields)
    fits = accepted or _refused_for_its_type(document_type, fields)
    assert validator(document, schema).is_valid(body) == fits
    response = await plain_api.put(f"/documents/{document_type}/1", body)
    assert response.status_code == (201 if accepted else 422)


@pytest.mark.parametrize(("document_type", "fields", "accepted"), _DOCUMENTS)
async def test_both_judge_a_document_of_a_batch_alike(
    plain_api: Api, document: dict[str, Any], *, document_type: str, fields: dict[str, Any], accepted: bool
):
    operation = document["paths"][f"{PREFIX}/documents/batch"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    item = {"documentType": document_type, "documentId": 1, **said(await plain_api.new_client(), **fields)}
    assert validator(document, schema).is_valid({"documents": [item]}) == accepted
    response = await plain_api.post("/documents/batch", {"documents": [item]})
    assert [each["outcome"] for each in response.json()["data"]] == ["created" if accepted else "refused"]


@pytest.mark.parametrize(
    ("body", "accepted"),
    [
        ({"documents": []}, True),
        ({}, False),
        ({"documents": None}, False),
        ({"documents": {}}, False),
        ({"documents": [{}] * 1001}, False),
    ],
)
async def test_both_judge_the_shape_of_a_batch_alike(
    plain_api: Api, document: dict[str, Any], body: dict[str, Any], accepted: bool
):
    operation = document["paths"][f"{PREFIX}/documents/batch"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert validator(document, schema).is_valid(body) == accepted
    assert (await plain_api.post("/documents/batch", body)).status_code == (200 if accepted else 422)
