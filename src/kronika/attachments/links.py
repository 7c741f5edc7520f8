"""Addresses that let anybody who has them download one attachment, for a while.

The signature stands for company, attachment and end: whoever shows it was given it by us, so nothing else is asked.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final

from msgspec import Struct

from kronika.attachments.models import AttachmentRow, AttachmentView
from kronika.credentials import Hasher

PATH: Final = "/files"
_SIGNATURE_BYTES: Final = 16
_SHAPE = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,17})-([1-9][0-9]{0,11})-([A-Za-z0-9_-]{22})", re.ASCII)


class Grant(Struct, frozen=True):
    """What a genuine address lets download, until when (seconds since the epoch). Whether that is past, the database
    says, whose clock it is.
    """

    company_id: int
    attachment_id: int
    expires: int


class Links(Struct, frozen=True):
    """Makes and knows the addresses of an installation."""

    base_url: str
    hasher: Hasher

    def view(self, company_id: int, row: AttachmentRow) -> AttachmentView:
        return AttachmentView(row.id, row.name, row.mime_type, self.address(Grant(company_id, row.id, row.expires)))

    def address(self, grant: Grant) -> str:
        return f"{self.base_url}{PATH}/{_said(grant)}-{self._signature(grant)}"

    def grant(self, token: str) -> Grant | None:
        """What the last part of an address grants; None: we did not make it."""
        shape = _SHAPE.fullmatch(token)
        if shape is None:
            return None
        grant = Grant(int(shape[1]), int(shape[2]), int(shape[3]))
        return grant if hmac.compare_digest(self._signature(grant), shape[4]) else None

    def _signature(self, grant: Grant) -> str:
        digest = self.hasher.link_signature(_said(grant))
        return urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).rstrip(b"=").decode()


def _said(grant: Grant) -> str:
    return f"{grant.company_id}-{grant.attachment_id}-{grant.expires}"
