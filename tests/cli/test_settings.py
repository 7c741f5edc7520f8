"""Settings from the environment: all of them documented, and a wrong value is one line that names its variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from kronika.settings import Settings, SettingsError, load_settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_on_the_page_and_no_other():
    listed = {line.split("`")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `KRONIKA_")}
    assert listed == {f"KRONIKA_{name.upper()}" for name in Settings.model_fields}


def test_hosts_that_webhooks_may_go_to_are_names_addresses_and_networks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KRONIKA_WEBHOOK_ALLOWED_HOSTS", "localhost, 10.0.0.0/8,::1")
    assert load_settings().webhook_allowed_hosts == "localhost, 10.0.0.0/8,::1"


@pytest.mark.parametrize("wrong", ["localhost,127.1", "10.0.0.1/8", "http://localhost", "localhost:8080"])
def test_a_host_that_is_none_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, wrong: str):
    monkeypatch.setenv("KRONIKA_WEBHOOK_ALLOWED_HOSTS", wrong)
    with pytest.raises(
        SettingsError, match=r"\AKRONIKA_WEBHOOK_ALLOWED_HOSTS: .* is no host name, address or network.*\Z"
    ):
        load_settings()


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("metrics.internal:1", ("metrics.internal", 1)),
        ("[::1]:65535", ("::1", 65535)),
        ("off", None),
        ("", ("127.0.0.1", 9464)),
    ],
)
def test_metrics_have_an_address_or_none(
    monkeypatch: pytest.MonkeyPatch, address: str, endpoint: tuple[str, int] | None
):
    monkeypatch.setenv("KRONIKA_METRICS_ADDRESS", address)
    assert load_settings().metrics_endpoint == endpoint


@pytest.mark.parametrize(
    "wrong", ["9464", ":9464", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "::1:9464", "http://x:1", "OFF", "x:१"]
)
def test_an_address_for_metrics_that_is_none_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, wrong: str):
    monkeypatch.setenv("KRONIKA_METRICS_ADDRESS", wrong)
    with pytest.raises(SettingsError, match=r"\AKRONIKA_METRICS_ADDRESS: must be HOST:PORT, as .*\Z"):
        load_settings()


def test_metrics_cannot_have_the_public_port(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KRONIKA_PORT", "9464")
    with pytest.raises(SettingsError, match=r"\AKRONIKA_METRICS_ADDRESS: must have another port than KRONIKA_PORT\Z"):
        load_settings()


@pytest.mark.parametrize(
    ("value", "pauses"), [("", (10, 100, 1000, 10000)), ("0.5, 1,86400", (0.5, 1, 86400)), ("0", (0,))]
)
def test_pauses_between_attempts_are_seconds(monkeypatch: pytest.MonkeyPatch, value: str, pauses: tuple[float, ...]):
    monkeypatch.setenv("KRONIKA_WEBHOOK_RETRY_SECONDS", value)
    assert load_settings().retry_pauses == pauses


@pytest.mark.parametrize("wrong", ["10,", "ten", "-1", "nan", "inf", "86401", ",".join(["1"] * 21), "10;100"])
def test_pauses_that_are_none_are_told_in_one_line(monkeypatch: pytest.MonkeyPatch, wrong: str):
    monkeypatch.setenv("KRONIKA_WEBHOOK_RETRY_SECONDS", wrong)
    with pytest.raises(SettingsError, match=r"\AKRONIKA_WEBHOOK_RETRY_SECONDS: must be .*\Z"):
        load_settings()
