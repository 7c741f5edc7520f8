"""What tests share. Its asserts show their values too."""

import pytest

pytest.register_assert_rewrite(
    "support.api",
    "support.contract",
    "support.contract_bodies",
    "support.document_lists",
    "support.errors",
    "support.idempotency",
    "support.server",
    "support.values",
)
