"""Who asks for a page: anybody, a user, a member of the company in the path, an owner of it.

A page names one of the four functions below; its handlers get what that gives. Whatever is needed to know it is one
statement of the database a request, and none without a session.
"""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct, structs
from starlette.requests import Request

from kronika.changes.models import Actor
from kronika.credentials import masked, new_ticket
from kronika.errors import Forbidden, NotFound
from kronika.http.context import context
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.languages import select_language
from kronika.users.models import Language, Role, Theme, Visit
from kronika.web.cookies import LANGUAGE, SESSION, VISITOR, read_cookie

# A row in any case, of nulls when there is no session.
_FIND: Final = """
SELECT s.* FROM (SELECT) one LEFT JOIN find_session(%(hash)s, %(company_id)s::bigint, %(is_visit)s) s ON true
"""
_SLOVAK_READERS: Final = frozenset({"sk", "cs"})


class SignInNeeded(Exception):
    """There is no session; after signing in the page may be asked for again."""


class CompanyShown(Struct, frozen=True):
    """The company of a page."""

    id: int
    name: str
    zone: ZoneInfo
    language: Language | None
    role: Role
    is_sandbox: bool

    @property
    def path(self) -> str:
        """`/c/7`, with which the addresses of all its pages begin."""
        return f"/c/{self.id}"


class Guest(Struct, frozen=True):
    """Whoever asks. `form_key` is what this browser's forms are known by, and `form_token` what they bring along: the
    key, masked anew for each answer. `fresh_cookie`: it has to be given one.
    """

    language: Language
    theme: Theme | None
    form_key: str
    form_token: str
    fresh_cookie: str | None
    visit: Visit | None
    company: CompanyShown | None
    """The one in the path, else one of the user's for the frame to show."""


class SignedIn(Guest, frozen=True):
    """A user."""

    visit: Visit  # pyright: ignore[reportIncompatibleVariableOverride] - frozen, so what is narrower fits

    @property
    def user_id(self) -> int:
        return self.visit.user_id

    @property
    def actor(self) -> Actor:
        """Who change records and events say it was."""
        return Actor("user", self.user_id)


class Member(SignedIn, frozen=True):
    """A user of the company in the path."""

    company: CompanyShown  # pyright: ignore[reportIncompatibleVariableOverride] - as above

    @property
    def company_id(self) -> int:
        return self.company.id

    @property
    def is_owner(self) -> bool:
        return self.company.role == "owner"


async def anybody(request: Request, company_id: int | None = None, *, is_visit: bool = True) -> Guest:
    """Whoever it is. `is_visit`: he is here, and not a page of his that waits for news."""
    cookie = read_cookie(request, SESSION)
    visit = await _find(request, cookie, company_id, is_visit=is_visit) if cookie else None
    kept = cookie if visit else read_cookie(request, VISITOR)
    fresh = None if kept else new_ticket()
    company = _company(visit) if visit else None
    language = _language(request, visit, company)
    # For the header of the answer.
    context(request).language = language
    form_key = services(request).hasher.form_token(kept or fresh or "")
    return Guest(
        language=language,
        theme=visit.theme if visit else None,
        form_key=form_key,
        form_token=masked(form_key),
        fresh_cookie=fresh,
        visit=visit,
        company=company,
    )


async def a_user(request: Request, company_id: int | None = None, *, is_visit: bool = True) -> SignedIn:
    """A user, or else SignInNeeded is raised."""
    guest = await anybody(request, company_id, is_visit=is_visit)
    if guest.visit is None:
        raise SignInNeeded
    return SignedIn(**_members_of(guest))


async def a_member(request: Request, *, is_visit: bool = True) -> Member:
    """A user of the company in the path.

    Raises SignInNeeded; NotFound: there is no such company, or he is not in it.
    """
    try:
        company_id = path_id(request, "company")
    except NotFound:
        # Who is not signed in is told nothing, here as with a number.
        await a_user(request)
        raise
    who = await a_user(request, company_id, is_visit=is_visit)
    if who.company is None or who.company.id != company_id:
        raise NotFound
    context(request).company_id = company_id
    return Member(**_members_of(who))


async def a_watching_member(request: Request) -> Member:
    """A member whose page waits for news: it keeps no session alive, and is not where he was last."""
    return await a_member(request, is_visit=False)


async def an_owner(request: Request) -> Member:
    """An owner of the company in the path. Raises as a_member does, and Forbidden."""
    who = await a_member(request)
    if not who.is_owner:
        raise Forbidden
    return who


def _members_of(guest: Guest) -> dict[str, Any]:
    return structs.asdict(guest)


async def _find(request: Request, cookie: str, company_id: int | None, *, is_visit: bool) -> Visit | None:
    tools = services(request)
    values = {"hash": tools.hasher.session_hash(cookie), "company_id": company_id, "is_visit": is_visit}
    return (await tools.database.call(_found, _FIND, values)).visit


class _Found(Struct, frozen=True):
    visit: Visit | None


def _found(**row: Any) -> _Found:
    return _Found(None if row["session_id"] is None else Visit(**row))


def _company(visit: Visit) -> CompanyShown | None:
    if visit.company_id is None or visit.company_name is None or visit.time_zone is None or visit.role is None:
        return None
    return CompanyShown(
        visit.company_id,
        visit.company_name,
        ZoneInfo(visit.time_zone),
        visit.company_language,
        visit.role,
        is_sandbox=bool(visit.is_sandbox),
    )


def _language(request: Request, visit: Visit | None, company: CompanyShown | None) -> Language:
    """The user's choice, else this browser's, else what the browser asks for, else the company's, else the server's."""
    if visit and visit.language:
        return visit.language
    match read_cookie(request, LANGUAGE):
        case "en" | "sk" as chosen:
            return chosen
        case _:
            pass
    default = (company and company.language) or services(request).settings.default_language
    return nearest_language(select_language(request.headers.get("accept-language", ""), default))


def nearest_language(tag: str) -> Language:
    """The one of ours that readers of this language read."""
    return "sk" if tag in _SLOVAK_READERS else "en"
