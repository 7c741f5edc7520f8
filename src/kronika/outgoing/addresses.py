"""Which addresses are public: anybody's to receive at, and nobody's own network.

From IANA's registries of special-purpose addresses, with the RFC that reserves each network:
https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry.
Multicast, and for IPv6 what has been assigned at all, from iana.org/assignments/multicast-addresses and
iana.org/assignments/ipv6-address-space.

Explicit, since the flags of Python's `ipaddress` change with its version and call some of these global. The table is
stricter than the registries: what is reachable worldwide but is no place for a web server (relays, AS112, anycast of a
protocol) is not public here, nor is anything that carries another address within.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import Final

from kronika.hosts import Address

NOT_PUBLIC_IPV4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # This network: RFC 791
            "10.0.0.0/8",  # Private use: RFC 1918
            "100.64.0.0/10",  # Shared by the customers of a carrier (CGNAT): RFC 6598
            "127.0.0.0/8",  # Loopback: RFC 1122
            "168.63.129.16/32",  # Azure's platform, as its machines see it: by no RFC, but Microsoft's documentation
            "169.254.0.0/16",  # Link local, and the metadata of clouds: RFC 3927
            "172.16.0.0/12",  # Private use: RFC 1918
            "192.0.0.0/24",  # IETF protocol assignments, DS-Lite and NAT64 discovery among them: RFC 6890
            "192.0.2.0/24",  # Documentation (TEST-NET-1): RFC 5737
            "192.31.196.0/24",  # AS112: RFC 7535
            "192.52.193.0/24",  # Automatic multicast tunneling: RFC 7450
            "192.88.99.0/24",  # Relays of 6to4, deprecated: RFC 7526
            "192.168.0.0/16",  # Private use: RFC 1918
            "192.175.48.0/24",  # AS112, direct delegation: RFC 7534
            "198.18.0.0/15",  # Benchmarking: RFC 2544
            "198.51.100.0/24",  # Documentation (TEST-NET-2): RFC 5737
            "203.0.113.0/24",  # Documentation (TEST-NET-3): RFC 5737
            "224.0.0.0/4",  # Multicast: RFC 5771
            "240.0.0.0/4",  # Reserved, limited broadcast (RFC 919, RFC 8190) among them: RFC 1112
        ),
    )
)

GLOBAL_UNICAST_IPV6: Final = IPv6Network("2000::/3")
"""RFC 4291; all that IANA assigns from. Outside are loopback, IPv4-mapped (::ffff:0:0/96) and -compatible (::/96),
NAT64 (64:ff9b::/96, 64:ff9b:1::/48), discard (100::/64), SRv6 (5f00::/16), unique local (fc00::/7), link local
(fe80::/10), site local (fec0::/10), multicast (ff00::/8), and what nobody has been given yet.
"""

NOT_PUBLIC_IPV6: Final = tuple(
    map(
        IPv6Network,
        (
            # IETF protocol assignments: RFC 2928. Among them Teredo 2001::/32 (RFC 4380), benchmarking 2001:2::/48
            # (RFC 5180), AMT 2001:3::/32 (RFC 7450), AS112 2001:4:112::/48 (RFC 7535), ORCHID 2001:10::/28 (RFC 4843)
            # and 2001:20::/28 (RFC 7343), drones' remote identification 2001:30::/28 (RFC 9374).
            "2001::/23",
            "2001:db8::/32",  # Documentation: RFC 3849
            "2002::/16",  # 6to4, an IPv4 address within: RFC 3056
            "2620:4f:8000::/48",  # AS112, direct delegation: RFC 7534
            "3ffe::/16",  # The 6bone, given back: RFC 3701
            "3fff::/20",  # Documentation: RFC 9637
        ),
    )
)


def is_public(address: Address) -> bool:
    """Whether it is an address of the public internet by the table above."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_IPV4)
    # With a zone it is somebody's link, whatever its digits are.
    return (
        address.scope_id is None
        and address in GLOBAL_UNICAST_IPV6
        and not any(address in network for network in NOT_PUBLIC_IPV6)
    )
