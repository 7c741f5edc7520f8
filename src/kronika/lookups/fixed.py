"""Lookup ids that requests may name."""

from __future__ import annotations

from kronika.lookups.currencies import CURRENCIES
from kronika.lookups.delivery_methods import DELIVERY_METHOD_IDS as _DELIVERY
from kronika.lookups.languages import LANGUAGE_CODES
from kronika.lookups.payment_methods import PAYMENT_METHOD_IDS as _PAYMENT

DELIVERY_METHOD_IDS = frozenset(_DELIVERY)
PAYMENT_METHOD_IDS = frozenset(_PAYMENT)
CURRENCY_IDS = frozenset(CURRENCIES)
LANGUAGE_IDS = frozenset(LANGUAGE_CODES)
