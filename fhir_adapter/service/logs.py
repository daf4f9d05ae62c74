"""
Logs: one JSON object a line on standard error, with allow-listed keys only.

Third-party loggers are silent below WARNING, and those that are known to quote content are silent altogether. Of what
is left, only the time, the level and the logger's name are written, never the message.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

_KEYS = ("event", "method", "route", "status", "code", "place", "milliseconds", "exception", "reference", "port")
_SILENT = ("pypdf", "hl7apy", "PyRuSH", "medspacy", "spacy", "werkzeug", "httpx", "httpcore")
LOGGER = logging.getLogger("fhir_adapter")


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower()}
        # The message of a record is never written: it may be anything. What may be written has a key.
        told |= {key: record.__dict__[key] for key in _KEYS if key in record.__dict__}
        if "event" not in told:
            told |= {"event": "third party", "logger": record.name}
        return json.dumps(told)


def configure(level: str, stream: TextIO = sys.stderr) -> None:
    """Set up logging for a process."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Lines())
    LOGGER.handlers[:] = [handler]
    LOGGER.setLevel(level)
    LOGGER.propagate = False
    # Without a handler of the root, Python would print the messages of third parties as they are.
    logging.getLogger().handlers[:] = [handler]
    logging.getLogger().setLevel(logging.WARNING)
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def tell(event: str, *, level: int = logging.INFO, **facts: object) -> None:
    """Log one event; facts whose key is not allow-listed are a ValueError."""
    unknown = set(facts) - set(_KEYS)
    if unknown:
        raise ValueError("a log line has only allow-listed keys")
    LOGGER.log(level, "", extra={"event": event, **facts})
