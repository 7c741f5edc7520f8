"""A form that comes after its session has ended: nothing is done, and nothing that was written is lost."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from kronika.errors import Invalid, PayloadTooLarge
from kronika.web.forms import KEPT_FIELD, ONCE_FIELD, SEEN_FIELD, ForgedForm, Form, read_unjudged
from kronika.web.origins import is_surely_from_here
from kronika.web.rendering import render
from kronika.web.visitors import anybody

# What nobody wrote.
_OURS: Final = frozenset({KEPT_FIELD, ONCE_FIELD, SEEN_FIELD, "next", "of"})


async def show_written(request: Request, form: Form | None) -> Response | None:
    """A page with what was written, which sends it again once somebody has signed in in another tab: then the form is
    shown to him, if he may see it. `form`: where it has been read already. None: nothing was written.
    """
    if not is_surely_from_here(request):
        return None
    if form is None:
        with suppress(ForgedForm, Invalid, PayloadTooLarge):
            form = await read_unjudged(request)
    if form is None:
        return None
    again = form.again()
    written = [f"{name}: {value}" for name, value in again if value and name not in _OURS and not name.endswith("Id")]
    if not written:
        return None
    return render(
        request,
        await anybody(request),
        "signed_out.html",
        status=HTTPStatus.UNAUTHORIZED,
        again=again,
        written="\n".join(written),
        address=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        has_files=request.headers.get("content-type", "").startswith("multipart/"),
    )
