"""A board in a real browser: filled, looked at, and dragged on."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from support.chromium import Served

_NAMED = "(found, kind) => found.map((one) => [one.dataset[kind], one.dataset.name])"


class Board:
    """A board of its own company, with the columns A and B and cases in them."""

    def __init__(self, served: Served, page: Page) -> None:
        self.company = served.companies[1]
        self.path = f"/c/{self.company}/cases"
        self.page = page

    async def post(self, path: str, **fields: str) -> None:
        """A form, sent without its page."""
        token = await self.page.locator("[name=form_token]").first.get_attribute("value")
        answer = await self.page.request.post(f"/c/{self.company}/{path}", form={"form_token": token or "", **fields})
        assert answer.ok, await answer.text()

    async def fill(self) -> None:
        """Empties the board, then puts A1, A2, A3 into A, and B1 into B."""
        page = self.page
        await page.goto(self.path)
        cases = await page.locator("[data-case]").evaluate_all(_NAMED, "case")
        lanes = await page.locator("[data-column]").evaluate_all(_NAMED, "column")
        for case, name in cases:
            await self.post(f"cases/{case}/delete", name=name)
        for column, name in lanes:
            if column != "0":
                await self.post(f"cases/columns/{column}/delete", name=name)
        for name, color in (("A", "#3b82f6"), ("B", "#1f9d4d")):
            await self.post("cases/columns/new", name=name, color=color)
        await page.goto(f"/c/{self.company}/contacts")
        if not await page.locator("a.over").count():
            await self.post("clients/new", name="Žilina Trade", type="company")
            await page.reload()
        client = (await page.locator("a.over").first.get_attribute("href") or "").rpartition("/")[2]
        await page.goto(self.path)
        for name in ("A1", "A2", "A3", "B1"):
            column = await self.lane(page, name[0]).get_attribute("data-column")
            await self.post(f"cases/new?clientId={client}", name=name, clientId=client, statusId=column or "")
        await page.goto(self.path)
        await self.shows(page, A=["A1", "A2", "A3"], B=["B1"])

    @staticmethod
    def lane(page: Page, name: str) -> Locator:
        return page.locator(f'[data-column][data-name="{name}"]')

    @staticmethod
    def card(page: Page, name: str) -> Locator:
        return page.locator(f'.ticket[data-name="{name}"]')

    @classmethod
    async def shows(cls, page: Page, **wanted: list[str]) -> None:
        for name, cards in wanted.items():
            await expect(cls.lane(page, name).locator("[data-card]")).to_have_text(cards)
            await expect(cls.lane(page, name).locator("[data-count]")).to_have_text(str(len(cards)))

    async def lasts(self, **wanted: list[str]) -> None:
        """Whether the server has it so."""
        await self.page.wait_for_load_state()
        async with self.page.context.expect_page() as opening:
            await self.page.evaluate("open(location.pathname)")
        other = await opening.value
        await self.shows(other, **wanted)
        await other.close()


async def middle(thing: Locator) -> tuple[float, float]:
    # What has just been moved is put there once more, as the server shows it.
    while not (box := await thing.bounding_box()):
        await expect(thing).to_be_visible()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def drag(page: Page, thing: Locator, to: tuple[float, float]) -> None:
    await page.mouse.move(*await middle(thing))
    await page.mouse.down()
    await page.mouse.move(*to, steps=8)
