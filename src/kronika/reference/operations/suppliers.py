from __future__ import annotations

from typing import Any, Final

from msgspec import to_builtins

from kronika.contacts.input import SUPPLIER_FIELDS, SUPPLIER_LIST_FIELDS
from kronika.contacts.list_routes import SupplierList
from kronika.contacts.models import Contact, SupplierView, supplier_view
from kronika.http.paging import PAGE_FIELDS
from kronika.http.problems import API_PREFIX
from kronika.reference.operation import Body, Chapter, Operation, Thing, described
from kronika.reference.operations.contacts import CREATE_TEXTS, LIST_TEXTS, PAGINATOR_TEXT, SHOWN_TEXTS, stored

_COMPANY: dict[str, Any] = {
    "name": "Mlyn pod Horou, a.s.",
    "taxId": "2020987654",
    "email": "predaj@mlyn.example",
    "city": "Martin",
    "countryId": 703,
}
EXAMPLE_ID: Final = 21
EXAMPLE: Final[Contact] = stored("supplier", EXAMPLE_ID, SUPPLIER_FIELDS, _COMPANY)
_SHOWN = {"company": to_builtins(supplier_view(EXAMPLE, "en"))}
_PATH = f"{API_PREFIX}/suppliers"
_ID = {"id": "Id of the supplier."}
_INPUT = described(SUPPLIER_FIELDS, CREATE_TEXTS)
_MOVED: dict[str, Any] = _COMPANY | {"street": "Nová 12", "city": "Žilina"}

CHAPTER: Final = Chapter(
    tag="Suppliers",
    text="People and companies you buy from. Each has a timeline of its own.",
    operations=(
        Operation(
            id="listSuppliers",
            method="get",
            path=_PATH,
            summary="List the suppliers",
            description="All suppliers, or those that a search finds: whole, or a page of them.",
            success="The suppliers.",
            answer=SupplierList,
            answers={"all": {"data": list(_SHOWN.values())}},
            query=SUPPLIER_LIST_FIELDS | PAGE_FIELDS,
            query_texts=LIST_TEXTS,
        ),
        Operation(
            id="createSupplier",
            method="post",
            path=_PATH,
            summary="Create a supplier",
            description="A name is enough. What else is known of the supplier may be told at once.",
            success="The supplier as it was created.",
            answer=SupplierView,
            answers=_SHOWN,
            status=201,
            body=Body("SupplierInput", _INPUT, {"company": _COMPANY}),
            keyed=True,
        ),
        Operation(
            id="showSupplier",
            method="get",
            path=f"{_PATH}/{{id}}",
            summary="Show a supplier",
            description="The supplier as it is now.",
            success="The supplier.",
            answer=SupplierView,
            answers=_SHOWN,
            path_texts=_ID,
            parameter_examples={"id": EXAMPLE_ID},
        ),
        Operation(
            id="updateSupplier",
            method="put",
            path=f"{_PATH}/{{id}}",
            summary="Replace a supplier",
            description="Gives a supplier all it is to say: what is not sent is as in a create without it, and nothing "
            "of what was there before stays. The same again is no change and is announced to nobody.",
            success="The supplier as it is now.",
            answer=SupplierView,
            answers={
                "moved": to_builtins(supplier_view(stored("supplier", EXAMPLE_ID, SUPPLIER_FIELDS, _MOVED), "en"))
            },
            body=Body("SupplierInput", _INPUT, {"moved": _MOVED}),
            path_texts=_ID,
            parameter_examples={"id": EXAMPLE_ID},
        ),
        Operation(
            id="deleteSupplier",
            method="delete",
            path=f"{_PATH}/{{id}}",
            summary="Delete a supplier",
            description="Takes the supplier away, with its business cases and the timelines of all of them. What "
            "happened stays in the database until it is erased on purpose, and is shown no more.",
            success="It is gone.",
            status=204,
            path_texts=_ID,
            parameter_examples={"id": EXAMPLE_ID},
        ),
    ),
    things=(
        Thing(SupplierView, "A supplier.", SHOWN_TEXTS),
        Thing(SupplierList, "Suppliers.", {"data": "The suppliers, in the wished order.", "paginator": PAGINATOR_TEXT}),
    ),
)
