"""What single keys do, as a page of its own and for the dialog behind `?`."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from kronika.web.forms import Form
from kronika.web.rendering import render
from kronika.web.visitors import SignedIn

KEYS: Final[tuple[tuple[str, tuple[tuple[tuple[str, ...], str], ...]], ...]] = (
    ("anywhere", ((("/",), "search"), (("?",), "help"), (("Esc",), "close"))),
    ("timeline", ((("j",), "next"), (("k",), "previous"), (("n",), "note"), (("e",), "email"), (("c",), "call"))),
    ("writing", ((("Ctrl", "Enter"), "send"),)),
    ("board", ((("Space",), "take"), (("←", "↑", "↓", "→"), "move"))),
)
"""By where they work: the keys, and what they do as the end of a text's name."""


async def show_keys(request: Request, who: SignedIn, _: Form) -> Response:
    return render(request, who, "people/keys.html", groups=KEYS)
