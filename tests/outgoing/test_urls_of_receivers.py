"""What may be the URL of a webhook, before anybody has looked its host up."""

from __future__ import annotations

import string
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.urls import NO_HOSTS, NO_PLAIN_HTTPS, NO_PUBLIC_HOSTS

from kronika.errors import Complaint, Complaints
from kronika.hosts import AllowedHosts
from kronika.outgoing.addresses import is_public
from kronika.outgoing.urls import Url, parse_url, read_url

NOTHING = AllowedHosts()
SOME = AllowedHosts.parse("localhost, hooks, 127.0.0.0/8,::1, 10.1.2.3")


def complaint(value: str, allowed: AllowedHosts = NOTHING) -> Complaint:
    complaints = Complaints()
    assert read_url(value, allowed, "url", complaints) is None
    assert parse_url(value, allowed) is None
    assert list(complaints) == ["url"]
    [found] = complaints["url"]
    return found


@pytest.mark.parametrize(
    ("value", "host", "port", "target", "authority"),
    [
        ("https://hooks.example.com", "hooks.example.com", 443, "/", "hooks.example.com"),
        ("https://hooks.example.com/a/b?c=d&e", "hooks.example.com", 443, "/a/b?c=d&e", "hooks.example.com"),
        ("https://hooks.example.com?c=/d?e", "hooks.example.com", 443, "/?c=/d?e", "hooks.example.com"),
        ("HTTPS://Hooks.Example.COM:443/A", "hooks.example.com", 443, "/A", "hooks.example.com"),
        ("https://hooks.example.com:8443/", "hooks.example.com", 8443, "/", "hooks.example.com:8443"),
        ("https://hooks.example.com:80/", "hooks.example.com", 80, "/", "hooks.example.com:80"),
        ("https://xn--aj-dma.sk/%C4%8Daj", "xn--aj-dma.sk", 443, "/%C4%8Daj", "xn--aj-dma.sk"),
        ("https://1.example.com:65535", "1.example.com", 65535, "/", "1.example.com:65535"),
        ("https://8.8.8.8/@a:b@c", "8.8.8.8", 443, "/@a:b@c", "8.8.8.8"),
        ("https://[2A00:1450::1]:1/", "2a00:1450::1", 1, "/", "[2a00:1450::1]:1"),
        ("https://mylocal.sk//evil.example", "mylocal.sk", 443, "//evil.example", "mylocal.sk"),
    ],
)
def test_a_public_https_url_is_read(value: str, host: str, port: int, target: str, authority: str):
    try:
        address = ip_address(host)
    except ValueError:
        address = None
    assert parse_url(value, NOTHING) == Url("https", host, address, port, target, authority)


@pytest.mark.parametrize(("value", "code"), NO_PLAIN_HTTPS)
def test_what_is_no_plain_https_url_is_refused(value: str, code: str):
    assert complaint(value).code == code


@pytest.mark.parametrize("host", NO_HOSTS)
def test_a_host_that_is_neither_a_name_nor_an_address_as_it_is_usually_written_is_refused(host: str):
    found = complaint(f"https://{host}/", AllowedHosts.parse("0.0.0.0/0,::/0"))
    assert found.code in {"url_host", "url_port"}
    if ":" not in host:
        assert found.code == "url_host"


@pytest.mark.parametrize("host", NO_PUBLIC_HOSTS)
def test_a_host_that_is_not_on_the_public_internet_is_refused(host: str):
    assert complaint(f"https://{host}/").code == "url_public"


def test_a_url_has_at_most_2048_characters():
    longest = "https://a.example/".ljust(2048, "a")
    assert parse_url(longest, NOTHING) is not None
    assert complaint(longest + "a") == Complaint("characters_at_most", 2048)


@given(st.ip_addresses())
def test_an_address_is_accepted_exactly_when_it_is_public(address: IPv4Address | IPv6Address):
    host = f"[{address}]" if address.version == 6 else str(address)
    url = parse_url(f"https://{host}/", NOTHING)
    assert (url is not None) is is_public(address)
    assert url is None or (url.address, url.host) == (address, str(address))


@given(st.text(alphabet=string.ascii_letters + string.digits + ".:/?#@[]%\\-_ \té。１", max_size=30))
@example("a.example:443@b.example/")
@example("a.example/..//@b.example")
@example("a.example?@b.example")
def test_whatever_is_accepted_python_reads_in_the_same_way(rest: str):
    url = parse_url(f"https://{rest}", NOTHING)
    if url is not None:
        parts = urlsplit(f"https://{rest}")
        assert (parts.hostname, parts.port or 443) == (url.host, url.port)
        assert (parts.username, parts.password, parts.fragment) == (None, None, "")
        assert url.target in {rest[rest.find(c) :] for c in "/?"} | {"/", f"/{rest[rest.find('?') :]}"}
        assert not set(url.target + url.authority) & set(" \t\r\n\\")


@pytest.mark.parametrize(
    ("value", "port"),
    [
        *(("http://localhost/", 80), ("http://LocalHost:9000/a?b", 9000), ("https://localhost/", 443)),
        *(("http://hooks/", 80), ("http://127.0.0.1/", 80), ("http://127.9.9.9:1/", 1), ("http://[::1]:8080/", 8080)),
        ("https://10.1.2.3/", 443),
    ],
)  # fmt: skip
def test_for_an_allowed_host_neither_https_nor_a_public_address_is_asked(value: str, port: int):
    url = parse_url(value, SOME)
    assert url is not None
    assert url.port == port
    assert parse_url(value, NOTHING) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *(("http://a.example/", "url_https"), ("http://a.localhost/", "url_https"), ("http://8.8.8.8/", "url_https")),
        *(("http://10.1.2.4/", "url_https"), ("https://10.1.2.4/", "url_public")),
        *(("http://localhost./", "url_host"), ("http://127.1/", "url_host"), ("http://localhost:0/", "url_port")),
        *(("http://me@localhost/", "url_credentials"), ("http://localhost/#a", "url_fragment")),
        ("ftp://localhost/", "url_https"),
    ],
)  # fmt: skip
def test_what_else_is_asked_is_asked_of_an_allowed_host_too(value: str, code: str):
    assert complaint(value, SOME).code == code


def test_an_ipv4_address_in_an_ipv6_one_is_refused_though_all_networks_are_allowed():
    everything = AllowedHosts.parse("0.0.0.0/0,::/0")
    assert not everything.allows(IPv6Address("::ffff:127.0.0.1"))
    assert parse_url(f"http://[{IPv6Address('::ffff:127.0.0.1')}]/", everything) is None


def test_the_list_of_allowed_hosts_has_names_addresses_and_networks():
    assert AllowedHosts.parse("") == AllowedHosts.parse(" , ") == NOTHING
    allowed = AllowedHosts.parse(" Hooks.Example.COM ,10.0.0.0/8,,192.168.1.1, fd00::/8 ")
    assert allowed.names == {"hooks.example.com"}
    assert [str(network) for network in allowed.networks] == ["10.0.0.0/8", "192.168.1.1/32", "fd00::/8"]


@pytest.mark.parametrize(
    "entry", ["10.0.0.1/8", "127.1", "2130706433", "*.example", "http://a.example", "a.example:80", "a b"]
)
def test_an_entry_that_is_none_of_the_three_is_an_error(entry: str):
    with pytest.raises(ValueError, match="is no host name, address or network"):
        AllowedHosts.parse(f"localhost,{entry}")
