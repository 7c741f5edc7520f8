"""The search over name, city, postal code and country."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.api import Api, errors_of

from kronika.folding import folded
from kronika.languages import LANGUAGE_TAGS
from kronika.lookups.countries import COUNTRY_CODES, country


async def found(api: Api, search: str, path: str = "/clients", language: str = "en", **query) -> list[str]:
    whole = await api.get(path, params={"search": search, **query}, headers={"Accept-Language": language})
    paged = await api.get(
        path, params={"search": search, "perPage": 200, **query}, headers={"Accept-Language": language}
    )
    assert whole.status_code == paged.status_code == 200
    assert whole.json()["data"] == paged.json()["data"]
    assert paged.json()["paginator"]["totalResults"] == len(paged.json()["data"])
    return [contact["name"] for contact in paged.json()["data"]]


@pytest.fixture
async def people(plain_api: Api) -> Api:
    await plain_api.new_client(name="Kaviareň U Ježka s.r.o.", city="Žilina", zip="010 01", countryId=703)
    await plain_api.new_client(name="Hotel Panoráma", city="Bratislava", zip="81102", countryId=703)
    await plain_api.new_client(name="Straßenbau Müller", city="Wien", zip="1010", countryId=40)
    await plain_api.new_client(name="Жук и Сыновья", city="Łódź", zip="90-001", countryId=616)
    await plain_api.new_client(name="100% Bavlna_A\\B", city=None)
    return plain_api


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("zilina", ["Kaviareň U Ježka s.r.o."]),
        ("ŽILINA", ["Kaviareň U Ježka s.r.o."]),
        ("ilin", ["Kaviareň U Ježka s.r.o."]),
        ("jezka kaviaren", ["Kaviareň U Ježka s.r.o."]),
        ("kaviaren bratislava", []),
        ("01001", ["Kaviareň U Ježka s.r.o."]),
        ("010 01", ["Kaviareň U Ježka s.r.o."]),
        ("8110", ["Hotel Panoráma"]),
        ("s.r.o.", ["Kaviareň U Ježka s.r.o."]),
        ("strassenbau muller", ["Straßenbau Müller"]),
        ("STRASSE", ["Straßenbau Müller"]),
        ("жУК", ["Жук и Сыновья"]),
        ("lodz", ["Жук и Сыновья"]),
        ("ho", ["Hotel Panoráma"]),
        ("h", ["Hotel Panoráma"]),
        ("te", []),
        ("%", ["100% Bavlna_A\\B", "Hotel Panoráma", "Kaviareň U Ježka s.r.o.", "Straßenbau Müller", "Жук и Сыновья"]),
        ("100%", ["100% Bavlna_A\\B", "Kaviareň U Ježka s.r.o."]),
        ("100% bavlna", ["100% Bavlna_A\\B"]),
        ("(hotel), »panorama«", ["Hotel Panoráma"]),
        ("811 02", ["Hotel Panoráma"]),
        ("81102", ["Hotel Panoráma"]),
        ("bavlna_a", ["100% Bavlna_A\\B"]),
        ("hotel_panorama", []),
        ("a\\b", ["100% Bavlna_A\\B"]),
        ("hotel & panorama", ["Hotel Panoráma"]),
        ("'; DROP TABLE contacts; --", []),
        ("$$ {703} %s %(kind)s hotel", []),
    ],
)
async def test_every_word_must_be_found_whatever_its_case_and_diacritics(people: Api, search: str, names: list[str]):
    assert await found(people, search) == names


@pytest.mark.parametrize(
    ("search", "language", "names"),
    [
        ("austria", "en", ["Straßenbau Müller"]),
        ("rakusko", "sk", ["Straßenbau Müller"]),
        ("Österreich", "de", ["Straßenbau Müller"]),
        ("rakusko", "en", []),
        ("slovakia hotel", "en", ["Hotel Panoráma"]),
        ("ovakia", "en", []),
        ("Polska", "pl", ["Жук и Сыновья"]),
    ],
)
async def test_a_country_is_found_by_its_name_in_the_selected_language(
    people: Api, search: str, language: str, names: list[str]
):
    assert await found(people, search, language=language) == names


async def test_a_search_finds_what_was_changed_and_not_what_was_deleted(people: Api):
    client_id = await people.new_client(name="Novák", city="Nitra")
    body = {"name": "Nováková", "city": "Trnava"}
    assert (await people.request("PUT", f"/clients/{client_id}", json=body)).status_code == 200
    assert await found(people, "nitra") == []
    assert await found(people, "trnava") == ["Nováková"]
    await people.delete(f"/clients/{client_id}")
    assert await found(people, "trnava") == []


async def test_the_search_over_both_kinds_says_which_each_is(people: Api, stranger: Api):
    supplier_id = await people.new_supplier(name="Žilinské tlačiarne", countryId=703, vatId="SK1")
    response = await people.get("/contacts", params={"search": "zilin", "perPage": 1, "page": 2})
    assert response.json()["data"] == [
        {
            "id": supplier_id,
            "contactType": "supplier",
            "type": "company",
            "name": "Žilinské tlačiarne",
            "subjectId": None,
            "taxId": None,
            "vatId": "SK1",
            "isVatPayer": True,
            "email": None,
            "street": None,
            "city": None,
            "zip": None,
            "country": {"id": 703, "name": "Slovakia", "code": "SK", "eu": True},
        }
    ]
    assert response.json()["paginator"]["totalResults"] == 2
    assert (await stranger.get("/contacts", params={"search": "zilin"})).json()["data"] == []
    both = (await stranger.get("/contacts", params={"search": "stranger"})).json()["data"]
    assert [(contact["contactType"], contact["name"]) for contact in both] == [
        ("client", "Stranger's client"), ("supplier", "Stranger's supplier"),
    ]  # fmt: skip


async def test_a_short_word_is_found_behind_a_quote_a_bracket_or_a_hyphen(plain_api: Api):
    for name in ('"AB" s.r.o.', "Nov-ák", "(XY) firma", "„QR“ a spol."):
        await plain_api.new_client(name=name)
    for search, expected in (
        ("ab", ['"AB" s.r.o.']), ("ak", ["Nov-ák"]), ("xy", ["(XY) firma"]), ("q", ["„QR“ a spol."]), ("b", []),
    ):  # fmt: skip
        assert await found(plain_api, search) == expected, search


async def test_a_country_is_found_by_every_word_of_its_name(plain_api: Api):
    for country_id, search in ((384, "ivoire"), (166, "keeling"), (624, "bissau")):
        await plain_api.new_client(name=f"Client {country_id}", countryId=country_id)
        assert await found(plain_api, search) == [f"Client {country_id}"]


async def test_a_search_that_has_no_word_is_none(people: Api):
    assert len(await found(people, "&")) == 5
    assert list(errors_of(await people.get("/contacts", params={"search": "& !"}))) == ["search"]


@pytest.mark.parametrize("character", ["㌖", "댠", "ﷺ"])
async def test_a_name_that_folds_to_many_times_its_length_is_stored_and_found(plain_api: Api, character: str):
    name = character * 255
    client = await plain_api.post("/clients", {"name": name, "city": name})
    case = await plain_api.post("/business-cases", {"name": name, "clientId": client.json()["id"], "description": name})
    assert (client.status_code, case.status_code) == (201, 201)
    assert await found(plain_api, character * 3) == [name]
    assert await found(plain_api, character * 3, sortBy="city") == [name]


_LETTERS = sorted({c for tag in LANGUAGE_TAGS for i in COUNTRY_CODES for c in country(i, tag).name})


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from([*_LETTERS, *"ŁłĐđÐðØøıİßẞÆæŒœÞþΆΩςΣ\u0001\u00a0\u2009"]), max_size=40))
def test_the_code_folds_as_the_database_does(owner: psycopg.Connection, text: str):
    row = owner.execute("SELECT folded(%s) AS folded", [text]).fetchone()
    assert " ".join(row["folded"].split()) == " ".join(folded(text).split())
