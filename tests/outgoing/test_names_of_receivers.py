"""Names that lead somewhere else, to several places, to nowhere, or nobody tells where."""

from __future__ import annotations

import asyncio
import threading
from ipaddress import IPv4Address, ip_address

import pytest
from support.receivers import OK, Names, Way, answering, receiver

from kronika.hosts import Address, AllowedHosts
from kronika.outgoing.resolving import Resolver, look_up
from kronika.outgoing.sending import Sender
from kronika.outgoing.urls import parse_url

NOTHING = AllowedHosts()
PUBLIC, OTHER = "93.184.215.14", "2606:4700:4700::1111"
URL = "https://hooks.example.com/"

# On each of the two loops.
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def sent(names: Names, way: Way, *, allowed: str = "", url: str = URL, deadline: float = 10.0) -> str:
    sender = Sender(AllowedHosts.parse(allowed), resolve=names, connect=way, deadline=deadline)
    return (await sender.send(url, {}, b"{}")).result


@pytest.mark.parametrize(
    "answer",
    [
        *("127.0.0.1", "10.0.0.1", "100.64.0.1", "169.254.169.254", "0.0.0.0", "::1", "::ffff:127.0.0.1", "fe80::1%1"),
        *("64:ff9b::7f00:1", "2002:7f00:1::"),
        *(f"{PUBLIC} 10.0.0.1", f"10.0.0.1 {PUBLIC}", f"{OTHER} ::1", f"{PUBLIC} ::ffff:{PUBLIC}"),
    ],
)  # fmt: skip
async def test_a_name_with_an_address_that_is_not_public_is_not_connected_to(answer: str):
    way = Way()
    assert await sent(Names(answer), way) == "refused_address"
    assert not way.tried


async def test_a_name_is_resolved_once_and_connected_where_it_was_checked():
    names, way = Names(f"{PUBLIC} {OTHER}", "127.0.0.1"), Way(refusing=f"{PUBLIC} {OTHER}")
    assert await sent(names, way) == "connection_failed"
    assert (names.asked, way.tried) == (["hooks.example.com"], [PUBLIC, OTHER])
    # The next attempt asks anew, and sees what has become of the name.
    assert await sent(names, way) == "refused_address"
    assert way.tried == [PUBLIC, OTHER]


async def test_an_address_in_the_url_is_not_asked_for():
    names, way = Names("127.0.0.1"), Way(refusing=PUBLIC)
    assert await sent(names, way, url=f"https://{PUBLIC}/") == "connection_failed"
    assert (names.asked, way.tried) == ([], [PUBLIC])


async def test_a_name_without_an_address_is_unresolvable():
    way = Way()
    assert await sent(Names(""), way) == "unresolvable"
    assert not way.tried


@pytest.mark.parametrize("allowed", ["hooks", "10.0.0.0/8,192.168.1.1"])
async def test_an_allowed_name_may_have_any_address_and_an_allowed_network_any_name(allowed: str):
    url = "http://hooks" if allowed == "hooks" else "https://hooks.example.com"
    way = Way(refusing="10.0.0.1 192.168.1.1")
    assert await sent(Names("10.0.0.1 192.168.1.1"), way, allowed=allowed, url=url) == "connection_failed"
    assert way.tried == ["10.0.0.1", "192.168.1.1"]
    if allowed != "hooks":
        assert await sent(Names("10.0.0.1 192.168.1.2"), way, allowed=allowed, url=url) == "refused_address"


@pytest.mark.parametrize("first", ["refusing", "swallowing"])
async def test_an_address_that_does_not_answer_leaves_time_for_the_next(first: str):
    way = Way(**{first: PUBLIC})
    async with receiver(answering(OK)) as there:
        url = f"http://hooks:{there.port}/"
        names = Names(f"{PUBLIC} 127.0.0.1")
        # The first of two addresses has half of the time at most.
        assert await sent(names, way, allowed="hooks", url=url, deadline=1.0) == "delivered"
    assert way.tried == [PUBLIC, "127.0.0.1"]


