from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from support.api import PREFIX, Api

from kronika.languages import LANGUAGE_TAGS, select_language

ENGLISH, SLOVAK = "This field is required.", "Toto pole je povinné."
SLOVAKIA = {
    "sk": "Slovensko", "en": "Slovakia", "cs": "Slovensko", "de": "Slowakei", "et": "Slovakkia", "es": "Eslovaquia",
    "fr": "Slovaquie", "hr": "Slovačka", "hu": "Szlovákia", "it": "Slovacchia", "lt": "Slovakija", "nl": "Slowakije",
    "pl": "Słowacja", "pt": "Eslováquia", "ro": "Slovacia", "sr": "Словачка", "ru": "Словакия", "sl": "Slovaška",
    "uk": "Словаччина",
}  # fmt: skip

SELECTED = {
    "": "en",
    "sk": "sk",
    "SK": "sk",
    "sk-SK": "sk",
    "sk_SK": "sk",
    "sr-Latn-RS": "sr",
    "pt-BR, pt;q=0.9": "pt",
    "de, sk": "de",
    "de;q=0.5, sk": "sk",
    "de;q=0.5, sk;q=0.7, en;q=0.6": "sk",
    "sk;q=0.7,de;q=0.7": "sk",
    "sk ; q=0.3 , de ; Q=0.4": "de",
    "sk;q=1.000, de;q=0.999": "sk",
    "zh, ja;q=0.9, uk;q=0.1": "uk",
    "zh, ja": "en",
    "xsk, skx": "en",
    "*": "en",
    "*, sk;q=0.1": "sk",
    "zh, *;q=0.5": "en",
    "sk;q=0": "en",
    "sk;q=0, de;q=0.1": "de",
    "sk;q=2, de;q=0.1": "de",
    "sk;q=-1": "en",
    "sk;q=nan": "en",
    "sk;q=": "en",
    "sk;q=much, de;q=0.2": "de",
    "sk;level=1": "en",
    ";;,,;q=1,": "en",
    ", ,sk": "sk",
    "sk;;q": "en",
    "-": "en",
    "zh;q=0.001," * 10_000: "en",
}
"""What is selected for a header, where English is the default."""


@pytest.mark.parametrize("header", SELECTED, ids=lambda header: header[:30] or "none")
async def test_the_best_language_that_there_is_is_selected(plain_api: Api, header: str):
    response = await plain_api.get("/whoami", headers={"Accept-Language": header})
    assert (response.status_code, response.headers["content-language"]) == (200, SELECTED[header])


async def test_every_tag_selects_itself(plain_api: Api):
    assert set(LANGUAGE_TAGS) == set(SLOVAKIA)
    for tag in LANGUAGE_TAGS:
        response = await plain_api.get("/whoami", headers={"Accept-Language": f"zh, {tag}-XX;q=0.2"})
        assert response.headers["content-language"] == tag


def test_a_header_of_nothing_but_noise_selects_the_default_and_never_fails():
    for noise in ("\x00", "é" * 600, ";" * 600, ",q=1", "=;=", "q", "sk;q=1e-400", "sk;q=0x1", "\u0660"):
        assert select_language(noise, "pl") == "pl"


@pytest.mark.parametrize("tag", SLOVAKIA)
async def test_a_country_is_named_in_the_selected_language(plain_api: Api, tag: str):
    accepted = {"Accept-Language": tag}
    place = {"name": "Acme", "countryId": 703, "deliveryCountryId": 703}
    created = await plain_api.post("/clients", place, headers=accepted)
    country = {"id": 703, "name": SLOVAKIA[tag], "code": "SK", "eu": True}
    assert (created.json()["country"], created.json()["deliveryCountry"]) == (country, country)
    shown = await plain_api.get(f"/clients/{created.json()['id']}", headers=accepted)
    assert shown.json() == created.json()
    assert shown.headers["content-language"] == tag


async def test_a_record_is_not_stored_in_the_language_it_was_sent_in(plain_api: Api):
    created = await plain_api.post("/suppliers", {"name": "Acme", "countryId": 276}, headers={"Accept-Language": "sk"})
    assert created.json()["country"]["name"] == "Nemecko"
    shown = await plain_api.get(f"/suppliers/{created.json()['id']}", headers={"Accept-Language": "fr"})
    assert shown.json()["country"]["name"] == "Allemagne"


async def test_a_cases_contact_has_its_country_in_the_selected_language(plain_api: Api):
    client_id = await plain_api.new_client(countryId=40)
    case_id = await plain_api.new_case(clientId=client_id)
    shown = await plain_api.get(f"/business-cases/{case_id}", headers={"Accept-Language": "sk"})
    assert shown.json()["client"]["country"]["name"] == "Rakúsko"


@pytest.mark.parametrize("tag", LANGUAGE_TAGS)
async def test_errors_are_slovak_for_readers_of_slovak_and_czech_and_english_for_all_others(api: Api, tag: str):
    for path, field in (("/contact-activity-logs", "type"), ("/clients", "name")):
        response = await api.post(path, {}, headers={"Accept-Language": tag})
        assert response.json()["errors"][field] == [SLOVAK if tag in {"sk", "cs"} else ENGLISH]
        assert response.json()["message"] == "The given data was invalid."
        assert response.headers["content-language"] == tag


async def test_a_bound_is_named_in_slovak_too(plain_api: Api):
    response = await plain_api.post("/clients", {"name": "x" * 256}, headers={"Accept-Language": "sk"})
    assert response.json()["errors"] == {"name": ["Hodnota môže mať najviac 255 znakov."]}


async def test_messages_stay_english_in_every_language(plain_api: Api):
    slovak = {"Accept-Language": "sk"}
    for response, message in (
        (await plain_api.http.get(f"{PREFIX}/whoami", headers=slovak), "Unauthenticated."),
        (await plain_api.get("/clients/1", headers=slovak), "No query results for model."),
        (await plain_api.get("/nowhere", headers=slovak), "Not Found"),
        (await plain_api.post("/clients", {}, headers=slovak), "The given data was invalid."),
    ):
        assert response.json()["message"] == message
        assert response.headers["content-language"] == "sk"
    refused = await plain_api.post("/clients", {}, key="a key", headers=slovak)
    assert refused.json() == {"error": "Idempotency-Key must be 1 to 255 visible ASCII characters"}


async def test_the_default_language_is_a_setting(stranger: Api, new_api: Callable[..., Awaitable[Api]]):
    api = await new_api(default_language="sk")
    assert (await api.post("/clients", {})).json()["errors"] == {"name": [SLOVAK]}
    for header, tag in (("zh", "sk"), ("*", "sk"), ("en", "en"), ("zh, de;q=0.1", "de")):
        response = await api.get("/whoami", headers={"Accept-Language": header})
        assert response.headers["content-language"] == tag
    assert (await api.get("/whoami")).headers["content-language"] == "sk"


async def test_the_language_of_a_record_without_words_changes_nothing(api: Api):
    client_id = await api.new_client()
    event = await api.record(clientId=client_id)
    shown = await api.get(f"/contact-activity-logs/{event.json()['id']}", headers={"Accept-Language": "hu"})
    assert shown.content == event.content
    assert shown.headers["content-language"] == "hu"
