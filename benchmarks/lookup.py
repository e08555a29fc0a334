"""The page of earlier findings: what a look at one person takes in a full register against an empty one.

The register is filled row by row past the readers, so that ten million findings take minutes and no messages
(``VARDE_BENCH_FINDINGS``). The persons that are looked up are the same in both, with as many findings each; in the full
register theirs lie evenly among all others', so that each is on pages of its own. Measured: whose number it is, where
the person belongs and all that is known (`find_person`, `read_places`, `read_history`), and the whole page, which is
written into the access log too; of the page also the processor's time, because the two registers are measured one after
the other, and what else the machine does meanwhile is in all other figures. Each person is looked up once, in an order of chance: nothing of them is in a cache but by
accident.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.rows import whole_row

FINDINGS = int(os.environ.get("VARDE_BENCH_FINDINGS", "50000"))
LOOKED_UP = 70
WARM = 10
"""Looks that are not counted: the first ones read code and settings."""
THEIR_OWN = 24
"""Findings of each person who is looked up."""
EACH = 4
"""Findings of everybody else."""
STATED = date(2026, 1, 1)
"""The day that the invented numbers are stated: before the rule of 2032."""
BATCH = 200_000
AIM = 1.5
ORGANISMS = ("escherichia-coli", "klebsiella-pneumoniae", "staphylococcus-aureus", "salmonella")
ANTIBIOTICS = ("AMP", "CIP", "GEN", "MEM", "SXT")


def run(findings: int = FINDINGS) -> dict[str, Any]:
    """Measure and print."""
    found = {}
    for name, others in (("empty", 0), ("full", findings)):
        with tempfile.TemporaryDirectory(prefix="varde-bench-") as folder:
            found[name] = in_process(others, Path(folder))
    show(findings, found)
    return found


def show(findings: int, found: dict[str, Any]) -> None:
    """What a look takes, and the ratios."""
    print(f"A look at a person with {THEIR_OWN} findings, {findings} findings of others beside")
    for name, each in found.items():
        print(
            f"  {name:6} query median {each['query']['median']:.2f} ms, 9 of 10 within {each['query']['ninth']:.2f} ms; "
            f"page {each['page']['median']:.1f} ms, {each['page']['ninth']:.1f} ms, "
            f"of which {each['work']['median']:.1f} ms of processor time"
        )
    for what in ("query", "page", "work"):
        ratio = found["full"][what]["median"] / found["empty"][what]["median"]
        print(f"  {what} in the full register over the empty one {ratio:.2f} (aim: at most {AIM})")
    print(f"  filled in {found['full']['filled']:.0f} s")


def in_process(others: int, home: Path) -> dict[str, Any]:
    """The measurement in a process of its own."""
    environment = {**os.environ, "VARDE_HOME": str(home), "VARDE_SECRET_KEY": "bench"}
    environment |= {"DJANGO_SETTINGS_MODULE": "varde.web.settings", "VARDE_LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "benchmarks.lookup", str(others)]
    ran = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def measure(others: int) -> dict[str, Any]:
    """Fill a register, and look everybody up who is to be."""
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from varde.access.models import User
    from varde.register import find_person, read_history, read_places
    from varde.web.registers import the_register

    settings.ALLOWED_HOSTS.append("testserver")
    pseudonym = the_register().context.pseudonym
    numbers = [_number(each) for each in range(LOOKED_UP)]
    began = time.perf_counter()
    fill(others, [pseudonym("FNR", "", number) for number in numbers])
    filled = time.perf_counter() - began
    user = User.objects.create_user("bench", role="clinician", area="bench")
    client = Client()
    client.force_login(user)
    draw = random.Random(7)
    draw.shuffle(numbers)
    queries, pages, worked = [], [], []
    for number in numbers:
        began = time.perf_counter()
        person = find_person(number, pseudonym)
        if person is None:
            raise AssertionError("whoever is looked up is in the register")
        read_places(person.ids)
        history = read_history(person.ids)
        queries.append(time.perf_counter() - began)
        if len(history.findings) != THEIR_OWN:
            raise AssertionError(f"{len(history.findings)} findings in place of {THEIR_OWN}")
    for number in numbers:
        sent = {"nummer": number, "formal": "care", "grunn": "answer"}
        began, busy = time.perf_counter(), time.process_time()
        answer = client.post("/oppslag/", sent)
        pages.append(time.perf_counter() - began)
        worked.append(time.process_time() - busy)
        if answer.status_code != 200:
            raise AssertionError(f"the page answers {answer.status_code}")
    spread = {"query": queries, "page": pages, "work": worked}
    return {"filled": filled} | {name: _spread(each[WARM:]) for name, each in spread.items()}


def fill(others: int, looked_up: Sequence[bytes]) -> None:
    """Write rows of persons, reports, specimens, findings and results, all of it in the database's own SQL.

    Args:
        others: findings of people who are not looked up.
        looked_up: pseudonyms of those who are.
    """
    from varde.register import store

    own, known = len(looked_up) * THEIR_OWN, len(looked_up)
    with store.atomic():
        store.lock()
        store.insert("person", ("id", "pseudonym"), list(enumerate(looked_up, 1)))
        with store.connection.cursor() as cursor:
            for first, last in _batches(known + 1, known + -(-others // EACH)):
                cursor.execute(_persons(first, last))
            for first, last in _batches(1, own + others):
                for statement in _answers(first, last, own, others, known):
                    cursor.execute(statement)
            cursor.execute("ANALYZE" if store.is_postgres() else "PRAGMA optimize")


def _batches(first: int, last: int) -> Iterator[tuple[int, int]]:
    for start in range(first, last + 1, BATCH):
        yield start, min(start + BATCH - 1, last)


def _sequence(first: int, last: int, name: str = "n") -> str:
    """Whole numbers in SQL that SQLite and PostgreSQL both know."""
    return (
        f"WITH RECURSIVE numbers({name}) AS (SELECT CAST({first} AS BIGINT) UNION ALL "
        f"SELECT {name} + 1 FROM numbers WHERE {name} < {last}) "
    )


def _persons(first: int, last: int) -> str:
    from varde.register import store

    made = "CAST(printf('%032d', n) AS BLOB)"
    if store.is_postgres():
        made = "convert_to(lpad(n::text, 32, '0'), 'UTF8')"
    return (
        f"INSERT INTO register_person (id, pseudonym) {_sequence(first, last)}"
        f"SELECT n, {made} FROM numbers"
    )


def _answers(first: int, last: int, own: int, others: int, known: int) -> Iterator[str]:
    """Statements for a range of reports. Of those who are looked up one every so many reports is, in turn."""
    from varde.register import store

    postgres = store.is_postgres()
    apart = (own + others) // own
    day = "DATE '2015-01-01' + CAST(n * 7919 % 4000 AS INTEGER)"
    digest, at = "'\\x64'::bytea", "TIMESTAMPTZ '2026-01-01'"
    month = f"to_char({day}, 'YYYY-MM')"
    if not postgres:
        day = "date('2015-01-01', '+' || (n * 7919 % 4000) || ' days')"
        digest, at = "X'64'", "'2026-01-01 00:00:00'"
        month = f"substr({day}, 1, 7)"
    mine = f"((n - 1) % {apart} = 0 AND (n - 1) / {apart} < {own})"
    before = f"CASE WHEN (n - 1) / {apart} + 1 < {own} THEN (n - 1) / {apart} + 1 ELSE {own} END"
    person = (
        f"CASE WHEN {mine} THEN 1 + (n - 1) / {apart} % {known} "
        f"ELSE {known} + 1 + (n - 1 - {before}) / {EACH} END"
    )
    numbers = _sequence(first, last)
    part = f"n * {1 << 10} + 1"
    kinds = " ".join(f"WHEN {n} THEN '{one}'" for n, one in enumerate(ORGANISMS))
    report = {
        "id": "n",
        "sender": "'HER:' || n % 30",
        "report_ref": "CAST(n AS TEXT)",
        "item": "n",
        "version_key": "'v'",
        "status": "'F'",
        "notifiable": "''",
        "generated_at": at,
        "person": person,
        "sex": "'F'",
        "municipality": "'0301'",
        "periods": month,
        "digest": digest,
    }
    specimen = {
        "id": part,
        "report": "n",
        "material": "'urine'",
        "collected_on": day,
        "second_of_day": "0",
        "period": month,
        "age": "50",
        "ward": "''",
    }
    finding = {
        "id": part,
        "specimen": part,
        "organism": f"CASE n % {len(ORGANISMS)} {kinds} END",
        "tie": "n",
        "method": "'culture'",
    }
    rows = [("report", report), ("specimen", specimen), ("finding", finding)]
    for place, antibiotic in enumerate(ANTIBIOTICS):
        result = {
            "id": f"({part}) * {1 << 8} + {place}",
            "antibiotic": f"'{antibiotic}'",
            "sir": f"CASE (n + {place}) % 5 WHEN 0 THEN 'R' WHEN 1 THEN 'I' ELSE 'S' END",
            "mic": "''",
        }
        rows.append(("susceptibility", result))
    for table, given in rows:
        row = whole_row(table, given)
        columns = ", ".join(row)
        values = [row[each] if each in given else _literal(row[each]) for each in row]
        yield f"INSERT INTO register_{table} ({columns}) {numbers} SELECT {', '.join(values)} FROM numbers"


def _literal(value: Any) -> str:
    """A model's default in SQL that SQLite and PostgreSQL both know."""
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    return f"'{value}'" if isinstance(value, str) else str(value)


def _number(each: int) -> str:
    """A national number of an invented person (month + 80) that nobody has."""
    from varde.messages.identifiers import identify

    for serial in range(each % 8 * 60, each % 8 * 60 + 60):
        for control in range(100):
            number = (
                f"{1 + each % 28:02d}{81 + each % 12}{50 + each // 28}{serial:03d}{control:02d}"
            )
            if identify("FNR", number, STATED).valid:
                return number
    raise AssertionError("there is a number for each")


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {"median": median(seconds) * 1000, "ninth": quantiles(seconds, n=10)[-1] * 1000}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
