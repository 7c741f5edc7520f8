from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.http.admission import admit
from kronika.http.context import context
from kronika.http.responses import json_response
from kronika.http.routing import Handler
from kronika.lookups.lists import encoded_list


def _list(name: str) -> Handler:
    async def answer(request: Request) -> Response:
        await admit(request, needs_write=False)
        return json_response(encoded_list(name, context(request).language))

    return answer


list_banks = _list("banks")
list_countries = _list("countries")
list_languages = _list("languages")
list_currencies = _list("currencies")
list_delivery_methods = _list("delivery-methods")
list_payment_methods = _list("payment-methods")
list_qr_types = _list("qr-types")
list_units = _list("units")
