from __future__ import annotations

from typing import Any

from kronika.documents.models import PAYABLE_TYPES
from kronika.input.fields import Field, choice, identifier, required

LIST_FIELDS: dict[str, Field[Any]] = {
    "documentType": required(choice(*PAYABLE_TYPES)),
    "documentId": required(identifier()),
}
