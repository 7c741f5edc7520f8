"""The rules of an event once more, as plainly as they can be said: which keys are wrong in a body?

Written apart from the product, to be compared with it. E-mail addresses are not judged but looked up: a random body
takes them from the two lists here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

GOOD_EMAILS = ("jana@example.test", "a.b+c@sub.example.sk", "ľubo@example.sk", "x@žltý.sk", "o'neil@example.com")
BAD_EMAILS = ("jana", "@example.test", "jana@", "a b@example.test", "a@b@c.sk", "jana@-x.sk", "a..b@example.sk")

TARGETS = {"businessCaseId", "clientId", "supplierId"}
NAMED = {
    "content", "email", "personName", "phoneNumber", "documentType", "documentId", "documentNumberSnapshot",
    "documentPriceSnapshot", "documentCurrencySnapshot", "paidAmount", "relatedDocument",
}  # fmt: skip
REQUIRED = {
    "note": {"content"},
    "email": {"content", "email"},
    "phone_call": {"content", "personName"},
    "document_linked": {"documentType", "documentId"},
}
OPTIONAL = {"phone_call": {"phoneNumber"}}
DOCUMENT_TYPES = {"invoice", "proforma", "order", "quotation", "credit-note"}
INVISIBLE = "\u200b\ufeff"

CALL = {"content": "A call", "personName": "Jana"}
EMAIL = {"content": "An e-mail", "email": "jana@example.test"}
LINK = {"documentType": "invoice", "documentId": 1}
Documents = Collection[tuple[str, int]]
"""Types and numbers of those the company has."""
UNKNOWN_ID = 999_999_999


def wrong_in_a_create(body: dict[str, Any], exists: Callable[[str, int], bool], documents: Documents = ()) -> set[str]:
    """The keys of the 422 that a create answers; empty = 201. `exists` tells whether the company has such a target."""
    wrong: set[str] = set()
    body = _cleaned(body, "", wrong)
    unsafe = set(wrong)
    sent = {name for name in TARGETS if body.get(name) is not None or name in unsafe}
    if len(sent) != 1:
        wrong |= sent or TARGETS
    for name in sent - unsafe:
        number = _integer(body[name])
        if number is None or number < 1 or not exists(name, number):
            wrong.add(name)
    type_ = body.get("type")
    if type_ not in list(REQUIRED):
        wrong.add("type")
        type_ = None
    return wrong | _wrong_metadata(type_, body, documents) | _wrong_tokens(type_, body, unsafe)


def wrong_in_a_patch(type_: str, body: dict[str, Any], documents: Documents = ()) -> set[str]:
    """The keys of the 422 that a PATCH of an event of this type answers; empty = 200."""
    wrong: set[str] = set()
    body = _cleaned(body, "", wrong)
    unsafe = set(wrong)
    wrong |= {name for name in TARGETS | {"type"} if body.get(name) is not None}
    removed = body.get("deletedAttachmentIds")
    if isinstance(removed, list):
        wrong |= {f"deletedAttachmentIds.{n}" for n in range(len(removed))}
    elif removed is not None:
        wrong.add("deletedAttachmentIds")
    return wrong | _wrong_metadata(type_, body, documents) | _wrong_tokens(type_, body, unsafe)


def _wrong_metadata(type_: str | None, body: dict[str, Any], documents: Documents) -> set[str]:
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return {"metadata"}
    if type_ is None:
        return set()
    allowed = REQUIRED[type_] | OPTIONAL.get(type_, set())
    wrong = {name for name in NAMED - allowed if metadata.get(name) is not None}
    wrong |= {name for name in REQUIRED[type_] if metadata.get(name) is None}
    wrong |= {name for name in allowed if metadata.get(name) is not None and not _good(name, metadata[name])}
    if type_ == "document_linked" and not wrong & LINK.keys():
        named = (metadata["documentType"], _integer(metadata["documentId"]))
        wrong |= {"documentId"} if named not in documents else set()
    return {f"metadata.{name}" for name in wrong}


def _good(name: str, value: Any) -> bool:
    match name:
        case "content":
            return isinstance(value, str) and len(value.encode()) <= 65_535
        case "email":
            return value in GOOD_EMAILS
        case "documentType":
            return value in list(DOCUMENT_TYPES)
        case "documentId":
            return (_integer(value) or 0) >= 1
        case _:
            return isinstance(value, str) and len(value) <= 255


def _wrong_tokens(type_: str | None, body: dict[str, Any], unsafe: set[str]) -> set[str]:
    tokens = body.get("attachmentUploadTokens")
    if tokens is None or tokens == []:
        return set()
    if not isinstance(tokens, list) or len(tokens) > 20:
        return {"attachmentUploadTokens"}
    faulty = {f"attachmentUploadTokens.{n}" for n, token in enumerate(tokens) if not isinstance(token, str)}
    if type_ == "document_linked":
        return {"attachmentUploadTokens"} | (faulty - unsafe)
    return {f"attachmentUploadTokens.{n}" for n in range(len(tokens))}


def _integer(value: Any) -> int | None:
    if isinstance(value, str):
        digits = value[1:] if value[:1] in {"+", "-"} else value
        value = int(value) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -(2**63) <= value < 2**63 else None


def _cleaned(value: Any, path: str, wrong: set[str]) -> Any:
    """Without white space around strings, empty ones null; what cannot be stored is wrong, and null from then on."""
    below = f"{path}." if path else ""
    if isinstance(value, dict):
        return {name: _cleaned(member, below + name, wrong) for name, member in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, f"{below}{n}", wrong) for n, item in enumerate(value)]
    if (isinstance(value, str) and "\0" in value) or (type(value) is int and not -(2**63) <= value < 2**63):
        wrong.add(path)
        return None
    return (_trimmed(value) or None) if isinstance(value, str) else value


def _trimmed(text: str) -> str:
    while text and (text[0].isspace() or text[0] in INVISIBLE):
        text = text[1:]
    while text and (text[-1].isspace() or text[-1] in INVISIBLE):
        text = text[:-1]
    return text
