"""The two loads that are compared: wrk through HTTP, pgbench on the bare statement."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from kronika.db.embedded import binaries

CONNECTIONS = 16

_CREATES = """
local n, salt = 0, {salt}
wrk.headers["Authorization"] = "Bearer {token}"
wrk.headers["Content-Type"] = "application/json"
request = function()
  n = n + 1
  wrk.headers["Idempotency-Key"] = "bench-" .. salt .. "-" .. n
  local body = '{{"clientId": ' .. ({first} + n % {clients}) ..
    ', "type": "note", "metadata": {{"content": "{content}"}}}}'
  return wrk.format("POST", "/api/public/v1/contact-activity-logs", nil, body)
end
"""
_READS = """
wrk.headers["Authorization"] = "Bearer {token}"
"""
_STATEMENT = """
\\set target random({first}, {last})
\\set key random(1, 1000000000000000)
SELECT * FROM record_event('\\x{token_hash}', 'client', :target, 'note', 'Follow-up call summary',
    null, null, null, null, 'follow up call summary', 'yardstick-' || :key, '\\x{print}',
    ',"type": "note","metadata": {{"content": "Follow-up call summary"}},"attachments": [],"businessCaseId": null,')
"""


class Load(NamedTuple):
    """What wrk saw: requests a second, and latencies in milliseconds."""

    rate: float
    median: float
    p99: float


def creates(
    address: str,
    token: str,
    first: int,
    clients: int,
    *,
    salt: int,
    seconds: int,
    content: str = "Follow-up call summary",
) -> Load:
    """Keyed creates of notes, spread over the clients."""
    script = _CREATES.format(token=token, first=first, clients=clients, salt=salt, content=content)
    return _wrk(address, script, seconds)


def reads(address: str, token: str, *, seconds: int) -> Load:
    """The same page again and again."""
    return _wrk(address, _READS.format(token=token), seconds)


def yardstick(database_url: str, token_hash: bytes, first: int, clients: int, *, seconds: int) -> float:
    """Transactions a second of pgbench with the statement of a keyed create and nothing around it."""
    statement = _STATEMENT.format(
        token_hash=token_hash.hex(), first=first, last=first + clients - 1, print=bytes(32).hex()
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(statement)
        file.flush()
        command = [
            binaries() / "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}",
            f"--time={seconds}", f"--file={file.name}", database_url,
        ]  # fmt: skip
        options = {"PGOPTIONS": "-c search_path=kronika -c role=kronika_app"}
        output = subprocess.run(command, env=options, check=True, capture_output=True, text=True).stdout
    return float(_found(r"tps = ([\d.]+)", output))


def _wrk(address: str, script: str, seconds: int) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "load.lua")
        file.write_text(script)
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", file, address]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"not every request was answered well:\n{output}")
    return Load(
        float(_found(r"Requests/sec:\s+([\d.]+)", output)),
        _milliseconds(_found(r"^\s+50%\s+(\S+)$", output)),
        _milliseconds(_found(r"^\s+99%\s+(\S+)$", output)),
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise RuntimeError(f"no {pattern} in:\n{text}")
    return match[1]


def _milliseconds(value: str) -> float:
    for unit, factor in (("us", 0.001), ("ms", 1), ("s", 1000)):
        if value.endswith(unit):
            return float(value.removesuffix(unit)) * factor
    raise ValueError(value)
