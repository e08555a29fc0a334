"""Log lines that can be read by machines and kept without worry: JSON, one event a line, on standard error.

What a library or a fault puts into a message is often what somebody sent. So nothing is passed on that is not
known to be harmless:

- *event*: the sentence of the program's own loggers, with numbers and short words filled in and nothing else;
  of other loggers the sentence before anything is filled in, and only when there is something to fill in;
- *fields*: those of `FIELDS`, when they are short words or numbers;
- *exceptions*: their types, and the places in Varde's own files that they passed, never their words.

Runs of six digits and more are masked in all of it.
"""

from __future__ import annotations

import json
import logging
import logging.config
import re
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from django.core.exceptions import ImproperlyConfigured

import varde
from varde.messages import mask_digits

FIELDS = (
    "register",
    "door",
    "kind",
    "state",
    "reason",
    "route",
    "method",
    "status_code",
    "messages",
    "items",
    "count",
    "seconds",
    "key_id",
)
"""What may stand beside an event, as ``extra={...}`` of a call."""
OWN = ("varde", "_granian")
"""Loggers whose sentences are written here or say only how the server fares."""
LONGEST = 300
LARGEST_NUMBER = 10**9
MOST_FRAMES = 20

_PACKAGE = Path(varde.__file__).parent
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.:/-]{0,59}", re.ASCII)
_PLACEHOLDER = re.compile(r"%(?:\([a-z_]+\))?[-#0-9 +.]*[a-zA-Z]")
_HIDDEN = "…"


def describe(record: logging.LogRecord) -> dict[str, Any]:
    """What may be said of a record, in the order in which it is written."""
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": _event(record),
    }
    for name in FIELDS:
        value = _harmless(getattr(record, name, None))
        if value is not None:
            line[name] = value
    if record.exc_info and record.exc_info[1] is not None:
        line["exception"] = _types(record.exc_info[1])
        line["at"] = _frames(record.exc_info[2])
    return line


class JsonLines(logging.Formatter):
    """Each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        return json.dumps(describe(record), ensure_ascii=False)


class PlainLines(logging.Formatter):
    """The same for people: time, level, logger, event, and the rest as ``name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = describe(record)
        first = [line.pop("time"), line.pop("level").upper(), line.pop("logger"), line.pop("event")]
        rest = [f"{name}={_plain(value)}" for name, value in line.items()]
        return " ".join([*first, *rest])


FORMATTERS: Mapping[str, type[logging.Formatter]] = {"json": JsonLines, "line": PlainLines}
"""What ``VARDE_LOG_FORMAT`` may be."""


def read_form(text: str) -> str:
    """How lines are written, as the environment says it.

    Raises:
        ImproperlyConfigured: there is no such form.
    """
    form = text or "json"
    if form not in FORMATTERS:
        raise ImproperlyConfigured(f"VARDE_LOG_FORMAT must be {' or '.join(FORMATTERS)}")
    return form


def configuration(form: str, level: str) -> dict[str, Any]:
    """The whole of logging, as `logging.config` takes it.

    Args:
        form: "json" or "line".
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": FORMATTERS[form]}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "django.db.backends": {"level": "WARNING"},
            # 403 and 404 are ordinary; addresses may hold what somebody typed.
            "django.request": {"level": "ERROR"},
            # Whoever asks for another host name is refused; each such request would fill a page of log.
            "django.security.DisallowedHost": {"handlers": [], "propagate": False},
            "_granian": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        },
    }


def log_what_nobody_catches() -> None:
    """Let faults that end a thread, and warnings, be logged as all else is: without their words."""
    if not logging.getLogger().handlers:
        logging.config.dictConfig(configuration("json", "INFO"))
    logging.captureWarnings(True)
    threading.excepthook = lambda told: log_fault(told.exc_value)


def log_fault(fault: BaseException | None) -> None:
    """Log a fault that nothing has caught; one that asks the program to end is none."""
    if fault is None or isinstance(fault, SystemExit):
        return
    logging.getLogger("varde").critical(
        "a fault that nobody catches", exc_info=(type(fault), fault, fault.__traceback__)
    )


def _event(record: logging.LogRecord) -> str:
    sentence = record.msg if isinstance(record.msg, str) else ""
    own = record.name.split(".", 1)[0] in OWN
    if own and isinstance(record.args, tuple) and record.args:
        sentence = _fill_in(sentence, record.args)
    elif record.args:
        sentence = _PLACEHOLDER.sub(_HIDDEN, sentence)
    elif not own:
        # Whatever it is made of is filled in already.
        sentence = f"{record.module}.{record.funcName} line {record.lineno}"
    return mask_digits(sentence.splitlines()[0] if sentence else "")[:LONGEST]


def _fill_in(sentence: str, args: Any) -> str:
    try:
        plain = _PLACEHOLDER.sub("%s", sentence)
        return plain % tuple(map(_shown, args))
    except (TypeError, ValueError):
        return _PLACEHOLDER.sub(_HIDDEN, sentence)


def _shown(value: Any) -> Any:
    """What is filled into a sentence; the number of a message may have more than six digits."""
    found = _harmless(value)
    if isinstance(found, int) and found >= 100_000:
        return f"{found:_}"
    return _HIDDEN if found is None else found


def _harmless(value: Any) -> Any:
    """A number or a short word; None for everything else. No number is so large that it could be a
    national identity number."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, int):
        return value if abs(value) < LARGEST_NUMBER else None
    if isinstance(value, str) and _WORD.fullmatch(value) and mask_digits(value) == value:
        return value
    return None


def _types(fault: BaseException) -> list[str]:
    """The type of a fault and of those it came from."""
    found: list[str] = []
    current: BaseException | None = fault
    while current is not None and len(found) < MOST_FRAMES:
        kind = type(current)
        found.append(f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins."))
        hidden = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or hidden
    return found


def _frames(trace: TracebackType | None) -> list[str]:
    """The places in Varde's own files that a fault passed: "register/fold.py:153 fold"."""
    found = [
        f"{Path(frame.filename).relative_to(_PACKAGE).as_posix()}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)
        if Path(frame.filename).is_relative_to(_PACKAGE)
    ]
    return found[-MOST_FRAMES:]


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
