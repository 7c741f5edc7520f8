from __future__ import annotations

from typing import Any, Final

from msgspec import to_builtins

from kronika.contacts.input import SUPPLIER_FIELDS
from kronika.contacts.models import SupplierView, supplier_view
from kronika.http.problems import API_PREFIX
from kronika.reference.operation import Body, Chapter, Operation, Thing, described
from kronika.reference.operations.contacts import CREATE_TEXTS, SHOWN_TEXTS, stored

_COMPANY: dict[str, Any] = {
    "name": "Mlyn pod Horou, a.s.",
    "taxId": "2020987654",
    "email": "predaj@mlyn.example",
    "city": "Martin",
    "countryId": 703,
}
_EXAMPLE_ID = 21
_SHOWN = {"company": to_builtins(supplier_view(stored("supplier", _EXAMPLE_ID, SUPPLIER_FIELDS, _COMPANY), "en"))}

CHAPTER: Final = Chapter(
    tag="Suppliers",
    text="People and companies you buy from. Each has a timeline of its own.",
    operations=(
        Operation(
            id="createSupplier",
            method="post",
            path=f"{API_PREFIX}/suppliers",
            summary="Create a supplier",
            description="A name is enough. What else is known of the supplier may be told at once.",
            success="The supplier as it was created.",
            answer=SupplierView,
            answers=_SHOWN,
            status=201,
            body=Body("SupplierInput", described(SUPPLIER_FIELDS, CREATE_TEXTS), {"company": _COMPANY}),
            keyed=True,
        ),
        Operation(
            id="showSupplier",
            method="get",
            path=f"{API_PREFIX}/suppliers/{{id}}",
            summary="Show a supplier",
            description="The supplier as it is now.",
            success="The supplier.",
            answer=SupplierView,
            answers=_SHOWN,
            path_texts={"id": "Id of the supplier."},
            parameter_examples={"id": _EXAMPLE_ID},
        ),
    ),
    things=(Thing(SupplierView, "A supplier.", SHOWN_TEXTS),),
)
