"""The log tells what happened and where, and nothing of what anybody sent."""

from __future__ import annotations

import gzip
import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.test import Client as Browser

from access.a_sender import assertion
from access.a_sender import register as register_client
from messages import deidentified_lists as lists
from messages import kith_builder as kith
from messages.gallery import MAPPING
from messages.numbers import some_number
from operation.sites import NOW, at, copy
from varde import __version__
from varde.access.clients import Client
from varde.listening import Desk
from varde.operation import NotEmpty, apply_retention, backup, restore, rotate
from varde.register import Door, ingest, open_register, replay
from varde.register import fold as folding
from varde.register import intake as intaking
from varde.web.intake import doors, receiving
from varde.web.log_lines import (
    FIELDS,
    JsonLines,
    PlainLines,
    configuration,
    log_fault,
    read_form,
    read_level,
)
from web.asking import token_for

FNR = some_number()
RUN = re.compile(r"\d{6}")
NAME = "Syntetisk Nordmann"


class Log:
    """What is logged, as lines, and as any other formatter would write it."""

    def __init__(self) -> None:
        self.written, self.plain = io.StringIO(), io.StringIO()
        self.handlers = [logging.StreamHandler(self.written), logging.StreamHandler(self.plain)]
        self.handlers[0].setFormatter(JsonLines())

    @property
    def text(self) -> str:
        return self.written.getvalue()

    @property
    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    """Everything that any logger says meanwhile, at every level."""
    log = Log()
    loggers = [logging.getLogger(name) for name in ("", "django", "django.request", "_granian")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        if logger.name == "root" or not logger.propagate:
            for handler in log.handlers:
                logger.addHandler(handler)
    yield log
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
        for handler in log.handlers:
            logger.removeHandler(handler)


# --- one line -----------------------------------------------------------------------------------


def test_a_line_says_when_how_grave_where_and_what(log: Log) -> None:
    logging.getLogger("varde.x").warning(
        "%d files, %s", 1_234_567, "DataError", extra={"door": "api", "reason": "timed-out"}
    )
    [line] = log.lines
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", str(line.pop("time")))
    assert line == {
        "level": "warning",
        "logger": "varde.x",
        "event": "1_234_567 files, DataError",
        "door": "api",
        "reason": "timed-out",
    }


@pytest.mark.parametrize(
    "value", [FNR, int(FNR), f"a {NAME}", f"x{FNR}", "a b", b"x", ["x"], {"x": 1}, "é", "x" * 61]
)
def test_what_is_not_known_to_be_harmless_is_hidden(value: object, log: Log) -> None:
    logging.getLogger("varde").error("found %s", value, extra={"reason": value, "patient": "x"})
    [line] = log.lines
    assert line["event"] == "found …"
    assert "reason" not in line and "patient" not in line


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("sender", "HER:91843", "HER:91843"),
        ("sender", "ENH:985626154", "ENH:985626154"),
        ("sender", f"HER:{FNR}", None),
        ("sender", f"ENH:{FNR}", None),
        ("sender", f"FORM:{NAME}", None),
        ("sender", "FORM:LEGE-NORDMANN", None),
        ("sender", 91843, None),
        ("version", __version__, __version__),
        ("version", NAME, None),
        ("address", "127.0.0.1", "127.0.0.1"),
        ("address", "::1", "::1"),
        ("address", "varde.example.org", "varde.example.org"),
        ("address", FNR, None),
        ("address", 7, None),
        ("registers", ["default", "norm", NAME, FNR], ["default", "norm"]),
        ("registers", NAME, None),
        ("reasons", {"bad-date": 2, FNR: 1, NAME: 1, "x": "y"}, {"bad-date": 2}),
        ("reasons", {}, None),
        ("reasons", FNR, None),
        ("messages", int(FNR), None),
        ("messages", True, True),
    ],
)
def test_some_fields_may_be_more_than_a_word_and_no_more_than_they_should(
    name: str, value: object, shown: object, log: Log
) -> None:
    logging.getLogger("varde").info("x", extra={name: value})
    assert log.lines[0].get(name) == shown


