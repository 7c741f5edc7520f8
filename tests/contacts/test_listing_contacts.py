"""Lists of clients and suppliers: whole or by the page, filtered, sorted."""

from __future__ import annotations

import itertools

import pytest
from support.api import Api, errors_of

NAMES = [
    "Žitný",
    "zebra",
    "Čierny",
    "Cukráreň",
    "cibuľa",
    "Łódź",
    "Lodné plachty",
    "Dům",
    "Äpfel",
    "Apfel",
    "1. obchod",
]
SORTED = [
    "1. obchod", "Apfel", "Äpfel", "cibuľa", "Čierny", "Cukráreň", "Dům", "Lodné plachty", "Łódź", "zebra", "Žitný",
]  # fmt: skip


async def names(api: Api, path: str = "/clients", **query) -> list[str]:
    response = await api.get(path, params=query)
    assert response.status_code == 200, response.text
    return [contact["name"] for contact in response.json()["data"]]


async def test_names_sort_as_people_expect_whatever_their_case_and_diacritics(plain_api: Api):
    for name in NAMES:
        await plain_api.new_client(name=name)
    assert await names(plain_api) == SORTED
    assert await names(plain_api, sortBy="name", sortDirection="desc") == SORTED[::-1]
    assert await names(plain_api, perPage=4) == SORTED[:4]
    assert await names(plain_api, perPage=4, page=3) == SORTED[8:]


async def test_a_list_without_a_page_is_whole_and_has_the_shape_of_the_contract(plain_api: Api):
    for number in range(250):
        await plain_api.new_client(name=f"Client {number:03}", city="Žilina", countryId=703)
    response = await plain_api.get("/clients", headers={"Accept-Language": "sk"})
    assert response.headers["content-type"] == "application/json"
    assert response.headers["content-length"] == str(len(response.content))
    body = response.json()
    assert list(body) == ["data"]
    assert [client["name"] for client in body["data"]] == [f"Client {number:03}" for number in range(250)]
    shown = await plain_api.get(f"/clients/{body['data'][7]['id']}", headers={"Accept-Language": "sk"})
    assert body["data"][7] == shown.json()
    assert body["data"][7]["country"]["name"] == "Slovensko"


async def test_empty_lists_are_empty(plain_api: Api):
    assert (await plain_api.get("/clients")).json() == {"data": []}
    paged = (await plain_api.get("/suppliers", params={"page": 1})).json()
    assert paged["data"] == []
    assert paged["paginator"]["totalResults"] == 0
    assert paged["paginator"]["totalPages"] == 1


async def test_a_page_tells_where_it_stands_and_its_links_keep_the_wish(plain_api: Api):
    for number in range(5):
        await plain_api.new_supplier(name=f"Supplier {number}", city="Košice")
    query = {"sortBy": "name", "sortDirection": "desc", "search": "košice", "perPage": 2, "page": 2}
    body = (await plain_api.get("/suppliers", params=query)).json()
    assert [supplier["name"] for supplier in body["data"]] == ["Supplier 2", "Supplier 1"]
    paginator = body["paginator"]
    assert paginator["totalResults"] == 5
    assert (paginator["currentFrom"], paginator["currentTo"], paginator["totalPages"]) == (3, 4, 3)
    assert paginator["nextPageUrl"] == (
        "http://kronika.test/api/public/v1/suppliers?search=ko%C5%A1ice&sortBy=name&sortDirection=desc&perPage=2&page=3"
    )


@pytest.mark.parametrize("query", [{}, {"search": "client"}, {"type": "person"}, {"taxId": "77"}])
async def test_every_page_of_every_size_is_its_piece_of_the_whole_list(plain_api: Api, query: dict):
    for number in range(11):
        await plain_api.new_client(name=f"Client {number % 4}", type="person", taxId="77")
    whole = [client["id"] for client in (await plain_api.get("/clients", params=query)).json()["data"]]
    assert len(whole) == 11
    for per_page, direction in itertools.product((1, 3, 10, 11, 200), ("asc", "desc")):
        wanted = whole if direction == "asc" else whole[::-1]
        for page in range(1, 13):
            body = (
                await plain_api.get(
                    "/clients", params={**query, "perPage": per_page, "page": page, "sortDirection": direction}
                )
            ).json()
            start = (page - 1) * per_page
            assert [client["id"] for client in body["data"]] == wanted[start : start + per_page]
            assert body["paginator"]["totalResults"] == 11


async def test_a_page_far_beyond_the_last_is_empty(plain_api: Api):
    await plain_api.new_client(name="Acme")
    for query in ({"page": 2**63 - 1, "perPage": 200}, {"page": 2**63 - 1, "perPage": 200, "search": "acme"}):
        body = (await plain_api.get("/clients", params=query)).json()
        assert body["data"] == []
        assert body["paginator"]["totalResults"] == 1


