"""A sealed secret opens only with its installation's key, for what it was sealed for, and as it was sealed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kronika.sealing import SealBroken, Sealer

SEALER = Sealer("one secret key that is long enough for it")


@given(secret=st.binary(max_size=100), about=st.text(max_size=30))
def test_what_is_sealed_opens_again(secret: bytes, about: str):
    assert SEALER.open(SEALER.seal(secret, about), about) == secret


def test_the_same_secret_is_sealed_differently_each_time_and_never_shows():
    sealed = {SEALER.seal(b"whsec_secret", "here") for _ in range(10)}
    assert len(sealed) == 10
    assert not any(b"whsec" in value or b"secret" in value for value in sealed)


@pytest.mark.parametrize("other", ["there", "", "here "])
def test_it_does_not_open_for_something_else(other: str):
    with pytest.raises(SealBroken):
        SEALER.open(SEALER.seal(b"whsec_secret", "here"), other)


def test_it_does_not_open_with_another_key():
    with pytest.raises(SealBroken):
        Sealer("another secret key that is long enough").open(SEALER.seal(b"whsec_secret", "here"), "here")


@given(position=st.integers(0, 40), bit=st.integers(0, 7))
def test_a_changed_bit_is_noticed(position: int, bit: int):
    sealed = bytearray(SEALER.seal(b"whsec_secret", "here"))
    sealed[position % len(sealed)] ^= 1 << bit
    with pytest.raises(SealBroken):
        SEALER.open(bytes(sealed), "here")


@pytest.mark.parametrize("length", range(0, 41, 4))
def test_what_is_cut_short_does_not_open(length: int):
    with pytest.raises(SealBroken):
        SEALER.open(SEALER.seal(b"whsec_secret", "here")[:length], "here")
