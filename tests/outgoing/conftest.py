from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

import pytest
import trustme
import uvloop
from support.receivers import LOOPBACK

from kronika.outgoing.sending import Sender, trust


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The workers run on uvloop, whose transports have ways of their own; other programs on asyncio's."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """As a sender's machine trusts, and this authority too."""
    context = trust()
    authority.configure_trust(context)
    return context


@pytest.fixture
def sender(trusting: ssl.SSLContext) -> Sender:
    """Allowed to send to loopback. Its deadline is the real one: what a test waits for comes before it."""
    return Sender(LOOPBACK, tls=trusting)


@pytest.fixture
def impatient(trusting: ssl.SSLContext) -> Sender:
    return Sender(LOOPBACK, tls=trusting, deadline=0.2)
