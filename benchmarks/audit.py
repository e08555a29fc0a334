"""The access log: an entry in the chain against the plain insert of its row, and the verification of a long log.

Each measurement runs in a process of its own, on an empty register, on SQLite (``synchronous=FULL``) and on
PostgreSQL; ratios are of one run. The plain insert is the floor: the same row, committed by itself, hashed with
nothing.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.intake import databases, in_process

ENTRIES = 1_000
LONG = int(os.environ.get("VARDE_BENCH_ENTRIES", "1000000"))
AIM = 0.4
"""Least ratio of entries a second, in the chain over plainly inserted."""
AIM_MEMORY = 16
"""Most megabytes more that verifying takes after a tenth of the log."""


def run() -> dict[str, Any]:
    """Measure and print everything."""
    found: dict[str, Any] = {}
    for name, database in databases():
        with database() as address:
            print(f"Access log on {name}")
            found[name] = {"record": print_record(address), "verify": print_verify(address)}
    return found


def print_record(address: str) -> dict[str, Any]:
    """Entries a second, each committed by itself."""
    measured = in_process("record", str(ENTRIES), address=address, module=__name__)
    plain = measured["plain"]
    print(
        f"  record {measured['record']:.0f} entries/s, about a person {measured['person']:.0f}, plain insert "
        f"{plain:.0f}: ratio {measured['record'] / plain:.2f} (aim {AIM:.2f}); refused senders "
        f"{measured['refusal']:.0f}/s, and {measured['counted']:.0f}/s beyond those that are logged one by "
        f"one; {measured['together']:.0f} persons/s on pages that show 50"
    )
    return measured


def print_verify(address: str) -> dict[str, Any]:
    """Verification of a long log under heads."""
    measured = in_process("verify", str(LONG), address=address, module=__name__)
    print(
        f"  verify {measured['entries']} entries under {measured['heads']} heads in {measured['seconds']:.1f} s: "
        f"{measured['entries'] / measured['seconds']:.0f} entries/s, {measured['entries'] / measured['cpu']:.0f} a second of "
        f"this process's CPU; memory {measured['early']:.0f} MB after a "
        f"tenth, {measured['peak']:.0f} MB at the end (aim {AIM_MEMORY} MB more at most)"
    )
    return measured


def _register() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varde.web.settings")
    import django
    from django.conf import settings

    django.setup()
    from varde.register import open_register

    open_register(Path(settings.VARDE_HOME))


def measure_record(count: str) -> dict[str, Any]:
    _register()
    from django.db import connection

    from varde.access import audit
    from varde.access.audit.rows import TABLE
    from varde.access.clients.recording import MOST, RefusalLog
    from varde.access.clients.refusals import ClientRefused
    from varde.access.purposes import purpose_of

    entries = int(count)
    user = SimpleNamespace(username="kari", role="duty-officer", area="", is_authenticated=True)
    persons = [hashlib.sha256(b"%d" % number).digest() for number in range(50)]
    purpose = purpose_of("care")
    audit.record(user, "view", "person", "person", 1, purpose=purpose, about=persons[0])
    log = RefusalLog(lambda: 0)
    refused = ClientRefused("unreadable", "assertion")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE plain_entry AS SELECT * FROM {TABLE}")
        cursor.execute("CREATE UNIQUE INDEX plain_entry_id ON plain_entry (id)")
        cursor.execute(f"SELECT * FROM {TABLE} LIMIT 1")
        [row] = cursor.fetchall()
        names = [column[0] for column in cursor.description]
        marks = ", ".join(["%s"] * len(row))
        statement = f"INSERT INTO plain_entry ({', '.join(names)}) VALUES ({marks})"
        place = names.index("id")

        def plain(number: int) -> None:
            cursor.execute(statement, [*row[:place], number + 2, *row[place + 1 :]])

        # In turns: what else the machine does meanwhile meets all alike.
        spent = dict.fromkeys(("plain", "record", "person", "refusal"), 0.0)
        for start in range(0, entries, 50):
            for name, work in (
                ("plain", plain),
                (
                    "record",
                    lambda _: audit.record(user, "view", "quarantine", "quarantine item", 3),
                ),
                (
                    "person",
                    lambda number: audit.record(
                        user,
                        "view",
                        "person",
                        "person",
                        1,
                        purpose=purpose,
                        about=persons[number % 50],
                    ),
                ),
            ):
                began = time.perf_counter()
                for number in range(start, start + 50):
                    work(number)
                spent[name] += time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(MOST.amount):
        log.record(refused, "token")
    refusals = MOST.amount / (time.perf_counter() - began)
    began = time.perf_counter()
    for _ in range(20_000):
        log.record(refused, "token")
    counted = 20_000 / (time.perf_counter() - began)
    began = time.perf_counter()
    for _ in range(20):
        audit.record_looks(user, "view", "cases", "case", purpose, persons)
    together = 20 * len(persons) / (time.perf_counter() - began)
    assert audit.verify() is None
    rates = {name: entries / seconds for name, seconds in spent.items() if seconds}
    return rates | {"refusal": refusals, "counted": counted, "together": together}


def measure_verify(count: str) -> dict[str, Any]:
    _register()
    from django.conf import settings

    from varde.access import audit
    from varde.access.audit import rows, signing
    from varde.access.audit.recording import Draft, append

    signing.EVERY_ENTRIES = int(count) + 1  # signed below, every so many
    draft = Draft(
        "kari", "duty-officer", "", "view", "person", "person", 1, "care", "k1", "ab" * 32
    )
    for number in range(int(count) // 5_000):
        append([draft] * 5_000)
        if number % 2:
            audit.sign()
    audit.sign()
    path = audit.place_of(Path(settings.VARDE_HOME))
    trusted = audit.own_public_keys(Path(settings.VARDE_HOME))
    gc.collect()
    early = 0.0
    read = rows.read_rows

    def watched() -> Any:
        nonlocal early
        for number, row in enumerate(read()):
            if number == int(count) // 10:
                early = _memory()
            yield row

    began, worked = time.perf_counter(), time.process_time()
    report = audit.verify_log(path, trusted)
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    assert report.whole, report
    rows.read_rows = watched  # a second time, for the memory alone
    audit.verify_log(path, trusted)
    return {
        "entries": report.entries,
        "heads": report.heads,
        "seconds": seconds,
        "cpu": cpu,
        "early": early,
        "peak": _memory(),
    }


def _memory() -> float:
    """Megabytes that the process holds now (Linux); elsewhere the most it ever held."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1e6 if sys.platform == "darwin" else 1e3
    )


def main() -> None:
    what, *arguments = sys.argv[1:]
    print(json.dumps({"record": measure_record, "verify": measure_verify}[what](*arguments)))


if __name__ == "__main__":
    main()
