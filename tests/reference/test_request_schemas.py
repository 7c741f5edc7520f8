"""What the published schemas accept is what the application accepts."""

from __future__ import annotations

from typing import Any

import pytest
from support.api import PREFIX, Api
from support.openapi import validator

_NOTE = {"type": "note", "clientId": 0, "metadata": {"content": "x"}}
_CALL = {"type": "phone_call", "clientId": 0, "metadata": {"content": "x", "personName": "y"}}
_EMAIL = {"type": "email", "clientId": 0, "metadata": {"content": "x", "email": "a@b.example"}}


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
    *(("/business-case-statuses", {"name": "x", "color": color}) for color in (None, "", "#ffff", "fff", "#ggg", 5)),
]


def _schema(document: dict[str, Any], path: str) -> dict[str, Any]:
    return document["paths"][PREFIX + path]["post"]["requestBody"]["content"]["application/json"]["schema"]


def _for(client_id: int, body: dict[str, Any]) -> dict[str, Any]:
    return body | ({"clientId": client_id} if body.get("clientId") == 0 else {})


@pytest.mark.parametrize(("path", "body"), ACCEPTED)
async def test_both_accept(plain_api: Api, document: dict[str, Any], path: str, body: dict[str, Any]):
    real = _for(await plain_api.new_client(), body)
    validator(document, _schema(document, path)).validate(real)
    assert (await plain_api.post(path, real)).status_code == 201


@pytest.mark.parametrize(("path", "body"), REFUSED)
async def test_both_refuse(plain_api: Api, document: dict[str, Any], path: str, body: dict[str, Any]):
    real = _for(await plain_api.new_client(), body)
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
