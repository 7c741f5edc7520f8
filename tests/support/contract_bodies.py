"""Requests that the vendor's description allows: of each operation one that says everything there is to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from support.api import Api
from support.board import new_status
from support.contract import Operation
from support.documents import fed, paid
from support.webhooks import SUBSCRIPTION, subscribed

CONTACT = {
    "name": "Hotel Panoráma s.r.o.",
    "type": "company",
    "subjectId": "36396567",
    "taxId": "2020105428",
    "vatId": "SK2020105428",
    "isVatPayer": True,
    "email": "info@example.test",
    "street": "Hlavná 1",
    "city": "Žilina",
    "zip": "010 01",
    "countryId": 703,
}
CLIENT = {
    **CONTACT,
    "deliveryStreet": "Dlhá 2",
    "deliveryCity": "Brno",
    "deliveryZip": "602 00",
    "deliveryCountryId": 203,
    "preferredDeliveryMethodId": 3,
    "preferredPaymentMethodId": 1,
    "preferredCurrencyId": 5,
    "preferredLanguageId": 1,
    "preferredDueDays": 14,
    "preferredNote": "Call before delivery",
    "preferredVariableSymbol": 2026001,
    "preferredConstantSymbol": 308,
    "preferredSpecificSymbol": 7,
    "preferredTextAboveItems": "We invoice you for",
    "stripeCustomerId": "cus_1",
    "systemeioContactId": 9,
}
STATUS = {"name": "Negotiation", "color": "#22aa44"}
CASE = {"name": "Summer season", "description": "Forty rooms"}
METADATA: dict[str, dict[str, Any]] = {
    "note": {"content": "They want a discount"},
    "email": {"content": "Dear all", "email": "jana@example.test"},
    "phone_call": {"content": "They accept", "personName": "Martin Benko", "phoneNumber": "+421 905 123 456"},
    "document_linked": {"documentType": "invoice"},
}
"""By type; of a link, without the document."""
LINKABLE = ("invoice", "proforma", "order", "quotation", "credit-note")
PAYMENT = {
    "documentType": "invoice", "currencyId": 1, "currencyRate": 1, "paymentDate": "2026-03-10", "paymentMethodId": 2,
    "amount": 15.5,
}  # fmt: skip
"""Without the document."""

FILES = [("files", ("offer.txt", b"Forty rooms at sixty", "text/plain")), ("files", ("b.txt", b"Or fifty", None))]


@dataclass(frozen=True)
class World:
    """A company with one record of each kind and an event of each type, and another one with a record of each kind."""

    api: Api
    stranger: Api
    ids: dict[str, int]
    foreign_ids: dict[str, int]
    events: dict[str, int]

    def body(self, operation: Operation, event_type: str) -> dict[str, Any]:
        """Everything that a body of this operation can say; of an event, one of this type."""
        return self._bodies(event_type)[operation.operation_id]

    def _bodies(self, event_type: str) -> dict[str, dict[str, Any]]:
        case = {**CASE, "statusId": self.ids["statusId"]}
        metadata = dict(METADATA[event_type])
        if event_type == "document_linked":
            metadata["documentId"] = self.ids["documentId"]
        files = {} if event_type == "document_linked" else {"attachmentUploadTokens": []}
        return {
            "createClient": CLIENT,
            "updateClient": CLIENT,
            "createSupplier": CONTACT,
            "updateSupplier": CONTACT,
            "createBusinessCaseStatus": STATUS,
            "updateBusinessCaseStatus": STATUS,
            "createBusinessCase": {**case, "clientId": self.ids["clientId"]},
            "updateBusinessCase": case,
            "createContactActivityLog": {
                "type": event_type, "metadata": metadata, "clientId": self.ids["clientId"], **files,
            },
            "createDocumentPayment": {**PAYMENT, "documentId": self.ids["documentId"]},
            "createWebhookSubscription": SUBSCRIPTION,
            "updateWebhookSubscription": SUBSCRIPTION,
            "updateContactActivityLog": {"metadata": metadata, **files, "deletedAttachmentIds": []},
        }  # fmt: skip

    def query(self, operation: Operation) -> dict[str, Any]:
        """What a list cannot do without."""
        return {
            "listContactActivityLogs": {"clientId": self.ids["clientId"]},
            "listDocumentPayments": {"documentType": "invoice", "documentId": self.ids["documentId"]},
        }.get(operation.operation_id, {})

    def path(self, operation: Operation, event_type: str) -> str:
        """The path of the operation, to a record that is there."""
        record_id = {
            "/clients/{id}": self.ids["clientId"],
            "/suppliers/{id}": self.ids["supplierId"],
            "/business-cases/{id}": self.ids["businessCaseId"],
            "/business-case-statuses/{id}": self.ids["statusId"],
            "/webhook-subscriptions/{id}": self.ids["subscriptionId"],
            "/contact-activity-logs/{id}": self.events.get(event_type),
        }.get(operation.path)
        return operation.path.format(id=record_id)


async def new_world(api: Api, stranger: Api) -> World:
    """A company with one of each, beside a stranger's."""
    ids = await _one_of_each(api)
    events: dict[str, int] = {}
    for type_, metadata in METADATA.items():
        if type_ == "document_linked":
            metadata = {**metadata, "documentId": ids["documentId"]}  # noqa: PLW2901 - the same, made whole
        event = await api.record(clientId=ids["clientId"], type=type_, metadata=metadata)
        assert event.status_code == 201, event.text
        events[type_] = event.json()["id"]
    return World(api, stranger, ids, await _one_of_each(stranger), events)


async def _one_of_each(api: Api) -> dict[str, int]:
    client_id, status_id = await api.new_client(**CLIENT), await new_status(api)
    return {
        "clientId": client_id,
        "supplierId": await api.new_supplier(**CONTACT),
        "statusId": status_id,
        "businessCaseId": await api.new_case(clientId=client_id, statusId=status_id),
        "documentId": await _documents(api, client_id),
        "subscriptionId": (await subscribed(api))["id"],
    }


async def _documents(api: Api, client_id: int) -> int:
    """The number of a document of each type that can be linked or paid. The invoice has a payment."""
    number = api.company_id
    for document_type in LINKABLE:
        await fed(api, client_id, number, document_type)
    await paid(api, number, amount=1)
    return number
