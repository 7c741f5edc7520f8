"""Lookup ids that requests may name; their labels come with the lookups themselves."""

from __future__ import annotations

DELIVERY_METHOD_IDS = frozenset(range(1, 7))
PAYMENT_METHOD_IDS = frozenset(range(1, 7))
CURRENCY_IDS = frozenset(range(1, 34))
LANGUAGE_IDS = frozenset(range(1, 20))
