"""The rules of lists of documents; those of a document itself stand with who feeds it."""

from __future__ import annotations

from typing import Any, Final

from kronika.documents.models import (
    DOCUMENT_SORTS,
    DOCUMENT_TYPES,
    PAYMENT_STATUSES,
    DocumentFilter,
    DocumentOrder,
    DocumentWish,
)
from kronika.input.fields import LONGEST_LINE, Field, choice, flag_word, identifier, text
from kronika.input.quantities import day

CONTACT_FIELDS: Final = ("clientId", "supplierId")
LIST_FIELDS: dict[str, Field[Any]] = {
    "documentType": choice(*DOCUMENT_TYPES),
    "clientId": identifier(),
    "supplierId": identifier(),
    "businessCaseId": identifier(),
    "number": text(characters=LONGEST_LINE),
    "issueDateFrom": day(),
    "issueDateTo": day(),
    "dueDateFrom": day(),
    "dueDateTo": day(),
    "unpaid": flag_word(),
    "paymentStatus": choice(*PAYMENT_STATUSES),
    "sortBy": choice(*DOCUMENT_SORTS),
    "sortDirection": choice("asc", "desc"),
}


def document_wish(values: dict[str, Any]) -> DocumentWish:
    """The list that fault-free values ask for: what was issued last first unless they say otherwise."""
    return DocumentWish(
        DocumentFilter(
            type=values["documentType"],
            contact_id=values["clientId"] or values["supplierId"],
            case_id=values["businessCaseId"],
            number=values["number"],
            issued_from=values["issueDateFrom"],
            issued_to=values["issueDateTo"],
            due_from=values["dueDateFrom"],
            due_to=values["dueDateTo"],
            is_open=values["unpaid"],
            status=values["paymentStatus"],
        ),
        DocumentOrder(values["sortBy"] or "issueDate", values["sortDirection"] != "asc"),
    )
