"""The secrets that deliveries are signed with."""

from __future__ import annotations


def secret_about(company_id: int, subscription_id: int) -> str:
    """What a subscription's secret is sealed for (see `kronika.sealing`)."""
    return f"webhook subscription {company_id}/{subscription_id}"
