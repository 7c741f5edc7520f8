"""With https the receiver is who the URL says, or nothing is sent."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from support.receivers import LOOPBACK, OK, Names, Way, answering, receiver, staying

from kronika.hosts import AllowedHosts
from kronika.outgoing.sending import Outcome, Sender, trust

HOST = "hooks.example.com"

# On each of the two loops.
pytestmark = pytest.mark.asyncio(loop_scope="module")


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


async def sent_to(
    tls: ssl.SSLContext | None, trusting: ssl.SSLContext, *, host: str = HOST, answer: bytes = OK
) -> tuple[Outcome, int]:
    """The outcome, and how many requests the receiver has read."""
    sender = Sender(LOOPBACK, tls=trusting, resolve=Names("93.184.215.14"), connect=Way())
    async with receiver(answering(answer), tls=tls) as there:
        outcome = await sender.send(f"https://{host}:{there.port}/", {}, b"{}")
        return outcome, len(there.visits)


@pytest.mark.parametrize("host", [HOST, "127.0.0.1", "93.184.215.14"])
async def test_a_certificate_of_the_host_is_good(authority: trustme.CA, trusting: ssl.SSLContext, host: str):
    outcome, visits = await sent_to(serving(authority.issue_cert(host)), trusting, host=host)
    assert outcome.delivered
    assert visits == 1


async def test_the_name_is_told_to_the_receiver_who_may_have_many(authority: trustme.CA, trusting: ssl.SSLContext):
    names: list[str | None] = []
    tls = serving(authority.issue_cert(HOST))
    tls.sni_callback = lambda _, name, __: names.append(name)
    outcome, _ = await sent_to(tls, trusting)
    assert outcome.delivered
    assert names == [HOST]


def expired(authority: trustme.CA) -> trustme.LeafCert:
    now = datetime.now(UTC)
    return authority.issue_cert(HOST, not_before=now - timedelta(days=2), not_after=now - timedelta(days=1))


@pytest.mark.parametrize(
    "issue",
    [
        lambda authority: authority.issue_cert("other.example.com"),
        lambda authority: authority.issue_cert("127.0.0.1", "93.184.215.14"),
        lambda authority: authority.issue_cert("*.com"),
        lambda authority: authority.issue_cert(common_name=HOST),
        lambda _: trustme.CA().issue_cert(HOST),
        expired,
    ],
    ids=["another name", "only the address", "too wide", "only the common name", "nobody we trust", "expired"],
)
async def test_another_certificate_is_not_sent_to(
    authority: trustme.CA, trusting: ssl.SSLContext, issue: Callable[[trustme.CA], trustme.LeafCert]
):
    outcome, visits = await sent_to(serving(issue(authority)), trusting)
    assert (outcome.result, outcome.status, visits) == ("tls_failed", None, 0)


async def test_a_receiver_without_tls_is_not_sent_to(trusting: ssl.SSLContext):
    sender = Sender(AllowedHosts.parse("127.0.0.1"), tls=trusting, deadline=0.2)
    async with receiver(answering(OK)) as there:
        outcome = await sender.send(f"https://127.0.0.1:{there.port}/", {}, b"{}")
        assert not there.visits
    assert outcome.result == "timeout"


async def test_tls_older_than_1_2_is_not_sent_to(authority: trustme.CA, trusting: ssl.SSLContext):
    tls = serving(authority.issue_cert(HOST))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        tls.minimum_version = tls.maximum_version = ssl.TLSVersion.TLSv1_1
    tls.set_ciphers("ALL:@SECLEVEL=0")
    outcome, visits = await sent_to(tls, trusting)
    assert (outcome.result, visits) == ("tls_failed", 0)


async def test_a_certificate_of_our_own_making_is_nothing_to_this_machine(authority: trustme.CA):
    outcome, visits = await sent_to(serving(authority.issue_cert(HOST)), trust())
    assert (outcome.result, visits) == ("tls_failed", 0)


async def test_who_hangs_up_before_tls_stands_has_refused_it(trusting: ssl.SSLContext):
    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    way = Way()
    sender = Sender(LOOPBACK, tls=trusting, resolve=Names("93.184.215.14 93.184.215.15"), connect=way)
    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        outcome = await sender.send(f"https://{HOST}:{server.sockets[0].getsockname()[1]}/", {}, b"{}")
    assert (outcome.result, way.tried) == ("tls_failed", ["93.184.215.14"])


async def test_nobody_listening_is_a_failed_connection_with_tls_too(trusting: ssl.SSLContext):
    way = Way()
    sender = Sender(LOOPBACK, tls=trusting, resolve=Names("93.184.215.14 93.184.215.15"), connect=way)
    async with receiver(answering(OK)) as there:
        pass
    outcome = await sender.send(f"https://{HOST}:{there.port}/", {}, b"{}")
    assert (outcome.result, len(way.tried)) == ("connection_failed", 2)


async def test_a_receiver_that_speaks_without_tls_has_refused_it(trusting: ssl.SSLContext):
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 The plain HTTP request was sent to HTTPS port\r\n\r\n")
        writer.close()

    sender = Sender(LOOPBACK, tls=trusting, resolve=Names("93.184.215.14"), connect=Way())
    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        outcome = await sender.send(f"https://{HOST}:{server.sockets[0].getsockname()[1]}/", {}, b"{}")
    assert (outcome.result, outcome.status) == ("tls_failed", None)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n{}"])
async def test_an_answer_may_end_with_a_connection_that_takes_no_leave(
    authority: trustme.CA, trusting: ssl.SSLContext, answer: bytes
):
    outcome, _ = await sent_to(serving(authority.issue_cert(HOST)), trusting, answer=answer)
    assert outcome.delivered


async def test_this_machine_verifies_certificates_and_names():
    context = trust()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_a_receiver_that_never_takes_its_leave_holds_nobody_up(authority: trustme.CA, trusting: ssl.SSLContext):
    sender = Sender(AllowedHosts.parse("127.0.0.1"), tls=trusting)
    async with receiver(staying(OK), tls=serving(authority.issue_cert("127.0.0.1"))) as there:
        outcome = await sender.send(f"https://127.0.0.1:{there.port}/", {}, b"{}")
        await there.left.wait()
    assert outcome.delivered
