"""Settings from the environment, prefix `KRONIKA_`. A wrong value is one clear line (`SettingsError`)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kronika.hosts import AllowedHosts
from kronika.languages import LANGUAGE_TAGS

SECRET_FILE: Final = "secret.key"
"""In the data folder: the secret key, where none is set."""
FILES_FOLDER: Final = "files"
"""In the data folder: stored files, where no store is set."""

_LAST_PORT = 65535
_ENDPOINT = re.compile(r"(?:(?P<host>[A-Za-z0-9._-]+)|\[(?P<bracketed>[0-9A-Fa-f:.]+)\]):(?P<port>[0-9]{1,5})")
_MOST_WORKERS_BY_DEFAULT = 4
_SHORTEST_SECRET = 32
_MOST_RETRIES = 20
# A day. All of them together must be over before the delivery log is swept.
_LONGEST_PAUSE = 86_400


class SettingsError(Exception):
    """One line that says which variable is wrong, and why."""


def _default_data_dir() -> Path:
    # Never in root's home: PostgreSQL runs as another user there and could not reach it.
    if os.geteuid() == 0:
        return Path("/var/lib/kronika")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "kronika"


def _default_workers() -> int:
    return min(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        _MOST_WORKERS_BY_DEFAULT,
    )


def _pauses(value: str) -> tuple[float, ...]:
    try:
        pauses = tuple(float(part) for part in value.split(","))
    except ValueError:
        raise ValueError("must be seconds with commas between, as 10,100,1000,10000") from None
    if len(pauses) > _MOST_RETRIES or not all(0 <= pause <= _LONGEST_PAUSE for pause in pauses):
        raise ValueError(f"must be at most {_MOST_RETRIES} times 0 to {_LONGEST_PAUSE} seconds")
    return pauses


def _endpoint(value: str) -> tuple[str, int] | None:
    if value == "off":
        return None
    parsed = _ENDPOINT.fullmatch(value)
    if parsed is None or not 1 <= int(parsed["port"]) <= _LAST_PORT:
        raise ValueError("must be HOST:PORT, as 127.0.0.1:9464 or [::1]:9464, or off")
    return parsed["host"] or parsed["bracketed"], int(parsed["port"])


def judged_secret_key(value: str) -> str:
    """The key.

    Raises ValueError: it could be guessed, or is no text.
    """
    if len(value) < _SHORTEST_SECRET or not value.isascii() or not value.isprintable():
        raise ValueError(f"must have at least {_SHORTEST_SECRET} characters, all of them printable ASCII")
    return value


class Settings(BaseSettings):
    """All settings; the meaning of each is in docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix="KRONIKA_", env_ignore_empty=True, frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=_LAST_PORT)] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = Field(default_factory=_default_workers)
    data_dir: Path = Field(default_factory=_default_data_dir)
    database_url: str = ""
    public_url: str = ""
    rate_limit: Annotated[int, Field(ge=0, le=1_000_000_000)] = 120
    secret_key: str = ""
    default_language: str = "en"
    storage_url: str = ""
    max_file_bytes: Annotated[int, Field(ge=1, le=1 << 40)] = 25 * 1024 * 1024
    max_upload_files: Annotated[int, Field(ge=1, le=1000)] = 20
    max_attachments: Annotated[int, Field(ge=1, le=1000)] = 20
    trusted_proxies: str = "127.0.0.1,::1"
    webhook_allowed_hosts: str = ""
    webhook_retry_seconds: str = "10,100,1000,10000"
    webhook_sending: bool = True
    metrics_address: str = "127.0.0.1:9464"

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError as error:
            raise ValueError(str(error)) from None

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("postgresql", "postgres"):
            raise ValueError("must be a postgresql:// URL")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        _ = parts.port  # Raises ValueError when it is none.
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("must be an http:// or https:// address without query")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _is_long(cls, value: str) -> str:
        return judged_secret_key(value) if value else value

    @field_validator("default_language")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in LANGUAGE_TAGS:
            raise ValueError(f"must be one of {' '.join(LANGUAGE_TAGS)}")
        return value

    @field_validator("webhook_allowed_hosts", "trusted_proxies")
    @classmethod
    def _are_hosts(cls, value: str) -> str:
        _ = AllowedHosts.parse(value)
        return value

    @field_validator("webhook_retry_seconds")
    @classmethod
    def _are_pauses(cls, value: str) -> str:
        _ = _pauses(value)
        return value

    @field_validator("metrics_address")
    @classmethod
    def _is_another_port(cls, value: str, info: ValidationInfo) -> str:
        endpoint = _endpoint(value)
        if endpoint is not None and endpoint[1] == info.data.get("port"):
            raise ValueError("must have another port than KRONIKA_PORT")
        return value

    @property
    def metrics_endpoint(self) -> tuple[str, int] | None:
        """Host and port for /metrics; None: it is not served."""
        return _endpoint(self.metrics_address)

    @property
    def retry_pauses(self) -> tuple[float, ...]:
        """Seconds from each failed attempt of a delivery to the next; after the last attempt there is none."""
        return _pauses(self.webhook_retry_seconds)

    @property
    def base_url(self) -> str:
        """The address clients use, without a slash at the end."""
        if self.public_url:
            return self.public_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def load_settings() -> Settings:
    """The settings of this process.

    Raises SettingsError: a variable is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "KRONIKA_" + str(first["loc"][0]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {reason[0].lower()}{reason[1:]}") from None
