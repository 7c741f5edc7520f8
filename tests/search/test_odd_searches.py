"""Whatever is searched for, there is an answer."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.api import Api, errors_of

ODD = [
    "'", '"', "\\", "&", "|", "!", ":*", "<->", "a:*b", "(a", "a)", "'a' & 'b'", "a\\'b", "%", "_", "%%%", "a%b", "$$",
    "--", "; DROP TABLE events; --", "${x}", "{{ x }}", "<script>", "&amp;", "\u200f", "\u202e", "שלום עולם", "العربية",
    "\ufeff", "\ud7ff", "🙂", "a\u0301", "\u0301", "㌖㌖", "ﷺ", "½", "\x01", "\t", "7.0/a", "1.0/", "/", "a" * 3000,
    "a " * 200, "ab " * 3333, "😀" * 2000, "." * 10_000, "ŕ" * 10_000, "0", "-1", "null", "NaN",
]  # fmt: skip


@pytest.mark.parametrize("query", ODD, ids=range(len(ODD)))
async def test_an_odd_search_is_answered_with_a_list(plain_api: Api, query: str):
    await plain_api.record(
        clientId=await plain_api.new_client(name="%_'\\"), metadata={"content": "a 'b' \\ & | ! :* 7.0/a"}
    )
    response = await plain_api.get("/search", params={"query": query})
    if not query.strip() or query in {"\u200f", "\ufeff", "\u202e"}:
        assert response.status_code in {200, 422}
    else:
        assert response.status_code == 200, response.text


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300))
async def test_any_note_is_recorded_and_found_by_its_own_words(plain_api: Api, said: str):
    client = await plain_api.new_client(name="X")
    recorded = await plain_api.record(clientId=client, metadata={"content": f"zaciatok {said}"})
    assert recorded.status_code == 201
    response = await plain_api.get("/search", params={"query": f"zaciatok {said}", "type": "contactActivityLog"})
    assert response.status_code == 200
    assert recorded.json()["id"] in [item["id"] for item in response.json()["data"]]
    assert (await plain_api.get("/search", params={"query": said})).status_code in {200, 422}


@pytest.mark.parametrize("query", ["!!!", "—", "&|", "٪", "🙂🙂"])
async def test_punctuation_alone_finds_nothing(plain_api: Api, query: str):
    await plain_api.record(clientId=await plain_api.new_client(), metadata={"content": query})
    body = (await plain_api.get("/search", params={"query": query})).json()
    assert (body["data"], body["paginator"]["totalResults"]) == ([], 0)


async def test_what_cannot_be_stored_is_refused_as_elsewhere(plain_api: Api):
    assert list(errors_of(await plain_api.get("/search", params={"query": "a\0b"}))) == ["query"]


async def test_a_note_of_64_kb_is_found_by_its_first_ten_thousand_words(plain_api: Api):
    client = await plain_api.new_client()
    words = [f"s{n}" for n in range(10_002)]
    event = (await plain_api.record(clientId=client, metadata={"content": " ".join(words)})).json()["id"]
    for word, is_found in (("s0", True), ("s9999", True), ("s10001", False)):
        data = (await plain_api.get("/search", params={"query": word})).json()["data"]
        assert [item["id"] for item in data] == ([event] if is_found else []), word
    assert (await plain_api.record(clientId=client, metadata={"content": "ž" * 32_767})).status_code == 201
    assert len((await plain_api.get("/search", params={"query": "Z" * 255})).json()["data"]) == 1
