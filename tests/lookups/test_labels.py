"""The labels of lookups, in each of the 19 languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from babel import Locale
from support.api import Api
from support.documents import fed

from kronika.documents.labels import label as label_of
from kronika.documents.labels import type_name
from kronika.documents.models import DOCUMENT_TYPES
from kronika.languages import LANGUAGE_TAGS
from kronika.lookups.countries import country

LOCALIZED = (
    "/countries", "/languages", "/currencies", "/delivery-methods", "/payment-methods", "/qr-types", "/units",
)  # fmt: skip
KORUNA_AND_ESTONIAN = {
    "sk": ("Česká koruna", "Estónčina"), "en": ("Czech Koruna", "Estonian"), "cs": ("Česká koruna", "Estonština"),
    "de": ("Tschechische Krone", "Estnisch"), "et": ("Tšehhi kroon", "Eesti"), "es": ("Corona checa", "Estonio"),
    "fr": ("Couronne tchèque", "Estonien"), "hr": ("Češka kruna", "Estonski"), "hu": ("Cseh korona", "Észt"),
    "it": ("Corona ceca", "Estone"), "lt": ("Čekijos krona", "Estų"), "nl": ("Tsjechische kroon", "Estisch"),
    "pl": ("Korona czeska", "Estoński"), "pt": ("Coroa tcheca", "Estoniano"), "ro": ("Coroană cehă", "Estonă"),
    "sr": ("Чешка круна", "Естонски"), "ru": ("Чешская крона", "Эстонский"), "sl": ("Češka krona", "Estonščina"),
    "uk": ("Чеська крона", "Естонська"),
}  # fmt: skip
COURIER_AND_CASH = {
    "sk": ("Kuriér", "Hotovosť"), "en": ("Courier", "Cash"), "cs": ("Kurýr", "Hotovost"),
    "de": ("Kurier", "Barzahlung"), "et": ("Kuller", "Sularaha"), "es": ("Mensajería", "Efectivo"),
    "fr": ("Coursier", "Espèces"), "hr": ("Kurir", "Gotovina"), "hu": ("Futárszolgálat", "Készpénz"),
    "it": ("Corriere", "Contanti"), "lt": ("Kurjeris", "Grynieji pinigai"), "nl": ("Koerier", "Contant"),
    "pl": ("Kurier", "Gotówka"), "pt": ("Courier", "Dinheiro"), "ro": ("Curier", "Numerar"),
    "sr": ("Курир", "Готовина"), "ru": ("Курьер", "Наличные"), "sl": ("Kurir", "Gotovina"),
    "uk": ("Курʼєр", "Готівка"),
}  # fmt: skip
# By type, in the order of the types: what invoice programs there say.
DOCUMENTS = {
    "sk": "Faktúra, Zálohová faktúra, Objednávka, Cenová ponuka, Dobropis, Prijatá faktúra, Prijatý doklad, Príjemka, "
    "Výdajka",
    "en": "Invoice, Proforma invoice, Order, Quotation, Credit note, Received invoice, Received receipt, "
    "Goods receipt, Goods issue",
    "cs": "Faktura, Zálohová faktura, Objednávka, Cenová nabídka, Dobropis, Přijatá faktura, Přijatý doklad, Příjemka, "
    "Výdejka",
}
CYRILLIC = {"sr", "ru", "uk"}
ISO_639 = {"ee": "et", "cz": "cs", "rs": "sr", "si": "sl", "ua": "uk"}


async def listed(api: Api, path: str, header: str) -> list[dict[str, Any]]:
    response = await api.get(path, headers={"Accept-Language": header})
    assert response.status_code == 200
    return response.json()["data"]


async def labels(api: Api, path: str, header: str) -> list[str]:
    return [entry["name"] for entry in await listed(api, path, header)]


def scripts(label: str) -> set[str]:
    return {unicodedata.name(character).split()[0] for character in label if character.isalpha()}


def assert_is_proper(name: str) -> None:
    assert name == " ".join(name.split())
    assert name.isprintable()
    assert len(scripts(name) - {"MODIFIER"}) == 1, name  # the Ukrainian apostrophe is a letter


async def test_every_lookup_has_a_proper_label_for_every_entry_in_every_language(plain_api: Api):
    for path in LOCALIZED:
        found = {tag: await labels(plain_api, path, tag) for tag in LANGUAGE_TAGS}
        assert len({tuple(names) for names in found.values()}) == len(LANGUAGE_TAGS), "one language repeats another"
        for tag, names in found.items():
            where = f"{path} in {tag}"
            assert len(names) == len(found["en"]), where
            assert len(set(names)) == len(names), where
            for name in names:
                assert name, where
                assert_is_proper(name)
                if path != "/units":
                    assert name[0].isupper(), name


async def test_names_of_countries_currencies_and_languages_are_those_of_cldr_with_a_capital(plain_api: Api):
    for tag in LANGUAGE_TAGS:
        known = Locale.parse(tag)
        places = {country["code"]: country["name"] for country in await listed(plain_api, "/countries", tag)}
        money = {currency["symbol"]: currency["name"] for currency in await listed(plain_api, "/currencies", tag)}
        spoken = {
            ISO_639.get(language["code"], language["code"]): language["name"]
            for language in await listed(plain_api, "/languages", tag)
        }
        assert set(spoken) == set(LANGUAGE_TAGS)
        for shown, names in ((places, known.territories), (money, known.currencies), (spoken, known.languages)):
            for code, label in shown.items():
                assert label.casefold() == names[code].casefold()
        assert (money["CZK"], spoken["et"]) == KORUNA_AND_ESTONIAN[tag]
        assert ("CYRILLIC" in scripts(money["HRK"])) == (tag in CYRILLIC)


async def test_labels_of_our_own_are_in_the_selected_language(plain_api: Api):
    for tag in LANGUAGE_TAGS:
        courier = (await labels(plain_api, "/delivery-methods", tag))[2]
        cash = (await labels(plain_api, "/payment-methods", tag))[5]
        assert (courier, cash) == COURIER_AND_CASH[tag]
        assert (await labels(plain_api, "/qr-types", tag))[1] == "PayBySquare"


async def test_units_are_short_and_their_symbols_are_cyrillic_in_russian_and_ukrainian_only(plain_api: Api):
    for tag, expected in {
        "sk": "ks hod. deň cm m m² m³ km l g kg t",
        "en": "pcs hrs day cm m m² m³ km l g kg t",
        "lt": "vnt. val. diena cm m m² m³ km l g kg t",
        "sr": "ком сат дан cm m m² m³ km l g kg t",
        "ru": "шт. ч день см м м² м³ км л г кг т",
        "uk": "шт. год день см м м² м³ км л г кг т",
    }.items():
        assert await labels(plain_api, "/units", tag) == expected.split()


async def test_each_request_is_answered_in_its_own_language(plain_api: Api):
    forms = {"sk-SK,sk;q=0.9": "sk", "zh, pl_PL;q=0.1": "pl", "zh": "en", "": "en", "SK": "sk", "uk;q=0.2, de": "de"}
    for path in LOCALIZED:
        by_tag = {tag: await labels(plain_api, path, tag) for tag in set(forms.values())}
        for header, tag in forms.items():
            response = await plain_api.get(path, headers={"Accept-Language": header})
            assert response.headers["content-language"] == tag
            assert [entry["name"] for entry in response.json()["data"]] == by_tag[tag]


async def test_banks_have_the_same_names_in_every_language(plain_api: Api):
    answers = [await plain_api.get("/banks", headers={"Accept-Language": tag}) for tag in LANGUAGE_TAGS]
    assert [answer.headers["content-language"] for answer in answers] == list(LANGUAGE_TAGS)
    assert len({answer.content for answer in answers}) == 1


async def test_without_a_language_the_default_of_the_server_counts(
    new_api: Callable[..., Awaitable[Api]], stranger: Api
):
    api = await new_api(default_language="sk")
    for header, name in (
        ({}, "Dobierka"),
        ({"Accept-Language": "zh"}, "Dobierka"),
        ({"Accept-Language": "nl"}, "Rembours"),
    ):
        response = await api.get("/payment-methods", headers=header)
        assert response.json()["data"][3]["name"] == name


def test_every_type_of_documents_has_a_proper_name_of_its_own_in_every_language():
    found = {tag: [type_name(document_type, tag) for document_type in DOCUMENT_TYPES] for tag in LANGUAGE_TAGS}
    for tag, names in found.items():
        assert len(set(names)) == len(DOCUMENT_TYPES), tag
        for name in names:
            assert name, tag
            assert_is_proper(name)
            assert name[0].isupper(), name
            assert ("CYRILLIC" in scripts(name)) == (tag in CYRILLIC), name
    assert len({tuple(names) for names in found.values()}) == len(LANGUAGE_TAGS), "one language repeats another"
    assert {tag: ", ".join(found[tag]) for tag in DOCUMENTS} == DOCUMENTS


def test_a_document_is_called_by_its_name_or_else_by_its_type_and_number():
    assert label_of("invoice", "20260001", "March", "cs") == "March"
    assert label_of("invoice", "20260001", None, "cs") == "Faktura 20260001"
    assert label_of("credit-note", "7", None, "uk") == f"{type_name('credit-note', 'uk')} 7"


async def test_a_document_is_labelled_in_the_selected_language_everywhere(plain_api: Api):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    for tag in LANGUAGE_TAGS:
        headers = {"Accept-Language": tag}
        expected = f"{type_name('invoice', tag)} FV1"
        shown = (await plain_api.get("/documents/invoice/1", headers=headers)).json()
        events = await plain_api.get("/contact-activity-logs", params={"clientId": client_id}, headers=headers)
        related = events.json()["data"][0]["metadata"]["relatedDocument"]
        assert (shown["label"], related["name"]) == (expected, expected)
        assert shown["currency"] == related["currency"] == (await listed(plain_api, "/currencies", tag))[0]


async def test_a_country_inside_a_client_has_the_label_of_the_lookup(plain_api: Api):
    # CLDR begins Russian islands in lower case.
    lookup = {entry["id"]: entry for entry in await listed(plain_api, "/countries", "ru")}
    assert lookup[184]["name"] == "О-ва Кука"
    shown = await plain_api.post("/clients", {"name": "A", "countryId": 184}, headers={"Accept-Language": "ru"})
    assert shown.json()["country"] == lookup[184]


def test_a_language_that_is_none_of_ours_is_not_looked_up():
    for stranger in ("ja", "en_GB", "../root", ""):
        with pytest.raises(ValueError, match="no language"):
            country(703, stranger)
