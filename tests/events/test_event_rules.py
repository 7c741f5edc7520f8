"""What an event must be: every rule by itself, and all errors at once."""

from __future__ import annotations

from typing import Any

import pytest
from support.api import Api, errors_of
from support.event_rules import BAD_EMAILS, CALL, EMAIL, GOOD_EMAILS, LINK, TARGETS, UNKNOWN_ID


async def wrong_keys(api: Api, **fields: Any) -> set[str]:
    """The keys of the 422 that recording an event with these fields answers."""
    return set(errors_of(await api.record(**fields)))


# Targets


async def test_an_event_without_a_target_is_wrong_on_all_three(api: Api):
    assert await wrong_keys(api) == TARGETS
    assert await wrong_keys(api, clientId=None, supplierId="", businessCaseId="  ") == TARGETS


async def test_an_event_with_several_targets_is_wrong_on_those_sent(api: Api):
    client_id, supplier_id = await api.new_client(), await api.new_supplier()
    assert await wrong_keys(api, clientId=client_id, supplierId=supplier_id) == {"clientId", "supplierId"}
    assert await wrong_keys(api, clientId=client_id, businessCaseId=UNKNOWN_ID) == {"clientId", "businessCaseId"}
    assert await wrong_keys(api, clientId=client_id, supplierId=1, businessCaseId=2) == TARGETS


async def test_a_null_beside_the_one_target_is_no_second_one(api: Api):
    response = await api.record(clientId=await api.new_client(), supplierId=None, businessCaseId="")
    assert response.status_code == 201


@pytest.mark.parametrize("target", sorted(TARGETS))
async def test_a_target_that_does_not_exist_is_wrong(api: Api, target: str):
    assert await wrong_keys(api, **{target: UNKNOWN_ID}) == {target}


async def test_a_strangers_target_is_wrong_in_the_very_words_of_one_that_does_not_exist(api: Api, stranger: Api):
    foreign = {
        "clientId": await stranger.new_client(),
        "supplierId": await stranger.new_supplier(),
        "businessCaseId": await stranger.new_case(),
    }
    for target, foreign_id in foreign.items():
        told = errors_of(await api.record(**{target: foreign_id}))
        assert told == {target: ["This does not exist."]} == errors_of(await api.record(**{target: UNKNOWN_ID}))


async def test_a_target_of_another_kind_is_wrong(api: Api):
    client_id, supplier_id = await api.new_client(), await api.new_supplier()
    case_id = await api.new_case(clientId=client_id)
    assert await wrong_keys(api, supplierId=client_id) == {"supplierId"}
    assert await wrong_keys(api, clientId=supplier_id) == {"clientId"}
    assert await wrong_keys(api, clientId=case_id) == {"clientId"}
    assert await wrong_keys(api, businessCaseId=client_id) == {"businessCaseId"}


@pytest.mark.parametrize("value", [0, -1, "x", "1x", 1.5, "5.0", True, False, [], [1], {}, 2**63, "9" * 19, "\u0665"])
async def test_a_target_that_is_no_id_is_wrong(api: Api, value: Any):
    assert await wrong_keys(api, clientId=value) == {"clientId"}


# Types


@pytest.mark.parametrize(
    "type_",
    [
        "document_created", "document_updated", "document_deleted", "document_payment_added",
        "Note", "memo", "", None, 1, True, ["note"], {"note": 1}, "note\0",
    ],
)  # fmt: skip
async def test_a_type_that_clients_cannot_record_is_wrong(api: Api, type_: Any):
    assert await wrong_keys(api, clientId=await api.new_client(), type=type_) == {"type"}


async def test_a_wrong_type_hides_no_other_error_and_invents_none(api: Api):
    assert await wrong_keys(api, clientId=UNKNOWN_ID, type="memo", metadata={"email": "x"}) == {"clientId", "type"}
    assert await wrong_keys(api, type="memo", metadata=None) == {*TARGETS, "type", "metadata"}


# Metadata


@pytest.mark.parametrize("metadata", [None, "", "text", 5, True, [], [{"content": "x"}]])
async def test_metadata_must_be_an_object(api: Api, metadata: Any):
    assert await wrong_keys(api, clientId=await api.new_client(), metadata=metadata) == {"metadata"}