@pytest.mark.parametrize("sort_by", ["city", "zip", "countryId", "createdAt", "updatedAt"])
async def test_each_order_has_its_exact_reverse(plain_api: Api, owner, sort_by: str):
    for number in range(12):
        client_id = await plain_api.new_client(
            name=f"Client {number}",
            city=["Žilina", "Zvolen", "zámok", None][number % 4],
            zip=[None, "04001", "010 01"][number % 3],
            countryId=[703, None, 40, 203][number % 4],
        )
        owner.execute(
            "UPDATE contacts SET created_at = created_at - %(n)s * interval '1 h', updated_at = updated_at + %(m)s"
            " * interval '1 h' WHERE id = %(id)s",
            {"n": number % 5, "m": number % 3, "id": client_id},
        )
    forward = (await plain_api.get("/clients", params={"sortBy": sort_by})).json()["data"]
    backward = (await plain_api.get("/clients", params={"sortBy": sort_by, "sortDirection": "desc"})).json()["data"]
    assert len(forward) == 12
    assert forward == backward[::-1]
    keys = {
        "city": lambda c: ["zamok", "zilina", "zvolen", None].index(
            c["city"] and {"Ž": "zilina", "Z": "zvolen", "z": "zamok"}[c["city"][0]]
        ),
        "zip": lambda c: c["zip"] or "~",
        "countryId": lambda c: c["country"]["id"] if c["country"] else 9999,
        "createdAt": lambda c: c["createdAt"],
        "updatedAt": lambda c: c["updatedAt"],
    }
    places = [(keys[sort_by](client), client["id"]) for client in forward]
    assert places == sorted(places)


async def test_filters_narrow_a_list_together(plain_api: Api):
    mine = await plain_api.new_client(
        name="Acme", type="company", subjectId="12345678", taxId="2020", vatId="SK2020", countryId=703
    )
    await plain_api.new_client(
        name="Bcme", type="company", subjectId="12345679", taxId="2021", vatId="SK2021", countryId=203
    )
    await plain_api.new_client(name="Ccme", type="person", countryId=703)
    for query, expected in (
        ({"type": "company"}, ["Acme", "Bcme"]),
        ({"countryId": 703}, ["Acme", "Ccme"]),
        ({"countryId": "703", "type": "company"}, ["Acme"]),
        ({"subjectId": "12345678"}, ["Acme"]),
        ({"taxId": "2021"}, ["Bcme"]),
        ({"vatId": "SK2020"}, ["Acme"]),
        ({"vatId": "sk2020"}, []),
        ({"subjectId": "1234567"}, []),
        ({"search": "cme", "type": "company", "countryId": 203}, ["Bcme"]),
        ({"search": "cme", "subjectId": "12345678", "taxId": "2020", "vatId": "SK2020"}, ["Acme"]),
        ({"countryId": 40}, []),
    ):
        assert await names(plain_api, **query) == expected, query
        body = (await plain_api.get("/clients", params={**query, "page": 1})).json()
        assert [client["name"] for client in body["data"]] == expected, query
        assert body["paginator"]["totalResults"] == len(expected), query
    await plain_api.delete(f"/clients/{mine}")
    assert await names(plain_api, subjectId="12345678") == []


async def test_clients_and_suppliers_are_separate_lists_and_of_one_company(plain_api: Api, stranger: Api):
    await plain_api.new_client(name="A client")
    await plain_api.new_supplier(name="A supplier")
    assert await names(plain_api) == ["A client"]
    assert await names(plain_api, "/suppliers") == ["A supplier"]
    assert await names(stranger) == ["Stranger's client"]
    assert await names(stranger, "/suppliers", page=1) == ["Stranger's supplier"]


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/clients", {"sortBy": "email"}, "sortBy"),
        ("/clients", {"sortDirection": "up"}, "sortDirection"),
        ("/clients", {"type": "robot"}, "type"),
        ("/clients", {"countryId": 1}, "countryId"),
        ("/clients", {"countryId": "x"}, "countryId"),
        ("/clients", {"perPage": 201}, "perPage"),
        ("/clients", {"page": 0}, "page"),
        ("/clients", {"search": "x" * 256}, "search"),
        ("/clients", {"search": "a\0b"}, "search"),
        ("/suppliers", {"sortBy": "countryId"}, "sortBy"),
        ("/contacts", {}, "search"),
        ("/contacts", {"search": " "}, "search"),
    ],
)
async def test_a_parameter_that_breaks_a_rule_is_told(plain_api: Api, path: str, query: dict, field: str):
    assert list(errors_of(await plain_api.get(path, params=query))) == [field]


async def test_suppliers_have_no_filters_but_the_search(plain_api: Api):
    await plain_api.new_supplier(name="Acme", type="person")
    assert await names(plain_api, "/suppliers", type="company", countryId=703) == ["Acme"]
