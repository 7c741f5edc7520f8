from __future__ import annotations

from typing import Final

from msgspec import to_builtins

from kronika.attachments.links import PATH as FILES_PATH
from kronika.attachments.links import Grant, Links
from kronika.attachments.models import AttachmentView, UploadList, UploadView
from kronika.credentials import Hasher
from kronika.events.models import Shown
from kronika.http.problems import API_PREFIX
from kronika.input.fields import required, text
from kronika.reference.operation import FORM, Also, Body, Chapter, Operation, Thing
from kronika.reference.operations.contacts import THEN, ZONE

_LINKS: Final = Links("https://kronika.example", Hasher("the secret key of nobody, for examples"))
_EVENT_ID: Final = 551
TO: Final = Shown(1, ZONE, _LINKS, "en")
"""Whom the examples are shown to."""

ATTACHMENT: Final = Thing(
    AttachmentView,
    "A file of an event.",
    {
        "id": "Id, given by Kronika.",
        "name": "Name of the file, without folders and without what cannot be seen.",
        "mimeType": "Kind of the file, told from its content.",
        "url": "Where it can be downloaded, without a token, for ten days at least. Whoever has the address has the "
        "file.",
    },
)
_TOKEN: Final = _LINKS.address(Grant(1, 9001, int(THEN.timestamp()) // 86400 * 86400 + 11 * 86400)).rpartition("/")[2]
_UPLOADED: Final = UploadList(
    [UploadView("Zk1pTq0cVb6yJ9wXo3sRk5uHgN8aDfL2eIhYtQmCx7A", "offer.pdf", "application/pdf", 48213)]
)

CHAPTER: Final = Chapter(
    tag="Attachments",
    text="Files of events: uploaded first, then claimed by an event, downloaded by an address of their own.",
    operations=(
        Operation(
            id="uploadContactActivityAttachments",
            method="post",
            path=f"{API_PREFIX}/contact-activity-attachments",
            summary="Upload files",
            description="Takes the files of a form and answers a token for each, in order, to be sent in "
            "`attachmentUploadTokens` of an event within 24 hours. The fields are called `files`, `files[]` or "
            "`files[0]`; others are passed over. All files are taken, or none.\n\n"
            "A call may bring 20 files of 25 MiB each, unless the operator chose other numbers. What kind of file it "
            "is, is told from its content; the `Content-Type` of its part does not matter.",
            success="The files as they were received.",
            answer=UploadList,
            answers={"upload": to_builtins(_UPLOADED)},
            status=201,
            body=Body(
                "AttachmentForm",
                {
                    "type": "object",
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary"},
                            "description": "The files. None may be empty.",
                        }
                    },
                    "required": ["files"],
                },
                {},
                FORM,
            ),
        ),
        Operation(
            id="downloadContactActivityLogAttachments",
            method="get",
            path=f"{API_PREFIX}/contact-activity-logs/{{id}}/attachments",
            summary="Download all attachments of an event",
            description="One ZIP archive of them. Files of one name get numbers; names are shortened to 255 bytes. An "
            "event without attachments is a 404. A connection that breaks means that a file could not be read: an "
            "archive that ends well is whole.",
            success="The archive.",
            streams="application/zip",
            path_texts={"id": "Id of the event."},
            parameter_examples={"id": _EVENT_ID},
        ),
        Operation(
            id="downloadFile",
            method="get",
            path=f"{FILES_PATH}/{{token}}",
            summary="Download one attachment",
            description="This is where an attachment's `url` leads. The address is signed and ends after ten days, or "
            "when the attachment or its event is deleted; an event that is read again has a new one. No token is "
            "needed, and no request counted. Images and PDFs may be shown by a browser, everything else is saved. One "
            "`Range` of bytes can be asked for.",
            success="The file.",
            streams="*/*",
            also={
                206: Also("The part that was asked for."),
                304: Also("It is the one you have.", bare=True),
                416: Also("The part begins behind the end of the file.", bare=True),
            },
            public=True,
            own_problems=(404, 500, 503),
            path_texts={"token": "The last part of the address."},
            path_fields={"token": required(text(characters=255))},
            parameter_examples={"token": _TOKEN},
        ),
    ),
    things=(
        Thing(UploadList, "The files of an upload.", {"data": "One entry a file, in the order of the form."}),
        Thing(
            UploadView,
            "A received file that no event has claimed yet.",
            {
                "uploadToken": "What an event claims it with, once.",
                "fileName": "Its name, without folders and without what cannot be seen.",
                "mimeType": "Its kind, told from its content.",
                "size": "Its bytes.",
            },
        ),
        ATTACHMENT,
    ),
)