async def test_a_body_without_metadata_is_wrong_there(api: Api):
    response = await api.post("/contact-activity-logs", {"clientId": await api.new_client(), "type": "note"})
    assert errors_of(response) == {"metadata": ["This field is required."]}


@pytest.mark.parametrize("nothing", [{}, {"content": None, "email": None, "personName": None}, {"content": " "}])
@pytest.mark.parametrize(
    ("type_", "missing"),
    [
        ("note", {"metadata.content"}),
        ("email", {"metadata.content", "metadata.email"}),
        ("phone_call", {"metadata.content", "metadata.personName"}),
    ],
)
async def test_each_type_requires_its_fields(api: Api, type_: str, missing: set[str], nothing: dict[str, Any]):
    assert await wrong_keys(api, clientId=await api.new_client(), type=type_, metadata=nothing) == missing


@pytest.mark.parametrize(
    ("type_", "good", "others"),
    [
        ("note", {"content": "x"}, {"email", "personName", "phoneNumber", "documentType", "documentId"}),
        ("email", EMAIL, {"personName", "phoneNumber", "documentType", "documentId"}),
        ("phone_call", CALL, {"email", "documentType", "documentId"}),
    ],
)
async def test_fields_of_other_types_and_computed_ones_are_refused_and_their_nulls_are_not(
    api: Api, type_: str, good: dict[str, Any], others: set[str]
):
    computed = {
        "documentNumberSnapshot", "documentPriceSnapshot", "documentCurrencySnapshot", "paidAmount", "relatedDocument",
    }  # fmt: skip
    refused = others | computed
    client_id = await api.new_client()
    for value in ("x", 0, False, {}, []):
        metadata = dict.fromkeys(refused, value) | good
        told = await wrong_keys(api, clientId=client_id, type=type_, metadata=metadata)
        assert told == {f"metadata.{name}" for name in refused}
    response = await api.record(clientId=client_id, type=type_, metadata=dict.fromkeys(refused) | good)
    assert response.status_code == 201


async def test_unknown_fields_are_ignored_and_not_stored(api: Api):
    metadata = {"content": "x", "mood": "good", "Content": "y", "document_id": 5}
    response = await api.record(clientId=await api.new_client(), metadata=metadata, id=5, createdAt="1999", zzz=[{}])
    assert response.json()["metadata"] == {"content": "x"}
    assert (await api.get(f"/contact-activity-logs/{response.json()['id']}")).content == response.content


@pytest.mark.parametrize("field", ["content", "personName", "phoneNumber"])
@pytest.mark.parametrize("value", [5, 1.5, True, [], ["x"], {}])
async def test_texts_must_be_texts(api: Api, field: str, value: Any):
    metadata = CALL | {field: value}
    told = await wrong_keys(api, clientId=await api.new_client(), type="phone_call", metadata=metadata)
    assert told == {f"metadata.{field}"}


@pytest.mark.parametrize("longest", ["a" * 65_535, "é" * 32_767 + "a", "🐎" * 16_383 + "abc"])
async def test_content_holds_65535_bytes_of_utf_8_and_not_one_more(api: Api, longest: str):
    client_id = await api.new_client()
    response = await api.record(clientId=client_id, metadata={"content": f"  {longest}\n"})
    assert response.json()["metadata"] == {"content": longest}
    told = errors_of(await api.record(clientId=client_id, metadata={"content": longest + "a"}))
    assert told == {"metadata.content": ["This may have at most 65535 bytes."]}


@pytest.mark.parametrize("field", ["personName", "phoneNumber"])
@pytest.mark.parametrize("character", ["a", "é", "🐎"])
async def test_names_and_numbers_hold_255_characters_and_not_one_more(api: Api, field: str, character: str):
    client_id = await api.new_client()
    metadata = CALL | {field: character * 255}
    response = await api.record(clientId=client_id, type="phone_call", metadata=metadata)
    assert response.json()["metadata"] == {"phoneNumber": None} | metadata
    metadata[field] += character
    assert await wrong_keys(api, clientId=client_id, type="phone_call", metadata=metadata) == {f"metadata.{field}"}


