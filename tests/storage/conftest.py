"""Both stores: a folder, and a real S3 protocol over the network (moto's server, in this process)."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kronika.settings import Settings
from kronika.storage.files import Files
from kronika.storage.opening import open_files


class Bucket:
    """An S3 server with one bucket, looked at from behind."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._ask("PUT", "/bucket")

    def unfinished_uploads(self) -> int:
        return self._ask("GET", "/bucket?uploads").count("<Upload>")

    def listing(self) -> str:
        return self._ask("GET", "/bucket")

    def _ask(self, method: str, path: str) -> str:
        request = urllib.request.Request(self.address + path, method=method)  # noqa: S310 - our own server
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return response.read().decode()


@pytest.fixture(scope="session")
def bucket() -> Iterator[Bucket]:
    # A second or two, which only the worker that has these tests should spend.
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Bucket(f"http://{host}:{port}")
    server.stop()


@pytest.fixture
def s3(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Files]:
    """Opens the bucket as an operator would; `endpoint` where it is to be found."""

    def open_it(endpoint: str = bucket.address) -> Files:
        for name, value in {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "somebody",
            "AWS_SECRET_ACCESS_KEY": "something",
            "AWS_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        return open_files(Settings(storage_url="s3://bucket/below/here"))

    return open_it


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    if request.param == "folder":
        return open_files(Settings(data_dir=tmp_path))
    return request.getfixturevalue("s3")()
