"""The board in a real Chromium: cards by mouse, by finger and by keyboard, two people at one board, columns."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect
from support.chromium import Served, axe_clean, fits

SignedIn = Callable[..., Awaitable[Page]]
NO = "No status"

_NAMED = "(found, kind) => found.map((one) => [one.dataset[kind], one.dataset.name])"

LOOKS = [
    pytest.param({"width": 1280, "color_scheme": "light"}, id="light, wide"),
    pytest.param({"width": 1280, "color_scheme": "dark", "locale": "sk-SK"}, id="dark, wide, Slovak"),
    pytest.param({"width": 360, "color_scheme": "light", "has_touch": True}, id="light, phone"),
    pytest.param(
        {"width": 360, "color_scheme": "dark", "has_touch": True, "locale": "sk-SK"}, id="dark, phone, Slovak"
    ),
]


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


@pytest.fixture
async def board(signed_in: SignedIn, served: Served) -> Board:
    page = await signed_in(has_touch=True)
    board = Board(served, page)
    await board.fill()
    return board


async def middle(thing: Locator) -> tuple[float, float]:
    # What has just been moved is put there once more, as the server shows it.
    while not (box := await thing.bounding_box()):
        await expect(thing).to_be_visible()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def drag(page: Page, thing: Locator, to: tuple[float, float]) -> None:
    await page.mouse.move(*await middle(thing))
    await page.mouse.down()
    await page.mouse.move(*to, steps=8)


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_of_the_board_is_accessible_and_fits(
    signed_in: SignedIn, served: Served, look: dict[str, Any]
):
    page = await signed_in(**look)
    here = f"/c/{served.companies[0]}/cases"
    await page.goto(here)
    await expect(page.locator(".live.on")).to_be_attached()

    async def judge() -> None:
        await axe_clean(page)
        assert await fits(page), page.url

    await judge()
    await page.locator(".lane-menu summary").first.click()
    await judge()
    await page.keyboard.press("Escape")
    await page.locator("[data-card]").nth(1).focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".lifted")).to_have_count(1)
    await judge()
    await page.keyboard.press("Escape")
    column = await page.locator("[data-column]").first.get_attribute("data-column")
    case = await page.locator("[data-case]").first.get_attribute("data-case")
    for path in (
        "?view=list", "/of?search=a", "/columns/new", f"/columns/{column}/edit", f"/columns/{column}/delete",
        f"/{case}/move",
    ):  # fmt: skip
        await page.goto(here + path)
        await judge()
    await page.goto(f"{here}/columns/new")
    await page.check("[value=other]")
    await page.fill("#name", "Odd")
    await page.fill("#otherColor", "mauve")
    await page.click("main .main")
    await expect(page.locator(".error")).to_have_count(1)
    await expect(page.locator("#otherColor")).to_be_focused()
    await judge()


async def test_a_card_is_dragged_by_mouse_and_dropped_where_it_was_shown(board: Board):
    page = board.page
    x, y = await middle(board.card(page, "B1"))
    await drag(page, board.card(page, "A2"), (x, y + 40))
    await expect(page.locator(".ghost")).to_have_count(1)
    await expect(board.lane(page, "B").locator("[data-card]")).to_have_text(["B1", "A2"])
    await page.mouse.up()
    await expect(page.locator(".ghost")).to_have_count(0)
    await board.shows(page, A=["A1", "A3"], B=["B1", "A2"])
    await expect(board.card(page, "A2").locator("[data-card]")).to_be_focused()
    await board.lasts(A=["A1", "A3"], B=["B1", "A2"])
    # Within its column, and into one without cards; a click opens it as ever.
    x, y = await middle(board.card(page, "A1"))
    await drag(page, board.card(page, "A3"), (x, y - 20))
    await page.mouse.up()
    await board.shows(page, A=["A3", "A1"])
    await drag(page, board.card(page, "A3"), await middle(board.lane(page, NO)))
    await page.mouse.up()
    await board.shows(page, A=["A1"], **{NO: ["A3"]})
    await board.lasts(A=["A1"], **{NO: ["A3"]})
    await board.card(page, "A1").click()
    await expect(page.locator("h1")).to_contain_text("A1")


async def test_escape_puts_a_dragged_card_back_and_a_shaky_click_drags_nothing(board: Board):
    page = board.page
    await drag(page, board.card(page, "A2"), await middle(board.card(page, "B1")))
    await page.keyboard.press("Escape")
    await board.shows(page, A=["A1", "A2", "A3"], B=["B1"])
    await page.mouse.up()
    await expect(page).to_have_url(re.compile(r"/cases$"))
    x, y = await middle(board.card(page, "A2"))
    await drag(page, board.card(page, "A2"), (x + 2, y + 2))
    await expect(page.locator(".ghost")).to_have_count(0)
    await page.mouse.up()
    await expect(page.locator("h1")).to_contain_text("A2")


async def test_a_finger_that_rests_on_a_card_drags_it_and_one_that_moves_at_once_does_not(board: Board):
    page = board.page
    devices = await page.context.new_cdp_session(page)

    async def touch(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        await devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    start, end = await middle(board.card(page, "A2")), await middle(board.card(page, "B1"))
    await touch("touchStart", *start)
    for step in range(1, 5):
        await touch("touchMove", start[0] + 30 * step, start[1] + 5)
    await touch("touchEnd")
    await expect(page.locator(".ghost")).to_have_count(0)
    await board.shows(page, A=["A1", "A2", "A3"], B=["B1"])
    await page.evaluate("document.getElementById('board').scrollLeft = 0")
    await touch("touchStart", *start)
    await expect(page.locator(".ghost")).to_have_count(1)
    for step in range(1, 6):
        await touch(
            "touchMove", start[0] + (end[0] - start[0]) * step / 5, start[1] + (end[1] - 20 - start[1]) * step / 5
        )
    await expect(board.lane(page, "B").locator("[data-card]")).to_have_text(["A2", "B1"])
    await touch("touchEnd")
    await board.shows(page, A=["A1", "A3"], B=["A2", "B1"])
    await board.lasts(A=["A1", "A3"], B=["A2", "B1"])


async def test_a_card_is_moved_by_keyboard_and_what_happens_is_said(board: Board):
    page, said = board.page, board.page.locator("[data-told]")
    focused = page.locator("[data-card]:focus")
    await board.card(page, "A1").locator("[data-card]").focus()
    await page.keyboard.press("ArrowDown")
    await expect(focused).to_have_text("A2")
    await expect(page.locator("[data-keys]")).to_be_visible()
    await page.keyboard.press("Space")
    await expect(said).to_contain_text("A2 is picked up: place 2 of 3 in A.")
    await page.keyboard.press("ArrowUp")
    await expect(said).to_have_text("Place 1 of 3 in A.")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowRight")
    await expect(said).to_have_text("Place 1 of 2 in B.")
    await page.keyboard.press("ArrowDown")
    await expect(said).to_have_text("Place 2 of 2 in B.")
    await page.keyboard.press("Space")
    await expect(said).to_have_text("A2 is put down: place 2 of 2 in B.")
    await board.shows(page, A=["A1", "A3"], B=["B1", "A2"])
    await expect(focused).to_have_text("A2")
    # Put back, by Escape and by going away.
    for leave in ("Escape", "Tab"):
        await board.card(page, "A2").locator("[data-card]").focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("ArrowLeft")
        await page.keyboard.press(leave)
        await expect(said).to_have_text("A2 is back where it was.")
        await board.shows(page, A=["A1", "A3"], B=["B1", "A2"])
    await board.card(page, "A2").locator("[data-card]").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await board.shows(page, B=["B1"], **{NO: ["A2"]})
    await board.lasts(A=["A1", "A3"], B=["B1"], **{NO: ["A2"]})
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_contain_text("A2")


async def test_two_boards_follow_each_other_and_who_holds_a_card_is_not_disturbed(board: Board, signed_in: SignedIn):
    page, other = board.page, await signed_in()
    await other.goto(board.path)
    for one in (page, other):
        await expect(one.locator(".live.on")).to_be_visible()
    await board.card(page, "A3").locator("[data-card]").focus()
    await board.card(other, "A1").locator("[data-card]").focus()
    await other.keyboard.press("Space")
    await other.keyboard.press("ArrowRight")
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Space")
    await board.shows(page, A=["A1", "A3", "A2"], B=["B1"])
    # What the first did is told to the second, who still holds his card where he put it.
    await expect(board.lane(other, "B").locator("[data-card]")).to_have_text(["A1", "B1"])
    await other.keyboard.press("Space")
    for one in (page, other):
        await board.shows(one, A=["A3", "A2"], B=["A1", "B1"])
    await expect(board.card(page, "A3").locator("[data-card]")).to_be_focused()
    await expect(board.card(other, "A1").locator("[data-card]")).to_be_focused()
    # A menu that is open stays open.
    menu = board.lane(page, "A").locator(".lane-menu")
    await menu.locator("summary").click()
    await board.post(f"cases/{await board.card(page, 'A2').get_attribute('data-case')}/move", column="0")
    await board.shows(page, A=["A3"], **{NO: ["A2"]})
    await expect(menu).to_have_attribute("open", "")
    # Names of contacts too.
    client = await board.card(page, "A3").get_attribute("data-contact")
    await page.goto(f"/c/{board.company}/clients/{client}/edit")
    name = f"Renamed {board.company}"
    await page.fill("#name", name)
    await page.click("main form .main")
    await expect(board.card(other, "A3")).to_contain_text(name)


async def test_a_move_that_the_server_does_not_take_is_put_back_and_said(board: Board, signed_in: SignedIn):
    page = board.page
    focused = page.locator("[data-card]:focus")
    await page.route("**/move", lambda route: route.abort())
    await board.card(page, "A1").locator("[data-card]").focus()
    for key in ("Space", "ArrowRight", "Space"):
        await page.keyboard.press(key)
    await expect(page.locator("[data-trouble]")).to_contain_text("A1 is back where it was")
    await board.shows(page, A=["A1", "A2", "A3"], B=["B1"])
    await expect(focused).to_have_text("A1")
    await page.unroute("**/move")
    for key in ("Space", "ArrowRight", "Space"):
        await page.keyboard.press(key)
    await board.shows(page, A=["A2", "A3"], B=["A1", "B1"])
    await expect(page.locator("[data-trouble]")).to_be_hidden()
    # A case that somebody has deleted meanwhile cannot be moved, and is gone.
    await page.keyboard.press("Space")
    case = await board.card(page, "A1").get_attribute("data-case")
    await board.post(f"cases/{case}/delete", name="A1")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Space")
    await expect(page.locator("[data-trouble]")).to_contain_text("somebody has changed the board")
    await board.shows(page, A=["A2", "A3"], B=["B1"])


async def test_who_is_signed_out_is_told_so_with_a_way_on_and_a_column_is_put_back(board: Board):
    page = board.page
    cookies = await page.context.cookies()
    await page.context.clear_cookies()
    for key in ("Space", "ArrowRight", "Space"):
        await board.card(page, "A1").locator("[data-card]").press(key)
    told = "You are signed out, so {} is back where it was. Reload this page to sign in."
    await expect(page.locator("[data-trouble]")).to_have_text(told.format("A1"))
    await board.shows(page, A=["A1", "A2", "A3"], B=["B1"])
    x, y = await middle(board.lane(page, "A").locator(".called"))
    await drag(page, board.lane(page, "B").locator(".called"), (x - 10, y))
    await expect(page.locator(".lane .called")).to_have_text(["B", "A", NO])
    await page.mouse.up()
    await expect(page.locator("[data-trouble]")).to_have_text(told.format("B"))
    await expect(page.locator(".lane .called")).to_have_text(["A", "B", NO])
    await page.context.add_cookies([{**one} for one in cookies])  # type: ignore[list-item]


async def test_columns_are_added_changed_moved_and_deleted_and_others_see_it(board: Board, signed_in: SignedIn):
    page, other = board.page, await signed_in()
    await other.goto(board.path)
    await expect(other.locator(".live.on")).to_be_visible()
    names = other.locator(".lane .called")
    await page.get_by_role("link", name="New column").click()
    await page.fill("#name", "C")
    await page.check("[name=color][value='#e5484d']")
    await page.click("main .main")
    await expect(names).to_have_text(["A", "B", "C", NO])
    menu = board.lane(page, "C").locator(".lane-menu")
    await menu.locator("summary").focus()
    await page.keyboard.press("Enter")
    await menu.get_by_role("button", name="Move left").focus()
    await page.keyboard.press("Enter")
    for one in (page, other):
        await expect(one.locator(".lane .called")).to_have_text(["A", "C", "B", NO])
    await expect(menu.locator("summary")).to_be_focused()
    # By mouse: a head is taken to the front.
    x, y = await middle(board.lane(page, "A").locator(".called"))
    await drag(page, board.lane(page, "C").locator(".called"), (x - 10, y))
    await page.mouse.up()
    for one in (page, other):
        await expect(one.locator(".lane .called")).to_have_text(["C", "A", "B", NO])
    await menu.locator("summary").click()
    await menu.get_by_role("link", name="Name and colour").click()
    await page.fill("#name", "Lost")
    await page.check("[name=color][value=other]")
    await page.fill("#otherColor", "#78f")
    await page.click("main .main")
    await expect(names).to_have_text(["Lost", "A", "B", NO])
    await expect(board.lane(other, "Lost").locator(".band rect")).to_have_attribute("fill", "#78f")
    await board.lane(page, "A").locator(".lane-menu summary").click()
    await board.lane(page, "A").get_by_role("link", name="Delete the column").click()
    await expect(page.get_by_text("Its 3 cases stay")).to_be_visible()
    await page.fill("#name", "A")
    await page.click("main .bad")
    for one in (page, other):
        await expect(one.locator(".lane .called")).to_have_text(["Lost", "B", NO])
        await board.shows(one, **{NO: ["A1", "A2", "A3"]})


async def test_a_column_is_moved_twice_by_its_menu_and_each_time_it_is_said(board: Board):
    page = board.page
    await board.post("cases/columns/new", name="C", color="#3b82f6")
    await page.reload()
    summary = board.lane(page, "C").locator(".lane-menu summary")
    for names, place in ((["A", "C", "B", NO], 2), (["C", "A", "B", NO], 1)):
        await summary.focus()
        await page.keyboard.press("Enter")
        await board.lane(page, "C").get_by_role("button", name="Move left").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".lane .called")).to_have_text(names)
        await expect(page.locator("[data-told]")).to_have_text(f"The column C is moved: place {place} of 3.")
        await expect(summary).to_be_focused()


async def test_the_menu_leads_to_cases_as_they_were_looked_at_last(board: Board):
    page = board.page
    cases = page.locator(".menu").get_by_role("link", name="Cases")
    for view, here in (("List", "?view=list"), ("Board", "")):
        await page.locator(".switch").get_by_role("link", name=view).click()
        await page.goto(f"/c/{board.company}/contacts")
        await cases.click()
        await expect(page).to_have_url(re.compile(rf"/cases{re.escape(here)}$"))
        await expect(page.locator(".switch [aria-current]")).to_have_text(view)


async def test_without_scripts_cards_and_columns_are_moved_by_forms(board: Board, new_page: SignedIn, served: Served):
    page = await new_page(java_script_enabled=False)
    await served.sign_in(page)
    await page.goto(board.path)
    await board.card(page, "A1").locator(".handle").click()
    await page.select_option("#column", label="B")
    await page.fill("#place", "1")
    await page.click("main .main")
    await board.shows(page, A=["A2", "A3"], B=["A1", "B1"])
    await expect(page.get_by_role("status").first).to_contain_text("Moved.")
    await board.lane(page, "B").locator(".lane-menu summary").click()
    await board.lane(page, "B").get_by_role("button", name="Move left").click()
    await expect(page.locator(".lane .called")).to_have_text(["B", "A", NO])
    await page.locator(".switch").get_by_role("link", name="List").click()
    await expect(page.locator("a.over")).to_have_count(4)


async def test_a_column_is_as_wide_as_others_however_it_is_called(board: Board):
    await board.post("cases/columns/new", name="W" * 200, color="#3b82f6")
    await board.page.reload()
    widths = await board.page.locator("[data-column]").evaluate_all("(all) => all.map((one) => one.offsetWidth)")
    assert len(widths) == 4
    assert set(widths) == {widths[0]}


async def test_a_long_column_goes_on_and_stays_so_long_when_others_move_things(board: Board):
    page = board.page
    client = await board.card(page, "B1").get_attribute("data-contact") or ""
    column = await board.lane(page, "B").get_attribute("data-column") or ""
    for number in range(52):
        await board.post(f"cases/new?clientId={client}", name=f"N{number}", clientId=client, statusId=column)
    await page.goto(board.path)
    cards, more = board.lane(page, "B").locator("[data-card]"), board.lane(page, "B").locator("[data-on]")
    await expect(board.lane(page, "B").locator("[data-count]")).to_have_text("53")
    await expect(cards).to_have_count(50)
    await more.get_by_role("link").click()
    await expect(cards).to_have_count(53)
    await expect(more).to_be_hidden()
    await board.post(f"cases/{await board.card(page, 'A1').get_attribute('data-case')}/move", column=column, place="1")
    await expect(cards).to_have_count(54)
    await expect(cards.first).to_have_text("A1")
    # The end of a column is reached by its last card, which comes into sight.
    await board.card(page, "N51").locator("[data-card]").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(cards.nth(52)).to_have_text("N51")
    await expect(cards.nth(52)).to_be_in_viewport()