@pytest.mark.parametrize("address", GOOD_EMAILS)
async def test_an_address_is_kept_as_it_was_written(api: Api, address: str):
    metadata = EMAIL | {"email": address}
    response = await api.record(clientId=await api.new_client(), type="email", metadata=metadata)
    assert response.json()["metadata"] == metadata


@pytest.mark.parametrize("address", [*BAD_EMAILS, 5, True, [], {}, f"{'a' * 244}@example.test"])
async def test_what_is_no_address_is_wrong(api: Api, address: Any):
    metadata = EMAIL | {"email": address}
    told = await wrong_keys(api, clientId=await api.new_client(), type="email", metadata=metadata)
    assert told == {"metadata.email"}


# Attachments


async def test_every_unknown_upload_token_is_told_by_its_place(api: Api):
    client_id = await api.new_client()
    told = errors_of(await api.record(clientId=client_id, attachmentUploadTokens=["one", "two", "x" * 1024]))
    assert told == {f"attachmentUploadTokens.{n}": ["This does not exist."] for n in range(3)}
    assert await wrong_keys(api, clientId=client_id, attachmentUploadTokens=[5, None, "", "x" * 1025, {}]) == {
        f"attachmentUploadTokens.{n}" for n in range(5)
    }


@pytest.mark.parametrize("tokens", ["token", {"0": "token"}, 5, True, ["token"] * 21])
async def test_upload_tokens_are_a_list_of_at_most_twenty(api: Api, tokens: Any):
    told = await wrong_keys(api, clientId=await api.new_client(), attachmentUploadTokens=tokens)
    assert told == {"attachmentUploadTokens"}


@pytest.mark.parametrize("tokens", [None, [], ""])
async def test_no_upload_tokens_are_no_error(api: Api, tokens: Any):
    response = await api.record(clientId=await api.new_client(), attachmentUploadTokens=tokens)
    assert response.json()["attachments"] == []


# Linked documents


async def test_a_link_to_a_document_that_does_not_exist_is_wrong(api: Api):
    client_id = await api.new_client()
    told = errors_of(await api.record(clientId=client_id, type="document_linked", metadata=LINK))
    assert told == {"metadata.documentId": ["This does not exist."]}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"documentType": "received-invoice"}, {"metadata.documentType"}),
        ({"documentType": None, "documentId": None}, {"metadata.documentType", "metadata.documentId"}),
        ({"documentId": "x"}, {"metadata.documentId"}),
        ({"documentId": 0}, {"metadata.documentId"}),
        ({"content": "x"}, {"metadata.content", "metadata.documentId"}),
        ({"relatedDocument": {}}, {"metadata.relatedDocument", "metadata.documentId"}),
    ],
)
async def test_a_link_names_a_type_and_a_document_and_says_nothing_else(
    api: Api, fields: dict[str, Any], wrong: set[str]
):
    client_id = await api.new_client()
    assert await wrong_keys(api, clientId=client_id, type="document_linked", metadata=LINK | fields) == wrong


async def test_a_link_takes_no_attachments(api: Api):
    told = errors_of(
        await api.record(
            clientId=await api.new_client(), type="document_linked", metadata=LINK, attachmentUploadTokens=["one"]
        )
    )
    assert told["attachmentUploadTokens"] == ["This type of event takes no attachments."]
    assert told.keys() == {"attachmentUploadTokens", "metadata.documentId"}


# Everything together


async def test_all_errors_are_told_at_once_a_target_that_does_not_exist_included(api: Api):
    told = await wrong_keys(
        api,
        clientId=UNKNOWN_ID,
        type="email",
        metadata={"email": "nobody", "personName": "Jana", "relatedDocument": {}},
        attachmentUploadTokens=["one", "two"],
    )
    assert told == {
        "clientId", "metadata.content", "metadata.email", "metadata.personName", "metadata.relatedDocument",
        "attachmentUploadTokens.0", "attachmentUploadTokens.1",
    }  # fmt: skip


async def test_an_empty_body_is_told_all_that_it_lacks(api: Api):
    assert set(errors_of(await api.post("/contact-activity-logs", {}))) == {*TARGETS, "type", "metadata"}
