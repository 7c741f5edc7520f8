from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.api import Api, errors_of

from kronika.http.paging import PageWish, paginator

EVENTS = "/contact-activity-logs"
ADDRESS = "http://kronika.test/api/public/v1/contact-activity-logs"


def shown_pages(current: int, last: int) -> list[int]:
    """Plainly: which page numbers have a link."""
    if last <= 13:
        window = range(1, last + 1)
    elif current <= 7:
        window = range(1, 11)
    elif current > last - 7:
        window = range(last - 9, last + 1)
    else:
        window = range(current - 3, current + 4)
    return sorted({1, 2, last - 1, last, *window} & {*range(1, last + 1)})


def modelled(total: int, current: int, per_page: int, filters: str) -> dict[str, Any]:
    """Plainly: the paginator of a page, as the API shows it."""
    results = list(range(1, total + 1))
    pages = [results[start : start + per_page] for start in range(0, total, per_page)] or [[]]
    last = len(pages)
    page = pages[current - 1] if current <= last else []
    urls = {number: f"{ADDRESS}?{filters}page={number}" for number in range(1, last + 1)}
    before, after = urls.get(min(current - 1, last)), urls.get(current + 1)
    links: list[dict[str, Any]] = [{"url": before, "label": "&laquo; Previous", "active": False}]
    drawn = 0
    for number in shown_pages(current, last):
        if number != drawn + 1:
            links.append({"url": None, "label": "...", "active": False})
        links.append({"url": urls[number], "label": str(number), "active": number == current})
        drawn = number
    links.append({"url": after, "label": "Next &raquo;", "active": False})
    return {
        "currentPage": current,
        "perPage": per_page,
        "totalPages": last,
        "totalResults": total,
        "currentFrom": page[0] if page else None,
        "currentTo": page[-1] if page else None,
        "firstPageUrl": urls[1],
        "lastPageUrl": urls[last],
        "nextPageUrl": after,
        "previousPageUrl": before,
        "links": links,
    }


def shown_on(total: int, current: int, per_page: int) -> int:
    return len(range(total)[(current - 1) * per_page :][:per_page])


def drawn(current: int, last: int) -> str:
    wish = PageWish(current, 1)
    links = paginator(wish, total=last, shown=1, address=ADDRESS, filters={}).links[1:-1]
    return " ".join(f"[{link.label}]" if link.active else link.label for link in links)


@given(
    total=st.integers(0, 400) | st.sampled_from([13 * 200, 14 * 200, 10_000]),
    current=st.integers(1, 45) | st.integers(1, 10**12),
    per_page=st.integers(1, 200),
    filters=st.sampled_from([{}, {"clientId": "5"}, {"clientId": "5", "type": "note", "perPage": "2"}]),
)
@example(total=0, current=1, per_page=10, filters={})
@example(total=0, current=2, per_page=10, filters={})
@example(total=130, current=13, per_page=10, filters={})
@example(total=131, current=7, per_page=10, filters={})
@example(total=200, current=8, per_page=10, filters={})
@example(total=200, current=21, per_page=10, filters={})
def test_every_paginator_is_as_the_plain_model_says(total: int, current: int, per_page: int, filters: dict[str, str]):
    shown = shown_on(total, current, per_page)
    made = paginator(PageWish(current, per_page), total=total, shown=shown, address=ADDRESS, filters=filters)
    prefix = "".join(f"{name}={value}&" for name, value in filters.items())
    assert msgspec.to_builtins(made) == modelled(total, current, per_page, prefix)


@pytest.mark.parametrize(
    ("current", "last", "links"),
    [
        (1, 1, "[1]"),
        (2, 2, "1 [2]"),
        (7, 13, "1 2 3 4 5 6 [7] 8 9 10 11 12 13"),
        (1, 14, "[1] 2 3 4 5 6 7 8 9 10 ... 13 14"),
        (7, 14, "1 2 3 4 5 6 [7] 8 9 10 ... 13 14"),
        (8, 14, "1 2 ... 5 6 7 [8] 9 10 11 12 13 14"),
        (14, 14, "1 2 ... 5 6 7 8 9 10 11 12 13 [14]"),
        (8, 15, "1 2 ... 5 6 7 [8] 9 10 11 ... 14 15"),
        (9, 15, "1 2 ... 6 7 8 [9] 10 11 12 13 14 15"),
        (50, 100, "1 2 ... 47 48 49 [50] 51 52 53 ... 99 100"),
        (93, 100, "1 2 ... 90 91 92 [93] 94 95 96 ... 99 100"),
        (94, 100, "1 2 ... 91 92 93 [94] 95 96 97 98 99 100"),
        (101, 100, "1 2 ... 91 92 93 94 95 96 97 98 99 100"),
    ],
)
def test_the_links_are_a_window_around_the_current_page(current: int, last: int, links: str):
    assert drawn(current, last) == links


