from __future__ import annotations

import secrets
from collections.abc import Sequence

from kronika.attachments import queries
from kronika.attachments.models import TakenFile, Upload, UploadView
from kronika.credentials import Hasher
from kronika.db.statements import Transaction
from kronika.errors import Complaints

TOKENS_FIELD = "attachmentUploadTokens"


async def offer(transaction: Transaction, hasher: Hasher, taken: Sequence[TakenFile]) -> list[UploadView]:
    """Lets the company claim these files for 24 hours; the tokens are shown only now."""
    tokens = [secrets.token_urlsafe(32) for _ in taken]
    await queries.insert_uploads(transaction, [hasher.upload_hash(token) for token in tokens], taken)
    return [UploadView(token, file.name, file.mime_type, file.size) for token, file in zip(tokens, taken, strict=True)]


async def judge_tokens(
    transaction: Transaction, hasher: Hasher, tokens: Sequence[str | None], complaints: Complaints
) -> list[Upload]:
    """The uploads of these tokens, in their order, held until the transaction ends; complains of every other token.

    None in the place of a token: it has been complained about.
    """
    if not tokens:
        return []
    hashes = [None if token is None else hasher.upload_hash(token) for token in tokens]
    found = await queries.lock_uploads(transaction, [each for each in hashes if each is not None])
    known = {upload.token_hash: upload for upload in found}
    claimed: list[Upload] = []
    for number, each in enumerate(hashes):
        if each is None:
            continue
        if (upload := known.pop(each, None)) is not None:
            claimed.append(upload)
        else:
            complaints.add(f"{TOKENS_FIELD}.{number}", "repeated" if each in hashes[:number] else "unknown")
    # The ids were drawn in the order of the hashes; attachments are shown in the order of their ids.
    ids = sorted(upload.attachment_id for upload in claimed)
    return [
        Upload(upload.token_hash, upload.name, upload.mime_type, number, upload.expires)
        for upload, number in zip(claimed, ids, strict=True)
    ]
