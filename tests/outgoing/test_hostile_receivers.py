"""Receivers that are slow, endless, broken or gone: there is an outcome by the deadline, and no connection is left."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from support.receivers import OK, Visit, answering, receiver, staying

from kronika.outgoing.exchange import LARGEST_ANSWER
from kronika.outgoing.sending import Sender

HEADERS = {"content-type": "application/json"}

# On each of the two loops.
pytestmark = pytest.mark.asyncio(loop_scope="module")


def dripping(first: bytes, drop: bytes) -> Callable[[Visit], Awaitable[None]]:
    async def behave(visit: Visit) -> None:
        await visit.say(first)
        while not visit.writer.is_closing():
            await visit.say(drop)
            await asyncio.sleep(0.005)

    return behave


@pytest.mark.parametrize(
    "behaviour",
    [
        staying(),
        staying(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"),
        staying(b"HTTP/1.1 200 OK\r\n\r\nno length, and no end"),
        dripping(b"HTTP/1.1 200 OK\r\nX-Drip: ", b"a"),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-Drip: a\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n", b"a"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        dripping(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    ],
    ids=["silent", "last byte", "no end", "header", "headers", "body", "chunks", "informational"],
)
async def test_the_deadline_is_for_the_last_byte_however_many_come_before(
    impatient: Sender, behaviour: Callable[[Visit], Awaitable[None]]
):
    async with receiver(behaviour) as there:
        outcome = await impatient.send(there.url, HEADERS, b"{}")
        await there.left.wait()
    assert (outcome.result, outcome.status) == ("timeout", None)


async def test_a_receiver_that_does_not_even_accept_is_a_timeout(impatient: Sender):
    # With a backlog of one the second connection finds no place any more, and its first packet no answer.
    with socket.create_server(("127.0.0.1", 0), backlog=1) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        outcomes = await asyncio.gather(*(impatient.send(url, HEADERS, b"{}") for _ in range(4)))
    assert {outcome.result for outcome in outcomes} == {"timeout"}


@pytest.mark.parametrize(
    ("status", "result"), [(b"200 OK", "delivered"), (b"500 No", "status"), (b"302 Go", "redirected")]
)
@pytest.mark.parametrize("framing", [b"Content-Length: 10000000000", b"Transfer-Encoding: chunked", b"X-Length: none"])
async def test_of_an_endless_body_the_beginning_is_read_and_the_status_counts(
    sender: Sender, status: bytes, result: str, framing: bytes
):
    async def behave(visit: Visit) -> None:
        await visit.say(b"HTTP/1.1 %s\r\n%s\r\n\r\n" % (status, framing))
        while True:
            await visit.say(b"1000\r\n" + bytes(0x1000) + b"\r\n")

    async with receiver(behave) as there:
        outcome = await sender.send(there.url, HEADERS, b"{}")
        await there.left.wait()
    assert (outcome.result, outcome.status) == (result, int(status[:3]))


@pytest.mark.parametrize("length", [LARGEST_ANSWER - 100, LARGEST_ANSWER - 1, LARGEST_ANSWER])
async def test_not_a_byte_more_than_16_kib_is_waited_for(sender: Sender, length: int):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"

    async def behave(visit: Visit) -> None:
        await visit.say(head + bytes(length - len(head)))
        await (visit.hang() if length == LARGEST_ANSWER else asyncio.sleep(0))

    async with receiver(behave) as there:
        outcome = await sender.send(there.url, HEADERS, b"{}")
    assert outcome.result == ("delivered" if length == LARGEST_ANSWER else "answer_broken")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked, what\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n" + OK,
        b"HTTP/1.1 000 No\r\n\r\n",
        b"HTTP/1.1 20 No\r\n\r\n",
        b"HTTP/1.1 2000 No\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Null: \0\r\n\r\n",
        b"200 OK\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST / HTTP/1.1\r\nHost: a\r\n\r\n",
        bytes(range(256)) * 100,
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 2 * LARGEST_ANSWER,
        b"HTTP/1.1 102 Processing\r\n\r\n" * 2000 + OK,
        b"\r\n" * LARGEST_ANSWER,
    ],
)
async def test_what_is_no_whole_answer_of_http_is_broken(sender: Sender, answer: bytes):
    async with receiver(answering(answer)) as there:
        outcome = await sender.send(there.url, HEADERS, b"{}")
    assert (outcome.result, outcome.status) == ("answer_broken", None)


@pytest.mark.parametrize(
    "before", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", b"HTTP/1.1 200 OK\r\n\r\nhell"]
)
async def test_a_reset_is_no_end_of_an_answer(sender: Sender, before: bytes):
    async def behave(visit: Visit) -> None:
        await visit.say(before)
        connection = visit.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        visit.writer.transport.abort()

    async with receiver(behave) as there:
        outcome = await sender.send(there.url, HEADERS, b"{}")
    assert (outcome.result, outcome.status) == ("answer_broken", None)


async def test_an_answer_before_the_whole_request_was_read_counts(sender: Sender):
    left = asyncio.Event()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 413 Too large\r\nContent-Length: 0\r\n\r\n")
        with suppress(OSError):
            await reader.read()
        writer.transport.abort()
        left.set()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        outcome = await sender.send(url, HEADERS, bytes(50_000_000))
        await left.wait()
    assert (outcome.result, outcome.status) == ("status", 413)


async def test_who_gives_up_leaves_no_connection_behind(sender: Sender):
    async with receiver(staying()) as there:
        task = asyncio.create_task(sender.send(there.url, HEADERS, b"{}"))
        await there.visited.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await there.left.wait()