def test_no_logger_lets_python_write_bare_words() -> None:
    """A logger that finds no handler has its words written to standard error as they are."""
    loggers = configuration("json", "INFO")["loggers"]
    silent = [name for name, told in loggers.items() if told.get("propagate") is False]
    assert {"django.request", "django.security.DisallowedHost"} <= set(silent)
    assert all(loggers[name]["handlers"] for name in silent)


def test_there_are_four_levels() -> None:
    assert (read_level(""), read_level("debug")) == ("INFO", "DEBUG")
    with pytest.raises(ImproperlyConfigured, match="VARDE_LOG_LEVEL"):
        read_level("loud")


def test_others_are_believed_in_nothing_but_their_templates(log: Log) -> None:
    other = logging.getLogger("some.library")
    other.error("%s: %s", "Not Found", f"/?fnr={FNR}")
    other.error(f"cannot parse {NAME}")
    first, second = (str(line["event"]) for line in log.lines)
    assert first == "…: …"
    assert NAME not in log.text and second.startswith("test_log_lines.test_others")


def test_a_fault_is_told_by_types_and_places(log: Log) -> None:
    def fail() -> None:
        try:
            open_file_that_is_not_there()
        except OSError:
            raise ValueError(f"{NAME} {FNR}") from KeyError(FNR)

    def open_file_that_is_not_there() -> None:
        Path(f"/nowhere/{FNR}").read_bytes()

    try:
        fail()
    except ValueError:
        logging.getLogger("varde").exception("it failed for %s", NAME)
    try:
        read_form("xml")
    except ImproperlyConfigured:
        logging.getLogger("varde").exception("another")
    first, second = log.lines
    assert first["exception"] == ["ValueError", "KeyError"] and first["at"] == []
    assert second["exception"] == ["django.core.exceptions.ImproperlyConfigured"]
    [place] = second["at"]  # type: ignore[misc]
    assert re.fullmatch(r"web/log_lines\.py:\d+ read_form", place)
    assert NAME not in log.text and not RUN.search(log.text)


def test_lines_for_people_say_the_same() -> None:
    record = logging.LogRecord("varde.x", logging.ERROR, "", 1, "it is %s", ("full",), None)
    record.reason = "full"
    line = PlainLines().format(record)
    assert line.endswith(" ERROR varde.x it is full reason=full")
    assert "\n" not in line
    record.reasons, record.registers = {"bad-date": 2}, ["default", "norm"]
    assert (
        PlainLines()
        .format(record)
        .endswith(" registers=default,norm reason=full reasons=bad-date:2")
    )


@pytest.mark.parametrize(
    ("sentence", "values", "event"),
    [("%d of %d", (1,), "… of …"), ({"not": "text"}, (), ""), ("%(x)s", ({"x": FNR},), "…")],
)
def test_a_sentence_that_does_not_fit_its_values_is_still_a_line(
    sentence: str, values: tuple[object, ...], event: str
) -> None:
    record = logging.LogRecord("varde", logging.INFO, "", 1, sentence, values, None)
    assert json.loads(JsonLines().format(record))["event"] == event


def test_faults_that_nobody_catches_are_logged_and_the_end_of_a_program_is_not(log: Log) -> None:
    log_fault(SystemExit(1))
    log_fault(None)
    log_fault(ValueError(FNR))
    [line] = log.lines
    assert (line["level"], line["exception"]) == ("critical", ["ValueError"])


def test_there_are_two_forms() -> None:
    assert (read_form(""), read_form("line")) == ("json", "line")
    with pytest.raises(ImproperlyConfigured, match="VARDE_LOG_FORMAT"):
        read_form("xml")
    assert {"door", "kind", "reason"} <= set(FIELDS)


# --- every way in -------------------------------------------------------------------------------


