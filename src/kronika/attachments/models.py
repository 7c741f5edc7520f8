"""Uploads that wait for an event, and the attachments of events."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class TakenFile(Struct, frozen=True):
    """A file that has been received and is in the store, its bytes durable."""

    key: str
    name: str
    mime_type: str
    size: int


class UploadView(Struct, frozen=True, rename="camel"):
    """A received file as the API shows it."""

    upload_token: str
    file_name: str
    mime_type: str
    size: int


class UploadList(Struct, frozen=True):
    data: list[UploadView]


class Upload(Struct, frozen=True):
    """An upload that can be claimed, with the id that it will have as an attachment, and the end of its address."""

    token_hash: bytes
    name: str
    mime_type: str
    attachment_id: int
    expires: int


class AttachmentRow(Struct, frozen=True):
    """An attachment as the database gives it; an address given out now `expires` then (seconds since the epoch)."""

    id: int
    name: str
    mime_type: str
    expires: int


class StoredAttachment(Struct, frozen=True):
    """An attachment and where its bytes are."""

    id: int
    name: str
    mime_type: str
    size: int
    storage_key: str
    created_at: datetime


class AttachmentView(Struct, frozen=True, rename="camel"):
    id: int
    name: str
    mime_type: str
    url: str
