"""`kronika user`: passwords are set by links, and what is ended is ended at once."""

from __future__ import annotations

import re

import httpx2
import pytest
from support.server import Installation


def test_users_are_made_listed_given_new_links_and_removed(lasting_installation: Installation):
    place = lasting_installation
    company = place.json("company", "create", "Acme")["id"]
    made = place.json("user", "create", "jana@example.test", "--name", "Jana", "--company", str(company))
    assert made.keys() == {"id", "email", "name", "link"}
    said = place.run("user", "list").stdout
    assert "jana@example.test" in said
    assert "not yet" in said
    assert httpx2.get(made["link"]).status_code == 200
    again = place.json("user", "reset-password", str(made["id"]))
    assert httpx2.get(made["link"]).status_code == 404
    assert "Jana" in httpx2.get(again["link"]).text
    assert place.json("user", "remove", str(made["id"]))["email"] == "jana@example.test"
    assert httpx2.get(again["link"]).status_code == 404
    assert place.json("user", "list") == {"users": []}


def test_the_server_prints_a_link_until_somebody_has_a_password(installation: Installation):
    link = installation.start("--demo")["signIn"]
    assert link.startswith(f"http://127.0.0.1:{installation.port}/link/")
    with httpx2.Client() as browser:
        (token,) = set(re.findall(r'name="form_token" value="(\w+)"', browser.get(link).text))
        fields = {"form_token": token, "email": "jana@example.test", "name": "Jana", "new_password": "a long password"}
        entered = browser.post(link, data=fields, follow_redirects=True)
        assert entered.status_code == 200
        assert "Lipa" in entered.text
    assert link.rpartition("/")[2] not in installation.log()
    assert "jana@example.test" not in installation.log()
    installation.interrupt()
    assert installation.start("--demo")["signIn"] is None


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (("user", "create", "no address", "--name", "X", "--company", "1"), "no address"),
        (("user", "create", "x@example.test", "--name", " ", "--company", "1"), "name"),
        (("user", "create", "x@example.test", "--name", "X", "--company", "99"), "99"),
        (("user", "reset-password", "99"), "99"),
        (("user", "remove", "99"), "99"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_a_failure(
    lasting_installation: Installation, arguments: tuple[str, ...], about: str
):
    done = lasting_installation.run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert about in done.stderr
