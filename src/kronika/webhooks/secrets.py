"""The secrets that deliveries are signed with: 256 bits, shown once, sealed where they are kept."""

from __future__ import annotations

import secrets
import string
from typing import Final

_PREFIX: Final = "whsec_"
_ALPHABET: Final = string.digits + string.ascii_letters
# 62^43 is the first power above 2^256.
_CHARACTERS: Final = 43


def new_secret() -> str:
    """A fresh secret. The key of its signatures is this whole text."""
    return _PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_CHARACTERS))


def secret_about(company_id: int, subscription_id: int) -> str:
    """What a subscription's secret is sealed for: moved to another subscription, it does not open."""
    return f"webhook subscription {company_id}/{subscription_id}"
