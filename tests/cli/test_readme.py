"""What the README says to a new user is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from kronika.cli.commands import app
from kronika.demo.story import CASES, CLIENTS, SUPPLIERS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]


def test_the_first_client_of_ones_own_has_the_id_that_the_lines_to_paste_name():
    (shown,) = re.findall(r'^{"id":(\d+),"name":"Hotel', README, re.MULTILINE)
    assert int(shown) == len(CLIENTS) + len(SUPPLIERS) + len(CASES) + 1
    assert set(re.findall(r'clientId(?:": |=)(\d+)', README)) == {shown}


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_leads_somewhere_and_every_command_is_there(page: Path):
    text = page.read_text()
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / link).exists(), link
    commands = get_command(app).commands
    for command in re.findall(r"`(?:\.venv/bin/)?kronika ([a-z]+)", text):
        assert command in commands, command
