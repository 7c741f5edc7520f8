"""One search over contacts, cases, documents and events: GET /search."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.documents import fed
from support.files import PDF, event_with, upload


async def search(api: Api, query: str, **wishes: Any) -> dict[str, Any]:
    language = wishes.pop("language", "en")
    response = await api.get("/search", params={"query": query, **wishes}, headers={"Accept-Language": language})
    assert response.status_code == 200, response.text
    return response.json()


async def found(api: Api, query: str, **wishes: Any) -> list[tuple[str, int]]:
    """Type and id of everything on the first page of up to 200."""
    body = await search(api, query, perPage=200, **wishes)
    assert body["paginator"]["totalResults"] == len(body["data"])
    return [(item["type"], item["id"]) for item in body["data"]]


async def note(api: Api, content: str, **fields: Any) -> int:
    where = fields or {"clientId": await api.new_client(name="Qqq")}
    return (await api.record(metadata={"content": content}, **where)).json()["id"]


async def test_everything_is_found_in_one_list_grouped_by_what_it_is(plain_api: Api):
    client = await plain_api.new_client(name="Jelša s.r.o.")
    supplier = await plain_api.new_supplier(name="Píla Jelšava")
    case = await plain_api.new_case(name="Dodávka jelše", clientId=client)
    await fed(plain_api, client, 77, number="JELSA-2026/1")
    older = await note(plain_api, "Volali z jelšavskej píly", supplierId=supplier)
    newer = await note(plain_api, "Jelša je na sklade", clientId=client)
    assert await found(plain_api, "JELS") == [
        ("client", client),
        ("supplier", supplier),
        ("businessCase", case),
        ("document", 77),
        ("contactActivityLog", newer),
        ("contactActivityLog", older),
    ]


async def test_a_result_says_what_it_is_whose_it_is_and_where_the_words_are(plain_api: Api):
    client = await plain_api.new_client(name="Pekáreň Kvások", city="Žilina", countryId=703)
    case = await plain_api.new_case(name="Rožky", description="Dovoz do Žiliny každé ráno", clientId=client)
    await fed(plain_api, client, 5, number="20260005", name="Múka pre žilinský sklad", businessCaseId=case)
    call = await plain_api.record(
        businessCaseId=case,
        type="phone_call",
        metadata={"content": "Bez odpovede", "personName": "Pán Žilinský", "phoneNumber": "+421 900 123 456"},
    )
    data = (await search(plain_api, "zilin"))["data"]
    assert [item.pop("createdAt")[:2] for item in data] == ["20", "20", "20", "20"]
    nobody = {"clientId": None, "supplierId": None, "businessCaseId": None, "documentType": None, "activityType": None}
    assert data == [
        {**nobody, "type": "client", "id": client, "title": "Pekáreň Kvások", "snippet": "Žilina", "foundIn": "city"},
        {
            **nobody,
            "type": "businessCase",
            "id": case,
            "title": "Rožky",
            "snippet": "Dovoz do Žiliny každé ráno",
            "foundIn": "description",
            "clientId": client,
        },
        {
            **nobody,
            "type": "document",
            "id": 5,
            "title": "Múka pre žilinský sklad",
            "snippet": None,
            "foundIn": "name",
            "documentType": "invoice",
            "clientId": client,
            "businessCaseId": case,
        },
        {
            **nobody,
            "type": "contactActivityLog",
            "id": call.json()["id"],
            "title": "Rožky",
            "snippet": "Pán Žilinský",
            "foundIn": "personName",
            "activityType": "phone_call",
            "businessCaseId": case,
        },
    ]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("dodavka", True),
        ("DODÁVKU", True),
        ("dod", True),
        ("avku", False),
        ("kusov dodavku", True),
        ("kusov dodavku nikdy", False),
        ("500", True),
        ("dodávku, (kusov)!", True),
        ("d", False),
        ("a", True),
        ("jana@example.test", True),
        ("example jana", True),
        ("ponuka.pdf", True),
        ("ponuk", True),
        ("日本", True),
        ("본", False),
        ("שלום", True),
        ("жит", True),
        ("dodavku & kusov", True),
        ("dodavku | nikdy", False),
        ("!dodavku", True),
        ("dodavku:*", True),
        ("'dodavku'", True),
    ],
)
async def test_an_event_is_found_by_the_beginnings_of_its_words(plain_api: Api, query: str, is_found: bool):
    """A word of one character stands alone. What is written in the syntax of a database is punctuation."""
    event = await event_with(
        plain_api,
        ("Cenová ponuka.pdf", PDF),
        clientId=await plain_api.new_client(name="Zzz"),
        type="email",
        metadata={
            "content": "Objednali 500 kusov, dodávku a montáž. 日本語 שלום Жито",
            "email": "jana@example.test",
        },
    )
    query = "dodávku" if query == "dodavka" else query
    assert await found(plain_api, query) == ([("contactActivityLog", event["id"])] if is_found else [])


@pytest.mark.parametrize("query", ["+421 900 123 456", "421900123456", "4219001", "123 900"])
async def test_a_phone_number_is_found_however_its_digits_are_written(plain_api: Api, query: str):
    client = await plain_api.new_client(name="Zzz")
    said = {"content": "x", "personName": "Eva", "phoneNumber": "+421 900 123 456"}
    event = (await plain_api.record(clientId=client, type="phone_call", metadata=said)).json()
    assert await found(plain_api, query) == [("contactActivityLog", event["id"])]
    assert (await search(plain_api, query))["data"][0]["foundIn"] == "phoneNumber"


async def test_a_corrected_event_is_found_by_what_it_says_now(plain_api: Api):
    event = await event_with(plain_api, ("prvy.txt", b"a"), ("druhy.txt", b"b"))
    key = ("contactActivityLog", event["id"])
    await plain_api.patch(
        f"/contact-activity-logs/{event['id']}",
        {
            "metadata": {"content": "Celkom iný text"},
            "deletedAttachmentIds": [event["attachments"][0]["id"]],
            "attachmentUploadTokens": await upload(plain_api, ("treti.txt", b"c")),
        },
    )
    for query in ("celkom", "druhy", "treti", "iny text druhy treti"):
        assert await found(plain_api, query) == [key], query
    for query in ("prvy", event["metadata"]["content"]):
        assert await found(plain_api, query) == [], query


async def test_an_event_of_no_words_is_found_once_it_has_some_and_no_longer_when_it_has_none(plain_api: Api):
    event = await note(plain_api, "!!!")
    for content, is_found in (("Jablko", True), ("—", False), ("jablko", True)):
        changed = await plain_api.patch(f"/contact-activity-logs/{event}", {"metadata": {"content": content}})
        assert changed.status_code == 200
        assert bool(await found(plain_api, "jablk")) is is_found


async def test_what_is_deleted_is_not_found_nor_what_was_on_its_timeline(plain_api: Api):
    client = await plain_api.new_client(name="Hruška")
    case = await plain_api.new_case(name="Hruška na jar", clientId=client)
    other = await plain_api.new_client(name="Niekto")
    await fed(plain_api, client, 9, number="HRUSKA-9")
    await note(plain_api, "hruška o prípade", businessCaseId=case)
    await note(plain_api, "hruška o klientovi", clientId=client)
    gone = await note(plain_api, "hruška sama", clientId=other)
    assert len(await found(plain_api, "hruska")) == 6
    await plain_api.delete(f"/contact-activity-logs/{gone}")
    assert len(await found(plain_api, "hruska")) == 5
    await plain_api.delete("/documents/invoice/9")
    assert len(await found(plain_api, "hruska")) == 4
    await plain_api.delete(f"/clients/{client}")
    assert await found(plain_api, "hruska") == []


async def test_an_upload_that_no_event_claimed_is_not_found(plain_api: Api):
    await upload(plain_api, ("tajne.txt", b"x"))
    assert await found(plain_api, "tajne") == []


async def test_a_document_is_found_by_any_part_of_its_number_and_its_own_number_comes_first(plain_api: Api):
    client = await plain_api.new_client()
    for document_id, number in ((1, "2026/17"), (2, "17"), (3, "2026/170")):
        await fed(plain_api, client, document_id, number=number)
    assert await found(plain_api, "17") == [("document", 2), ("document", 3), ("document", 1)]
    assert await found(plain_api, "026/17") == [("document", 3), ("document", 1)]
    assert await found(plain_api, "2026 170") == [("document", 3)]
    await fed(plain_api, client, 1, number="2027/17", name="Pšenica")
    assert await found(plain_api, "2026") == [("document", 3)]
    assert await found(plain_api, "psenic") == [("document", 1)]


async def test_a_search_finds_only_the_companys_own(plain_api: Api, stranger: Api, owner: psycopg.Connection):
    event = (await stranger.record(clientId=await stranger.new_client(), metadata={"content": "Spoločné"})).json()["id"]
    ours = await note(plain_api, "Spoločné")
    await plain_api.new_client(name="Stranger")
    assert await found(plain_api, "spolocne") == [("contactActivityLog", ours)]
    assert await found(stranger, "spolocne") == [("contactActivityLog", event)]
    assert len(await found(plain_api, "stranger")) == 1
    # A word that looks like another company's place in the index is a word like any.
    words = owner.execute("SELECT words::text FROM event_words WHERE event_id = %s", [event]).fetchone()["words"]
    assert await found(plain_api, words) == []
    assert await found(plain_api, words.strip("'")) == []


async def test_one_type_alone_can_be_asked_for(plain_api: Api):
    client = await plain_api.new_client(name="Slnko")
    supplier = await plain_api.new_supplier(name="Slnko")
    event = await note(plain_api, "slnko", clientId=client)
    assert await found(plain_api, "slnko", type="supplier") == [("supplier", supplier)]
    assert await found(plain_api, "slnko", type="contactActivityLog") == [("contactActivityLog", event)]
    assert list(errors_of(await plain_api.get("/search", params={"query": "x", "type": "nobody"}))) == ["type"]


async def test_pages_follow_each_other_across_the_groups(plain_api: Api):
    client = await plain_api.new_client(name="Oblak")
    events = [await note(plain_api, f"oblak {n}", clientId=client) for n in range(4)]
    whole = [("client", client), *[("contactActivityLog", event) for event in reversed(events)]]
    paged = []
    for page in (1, 2, 3):
        body = await search(plain_api, "oblak", page=page, perPage=2)
        assert body["paginator"]["totalResults"] == 5
        assert body["paginator"]["totalPages"] == 3
        assert "query=oblak" in body["paginator"]["firstPageUrl"]
        paged += [(item["type"], item["id"]) for item in body["data"]]
    assert paged == whole
    beyond = await search(plain_api, "oblak", page=10**15, perPage=200)
    assert (beyond["data"], beyond["paginator"]["totalResults"]) == ([], 5)


async def test_of_each_type_the_first_500_are_listed_and_counted(plain_api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kronika.search.routes.MOST_FOUND", 3)
    client = await plain_api.new_client(name="Vrabec")
    events = [await note(plain_api, "vrabec", clientId=client) for _ in range(5)]
    expected = [("client", client), *[("contactActivityLog", event) for event in reversed(events[2:])]]
    assert await found(plain_api, "vrabec") == expected


@pytest.mark.parametrize("query", [None, "", "  "])
async def test_a_search_for_nothing_is_refused(plain_api: Api, query: str | None):
    response = await plain_api.get("/search", params={} if query is None else {"query": query})
    assert list(errors_of(response)) == ["query"]


async def test_a_token_that_only_reads_may_search_and_none_may_not(plain_api: Api, new_api):
    await plain_api.new_client(name="Lipa")
    reader = await new_api(scope="read", company_id=plain_api.company_id)
    assert len(await found(reader, "lipa")) == 1
    assert (await plain_api.http.get("/api/public/v1/search?query=lipa")).status_code == 401


async def test_a_country_is_found_by_its_name_in_the_readers_language(plain_api: Api):
    client = await plain_api.new_client(name="Firma", countryId=40)
    assert await found(plain_api, "rakus", language="sk") == [("client", client)]
    assert await found(plain_api, "rakus", language="en") == []
    item = (await search(plain_api, "austria"))["data"][0]
    assert (item["foundIn"], item["snippet"]) == ("country", "Austria")
