"""One attempt to send: what goes out, and what the answers of well-behaved receivers mean."""

from __future__ import annotations

import pytest
from support.receivers import LOOPBACK, OK, Way, answering, receiver, staying

import kronika
from kronika.outgoing.sending import Outcome, Sender

HEADERS = {"content-type": "application/json", "webhook-id": "5c1d", "webhook-signature": "ab12"}

# On each of the two loops.
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_request_is_a_post_of_the_body_with_the_headers(sender: Sender):
    async with receiver(answering(OK)) as there:
        outcome = await sender.send(f"{there.url}/a?b=c", HEADERS, b'{"id": "5c1d"}')
        [visit] = there.visits
    assert outcome.delivered
    assert visit.body == b'{"id": "5c1d"}'
    assert visit.head.split("\r\n") == [
        "POST /hook/a?b=c HTTP/1.1",
        f"host: 127.0.0.1:{there.port}",
        f"user-agent: Kronika/{kronika.__version__}",
        "accept: */*",
        "content-type: application/json",
        "webhook-id: 5c1d",
        "webhook-signature: ab12",
        "content-length: 14",
        "connection: close",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("status", "result"),
    [
        *((200, "delivered"), (201, "delivered"), (204, "delivered"), (299, "delivered")),
        *((301, "redirected"), (302, "redirected"), (304, "redirected"), (307, "redirected"), (308, "redirected")),
        *((400, "status"), (401, "status"), (404, "status"), (410, "status"), (429, "status"), (500, "status")),
        *((503, "status"), (600, "status"), (999, "status")),
    ],
)
async def test_only_2xx_is_delivered(sender: Sender, status: int, result: str):
    # Without any length: these end with the connection, or have no body at all.
    async with receiver(answering(b"HTTP/1.1 %d Whatever\r\n\r\n" % status)) as there:
        outcome = await sender.send(there.url, HEADERS, b"{}")
    assert (outcome.result, outcome.status) == (result, status)
    assert outcome.delivered is (result == "delivered")
    assert 0 <= outcome.milliseconds < 10_000


async def test_a_redirection_is_not_followed(sender: Sender):
    async with receiver(answering(OK)) as elsewhere:
        location = elsewhere.url.encode()
        async with receiver(
            answering(b"HTTP/1.1 307 Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % location)
        ) as there:
            outcome = await sender.send(there.url, HEADERS, b"{}")
        assert (outcome.result, outcome.status) == ("redirected", 307)
        assert not elsewhere.visits


@pytest.mark.parametrize(
    "answer",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"he", b"llo"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\nabc\r\n", b"0\r\n", b"Trailer: a\r\n\r\n"),
        (b"HTTP/1.1 204 No Content\r\n\r\n",),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", OK),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\nSet-Cookie: a=b\r\nConnection: keep-alive\r\n\r\n",),
        (OK + OK,),
        tuple(OK[n : n + 1] for n in range(len(OK))),
    ],
    ids=["length", "chunked", "empty", "informational", "keep-alive", "pipelined", "in pieces"],
)
async def test_an_answer_has_ended_where_http_says_so_though_the_connection_stays(sender: Sender, answer: tuple[bytes]):
    async with receiver(staying(*answer)) as there:
        outcome = await sender.send(there.url, HEADERS, b"{}")
        # The connection is ours to close.
        await there.left.wait()
    assert outcome.delivered


@pytest.mark.parametrize(
    "headers",
    [
        *({"webhook-id": value} for value in ("a\r\nx-evil: b", "a\nb", "a\0", "č", "", " a", "a ")),
        *({name: "a"} for name in ("webhook-id\r\nx-evil", "webhook id", "webhook-id:", "", "Webhook-Id", "č")),
        *({name: "a"} for name in ("host", "Host", "content-length", "transfer-encoding", "connection", "expect")),
    ],
)
async def test_a_header_that_could_become_another_is_never_sent(sender: Sender, headers: dict[str, str]):
    async with receiver(answering(OK)) as there:
        with pytest.raises(ValueError, match="not a header to send"):
            await sender.send(there.url, headers, b"{}")
        assert not there.visits


async def test_a_proxy_in_the_environment_is_not_used(sender: Sender, monkeypatch: pytest.MonkeyPatch):
    async with receiver(answering(b"HTTP/1.1 502 Proxy\r\n\r\n")) as proxy, receiver(answering(OK)) as there:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        outcome = await sender.send(there.url, HEADERS, b"{}")
        assert not proxy.visits
    assert outcome.delivered


async def test_nobody_listening_is_a_failed_connection(sender: Sender):
    async with receiver(answering(OK)) as there:
        pass
    outcome = await sender.send(there.url, HEADERS, b"{}")
    assert outcome == Outcome("connection_failed", None, outcome.milliseconds)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1.example/", "https://10.0.0.1/", "ftp://127.0.0.1/", "http://8.8.8.8/", ""]
)
async def test_a_url_that_could_not_be_saved_any_more_is_not_connected_to(url: str):
    way = Way()
    outcome = await Sender(LOOPBACK, connect=way).send(url, HEADERS, b"{}")
    assert (outcome.result, outcome.status) == ("refused_url", None)
    assert not way.tried
