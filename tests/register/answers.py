"""Small laboratory answers for the register's tests, and the register's tables under natural keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from messages import kith_builder as kith
from varde.access.keys import Keys
from varde.access.sealing import Sealer
from varde.codes import CodeMap
from varde.register import log
from varde.register.fold import Counts, fold
from varde.register.intake import take_in
from varde.register.log import Incoming
from varde.register.opening import Register
from varde.register.projection import Context

KEYS = Keys(pseudonym=bytes(range(32)), storage={"t1": bytes(range(1, 33))})
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PERSONS = ("01815000389", "02815000237", "03815000276")

MAPPING = b"""
sender = "LIST"
[columns]
isolate_id = "id"
collected = "date"
patient = "patient"
organism = "organism"
[patient]
kind = "LOCAL"
[date]
format = "%Y-%m-%d"
[antibiotics]
columns = "*"
values = "sir"
system = "WHONET"
"""


def clock() -> datetime:
    return NOW


def make_register(home: Any = None) -> Register:
    """A register with fixed keys on whatever database the test has."""
    return Register(home=home, sealer=Sealer(KEYS), context=Context.make(CodeMap.load(), KEYS))


def answer(
    report: str = "R1",
    message: str = "M1",
    *,
    service: str = "N",
    status: str = "F",
    made: int = 1,
    organism: str = "Escherichia coli",
    results: Sequence[tuple[str, str]] = (("NPU06049", "S"),),
    person: str | None = None,
    day: str = "2025-12-05",
    her: str = "91843",
    searches: Sequence[str] = (),
    answered: Sequence[tuple[str, str]] = (),
    mark: str = "",
    municipality: str | None = None,
    **taken: Any,
) -> bytes:
    """One KITH message; `made` is the day of January 2026 its version was generated.

    Args:
        organism: grown in a culture; empty for no culture.
        searches: names of analyses that found what they look for.
        answered: names of analyses, each with what its answer says.
        mark: what the laboratory says of the duty to notify, such as MSIS-M.
        taken: what else `kith_builder.specimen` is to be told.
    """
    grown = [kith.culture(organism, item="1")] if organism else []
    tests = [
        kith.susceptibility((kith.NLK, code, ""), sir, refers="1")
        for code, sir in results
        if organism
    ]
    patient = kith.patient(
        kith.specimen(**{"collected": f"{day}T10:00:00"} | taken),
        *(
            []
            if service == "C"
            else [
                *(kith.search("Påvist", name) for name in searches),
                *(kith.search(said, name) for name, said in answered),
                *grown,
                *tests,
            ]
        ),
        number=person,
        municipality=municipality,
    )
    return kith.message(
        kith.report(
            patient,
            service=service,
            status=status,
            own=report,
            sender=kith.provider(her),
            comments=[mark] if mark else [],
        ),
        message_id=message,
        generated=f"2026-01-{made:02d}T12:00:00",
    )


def send(register: Register, *files: bytes) -> Counts:
    """Take files in as one batch, as the intake does."""
    return take_in(register, [Incoming("f.xml", data) for data in files], clock)


def send_again(register: Register, messages: Sequence[int]) -> dict[int, Counts]:
    """Fold messages of the log, as after a crash."""
    return fold(log.read(messages, register.sealer), register.context, register.sealer, NOW)


_TABLES = {
    "reports": "SELECT r.sender, r.report_ref, r.version_key, r.cancelled, r.status, r.negative, "
    "p.pseudonym, r.sex, r.municipality, r.periods, r.digest, r.kind, r.begins, r.notices "
    "FROM register_report r "
    "LEFT JOIN register_person p ON p.id = r.person",
    "specimens": "SELECT r.sender, r.report_ref, s.id - r.id * 1024, s.reference, s.material, "
    "CAST(s.collected_on AS TEXT), s.second_of_day, s.period, s.age, s.ward, s.looked_for "
    "FROM register_specimen s JOIN register_report r ON r.id = s.report",
    "findings": "SELECT r.sender, r.report_ref, f.id - r.id * 1024, f.specimen - r.id * 1024, "
    "f.organism, f.tie, f.method, f.markers FROM register_finding f JOIN register_report r ON r.id = f.id / 1024",
    "susceptibilities": "SELECT r.sender, r.report_ref, u.id - r.id * 262144, u.antibiotic, u.sir, "
    "u.mic FROM register_susceptibility u JOIN register_report r ON r.id = u.id / 262144",
    "unmapped": "SELECT r.sender, r.report_ref, u.kind, u.system, u.code, u.text "
    "FROM register_unmapped u JOIN register_report r ON r.id = u.id / 4096",
    "notifications": "SELECT r.sender, r.report_ref, n.* FROM register_notification n "
    "JOIN register_report r ON r.id = n.id",
    "vaccinations": "SELECT r.sender, r.report_ref, v.* FROM register_vaccination v "
    "JOIN register_report r ON r.id = v.id",
    "wards": "SELECT r.sender, r.report_ref, w.* FROM register_wardprevalence w "
    "JOIN register_report r ON r.id = w.id",
    "infections": "SELECT r.sender, r.report_ref, c.infection, c.origin, c.count "
    "FROM register_infectioncount c JOIN register_report r ON r.id = c.id / 1024",
    "treatments": "SELECT r.sender, r.report_ref, t.id - r.id * 1024, t.antibiotic, t.sent, "
    "t.indication, t.classification, t.route, t.age, t.sex "
    "FROM register_treatment t JOIN register_report r ON r.id = t.id / 1024",
    "operations": "SELECT r.sender, r.report_ref, s.* FROM register_surgery s "
    "JOIN register_report r ON r.id = s.id",
    "joined": "SELECT a.sender, a.report_ref, j.id - a.id * 1024, b.sender, b.report_ref, "
    "j.counted - b.id * 1024, j.place, j.reason, j.disagrees FROM register_joined j "
    "JOIN register_report a ON a.id = j.id / 1024 JOIN register_report b ON b.id = j.counted / 1024",
    "confirmed": "SELECT r.sender, r.report_ref, u.kind, u.system, u.code, u.text "
    "FROM register_confirmed u JOIN register_report r ON r.id = u.id / 4096",
    # What a case is made of, and its reasons, stand in its digest under natural keys.
    "cases": "SELECT p.pseudonym, r.kind, r.sender, r.report_ref, c.disease, c.episode, "
    "c.classification, c.presentation, CAST(c.first_day AS TEXT), CAST(c.onset AS TEXT), c.imported, "
    "c.form_missing, CAST(c.definition AS TEXT), c.sex, c.age, c.residence, c.stay, c.infected_in, "
    "c.period, c.digest FROM register_case c LEFT JOIN register_person p ON p.id = c.person "
    "LEFT JOIN register_report r ON r.id = c.report",
    # One whom nobody is described as any more keeps the number, until a replay.
    "persons": "SELECT pseudonym FROM register_person p WHERE EXISTS "
    "(SELECT 1 FROM register_report r WHERE r.person = p.id)",
    "quarantine": "SELECT q.sender, q.reason, q.detail FROM register_quarantineentry q "
    "WHERE q.resolved_at IS NULL",
}


def register_state() -> dict[str, list[tuple[Any, ...]]]:
    """Everything the register says, without the numbers that depend on the order of arrival."""
    state = {}
    with connection.cursor() as cursor:
        for name, statement in _TABLES.items():
            cursor.execute(statement)
            columns = [column[0] for column in cursor.description]
            # Ids of rows depend on the order of arrival.
            kept = [place for place, column in enumerate(columns) if column != "id"]
            rows = [[row[place] for place in kept] for row in cursor.fetchall()]
            state[name] = sorted(map(_plain, rows))
    return state


def _plain(row: Iterable[Any]) -> tuple[Any, ...]:
    """A row that sorts: bytes as text, null and booleans as text, too."""
    return tuple(
        v.hex() if isinstance(v, bytes | memoryview) else str(int(v) if v in (True, False) else v)
        for v in (bytes(v) if isinstance(v, memoryview) else v for v in row)
    )


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM register_{table}")
        return int(cursor.fetchone()[0])
