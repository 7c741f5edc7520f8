"""The catalogue and the style sheet, held against the pages that use them."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

import kronika.web
from kronika.web.assets import style_sheet
from kronika.web.board.palette import PALETTE
from kronika.web.menu import INTEGRATIONS, MENU, SETTINGS
from kronika.web.texts import CATALOGUE, text
from kronika.web.when import Clock

WEB = Path(kronika.web.__file__).parent
TEMPLATES = {path.name: path.read_text() for path in (WEB / "templates").rglob("*.html")}
STYLE = style_sheet()
ICONS = (WEB / "static" / "icons.svg").read_text()


def used_keys() -> tuple[set[str], set[str]]:
    """Keys that templates and code name, and beginnings of such that they put together."""
    whole: set[str] = {entry.text for entry in (*MENU, *SETTINGS, *INTEGRATIONS)}
    begun: set[str] = set()
    for source in TEMPLATES.values():
        whole |= set(re.findall(r"""\bt\(["']([\w.]+)["'][,)]""", source))
        begun |= set(re.findall(r"""\bt\(["']([\w.]+)["'] ~""", source))
    for path in WEB.rglob("*.py"):
        source = path.read_text()
        whole |= set(re.findall(r'"((?:day)\.[\w.]+)"', source))
        whole |= {f"done.{done}" for done in re.findall(r'done="(\w+)"', source)}
        # The one choice between two.
        whole |= {f"done.{done}" for done in re.findall(r'else "(\w+_removed)"', source)}
    return whole, begun


def test_every_text_that_pages_name_is_there_and_every_text_is_named():
    whole, begun = used_keys()
    known = set(CATALOGUE["en"])
    assert whole <= known
    assert {prefix for prefix in begun if not any(key.startswith(prefix) for key in known)} == set()
    assert {key for key in known - whole if not key.startswith(tuple(begun))} == set()


def test_both_languages_have_the_same_texts_with_the_same_names_in_them():
    english, slovak = CATALOGUE["en"], CATALOGUE["sk"]
    assert list(english) == list(slovak)
    for key, written in english.items():
        forms = {language: CATALOGUE[language][key] for language in ("en", "sk")}
        assert isinstance(written, dict) == isinstance(forms["sk"], dict)
        named = {
            language: {name for one in (form.values() if isinstance(form, dict) else [form]) for name in names_in(one)}
            for language, form in forms.items()
        }
        assert named["en"] == named["sk"], key


def names_in(sentence: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", sentence)


@pytest.mark.parametrize("language", ["en", "sk"])
def test_a_number_has_every_form_that_its_language_knows(language):
    rules = set(Locale(language).plural_form.rules) | {"other"}
    counted = {key: form for key, form in CATALOGUE[language].items() if isinstance(form, dict)}
    assert counted
    assert all(set(form) == rules for form in counted.values())


def test_a_number_is_told_in_its_form():
    assert text("sk", "sign_in.throttled", n=2).endswith("o 2 minúty.")
    assert text("sk", "sign_in.throttled", n=5).endswith("o 5 minút.")
    assert text("en", "sign_in.throttled", n=1).endswith("in a minute.")


def test_every_icon_that_is_named_is_in_the_sprite():
    there = set(re.findall(r'<symbol id="(\w+)"', ICONS))
    named = {entry.icon for entry in MENU} | {"mark"}
    for source in TEMPLATES.values():
        named |= set(re.findall(r'icon\("(\w+)"', source)) | set(re.findall(r'symbol="(\w+)"', source))
        named |= set(re.findall(r'empty\(.*?, "(\w+)"\)', source))
    assert named <= there


def test_every_class_of_the_templates_has_a_style():
    for name, source in TEMPLATES.items():
        for classes in re.findall(r'class="([^"{]+)"', source):
            for one in classes.split():
                assert f".{one}" in STYLE, f"{name}: {one}"


@pytest.mark.parametrize(
    ("at", "english", "slovak"),
    [
        ("2026-03-10T22:30:00Z", "Today 23:30", "Dnes 23:30"),
        ("2026-03-09T23:30:00Z", "Today 00:30", "Dnes 00:30"),
        ("2026-03-09T22:30:00Z", "Yesterday 23:30", "Včera 23:30"),
        ("2026-03-03T11:00:00Z", "Tue 3 March 12:00", "Ut 3. marca 12:00"),
        ("2025-12-31T11:00:00Z", "Wed 31 December 2025 12:00", "St 31. decembra 2025 12:00"),
    ],
)
def test_a_moment_is_told_as_people_say_it_in_the_companys_time(at: str, english: str, slovak: str):
    now = datetime(2026, 3, 10, 22, 45, tzinfo=UTC)
    for language, said in (("en", english), ("sk", slovak)):
        clock = Clock(language, ZoneInfo("Europe/Bratislava"), now)
        assert clock.moment(datetime.fromisoformat(at)) == said


def test_a_day_is_told_with_a_small_letter_inside_a_sentence():
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    for language, today, tuesday in (("en", "today 12:00", "Tue 3 March"), ("sk", "dnes 12:00", "ut 3. marca")):
        clock = Clock(language, ZoneInfo("UTC"), now)
        assert clock.moment_within(now) == today
        assert clock.day_within(date(2026, 3, 3)) == tuesday


def test_dates_and_sums_of_one_page_follow_one_custom():
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    english, slovak = (Clock(language, ZoneInfo("UTC"), now) for language in ("en", "sk"))
    assert (english.day(date(2026, 11, 3)), english.date(date(2026, 11, 3))) == ("Tue 3 November", "3 Nov 2026")
    assert (slovak.day(date(2026, 11, 3)), slovak.date(date(2026, 11, 3))) == ("Ut 3. novembra", "3. 11. 2026")
    assert english.money(Decimal("1234.5"), 1) == "€1,234.50"


def test_a_moment_is_exact_on_closer_look_and_a_number_has_its_languages_marks():
    clock = Clock("sk", ZoneInfo("Europe/Bratislava"), datetime(2026, 3, 10, tzinfo=UTC))
    at = datetime(2026, 3, 3, 11, 5, 9, tzinfo=UTC)
    assert clock.exact(at) == "utorok 3. marca 2026, 12:05:09"
    assert clock.iso(at) == "2026-03-03T12:05:09+01:00"
    assert clock.number(12345.5) == "12\xa0345,5"


def tokens() -> dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]]:
    """Light and dark linear sRGB of each colour."""
    found = re.findall(r"--([\w-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\);", STYLE)
    return {name: (linear(light), linear(dark)) for name, light, dark in found}


def linear(oklch: str) -> tuple[float, float, float]:
    """By https://bottosson.github.io/posts/oklab/."""
    lightness, chroma, hue = (float(part.rstrip("%")) for part in oklch[6:-1].split())
    lightness /= 100
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    mixed = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return tuple(min(max(value, 0.0), 1.0) for value in mixed)


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """By WCAG 2.2."""
    first, second = (0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in (one, other))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


GROUNDS = ("paper", "surface", "sunken")
TEXT_ON = [
    *((ink, ground) for ink in ("ink", "ink-soft", "accent", "bad") for ground in GROUNDS),
    ("accent", "accent-soft"), ("ink", "accent-soft"), ("good", "good-soft"), ("bad", "bad-soft"),
    ("warn", "warn-soft"), ("ink", "warn-soft"), ("on-accent", "accent"), ("on-bad", "bad"),
]  # fmt: skip


@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground_in_both_themes(ink: str, ground: str):
    colours = tokens()
    for theme in (0, 1):
        assert contrast(colours[ink][theme], colours[ground][theme]) >= 4.5


@pytest.mark.parametrize("mark", ["edge", "accent"])
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_the_edges_of_fields_and_the_focus_can_be_seen_in_both_themes(mark: str, ground: str):
    colours = tokens()
    for theme in (0, 1):
        assert contrast(colours[mark][theme], colours[ground][theme]) >= 3


def of_hex(color: str) -> tuple[float, float, float]:
    """Linear sRGB."""
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


@pytest.mark.parametrize("color", PALETTE.values(), ids=PALETTE)
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_the_colours_that_columns_are_offered_can_be_seen_in_both_themes(color: str, ground: str):
    for theme in (0, 1):
        assert contrast(of_hex(color), tokens()[ground][theme]) >= 3


def test_colours_sizes_and_spaces_come_from_the_tokens():
    rules = STYLE.partition("/* Ground */")[2]
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![\w-]*\s*\{)|rgb|hsl|oklch", rules)
    sizes = re.findall(r"font-size: ([^;]+);|font: ([^/;]+)/", rules)
    assert {size or short for size, short in sizes} <= {
        "var(--small)", "var(--text)", "var(--title)", "var(--display)",
    }  # fmt: skip


def sections() -> dict[str, list[str]]:
    """The selectors in each section, which a comment without a full stop begins, of the rules that always hold: those
    within @media adapt them.
    """
    rules = re.sub(r"@(?:media|keyframes)[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", STYLE)
    found = re.split(r"/\* ([^*.]+) \*/", rules)[1:]
    # Commas within :is(…) part no selectors.
    return {
        title: [
            one.strip()
            for several in re.findall(r"([^{}]+)\{[^{}]*\}", part)
            for one in re.split(r",(?![^()]*\))", several)
        ]
        for title, part in zip(found[::2], found[1::2], strict=True)
    }


def test_no_two_sections_give_a_look_to_the_same_thing():
    """Else a class that two pages use for two things looks like both on both."""
    named_in: dict[str, set[str]] = {}
    for title, found in sections().items():
        for selector in (one for one in found if one.startswith(".")):
            named_in.setdefault(selector, set()).add(title)
    assert len(named_in) > 200
    assert {selector: found for selector, found in named_in.items() if len(found) > 1} == {}


def test_a_class_that_stands_alone_in_one_section_means_the_same_within_the_parts_of_another():
    """A dot of the timeline and a mark of a log once had one name, and the log got the dot."""
    found = sections()
    alone = {selector for selector in found["Timeline"] if re.fullmatch(r"\.[\w-]+", selector)}
    elsewhere = {selector.split()[-1] for selector in found["Integrations"] if " " in selector}
    assert alone
    assert elsewhere
    assert alone & elsewhere == set()


def test_what_moves_stays_for_who_wants_it_to():
    assert "prefers-reduced-motion: reduce" in STYLE
