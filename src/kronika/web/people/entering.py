"""How a session begins and ends in a browser. It has one at a time."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.http.services import services
from kronika.users import queries
from kronika.web.cookies import SESSION, set_cookie
from kronika.web.rendering import go_to
from kronika.web.visitors import Guest


async def enter(request: Request, who: Guest, cookie: str, path: str) -> Response:
    """On to the path with the cookie of a new session, in place of the one that this browser had."""
    await end_visit(request, who)
    response = go_to(path)
    set_cookie(request, response, SESSION, cookie)
    return response


async def end_visit(request: Request, who: Guest) -> None:
    """Ends the session of who asks, if he has one."""
    if who.visit:
        async with services(request).database.across_companies() as own:
            await own.for_user(who.visit.user_id)
            await queries.end_session(own, who.visit.user_id, who.visit.session_id)
