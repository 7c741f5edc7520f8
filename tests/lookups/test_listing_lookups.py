"""What the eight lookups answer: the fixed ids and codes, whole and in order, to everybody with a token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from support.api import PREFIX, Api

from kronika.contacts.input import CLIENT_FIELDS, SUPPLIER_FIELDS

BANKS = {
    1: ("365 Bank", "POBNSKBA"), 4: ("Fio banka", "FIOZSKBA"), 6: ("ING Wholesale Banking", "INGBSKBX"),
    8: ("mBank", "BREXSKBX"), 12: ("Oberbank", "OBKLSKBA"), 13: ("PayPal", "PPLXLULLXXX"),
    15: ("Poštová banka", "POBNSKBA"), 16: ("Prima Banka", "KOMASK2X"), 17: ("Raiffeisen Banka", "TATRSKBX"),
    18: ("Revolut", "REVOLT21XXX"), 19: ("Skrill", "SKRLGB2L"), 20: ("Slovenská sporiteľňa", "GIBASKBX"),
    23: ("Tatra Banka", "TATRSKBX"), 24: ("Unicredit", "UNCRSKBX"), 25: ("VUB Banka", "SUBASKBX"),
    26: ("Wise", "TRWIGB22XXX"), 27: ("Československá obchodná banka", "CEKOSKBX"),
    33: ("Národná banka Slovenska", "NBSBSKBX"), 34: ("Slovenská záručná a rozvojová banka", "SLZBSKBA"),
    35: ("Prvá stavebná sporiteľňa", "PRVASKBA"), 37: ("Wustenrot stavebná sporiteľňa", "WUSTSKBA"),
    38: ("Komerční banka", "KOMBSKBA"), 39: ("Privatbanka", "BSLOSK22"), 40: ("Citibank Europe", "CITISKBA"),
    41: ("EXIMBANKA", "EXSKSKBX"), 42: ("Štátna pokladnica", "SPSRSKBA"), 43: ("J&T BANKA", "JTBPSKBA"),
    44: ("BKS Bank", "BFKKSKBB"), 45: ("Trust Pay", "TPAYSKBX"),
}  # fmt: skip
CURRENCIES = {
    1: ("EUR", "€"), 2: ("USD", "$"), 3: ("JPY", "¥"), 4: ("BGN", "лв"), 5: ("CZK", "Kč"), 6: ("DKK", "kr"),
    7: ("GBP", "£"), 8: ("HUF", "Ft"), 9: ("PLN", "zł"), 10: ("RON", "lei"), 11: ("SEK", "kr"), 12: ("CHF", "CHF"),
    13: ("ISK", "kr"), 14: ("NOK", "kr"), 15: ("HRK", "kn"), 16: ("RUB", "₽"), 17: ("TRY", "₺"), 18: ("AUD", "$"),
    19: ("BRL", "R$"), 20: ("CAD", "$"), 21: ("CNY", "¥"), 22: ("HKD", "$"), 23: ("IDR", "Rp"), 24: ("ILS", "₪"),
    25: ("INR", "₹"), 26: ("KRW", "₩"), 27: ("MXN", "$"), 28: ("MYR", "RM"), 29: ("NZD", "$"), 30: ("PHP", "₱"),
    31: ("SGD", "$"), 32: ("THB", "฿"), 33: ("ZAR", "R"),
}  # fmt: skip
LANGUAGES = {
    1: ("sk", "Slovak"), 2: ("en", "English"), 3: ("de", "German"), 4: ("es", "Spanish"), 5: ("hu", "Hungarian"),
    6: ("ee", "Estonian"), 7: ("fr", "French"), 8: ("cz", "Czech"), 9: ("hr", "Croatian"), 10: ("it", "Italian"),
    11: ("lt", "Lithuanian"), 12: ("nl", "Dutch"), 13: ("pl", "Polish"), 14: ("pt", "Portuguese"),
    15: ("ro", "Romanian"), 16: ("rs", "Serbian"), 17: ("ru", "Russian"), 18: ("si", "Slovenian"),
    19: ("ua", "Ukrainian"),
}  # fmt: skip
NAMED = {
    "/delivery-methods": ("Unspecified", "Post", "Courier", "Personal collection", "Freight", "Pick-up point"),
    "/payment-methods": ("Bank transfer", "Card", "PayPal", "Cash on delivery", "Mutual set-off", "Cash"),
    "/qr-types": ("Do not generate", "PayBySquare"),
    "/units": ("pcs", "hrs", "day", "cm", "m", "m²", "m³", "km", "l", "g", "kg", "t"),
}
EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
PATHS = ("/banks", "/countries", "/languages", "/currencies", *NAMED)
FIELDS = {
    "countryId": "/countries",
    "deliveryCountryId": "/countries",
    "preferredDeliveryMethodId": "/delivery-methods",
    "preferredPaymentMethodId": "/payment-methods",
    "preferredCurrencyId": "/currencies",
    "preferredLanguageId": "/languages",
}


async def listed(api: Api, path: str, **options: Any) -> list[dict[str, Any]]:
    response = await api.get(path, **options)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json().keys() == {"data"}
    return response.json()["data"]


async def test_banks_have_their_fixed_ids_names_and_swift_codes(plain_api: Api):
    expected = [{"id": number, "name": name, "swift": swift} for number, (name, swift) in BANKS.items()]
    assert await listed(plain_api, "/banks") == expected


async def test_currencies_have_their_fixed_ids_codes_and_marks(plain_api: Api):
    found = await listed(plain_api, "/currencies")
    assert [set(currency) for currency in found] == [{"id", "symbol", "name", "mark"}] * 33
    assert {currency["id"]: (currency["symbol"], currency["mark"]) for currency in found} == CURRENCIES
    assert found[0] == {"id": 1, "symbol": "EUR", "name": "Euro", "mark": "€"}


async def test_languages_have_their_fixed_ids_and_codes_also_those_that_are_not_of_iso_639(plain_api: Api):
    expected = [{"id": number, "name": name, "code": code} for number, (code, name) in LANGUAGES.items()]
    assert await listed(plain_api, "/languages") == expected


async def test_countries_are_those_of_iso_3166_by_their_numbers_except_panama(plain_api: Api):
    found = {country["code"]: country for country in await listed(plain_api, "/countries")}
    assert len(found) == 249
    assert " ".join(sorted(code for code, country in found.items() if country["eu"])) == EU
    assert found["SK"] == {"id": 703, "name": "Slovakia", "code": "SK", "eu": True}
    assert found["PA"] == {"id": 590, "name": "Panama", "code": "PA", "eu": False}
    numbers = {"AF": 4, "CZ": 203, "GB": 826, "TW": 158, "US": 840, "ZM": 894}
    assert {code: found[code]["id"] for code in numbers} == numbers


async def test_the_others_have_their_fixed_ids_and_a_name(plain_api: Api):
    for path, names in NAMED.items():
        expected = [{"id": number, "name": name} for number, name in enumerate(names, 1)]
        assert await listed(plain_api, path) == expected


async def test_a_lookup_comes_whole_in_the_order_of_its_ids_to_every_company_alike(plain_api: Api, stranger: Api):
    for path in PATHS:
        found = await listed(plain_api, path, params={"page": 2, "perPage": 1})
        assert [entry["id"] for entry in found] == sorted({entry["id"] for entry in found}), path
        assert await listed(stranger, path) == found


async def test_a_reader_may_ask_and_is_counted(new_api: Callable[..., Awaitable[Api]], stranger: Api):
    reader = await new_api(scope="read", rate_limit=len(PATHS))
    for n, path in enumerate(PATHS, 1):
        response = await reader.get(path)
        assert response.status_code == 200, path
        assert response.headers["x-ratelimit-remaining"] == str(len(PATHS) - n)
    assert [(await reader.get(path)).status_code for path in PATHS] == [429] * len(PATHS)


async def test_only_reading_is_possible_and_only_with_a_token(plain_api: Api):
    for path in PATHS:
        shown = await plain_api.get(path)
        head = await plain_api.request("HEAD", path)
        assert (head.status_code, head.headers["content-length"]) == (200, str(len(shown.content))), path
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            refused = await plain_api.request(method, path, json={})
            assert refused.status_code == 405, path
            assert {allowed.strip() for allowed in refused.headers["allow"].split(",")} == {"GET", "HEAD"}
        assert (await plain_api.get(f"{path}/1")).status_code == 404
        assert (await plain_api.http.get(PREFIX + path)).status_code == 401


async def test_a_field_takes_the_ids_of_its_lookup_and_no_other(plain_api: Api):
    rules = CLIENT_FIELDS | SUPPLIER_FIELDS
    assert {name for name, rule in rules.items() if isinstance(rule.schema.get("enum", [""])[0], int)} == set(FIELDS)
    for field, path in FIELDS.items():
        ids = [entry["id"] for entry in await listed(plain_api, path)]
        assert rules[field].schema["enum"] == ids
        taken = await plain_api.post("/clients", {"name": "Acme", field: ids[-1]})
        assert taken.status_code == 201
        refused = await plain_api.post("/clients", {"name": "Acme", field: ids[-1] + 1})
        assert refused.json()["errors"] == {field: ["This does not exist."]}
