"""Where a request comes from: another site's form, a path to go on to, a network."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from kronika.hosts import Address, AllowedHosts
from kronika.http.services import services
from kronika.users.models import Browser
from kronika.users.signing_in import network_of

_LONGEST_AGENT: Final = 255
_LONGEST_PATH: Final = 1000
# One slash and no second one, neither of the two, nor what a browser leaves out or takes for one.
_OWN_PATH = re.compile(r"/(?:[\x21\x23-\x2e\x30-\x5b\x5d-\x7e][\x21\x23-\x5b\x5d-\x7e]*)?", re.ASCII)
_NOWHERE: Final = ip_address("0.0.0.0")  # noqa: S104 - of a request that tells none, as in tests


def is_from_here(request: Request) -> bool:
    """Whether the browser says nothing that would make it another site's request.

    Beside the form token, and not in its place: old browsers and programs say nothing at all.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    parts = urlsplit(services(request).settings.base_url)
    # The public address, or the one it was called by: behind no proxy there are several (localhost, 127.0.0.1).
    return origin in {f"{parts.scheme}://{parts.netloc}", f"{parts.scheme}://{request.headers.get('host', '')}"}


def is_surely_from_here(request: Request) -> bool:
    """Whether the browser says so itself, as those of today do. Only then is shown again what was not taken."""
    says = "origin" in request.headers or request.headers.get("sec-fetch-site") == "same-origin"
    return says and is_from_here(request)


def own_path(text: str | None, default: str = "/") -> str:
    """A path of this server to go on to; the default for whatever else it is."""
    if text is None or len(text) > _LONGEST_PATH or not _OWN_PATH.fullmatch(text):
        return default
    return text


def address_of(request: Request) -> Address:
    """Whose request it is: told by a proxy that is trusted, else the other end of the connection."""
    peer = _address(request.client.host if request.client else "")
    trusted = AllowedHosts.parse(services(request).settings.trusted_proxies)
    if trusted.allows(peer) and (told := request.headers.getlist("x-forwarded-for")):
        # The last one is what the proxy itself has seen; those before it anybody can write.
        return _address(told[-1].rpartition(",")[2].strip(), peer)
    return peer


def network_to_count(request: Request) -> str:
    return network_of(address_of(request))


def browser_of(request: Request) -> Browser:
    """What is kept of it: its own words, and no more of its address than the neighbourhood."""
    agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
    printable = "".join(letter for letter in agent if letter.isprintable())
    return Browser(printable, network_of(address_of(request), v4=24, v6=48))


def _address(text: str, default: Address = _NOWHERE) -> Address:
    try:
        address = ip_address(text)
    except ValueError:
        return default
    # What a server that listens on :: calls an IPv4 client.
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
