"""The URL of a receiver: one reading of it, for saving and for sending. What was judged is what is connected to.

Nothing is repaired on the way: what two programs could read differently (backslashes, an escaped or a non-ASCII host,
other ways to write an address) is refused.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from msgspec import Struct

from kronika.errors import Complaints
from kronika.hosts import Address, AllowedHosts, is_host_name, parse_address
from kronika.outgoing.addresses import is_public

LONGEST_URL: Final = 2048
"""Characters."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]+)(?P<target>[/?][^#]*)?(?P<fragment>#.*)?", re.ASCII
)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?P<port>:.*)?", re.ASCII)
_PORT = re.compile(r":[1-9][0-9]{0,4}", re.ASCII)
_LARGEST_PORT = 65535
_READABLE = re.compile(r"[!-\[\]-~]*", re.ASCII)  # Printable ASCII without space and backslash.

# Names that lead into one's own machine or network: RFC 6761 (localhost), RFC 6762 with its appendix G (.local and
# what is used like it, .internal among them), RFC 8375 (home.arpa), and a habit (.localdomain).
_NAMES_INSIDE = re.compile(
    r"(?:.*\.)?(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa)", re.ASCII
)


class Url(Struct, frozen=True):
    """A URL that may be sent to, as far as can be told without resolving its host."""

    scheme: Literal["http", "https"]
    host: str
    """In lower case, without brackets: what is resolved, and what a certificate must name."""
    address: Address | None
    """The host, where it is an address."""
    port: int
    target: str
    """Path and query, as in the first line of a request."""
    authority: str
    """The header `Host`: with brackets, and with the port unless it is the scheme's own."""


def read_url(value: str, allowed: AllowedHosts, path: str, complaints: Complaints) -> Url | None:
    """The URL; None with a complaint at `path`."""
    try:
        return _read(value, allowed)
    except _UnreadableError as error:
        complaints.add(path, error.code, error.bound)
        return None


def parse_url(value: str, allowed: AllowedHosts) -> Url | None:
    """The URL, None where it may not be sent to (any more: the allowed hosts can have changed)."""
    return read_url(value, allowed, "url", Complaints())


class _UnreadableError(Exception):
    def __init__(self, code: str, bound: int | None = None) -> None:
        super().__init__(code)
        self.code, self.bound = code, bound


def _read(value: str, allowed: AllowedHosts) -> Url:
    if len(value) > LONGEST_URL:
        raise _UnreadableError("characters_at_most", LONGEST_URL)
    if not _READABLE.fullmatch(value):
        raise _UnreadableError("url_characters")
    parts = _URL.fullmatch(value)
    if parts is None:
        raise _UnreadableError("url")
    scheme, authority, target = parts["scheme"].lower(), parts["authority"], parts["target"] or ""
    if "@" in authority:
        raise _UnreadableError("url_credentials")
    if parts["fragment"] is not None:
        raise _UnreadableError("url_fragment")
    host, port = _host_and_port(authority)
    address = _address(host)
    if address is None and not is_host_name(host):
        raise _UnreadableError("url_host")
    name = host if address is None else str(address)
    if scheme == "https":
        default = 443
    elif scheme == "http" and _is_allowed(name, address, allowed):
        default = 80
    else:
        raise _UnreadableError("url_https")
    if not _is_allowed(name, address, allowed) and not _may_be_public(name, address):
        raise _UnreadableError("url_public")
    port = default if port is None else port
    return Url(
        scheme=scheme,
        host=name,
        address=address,
        port=port,
        target=target if target.startswith("/") else f"/{target}",
        authority=host if port == default else f"{host}:{port}",
    )


def _host_and_port(authority: str) -> tuple[str, int | None]:
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise _UnreadableError("url_host")
    port: str | None = parts["port"]
    if port is None:
        return parts["host"].lower(), None
    if not _PORT.fullmatch(port) or int(port[1:]) > _LARGEST_PORT:
        raise _UnreadableError("url_port")
    return parts["host"].lower(), int(port[1:])


def _address(host: str) -> Address | None:
    if host.startswith("["):
        address = parse_address(host[1:-1])
        return address if address is not None and address.version == 6 else None  # noqa: PLR2004 - IPv6
    address = parse_address(host)
    return address if address is not None and address.version == 4 else None  # noqa: PLR2004 - IPv4


def _is_allowed(name: str, address: Address | None, allowed: AllowedHosts) -> bool:
    return allowed.allows(name if address is None else address)


def _may_be_public(name: str, address: Address | None) -> bool:
    """Of a name only its form is known yet."""
    if address is not None:
        return is_public(address)
    return "." in name and not _NAMES_INSIDE.fullmatch(name)