def bad_inputs() -> dict[str, bytes]:
    """Bad in every format, each with a national identity number and a name in it."""
    whole = kith.message(
        kith.report(kith.patient(kith.specimen(), kith.culture(f"{NAME} {FNR}"), number=FNR)),
        message_id=FNR,
    )
    bundle = {
        "resourceType": "Bundle",
        "type": FNR,
        "entry": [{"resource": {"id": FNR, "x": NAME}}],
    }
    note = {"resourceType": NAME, "pasient": {"fnr": FNR}, "melding": [FNR, {"navn": NAME}]}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(f"{FNR}.xml", whole[:200])
        packed.writestr(f"../{FNR}.csv", f"{FNR};{NAME}")
    return {
        "kith": whole,
        "kith cut": whole[: len(whole) - 40],
        "kith entity": whole.replace(
            b"<Message", f'<!DOCTYPE x [<!ENTITY a "{FNR}">]><Message'.encode()
        ),
        "kith reference": whole.replace(NAME.encode(), b"\xff\xfe" + FNR.encode()),
        "hl7": f"MSH|^~\\&|{NAME}|{FNR}|||{FNR}||ORU^R01|{FNR}|P|2.5.1\rPID|||{FNR}||{NAME}\rOBX|1".encode(),
        "hl7 without": f"MSH|{FNR}".encode(),
        "fhir": json.dumps(bundle).encode(),
        "fhir cut": json.dumps(bundle).encode()[:-5],
        "json": json.dumps(note).encode(),
        "list": f"id,date,patient\n{FNR},{FNR},{NAME}\n".encode(),
        "vaccinations": f"fodselsnummer;vaksine;dato\n{FNR};{NAME};{FNR}\n".encode(),
        "norm": lists.write("norm", lists.row("norm", Isolatnummer=FNR, Kommune=FNR, Mikrobe=NAME)),
        "zip": archive.getvalue(),
        "zip cut": archive.getvalue()[:-10],
        "bytes": b"\x00\xff" + FNR.encode() * 50,
    }


class WayIn:
    """A sender who uses every way in."""

    def __init__(self, home: Path, folder: Path, sender: Client) -> None:
        self.register = open_register(home)
        self.folder = folder
        self.sender = sender
        self.machine = Browser(raise_request_exception=False)
        self.times = 0

    def hand_in(self, inputs: dict[str, bytes], kinds: Sequence[str]) -> None:
        """As files, over HTTP in every form, as FHIR and over MLLP."""
        self.times += 1
        inbox = self.folder / f"inbox {self.times}"
        inbox.mkdir()
        for name, data in inputs.items():
            (inbox / f"{name} {FNR} {NAME}.csv").write_bytes(data)
        (inbox / "mapping.toml").write_bytes(MAPPING)
        for kind in kinds:
            self._post(kind, inputs)
        given = {"Authorization": f"Bearer {token_for(self.machine, self.sender)}"}
        for data in inputs.values():
            self.machine.post("/fhir", data, "application/fhir+json", headers=given)
            self.machine.post("/oauth/token", data, "application/x-www-form-urlencoded")
        door = Door(self.register, lambda: NOW)
        desk = Desk(door, "HER:91843")
        for name, data in inputs.items():
            if name.startswith("hl7"):
                desk.hand_in(data, None)
        door.close()
        ingest(self.register, [inbox], lambda: NOW)

    def _post(self, kind: str, inputs: dict[str, bytes]) -> None:
        token = token_for(self.machine, self.sender, scope=f"varde:intake/{kind}")
        given = {"Authorization": f"Bearer {token}"}
        for number, data in enumerate(inputs.values()):
            address = f"/intake/{kind}{'' if number % 3 else '/$validate'}?fnr={FNR}"
            self.machine.post(address, data, "text/plain", headers=given)
        given["Content-Encoding"] = "gzip"
        for data in (FNR.encode(), gzip.compress(FNR.encode() * 99)[:-9]):
            self.machine.post(f"/intake/{kind}", data, "text/plain", headers=given)

    def wander_about(self) -> None:
        """Whatever somebody may type and send."""
        for address in (
            f"/{FNR}/",
            f"/intake/{FNR}",
            f"/intake/laboratory/receipts/{FNR}",
            f"/intake/laboratory/receipts/{FNR * 5}",
            f"/intake/laboratory/{FNR}/{NAME}",
            f"/fhir/{FNR}",
            "/readyz",
            "/metrics",
            f"/resistens/?organism={FNR}",
            f"/logg-inn/?next={FNR}",
        ):
            self.machine.get(address, headers={"Authorization": f"Bearer {FNR}", "X-Name": FNR})
        for address in ("/", "/intake/laboratory", "/fhir", "/healthz"):
            self.machine.get(address, headers={"Host": f"{FNR}.example"})
        token = token_for(self.machine, self.sender)
        for number in (FNR, FNR * 5, f"-{FNR}", NAME):
            address = f"/intake/laboratory/receipts/{number}"
            told = self.machine.get(address, headers={"Authorization": f"Bearer {token}"})
            assert told.status_code == 404
        self.machine.post("/logg-inn/", {"username": FNR, "password": NAME})
        self.machine.post("/oauth/token", {"client_assertion": assertion(FNR)})


