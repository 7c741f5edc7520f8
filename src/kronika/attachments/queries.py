from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kronika.attachments.models import StoredAttachment, TakenFile, Upload
from kronika.db.statements import Transaction

_INSERT_UPLOADS: Final = """
INSERT INTO uploads (company_id, token_hash, storage_key, name, mime_type, size)
SELECT %(company_id)s, * FROM unnest(
    %(hashes)s::bytea[], %(keys)s::text[], %(names)s::text[], %(mime_types)s::text[], %(sizes)s::bigint[])
"""
# By hash, so that two who claim the same in another order do not wait for each other. The ids are drawn here, because
# an event's answer, which names them, is stored before its attachments can be.
_LOCK_UPLOADS: Final = """
SELECT token_hash, name, mime_type, nextval('attachment_ids') AS attachment_id, link_expiry() AS expires
FROM uploads
WHERE company_id = %(company_id)s AND token_hash = ANY(%(hashes)s::bytea[])
    AND created_at > clock() - interval '24 hours'
ORDER BY token_hash FOR UPDATE
"""
_CLAIM: Final = """
WITH claimed AS (
    DELETE FROM uploads u USING unnest(%(hashes)s::bytea[], %(ids)s::bigint[]) asked (hash, id)
    WHERE u.company_id = %(company_id)s AND u.token_hash = asked.hash
    RETURNING asked.id, u.storage_key, u.name, u.mime_type, u.size, u.created_at
)
INSERT INTO attachments (company_id, id, event_id, storage_key, name, mime_type, size, created_at)
SELECT %(company_id)s, id, %(event_id)s, storage_key, name, mime_type, size, created_at FROM claimed
"""
# A backup that is being made may still want their bytes, and so may who restores yesterday's: they stay a week.
_REMOVE: Final = """
WITH removed AS (
    DELETE FROM attachments
    WHERE company_id = %(company_id)s AND event_id = %(event_id)s AND id = ANY(%(ids)s::bigint[])
    RETURNING storage_key
)
INSERT INTO files_to_remove (company_id, storage_key, due_at)
SELECT %(company_id)s, storage_key, clock() + interval '7 days' FROM removed
"""
_COLUMNS: Final = "SELECT a.id, a.name, a.mime_type, a.size, a.storage_key, a.created_at"
_OF_THE_LIVING: Final = """
FROM attachments a
JOIN events e ON e.company_id = a.company_id AND e.id = a.event_id AND e.deleted_at IS NULL
JOIN timelines t ON t.company_id = e.company_id AND t.id = e.timeline_id AND t.deleted_at IS NULL
WHERE a.company_id = %(company_id)s
"""
_OF_EVENT: Final = _COLUMNS + _OF_THE_LIVING + "AND a.event_id = %(event_id)s ORDER BY a.id"
_FIND: Final = _COLUMNS + _OF_THE_LIVING + "AND a.id = %(id)s"
_GRANTED: Final = _COLUMNS + _OF_THE_LIVING + "AND a.id = %(id)s AND clock() < to_timestamp(%(expires)s::bigint)"


async def insert_uploads(transaction: Transaction, hashes: Sequence[bytes], taken: Sequence[TakenFile]) -> None:
    await transaction.run(
        _INSERT_UPLOADS,
        hashes=list(hashes),
        keys=[file.key for file in taken],
        names=[file.name for file in taken],
        mime_types=[file.mime_type for file in taken],
        sizes=[file.size for file in taken],
    )


async def lock_uploads(transaction: Transaction, hashes: Sequence[bytes]) -> list[Upload]:
    """Those uploads that can be claimed, held until the transaction ends."""
    return await transaction.all(Upload, _LOCK_UPLOADS, hashes=list(hashes))


async def claim(transaction: Transaction, event_id: int, uploads: Sequence[Upload]) -> None:
    """Makes locked uploads attachments of the event, under the ids they were promised."""
    hashes, ids = [upload.token_hash for upload in uploads], [upload.attachment_id for upload in uploads]
    await transaction.run(_CLAIM, event_id=event_id, hashes=hashes, ids=ids)


async def remove(transaction: Transaction, event_id: int, attachment_ids: Sequence[int]) -> None:
    """Takes attachments off the event. Their bytes go later."""
    await transaction.run(_REMOVE, event_id=event_id, ids=list(attachment_ids))


async def attachments_of(transaction: Transaction, event_id: int) -> list[StoredAttachment]:
    """Those of an event that is there; none when it is not."""
    return await transaction.all(StoredAttachment, _OF_EVENT, event_id=event_id)


async def granted_attachment(transaction: Transaction, attachment_id: int, expires: int) -> StoredAttachment | None:
    """The attachment, if it and its event are there and the time (seconds since the epoch) is not past."""
    return await transaction.maybe(StoredAttachment, _GRANTED, id=attachment_id, expires=expires)


async def find_attachment(transaction: Transaction, attachment_id: int) -> StoredAttachment | None:
    """The attachment, if it and its event are there."""
    return await transaction.maybe(StoredAttachment, _FIND, id=attachment_id)
