"""Log lines that can be read by machines and kept without worry: JSON, one event a line, on standard error.

What a library or a fault puts into a message is often what somebody sent. So nothing is passed on that is not
known to be harmless:

- *event*: the sentence of the program's own loggers, with numbers and short words filled in and nothing else;
  of other loggers the sentence before anything is filled in, and only when there is something to fill in;
- *fields*: those of `FIELDS`, when they are short words or numbers, or what each of them may be;
- *exceptions*: their types, and the places in Varde's own files that they passed, never their words.

Runs of six digits and more are masked in all of it, but for the numbers of organisations in `sender`.
"""

from __future__ import annotations

import ipaddress
import logging
import logging.config
import re
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
from django.core.exceptions import ImproperlyConfigured

import varde
from varde.messages import mask_digits

FIELDS = (
    "version",
    "address",
    "port",
    "registers",
    "register",
    "door",
    "kind",
    "concept",
    "sender",
    "client",
    "state",
    "reason",
    "reasons",
    "error",
    "route",
    "part",
    "method",
    "status_code",
    "checks",
    "rule",
    "messages",
    "items",
    "accepted",
    "duplicate",
    "quarantined",
    "unmapped",
    "waiting",
    "settled",
    "added",
    "removed",
    "changed",
    "sealed",
    "unreadable",
    "remaining",
    "rows",
    "files",
    "megabytes",
    "count",
    "milliseconds",
    "seconds",
    "key_id",
)
"""What may stand beside an event, as ``extra={...}`` of a call."""
_ORDER = {name: place for place, name in enumerate(FIELDS)}
OWN = ("varde", "_granian")
"""Loggers whose sentences are written here or say only how the server fares."""
LONGEST = 300
"""Signs of an event."""
MOST_PARTS = 40
"""Words of a list, and reasons of a count."""
LARGEST_NUMBER = 10**9
MOST_FRAMES = 20

_PACKAGE = Path(varde.__file__).parent
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.:/-]{0,59}", re.ASCII)
_DIGIT = re.compile(r"\d")
_SENDER = re.compile(r"(?:HER|RSH):[0-9]{1,10}|ENH:[0-9]{9}", re.ASCII)
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
    told = record.__dict__
    for name in sorted(told.keys() & _ORDER.keys(), key=_ORDER.__getitem__):
        value = told[name]
        if type(value) is not int or not 0 <= value < LARGEST_NUMBER or name in _SHOWN:
            value = _SHOWN.get(name, _harmless)(value)
        if value is not None:
            line[name] = value
    if record.exc_info and record.exc_info[1] is not None:
        line["exception"] = _types(record.exc_info[1])
        line["at"] = _frames(record.exc_info[2])
    return line


_encoder = msgspec.json.Encoder()


class JsonLines(logging.Formatter):
    """Each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        return _encoder.encode(describe(record)).decode()


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


LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
"""What ``VARDE_LOG_LEVEL`` may be."""


def read_level(text: str) -> str:
    """From which level on events are written, as the environment says it.

    Raises:
        ImproperlyConfigured: there is no such level.
    """
    level = text.upper() or "INFO"
    if level not in LEVELS:
        raise ImproperlyConfigured(f"VARDE_LOG_LEVEL must be one of {', '.join(LEVELS)}")
    return level


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
    # No line tells of threads and processes; asking for their names takes longer than to write some lines.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": FORMATTERS[form]}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "lines"},
            # A logger without any would have Python write the bare words to standard error.
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "django.db.backends": {"level": "WARNING"},
            # Faults are told by `varde.web.trouble`, with the name of the address: what stands here is made of
            # the address itself, which may hold what somebody typed.
            "django.request": {"handlers": ["nowhere"], "propagate": False},
            # Whoever asks for another host name is refused; each such request would fill a page of log.
            "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
            # Its warnings are about how many processes and threads it was told to use.
            "_granian": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
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
    return _masked(sentence.splitlines()[0] if sentence else "")[:LONGEST]


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
    return _word(value) if isinstance(value, str) else None


@lru_cache(maxsize=1024)
def _word(text: str) -> str | None:
    return text if _WORD.fullmatch(text) and _masked(text) == text else None


@lru_cache(maxsize=256)
def _masked(text: str) -> str:
    return mask_digits(text) if _DIGIT.search(text) else text


def _sender(value: Any) -> str | None:
    """The key of an organisation. Any other key is somebody's own words."""
    return value if isinstance(value, str) and _SENDER.fullmatch(value) else None


def _address(value: Any) -> str | None:
    """An address that a service listens at."""
    try:
        return str(ipaddress.ip_address(value)) if isinstance(value, str) else None
    except ValueError:
        return _harmless(value) if isinstance(_harmless(value), str) else None


def _version(value: Any) -> str | None:
    return value if value == varde.__version__ else None


def _words(value: Any) -> list[Any] | None:
    """The harmless ones of a list of words."""
    if not isinstance(value, list | tuple):
        return None
    return [word for word in map(_harmless, value[:MOST_PARTS]) if word is not None]


def _counts(value: Any) -> dict[str, int] | None:
    """Words and how many there are of each."""
    if not isinstance(value, Mapping) or not value:
        return None
    some = list(value.items())[:MOST_PARTS]
    return {
        word: count
        for word, count in some
        if isinstance(word, str) and _harmless(word) and isinstance(_harmless(count), int)
    }


_SHOWN: Mapping[str, Callable[[Any], Any]] = {
    "version": _version,
    "address": _address,
    "registers": _words,
    "checks": _words,
    "sender": _sender,
    "reasons": _counts,
}
"""Fields that may be something else than a short word or a number, and what of it is written."""


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
    if isinstance(value, dict):
        return ",".join(f"{name}:{count}" for name, count in value.items())
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