EVENTS = {
    "taken in",
    "a request was refused",
    "a request failed",
    "a sender was refused",
    "a sign-in was refused",
    "the intake cannot fold what it has kept",
    "the storage keys have changed and were read anew",
    *(f"{what} has begun" for what in ("replay", "backup", "key-rotation", "retention", "restore")),
    *(f"{what} is done" for what in ("replay", "backup", "key-rotation", "retention")),
    "restore has failed",
}
"""What must have been told of, for the test to mean something."""


def operate(home: Path, folder: Path) -> None:
    """What whoever runs the service does."""
    register = open_register(home)
    replay(register, lambda: NOW)
    backup(home, folder / f"{FNR} {NAME}.zip", NOW)
    rotate(home, "default")
    register.sealer.current()
    apply_retention(home, lambda: NOW)
    with pytest.raises(NotEmpty):
        restore(home, folder / f"{FNR} {NAME}.zip")


@pytest.fixture
def site(empty_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A site with doors of its own."""
    home = copy(empty_site, tmp_path / "site")
    with at(home):
        monkeypatch.setattr(doors, "_all", cache(doors._all.__wrapped__))
        yield home
        for door in doors.doors():
            door.close()


def test_no_way_in_lets_an_identity_number_into_the_log(
    site: Path, tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = ("laboratory", "notification", "vaccination", "norm")
    way_in = WayIn(site, tmp_path, register_client(kinds=kinds))
    way_in.hand_in(bad_inputs(), kinds)
    way_in.wander_about()
    operate(site, tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"{NAME} {FNR}")

    def fail_in_the_database(*_: object, **__: object) -> None:
        raise DatabaseError(f"duplicate key ({FNR}) {NAME}")

    some = {name: data for name, data in bad_inputs().items() if name in ("kith", "hl7", "list")}
    for place, name, failing in (
        (folding, "read", fail),
        (intaking, "fold", fail_in_the_database),
        (receiving, "read_receipts", fail),
        (receiving, "open_body", fail_in_the_database),
    ):
        some = {name: data + b" " for name, data in some.items()}
        with monkeypatch.context() as patch:
            patch.setattr(place, name, failing)
            try:
                way_in.hand_in(some, kinds[:1])
            except (ValueError, DatabaseError):
                logging.getLogger("varde").exception("the command failed")

    assert {str(line["event"]) for line in log.lines} >= EVENTS
    assert FNR in log.plain.getvalue() and NAME in log.plain.getvalue(), "nothing was at stake"
    assert len(log.lines) > 20
    assert {"ValueError", "django.db.utils.DatabaseError"} <= {
        kind
        for line in log.lines
        for kind in line.get("exception", ())  # type: ignore[attr-defined]
    }
    assert not RUN.search(log.text)
    assert NAME not in log.text and "Nordmann" not in log.text
