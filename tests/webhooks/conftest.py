from __future__ import annotations

import ssl

import pytest
import trustme
from support.receivers import LOOPBACK

from kronika.webhooks.sending import Sender


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """What a sender's machine trusts: this authority, and nobody else."""
    context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@pytest.fixture
def sender(trusting: ssl.SSLContext) -> Sender:
    """Allowed to send to loopback. Its deadline is the real one: what a test waits for comes before it."""
    return Sender(LOOPBACK, tls=trusting)


@pytest.fixture
def impatient(trusting: ssl.SSLContext) -> Sender:
    return Sender(LOOPBACK, tls=trusting, deadline=0.2)
