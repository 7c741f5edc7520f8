"""Logs: one JSON object a line on standard error, Kronika's own and those of its libraries."""

from __future__ import annotations

import logging.config
import sys
from typing import Any, Final

import msgspec
import structlog

_encoder = msgspec.json.Encoder(enc_hook=repr)


def _render(_logger: Any, _method: str, event: structlog.typing.EventDict) -> bytes:
    return _encoder.encode(event)


def _render_text(logger: Any, method: str, event: structlog.typing.EventDict) -> str:
    return _render(logger, method, event).decode()


_STAMPS: Final[list[structlog.typing.Processor]] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _render_text,
            ],
            "foreign_pre_chain": _STAMPS,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # What a client sends is the client's affair, and quoted there byte by byte.
    "loggers": {"_granian": {"level": "WARNING"}, "python_multipart": {"level": "CRITICAL"}},
}
"""For the standard library's logging, which the libraries use."""


def configure_logs() -> None:
    logging.config.dictConfig(LOGGING)
    structlog.configure(
        processors=[*_STAMPS, structlog.processors.format_exc_info, _render],
        wrapper_class=structlog.make_filtering_bound_logger("INFO"),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
