"""The list of business cases: by page, filtered, searched, sorted."""

from __future__ import annotations

import itertools

import psycopg
import pytest
from support.api import Api, errors_of


async def new_status(api: Api, name: str) -> int:
    return (await api.post("/business-case-statuses", {"name": name, "color": "#22aa44"})).json()["id"]


async def listed(api: Api, **query) -> list[str]:
    response = await api.get("/business-cases", params={"perPage": 200, **query})
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["paginator"]["totalResults"] == len(body["data"])
    return [case["name"] for case in body["data"]]


async def test_the_newest_come_first_each_as_it_is_shown(plain_api: Api, stranger: Api):
    client_id, supplier_id = await plain_api.new_client(countryId=703), await plain_api.new_supplier()
    ids = [
        await plain_api.new_case(clientId=client_id, name="Roof"),
        await plain_api.new_case(supplierId=supplier_id, name="Tiles", description="Red ones"),
        await plain_api.new_case(clientId=client_id, name="Gutter", statusId=await new_status(plain_api, "Open")),
    ]
    body = (await plain_api.get("/business-cases", headers={"Accept-Language": "de"})).json()
    assert [case["id"] for case in body["data"]] == ids[::-1]
    for case in body["data"]:
        shown = await plain_api.get(f"/business-cases/{case['id']}", headers={"Accept-Language": "de"})
        assert shown.json() == case
    assert body["data"][0]["client"]["country"]["name"] == "Slowakei"
    assert body["paginator"]["perPage"] == 10
    assert await listed(stranger) == ["Stranger's case"]


@pytest.fixture
async def board(plain_api: Api) -> tuple[Api, dict[str, int]]:
    ids = {
        "client": await plain_api.new_client(),
        "supplier": await plain_api.new_supplier(),
        "open": await new_status(plain_api, "Open"),
        "won": await new_status(plain_api, "Won"),
    }
    for name, contact, status, description in (
        ("Strecha", "client", "open", "Nová krytina pre Žilinu"),
        ("Žľaby", "client", None, None),
        ("Škridla", "supplier", "open", "100% červená"),
        ("zvody", "supplier", "won", "krytina"),
    ):
        await plain_api.new_case(
            **{f"{contact}Id": ids[contact], "name": name, "statusId": status and ids[status]}, description=description
        )
    return plain_api, ids


async def test_filters_narrow_the_list_together(board: tuple[Api, dict[str, int]]):
    api, ids = board
    for query, expected in (
        ({"clientId": ids["client"]}, ["Žľaby", "Strecha"]),
        ({"supplierId": ids["supplier"]}, ["zvody", "Škridla"]),
        ({"statusId": ids["open"]}, ["Škridla", "Strecha"]),
        ({"statusId": "null"}, ["Žľaby"]),
        ({"statusId": ""}, ["zvody", "Škridla", "Žľaby", "Strecha"]),
        ({"statusId": ids["open"], "clientId": ids["client"]}, ["Strecha"]),
        ({"statusId": "null", "supplierId": ids["supplier"]}, []),
        ({"search": "krytina"}, ["zvody", "Strecha"]),
        ({"search": "ZILINU krytin"}, ["Strecha"]),
        ({"search": "krytina", "clientId": ids["client"]}, ["Strecha"]),
        ({"search": "krytina", "statusId": ids["won"]}, ["zvody"]),
        ({"search": "zlaby", "statusId": "null"}, ["Žľaby"]),
        ({"search": "krytina", "statusId": "null"}, []),
        ({"search": "100%"}, ["Škridla"]),
        ({"search": "str"}, ["Strecha"]),
        ({"search": "k"}, ["zvody", "Strecha"]),
        ({"search": "brata"}, []),
    ):
        assert await listed(api, **query) == expected, query


