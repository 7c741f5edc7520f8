"""Names and addresses of machines, as a setting or a URL has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from msgspec import Struct

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

LONGEST_NAME: Final = 253
"""Characters of a host name (RFC 1035, section 2.3.4, without the dot at the end)."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
# Whatever reads addresses the way C does takes 127.1, 0x7f.1 and 2130706433 for 127.0.0.1. The URL standard draws the
# same line: a last label that is a number makes the whole an address (https://url.spec.whatwg.org/#ends-in-a-number-checker).
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)


def is_host_name(text: str) -> bool:
    """Whether it is a host name in lower-case ASCII, without a dot at the end, that nobody can take for an address."""
    return len(text) <= LONGEST_NAME and _NAME.fullmatch(text) is not None and not _ENDS_IN_A_NUMBER.fullmatch(text)


def parse_address(text: str) -> Address | None:
    """The address that is written in its canonical form: `192.0.2.1`, `2001:db8::1` (RFC 5952); None for all else."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address if str(address) == text else None


class AllowedHosts(Struct, frozen=True):
    """Receivers of webhooks that need neither https nor a public address: for development and for one's own network.

    A name allows whatever it resolves to; a network allows its addresses, under any name.
    """

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @staticmethod
    def parse(text: str) -> AllowedHosts:
        """From `name,address,network,…`, empty = nothing.

        Raises ValueError: an entry is none of the three.
        """
        entries = [entry.strip().lower() for entry in text.split(",") if entry.strip()]
        names = frozenset(entry for entry in entries if is_host_name(entry))
        return AllowedHosts(names, tuple(_networks(entry for entry in entries if entry not in names)))

    def allows(self, host: str | Address) -> bool:
        """Whether this name or address is on the list."""
        if isinstance(host, str):
            return host in self.names
        # An IPv4 address in an IPv6 one would get past a network that was meant for IPv6.
        if isinstance(host, IPv6Address) and host.ipv4_mapped is not None:
            return False
        return any(host in network for network in self.networks)


def _networks(entries: Iterator[str]) -> Iterator[Network]:
    for entry in entries:
        try:
            yield ip_network(entry)
        except ValueError as error:
            raise ValueError(f"{entry!r} is no host name, address or network ({error})") from None
