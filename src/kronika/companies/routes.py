from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.companies.models import Whoami
from kronika.http.admission import admit
from kronika.http.responses import json_response


async def whoami(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    return json_response(Whoami(who.company_name))
