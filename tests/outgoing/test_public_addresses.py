"""Which addresses a webhook may go to: the table, held against examples, its own borders and Python's opinion."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kronika.hosts import Address, Network
from kronika.outgoing.addresses import GLOBAL_UNICAST_IPV6, NOT_PUBLIC_IPV4, NOT_PUBLIC_IPV6, is_public

TABLE = (*NOT_PUBLIC_IPV4, *NOT_PUBLIC_IPV6)
# Where an IPv6 address carries an IPv4 one: the prefix, and by how many bits it stands from the end.
CARRIERS = [
    ("::", 0),
    ("::ffff:0:0", 0),
    ("::ffff:0:0:0", 0),
    ("64:ff9b::", 0),
    ("64:ff9b:1::", 0),
    ("2002::", 80),
    ("2001::", 0),
]


def near(network: Network) -> st.SearchStrategy[Address]:
    kind = type(network.network_address)
    return st.integers(int(network.network_address), int(network.broadcast_address)).map(kind)


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6), *map(near, TABLE), near(GLOBAL_UNICAST_IPV6))


@given(addresses)
def test_what_python_does_not_call_global_is_never_public(address: Address):
    assert address.is_global or not is_public(address)


@given(addresses)
def test_no_public_address_has_a_purpose_of_its_own(address: Address):
    if is_public(address):
        purposes = (address.is_multicast, address.is_reserved, address.is_unspecified, address.is_link_local)
        assert not any(purposes)


@given(st.sampled_from(CARRIERS), st.ip_addresses(v=4))
def test_an_ipv6_address_that_carries_an_ipv4_address_is_not_public(carrier: tuple[str, int], inner: IPv4Address):
    prefix, shift = carrier
    assert not is_public(IPv6Address(int(IPv6Address(prefix)) | (int(inner) << shift)))


@pytest.mark.parametrize("network", TABLE, ids=str)
def test_a_network_of_the_table_is_not_public_from_its_first_address_to_its_last(network: Network):
    assert not is_public(network[0])
    assert not is_public(network[-1])


def neighbours() -> Iterator[Address]:
    for network in TABLE:
        for number in (int(network[0]) - 1, int(network[-1]) + 1):
            if 0 <= number < 1 << network.max_prefixlen:
                yield type(network.network_address)(number)


@pytest.mark.parametrize("address", sorted(set(neighbours()), key=lambda address: (address.version, address)), ids=str)
def test_the_table_takes_no_address_more_than_its_networks(address: Address):
    inside = any(address in network for network in TABLE) or (
        address.version == 6 and address not in GLOBAL_UNICAST_IPV6
    )
    assert is_public(address) is not inside


@pytest.mark.parametrize(
    "text",
    [
        *("0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254"),
        *("172.16.0.1", "172.31.255.255", "192.0.0.170", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1"),
        *("192.168.0.1", "192.175.48.6", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1"),
        *("239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b:1::1", "100::1", "100:0:0:1::1", "2001::1", "2001:2::1", "2001:10::1", "2001:1ff::1"),
        *("2001:db8::1", "2002:7f00:1::", "2620:4f:8000::1", "3fff::1", "4000::1", "5f00::1", "fc00::1"),
        *("fd00:ec2::254", "fe80::1", "fe80::1%eth0", "2600::1%eth0", "fec0::1", "ff02::1"),
    ],
)
def test_an_address_that_is_nobodys_web_server_is_not_public(text: str):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
        *(
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
        ),
        *("198.17.255.255", "198.20.0.0", "223.255.255.255"),
        *(
            "2000::",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2003::1",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "3ffd::1",
        ),
    ],
)
def test_an_address_of_the_public_internet_is_public(text: str):
    assert is_public(ip_address(text))
