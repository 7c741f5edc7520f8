"""Where a company begins, and its settings."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.companies.actions import change_company, time_zones
from kronika.companies.models import CompanySettings
from kronika.errors import Forbidden
from kronika.http.services import services
from kronika.input.fields import LONGEST_LINE, choice, required, text
from kronika.users.models import LANGUAGES
from kronika.web.forms import Form
from kronika.web.menu import SETTINGS, START
from kronika.web.rendering import done_of, go_to, render
from kronika.web.visitors import Member, SignedIn

_FIELDS = {
    "name": required(text(characters=LONGEST_LINE)),
    "time_zone": required(text(characters=LONGEST_LINE)),
    "language": choice(*LANGUAGES),
}


async def show_start(request: Request, who: SignedIn, _: Form) -> Response:
    """`/`: on to the company where the user was last; who is in none is told so."""
    if who.company is None:
        return render(request, who, "people/no_company.html")
    return go_to(who.company.path + START.path, done=done_of(request))


async def show_company_start(request: Request, who: Member, _: Form) -> Response:
    return go_to(who.company.path + START.path, done=done_of(request))


async def show_settings(request: Request, who: Member, _: Form) -> Response:
    return go_to(who.company.path + SETTINGS[0].path, done=done_of(request))


async def show_company(request: Request, who: Member, form: Form) -> Response:
    # One that only the operator could choose (UTC) stays chosen.
    zones = sorted({*time_zones(), who.company.zone.key})
    return render(request, who, "people/company.html", form=form, zones=zones)


async def do_change_company(request: Request, who: Member, form: Form) -> Response:
    if not who.is_owner:
        raise Forbidden
    values = form.read(_FIELDS)
    form.judge()
    async with services(request).database.transaction(who.company_id) as transaction:
        await change_company(transaction, CompanySettings(**values))
    return go_to(who.company.path + "/settings/company", done="saved")
