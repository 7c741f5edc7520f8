"""Where a company begins, and its settings."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.companies.actions import change_company, time_zones
from kronika.companies.models import CompanySettings
from kronika.companies.queries import hold_settings
from kronika.errors import Forbidden
from kronika.http.services import services
from kronika.input.fields import LONGEST_LINE, choice, required, text
from kronika.users.models import LANGUAGES
from kronika.web.forms import Form, judge_seen, trace
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
    return render(request, who, "people/company.html", form=form, zones=zones, seen=trace(_settings_of(who)))


async def do_change_company(request: Request, who: Member, form: Form) -> Response:
    if not who.is_owner:
        raise Forbidden
    values = form.read(_FIELDS)
    async with services(request).database.transaction(who.company_id) as transaction:
        judge_seen(form, await hold_settings(transaction))
        form.judge()
        await change_company(transaction, CompanySettings(**values))
    return go_to(who.company.path + "/settings/company", done="saved")


def _settings_of(who: Member) -> CompanySettings:
    return CompanySettings(who.company.name, who.company.zone.key, who.company.language)