async def test_addresses_that_all_swallow_take_no_longer_than_the_deadline():
    answer = [f"93.184.215.{n}" for n in range(1, 30)]
    way = Way(swallowing=" ".join(answer))
    assert await sent(Names(" ".join(answer)), way, deadline=0.2) == "timeout"
    # Each has a quarter of it; on a busy machine not even all four get their turn.
    assert way.tried == answer[: len(way.tried)]
    assert 1 < len(way.tried) <= 4


@pytest.mark.parametrize(
    ("answer", "inside"), [(PUBLIC, False), ("10.0.0.1", True), (f"{PUBLIC} 10.0.0.1", True), ("", False)]
)
async def test_who_saves_a_url_learns_whether_its_name_leads_inside(answer: str, inside: bool):
    url = parse_url(URL, NOTHING)
    assert url is not None
    assert await Sender(NOTHING, resolve=Names(answer)).leads_inside(url, seconds=10) is inside
    allowed = AllowedHosts.parse("10.0.0.0/8")
    assert await Sender(allowed, resolve=Names(answer)).leads_inside(url, seconds=10) is False


class Hanging:
    """A name server that tells nothing about some names until it is let."""

    def __init__(self, *hanging: str) -> None:
        self.hanging = set(hanging)
        self.asked: list[str] = []
        self.go = threading.Event()

    def __call__(self, name: str) -> list[Address]:
        self.asked.append(name)
        if name in self.hanging and not self.go.wait(30):
            raise AssertionError("nobody let it go")
        return [IPv4Address("127.0.0.1")]


async def test_a_name_server_that_hangs_is_a_timeout_and_holds_one_thread_only():
    server = Hanging("hooks.example.com")
    sender = Sender(NOTHING, resolve=Resolver(server), deadline=0.05)
    try:
        for _ in range(3):
            assert (await sender.send(URL, {}, b"{}")).result == "timeout"
        url = parse_url(URL, NOTHING)
        assert url is not None
        assert await sender.leads_inside(url, seconds=0.05) is False
        assert server.asked == ["hooks.example.com"]
    finally:
        server.go.set()
    patient = Sender(NOTHING, resolve=sender._resolve)
    assert (await patient.send(URL, {}, b"{}")).result == "refused_address"


async def test_lookups_never_have_more_threads_than_they_may():
    server = Hanging("a", "b", "c")
    resolver = Resolver(server, threads=2)
    waiting = [asyncio.create_task(resolver(name)) for name in ("a", "b", "c", "d")]
    await asyncio.sleep(0.05)
    assert sorted(server.asked) == ["a", "b"]
    server.go.set()
    assert await asyncio.gather(*waiting) == [[IPv4Address("127.0.0.1")]] * 4
    assert sorted(server.asked) == ["a", "b", "c", "d"]


async def test_names_that_were_slow_wait_among_their_like():
    server = Hanging()
    resolver = Resolver(server, threads=1, threads_for_the_slow=1, slow_seconds=0)
    await resolver("slow")
    await resolver("slower")
    server.hanging = {"slow", "slower"}
    waiting = [asyncio.create_task(resolver(name)) for name in ("slow", "slower")]
    await asyncio.sleep(0)
    try:
        # There is one thread for those who are not known to be slow, and it is free.
        async with asyncio.timeout(10):
            assert await resolver("quick") == [IPv4Address("127.0.0.1")]
        assert server.asked == ["slow", "slower", "slow", "quick"]
    finally:
        server.go.set()
    await asyncio.gather(*waiting)


async def test_who_waits_for_one_name_together_is_told_the_same():
    server = Hanging("a")
    resolver = Resolver(server)
    waiting = [asyncio.create_task(resolver("a")) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    server.go.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1:] == [[IPv4Address("127.0.0.1")]] * 4
    assert server.asked == ["a"]


async def test_what_goes_wrong_in_a_lookup_is_told_to_who_waits():
    def fail(name: str) -> list[Address]:
        raise OSError(name)

    with pytest.raises(OSError, match="a"):
        await Resolver(fail)("a")


async def test_this_machine_resolves_names_as_it_does():
    assert look_up("127.0.0.1") == [IPv4Address("127.0.0.1")]
    assert look_up("::1") == [ip_address("::1")]
    assert set(look_up("localhost")) <= {IPv4Address("127.0.0.1"), ip_address("::1")}