async def test_a_page_has_ten_results_unless_another_number_is_asked_for(api: Api):
    client_id = await api.new_client()
    ids = [(await api.record(clientId=client_id)).json()["id"] for _ in range(21)][::-1]
    for query, expected in (
        ({}, ids[:10]),
        ({"page": "2"}, ids[10:20]),
        ({"page": "3"}, ids[20:]),
        ({"page": "4"}, []),
        ({"perPage": "7", "page": "3"}, ids[14:]),
        ({"perPage": "1", "page": "21"}, ids[20:]),
        ({"perPage": "200"}, ids),
        ({"page": "", "perPage": " "}, ids[:10]),
        ({"page": " 2 ", "perPage": "+5"}, ids[5:10]),
        ({"page": str(2**63 - 1), "perPage": "200"}, []),
    ):
        body = await api.timeline(clientId=client_id, **query)
        per_page, page = (
            int(query.get(name, "").strip() or default) for name, default in (("perPage", 10), ("page", 1))
        )
        filters = f"clientId={client_id}&" + (f"perPage={per_page}&" if query.get("perPage", "").strip() else "")
        assert [event["id"] for event in body["data"]] == expected, query
        assert sorted_filters(body["paginator"]) == sorted_filters(modelled(21, page, per_page, filters)), query


def sorted_filters(shown: Any) -> Any:
    """The same with the parameters of every URL read, so that their order does not matter."""
    match shown:
        case dict():
            return {name: sorted_filters(value) for name, value in shown.items()}
        case list():
            return [sorted_filters(value) for value in shown]
        case str() if shown.startswith("http"):
            parts = urlsplit(shown)
            return f"{parts.scheme}://{parts.netloc}{parts.path}", parse_qs(parts.query)
        case _:
            return shown


async def test_a_list_of_nothing_is_one_empty_page(api: Api):
    client_id = await api.new_client()
    body = await api.timeline(clientId=client_id)
    assert body == {"data": [], "paginator": modelled(0, 1, 10, f"clientId={client_id}&")}


@pytest.mark.parametrize("wrong", ["0", "-1", "201", "1000000", "ten", "1.5", "1e1", "9223372036854775808", "true"])
@pytest.mark.parametrize("field", ["perPage", "page"])
async def test_a_number_that_is_none_or_out_of_bounds_is_told(api: Api, field: str, wrong: str):
    client_id = await api.new_client()
    response = await api.get(EVENTS, params={"clientId": client_id, field: wrong})
    if field == "page" and wrong in {"201", "1000000"}:
        assert (response.status_code, response.json()["data"]) == (200, [])
    else:
        assert errors_of(response).keys() == {field}


async def test_both_bounds_of_a_page_are_allowed(api: Api):
    client_id = await api.new_client()
    for per_page in (1, 200):
        assert (await api.timeline(clientId=client_id, perPage=per_page))["paginator"]["perPage"] == per_page


async def test_urls_are_absolute_keep_every_filter_and_lead_to_the_pages_they_name(api: Api):
    client_id = await api.new_client()
    call = {"content": "They accept", "personName": "Jana"}
    for _ in range(3):
        await api.record(clientId=client_id)
        await api.record(clientId=client_id, type="phone_call", metadata=call)
    filters = {"clientId": str(client_id), "type": "phone_call", "perPage": "1"}
    body = await api.timeline(**filters, page=2, unknown="x")
    for name, page in (("firstPageUrl", 1), ("lastPageUrl", 3), ("previousPageUrl", 1), ("nextPageUrl", 3)):
        url = body["paginator"][name]
        assert url.startswith(f"{ADDRESS}?")
        assert parse_qs(urlsplit(url).query) == {key: [value] for key, value in (filters | {"page": str(page)}).items()}
        followed = await api.http.get(url, headers={"Authorization": f"Bearer {api.token}"})
        assert followed.json()["paginator"]["currentPage"] == page
        assert [event["type"] for event in followed.json()["data"]] == ["phone_call"]


async def test_urls_begin_with_the_public_address_and_not_with_the_one_that_was_asked(stranger: Api, new_api):
    api = await new_api(public_url="https://crm.example.test/kronika/")
    client_id = await api.new_client()
    page = await api.timeline(clientId=client_id)
    address = "https://crm.example.test/kronika/api/public/v1/contact-activity-logs"
    assert page["paginator"]["firstPageUrl"] == f"{address}?clientId={client_id}&page=1"


async def test_the_pages_of_a_timeline_count_nothing_of_a_stranger(api: Api, stranger: Api):
    client_id, theirs = await api.new_client(), await stranger.new_client()
    await api.record(clientId=client_id)
    for _ in range(3):
        await stranger.record(clientId=theirs)
    assert (await api.timeline(clientId=client_id))["paginator"]["totalResults"] == 1
