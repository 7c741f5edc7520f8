"""The safe sender: a POST to wherever a customer says, which must not become a way into the operator's network."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from kronika.hosts import Address, AllowedHosts
from kronika.outgoing.exchange import Exchange, request_bytes
from kronika.outgoing.resolving import NotPublic, Resolve, Resolver, checked_addresses
from kronika.outgoing.urls import Url, parse_url

DEADLINE_SECONDS: Final = 10.0
"""From the resolution of the name to the last byte of the answer."""
MOST_ADDRESSES_TRIED: Final = 4

Result: TypeAlias = Literal[
    "delivered",  # 2xx
    "redirected",  # 3xx, which is not followed
    "status",  # Another status.
    "refused_url",  # By the rules of today, which may be stricter than when it was saved.
    "refused_address",  # An address of the host is not public.
    "unresolvable",
    "connection_failed",
    "tls_failed",  # No TLS, a version too old, or a certificate that is not the host's.
    "answer_broken",  # No HTTP, none at all, or it ended early.
    "timeout",
    "not_sent",  # Something is wrong here, and in the log.
]

Connect: TypeAlias = Callable[[Exchange, Url, Address, ssl.SSLContext | None], Awaitable[asyncio.Transport]]
"""Connects the exchange with this very address, TLS included. Raises OSError; ssl.SSLError where TLS is to blame."""


class Outcome(Struct, frozen=True):
    """What became of one attempt. `status` is there with delivered, redirected and status."""

    result: Result
    status: int | None
    milliseconds: int

    @property
    def delivered(self) -> bool:
        """Whether nothing needs to be sent again."""
        return self.result == "delivered"


class _Undelivered(Exception):
    def __init__(self, result: Result) -> None:
        super().__init__(result)
        self.result: Result = result


def trust() -> ssl.SSLContext:
    """What this machine trusts, with TLS 1.2 or newer. Takes some 25 ms: one is made for all connections."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # RFC 9525, section 2: a name stands in subjectAltName, or it is none.
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(["http/1.1"])
    return context


async def connect(exchange: Exchange, url: Url, address: Address, tls: ssl.SSLContext | None) -> asyncio.Transport:
    """See `Connect`. An address in digits is not resolved again; a proxy in the environment is nothing to asyncio."""
    loop = asyncio.get_running_loop()
    if tls is None:
        transport, _ = await loop.create_connection(lambda: exchange, str(address), url.port)
        return transport
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 - IPv4
    # With the protocol named, asyncio sees that it is TCP, and does not wait to fill packets (TCP_NODELAY).
    connection = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        connection.setblocking(False)
        await loop.sock_connect(connection, (str(address), url.port))
    except BaseException:
        connection.close()
        raise
    try:
        transport, _ = await loop.create_connection(
            lambda: exchange, sock=connection, ssl=tls, server_hostname=url.host
        )
    except ssl.SSLError:
        raise
    except OSError as error:  # Hung up in the middle: a way to say no, and no reason to try another address.
        raise ssl.SSLError(*error.args) from error
    return transport


class Sender:
    """Sends to URLs that nobody has to trust. One for an event loop: it keeps what is dear to make."""

    def __init__(
        self,
        allowed: AllowedHosts,
        *,
        deadline: float = DEADLINE_SECONDS,
        resolve: Resolve | None = None,
        connect: Connect = connect,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`deadline` in seconds; `tls` = which certificates are trusted, by default those that this machine trusts."""
        self.allowed = allowed
        self._deadline = deadline
        self._resolve = resolve or Resolver()
        self._connect = connect
        self._tls = tls or trust()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """One attempt. Whatever the receiver does, there is an outcome by the deadline.

        Raises ValueError: a header that cannot be sent (see `request_bytes`).
        """
        started = asyncio.get_running_loop().time()
        status = None
        try:
            status = await self._attempt(url, headers, body)
            result = _meaning(status)
        except _Undelivered as failure:
            result = failure.result
        passed = asyncio.get_running_loop().time() - started
        return Outcome(result, status, round(passed * 1000))

    async def leads_inside(self, url: Url, *, seconds: float) -> bool:
        """Whether the host has an address that is not public, as far as it can be told within so many seconds.

        For whoever saves a URL. A name that does not resolve today may resolve tomorrow, and each attempt looks again.
        """
        try:
            async with asyncio.timeout(seconds):
                await checked_addresses(url, self.allowed, self._resolve)
        except NotPublic:
            return True
        except OSError:  # TimeoutError is one.
            return False
        return False

    async def _attempt(self, value: str, headers: Mapping[str, str], body: bytes) -> int:
        url = parse_url(value, self.allowed)
        if url is None:
            raise _Undelivered("refused_url")
        request = request_bytes(url, headers, body)
        transport: asyncio.Transport | None = None
        try:
            async with asyncio.timeout(self._deadline) as whole:
                addresses = await self._addresses(url)
                exchange, transport = await self._connected(url, addresses, request, whole)
                status = await exchange.status
        except TimeoutError:
            raise _Undelivered("timeout") from None
        finally:
            # Not close(): with TLS that waits for the other side's leave.
            if transport is not None:
                transport.abort()
        if status is None:
            raise _Undelivered("answer_broken")
        return status

    async def _addresses(self, url: Url) -> Sequence[Address]:
        try:
            return await checked_addresses(url, self.allowed, self._resolve)
        except NotPublic:
            raise _Undelivered("refused_address") from None
        except OSError:
            raise _Undelivered("unresolvable") from None

    async def _connected(
        self, url: Url, addresses: Sequence[Address], request: bytes, whole: asyncio.Timeout
    ) -> tuple[Exchange, asyncio.Transport]:
        tls = self._tls if url.scheme == "https" else None
        tried = addresses[:MOST_ADDRESSES_TRIED]
        for others, address in zip(range(len(tried) - 1, -1, -1), tried, strict=True):
            exchange = Exchange(request)
            try:
                # An address that swallows everything leaves the others their part of the time.
                async with asyncio.timeout(_part(whole, others)):
                    return exchange, await self._connect(exchange, url, address, tls)
            except ssl.SSLError:
                raise _Undelivered("tls_failed") from None
            except OSError:  # TimeoutError is one.
                continue
        raise _Undelivered("connection_failed")


def _part(whole: asyncio.Timeout, others: int) -> float | None:
    """Seconds for one address when so many others follow; None for the last, which has what is left."""
    end = whole.when()
    if not others or end is None:
        return None
    return (end - asyncio.get_running_loop().time()) / (others + 1)


def _meaning(status: int) -> Result:
    match status // 100:
        case 2:
            return "delivered"
        case 3:
            return "redirected"
        case _:
            return "status"