async def test_orders_and_their_reverse(board: tuple[Api, dict[str, int]], owner: psycopg.Connection):
    api, ids = board
    owner.execute(
        "UPDATE business_cases SET created_at = created_at - id %% 3 * interval '1 h',"
        " updated_at = updated_at + id %% 2 * interval '1 h' WHERE company_id = %s",
        [api.company_id],
    )
    assert await listed(api, sortBy="name", sortDirection="asc") == ["Škridla", "Strecha", "Žľaby", "zvody"]
    in_column = {"sortBy": "boardPosition", "statusId": ids["open"]}
    assert await listed(api, **in_column, sortDirection="asc") == ["Strecha", "Škridla"]
    for field, search in itertools.product(("name", "createdAt", "updatedAt", "boardPosition"), ({}, {"search": "k"})):
        body = (await api.get("/business-cases", params={"sortBy": field, "sortDirection": "asc", **search})).json()
        if field != "name":
            places = [(case[field], case["id"]) for case in body["data"]]
            assert places == sorted(places)
        names = [case["name"] for case in body["data"]]
        assert await listed(api, sortBy=field, **search) == names[::-1]
        assert await listed(api, sortBy=field, sortDirection="desc", **search) == names[::-1]


@pytest.mark.parametrize("query", [{}, {"search": "case"}, {"statusId": "null"}, {"sortBy": "name"}])
async def test_pages_are_pieces_of_the_list_and_their_links_keep_the_wish(plain_api: Api, query: dict):
    client_id = await plain_api.new_client()
    for number in range(11):
        await plain_api.new_case(clientId=client_id, name=f"Case {number % 3}")
    whole = [
        case["id"] for case in (await plain_api.get("/business-cases", params={**query, "perPage": 200})).json()["data"]
    ]
    assert len(whole) == 11
    for page in range(1, 6):
        body = (await plain_api.get("/business-cases", params={**query, "perPage": 3, "page": page})).json()
        assert [case["id"] for case in body["data"]] == whole[3 * page - 3 : 3 * page]
        assert body["paginator"]["totalResults"] == 11
    for name, value in query.items():
        assert f"{name}={value}" in body["paginator"]["firstPageUrl"]


async def test_totals_follow_what_comes_goes_and_moves(plain_api: Api):
    status = await new_status(plain_api, "Open")
    cases = [await plain_api.new_case() for _ in range(4)]

    async def totals() -> tuple[int, ...]:
        queries = ({}, {"statusId": status}, {"statusId": "null"})
        return tuple([len(await listed(plain_api, **query)) for query in queries])

    assert await totals() == (4, 0, 4)
    await plain_api.patch(f"/business-cases/{cases[0]}", {"statusId": status})
    assert await totals() == (4, 1, 3)
    await plain_api.delete(f"/business-cases/{cases[1]}")
    assert await totals() == (3, 1, 2)
    await plain_api.delete(f"/business-case-statuses/{status}")
    assert (len(await listed(plain_api)), len(await listed(plain_api, statusId="null"))) == (3, 3)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"clientId": 999999999}, ["clientId"]),
        ({"supplierId": "x"}, ["supplierId"]),
        ({"statusId": 999999999}, ["statusId"]),
        ({"statusId": "none"}, ["statusId"]),
        ({"clientId": 999999999, "supplierId": 999999999}, ["clientId", "supplierId"]),
        ({"search": "x" * 256}, ["search"]),
        ({"sortBy": "id"}, ["sortBy"]),
        ({"sortDirection": "DESC"}, ["sortDirection"]),
        ({"perPage": 0, "page": "two"}, ["perPage", "page"]),
    ],
)
async def test_a_parameter_that_breaks_a_rule_is_told(plain_api: Api, query: dict, fields: list[str]):
    assert sorted(errors_of(await plain_api.get("/business-cases", params=query))) == sorted(fields)


async def test_one_contact_at_a_time(plain_api: Api):
    query = {"clientId": await plain_api.new_client(), "supplierId": await plain_api.new_supplier()}
    errors = errors_of(await plain_api.get("/business-cases", params=query))
    assert errors.keys() == {"clientId", "supplierId"}
    assert errors["clientId"] == ["Only one of the fields that name whom this is about may be sent."]
