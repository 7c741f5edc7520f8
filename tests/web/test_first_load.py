"""What a browser is sent when it opens a page for the first time: compressed, and little."""

from __future__ import annotations

import re
from random import Random

import httpx2
import pytest
from support.api import Api
from support.files import TEXT, event_with
from support.people import Browser, Person, without_token

WORDS = [f"{start}{end}" for start in ("offer", "deliver", "preved", "zmluv", "čierň", "sklad") for end in range(400)]
NOTES, CHARACTERS = 40, 1000
MOST, MOST_SCRIPTS = 150_000, 40_000


def sent(response: httpx2.Response) -> int:
    """Bytes of its body as they went over the wire."""
    assert response.status_code == 200, response.text
    return int(response.headers["content-length"])


async def assets_of(browser: Browser, page: httpx2.Response) -> dict[str, httpx2.Response]:
    """What a page names, and what the modules it names import."""
    found: dict[str, httpx2.Response] = {}
    asked = set(re.findall(r'"(/static/[^"#]+)', page.text))
    while asked:
        address = asked.pop()
        found[address] = response = await browser.get(address)
        beside = address.rpartition("/")[0]
        imported = re.findall(r'from "\./([\w.]+)"', response.text) if address.endswith(".js") else []
        asked |= {f"{beside}/{name}" for name in imported} - set(found)
    return found


async def test_a_long_timeline_and_all_it_needs_come_in_few_bytes(jana: Person, plain_api: Api):
    client = await plain_api.new_client(name="Žilina Trade s.r.o.")
    random = Random(7)
    for _ in range(NOTES):
        words = " ".join(random.choices(WORDS, k=CHARACTERS))
        await plain_api.record(clientId=client, metadata={"content": words[:CHARACTERS]})
    page = await jana.get(f"{jana.company}/clients/{client}")
    assert page.text.count('class="said"') == NOTES
    assets = await assets_of(jana, page)
    assert {"timeline.js", "live.js", "style.css", "icons.svg"} <= {name.rpartition("/")[2] for name in assets}
    assert sent(page) + sum(map(sent, assets.values())) < MOST
    assert sum(sent(asset) for name, asset in assets.items() if name.endswith(".js")) < MOST_SCRIPTS
    # Not only because they are squeezed.
    assert sum(len(asset.content) for name, asset in assets.items() if name.endswith(".js")) < MOST_SCRIPTS


@pytest.mark.parametrize(
    ("accepts", "is_compressed"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("identity", False),
        ("", False),
        ("gzip;q=0", False),
        ("gzip; q=0.00, *", False),
        ("x-gzip, gzippy", False),
    ],
)
async def test_pages_and_their_files_are_compressed_for_who_says_so_and_are_the_same(
    jana: Person, accepts: str, is_compressed: bool
):
    plain = await jana.get("/account", headers={"Accept-Encoding": "identity"})
    asset = re.findall(r'"(/static/[^"#]+css)', plain.text)[0]
    for path in ("/account", asset):
        as_it_is = await jana.get(path, headers={"Accept-Encoding": "identity"})
        response = await jana.get(path, headers={"Accept-Encoding": accepts})
        assert (response.headers.get("content-encoding") == "gzip") is is_compressed
        assert response.headers["vary"] == as_it_is.headers["vary"] == "Accept-Encoding"
        assert without_token(response) == without_token(as_it_is)
        assert (sent(response) < sent(as_it_is)) is is_compressed
        assert response.headers.get("etag") == as_it_is.headers.get("etag")


async def test_files_answers_for_programs_and_what_is_tiny_go_as_they_are(jana: Person, plain_api: Api):
    client = await plain_api.new_client(name="A" * 200, preferredNote="A" * 3000)
    await event_with(plain_api, ("a.txt", TEXT * 1000), clientId=client)
    timeline = await jana.get(f"{jana.company}/clients/{client}")
    file = re.findall(r'href="(/c/\d+/files/\d+)"', timeline.text)[0]
    for answer in (
        await jana.get(file),
        await plain_api.get(f"/clients/{client}"),
        await jana.get(f"{jana.company}/linkable?number=x"),
    ):
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers
