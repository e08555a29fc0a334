"""Cases: what working them out costs the intake, and how fast all history is classified anew.

Intake is measured with and without, on the same messages of the invented Norway in one run: without, there are no
disease files, so that nothing begins a case. The two take turns, each in a process and a register of its own, and the
quicker of two counts, by wall and by CPU: a neighbour on the machine slows single runs.

A re-classification is measured on a register with many findings of few answers each: first with nothing changed, then
with one case definition changed. Memory is looked at after each quarter of the persons.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.ingest import write_messages
from benchmarks.rows import whole_row

MESSAGES = int(os.environ.get("VARDE_BENCH_MESSAGES", "20000"))
FINDINGS = int(os.environ.get("VARDE_BENCH_FINDINGS", "50000"))
ROUNDS = 2
AIM = 1.15
CHANGED = (
    "campylobacteriosis.toml",
    'methods = ["culture", "nucleic-acid", "unknown"]',
    'methods = ["culture", "nucleic-acid"]',
)
"""The definition that is changed: most answers say no method, so that nearly all of its cases go."""


def run(messages: int = MESSAGES, findings: int = FINDINGS) -> dict[str, Any]:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="varde-bench-") as folder:
        intake = measure_intake(Path(folder), messages)
    with tempfile.TemporaryDirectory(prefix="varde-bench-") as folder:
        again = in_process("reclassify", str(findings), home=Path(folder))
    print_intake(messages, intake)
    print_reclassification(again)
    return {"intake": intake, "reclassify": again}


def measure_intake(folder: Path, messages: int) -> dict[str, Any]:
    """The quickest of some runs with cases, and of some without."""
    inbox = folder / "inbox"
    write_messages(inbox, messages)
    runs: dict[str, list[dict[str, Any]]] = {"with": [], "without": []}
    for number in range(ROUNDS):
        for kind in ("without", "with") if number % 2 else ("with", "without"):
            found = in_process("intake", str(inbox), kind, home=folder / f"{kind}-{number}")
            runs[kind].append(found)
    best = {
        kind: {clock: min(each[clock] for each in found) for clock in ("wall", "cpu")}
        for kind, found in runs.items()
    }
    ratio = {clock: best["with"][clock] / best["without"][clock] for clock in ("wall", "cpu")}
    return best | {"ratio": ratio, "share": runs["with"][0]["begin"] / messages} | runs["with"][0]


def print_intake(messages: int, found: dict[str, Any]) -> None:
    """The ratio of time with cases over time without."""
    print(
        f"Intake of {messages} KITH messages, of which {found['share']:.1%} may begin a case: "
        f"{found['cases']} cases"
    )
    for kind in ("without", "with"):
        print(f"  {kind:8} cases {messages / found[kind]['wall']:8.0f} messages/s")
    ratio = found["ratio"]
    print(
        f"  time with over without {ratio['wall']:.2f} wall, {ratio['cpu']:.2f} CPU (aim: at most {AIM})"
    )


def print_reclassification(found: dict[str, Any]) -> None:
    """How fast history is worked out anew, and what memory that takes."""
    count = found["findings"]
    print(f"Classifying {count} findings anew ({found['persons']} persons may have a case)")
    for name, what in (
        ("same", "nothing changed"),
        ("one", "one definition changed"),
        ("back", "and changed back"),
    ):
        each = found[name]
        memory = ", ".join(f"{peak:.0f}" for peak in each["quarters"])
        print(
            f"  {what:22} {count / each['seconds']:8.0f} findings/s, {each['seconds']:6.1f} s; "
            f"{each['changed']} cases changed; {memory} MB after each quarter"
        )


def in_process(
    what: str, *arguments: str, home: Path, module: str = "benchmarks.cases"
) -> dict[str, Any]:
    """Measure something in a process and a register of its own."""
    environment = os.environ | {
        "VARDE_HOME": str(home),
        "DATABASE_URL": "",
        "VARDE_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", module, what, *arguments]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


# --- in a process of its own ----------------------------------------------------------------------


def take_in_all(inbox: Path, kind: str) -> dict[str, Any]:
    from varde.cases import Catalogue, catalogue
    from varde.cli import now, open_home

    register = open_home()
    from varde.register import ingest

    if kind == "without":
        nothing = Catalogue({})
        context = replace(register.context, definitions=lambda: nothing)
        register = replace(register, context=context)
    else:
        assert catalogue().resistances  # the files are read before the clock starts
    wall, cpu = time.perf_counter(), time.process_time()
    counts = ingest(register, [inbox], now).counts
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert counts.quarantined == 0, counts
    begin = count("register_report WHERE begins")
    return {"wall": wall, "cpu": cpu, "begin": begin, "cases": count("register_case")}


def classify_again(findings: int) -> dict[str, Any]:
    from varde.cli import open_home

    register = open_home()
    write_findings(findings)
    from varde.cases import DISEASES, read_catalogue

    found: dict[str, Any] = {"findings": count("register_finding")}
    found["first"] = time_once(register)
    found["persons"] = count("(SELECT DISTINCT person FROM register_report WHERE begins) AS known")
    found["same"] = time_once(register)
    name, old, new = CHANGED
    with tempfile.TemporaryDirectory() as folder:
        for file in DISEASES.glob("*.toml"):
            text = file.read_text(encoding="utf-8")
            if file.name == name:
                assert old in text
                text = text.replace(old, new)
            (Path(folder) / file.name).write_text(text, encoding="utf-8")
        changed = read_catalogue(Path(folder))
    other = replace(register, context=replace(register.context, definitions=lambda: changed))
    found["one"] = time_once(other)
    found["back"] = time_once(register)
    assert found["one"]["changed"] == found["back"]["changed"] > 0, found
    return found


def time_once(register: Any) -> dict[str, Any]:
    from varde.register import count_to_reclassify, reclassify

    total = count_to_reclassify()
    quarters: list[float] = []
    done = 0

    def watch(persons: int) -> None:
        nonlocal done
        done += persons
        while len(quarters) < 4 and done * 4 >= total * (len(quarters) + 1):
            quarters.append(_memory())

    began = time.perf_counter()
    result = reclassify(register, watch)
    seconds = time.perf_counter() - began
    changed = result.added + result.removed + result.changed
    return {"seconds": seconds, "changed": changed, "quarters": quarters}


def _memory() -> float:
    """What this process holds now, in MB: its peak would be that of filling the register."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def count(table: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        return int(cursor.fetchone()[0])


KINDS = (
    *(("campylobacter-jejuni", "stool"),) * 3,
    *(("salmonella-enteritidis", "stool"),) * 2,
    *(("chlamydia-trachomatis", "urine"),) * 3,
    ("streptococcus-pneumoniae", "blood-culture"),
    *(("escherichia-coli", "urine"),) * 70,
    *(("klebsiella-pneumoniae", "urine"),) * 12,
    *(("staphylococcus-aureus", "wound"),) * 20,
    *(("enterococcus-faecalis", "urine"),) * 9,
)
"""Organism and material of findings, in their shares: one in thirteen may begin a case."""


def write_findings(findings: int) -> None:
    """Fill a register with that many answers of one finding each, every third person with two and more."""
    import random

    from varde.register import store
    from varde.register.store import atomic, insert

    chance = random.Random(7)
    persons = findings * 2 // 3
    with atomic():
        insert(
            "person",
            ("id", "pseudonym"),
            [(one, one.to_bytes(32, "big")) for one in range(1, persons + 1)],
        )
        for rows in in_batches(findings, chance, persons):
            for table, given in rows.items():
                columns = tuple(whole_row(table, given[0]))
                others = tuple(whole_row(table, given[0]).values())[len(given[0]) :]
                insert(table, columns, [(*row.values(), *others) for row in given])
        # Rows that came past the fold: which of them may begin a case is told by the first re-classification.
        store.connection.cursor().execute("DELETE FROM register_setting WHERE name LIKE 'cases%%'")


def in_batches(findings: int, chance: Any, persons: int) -> Iterator[dict[str, list[Any]]]:
    """Rows of reports, specimens, findings and susceptibilities, some thousands at a time."""
    from datetime import date, timedelta

    begin = date(2021, 1, 1)
    for start in range(1, findings + 1, 10_000):
        rows: dict[str, list[Any]] = {
            name: [] for name in ("report", "specimen", "finding", "susceptibility")
        }
        for report in range(start, min(start + 10_000, findings + 1)):
            day = begin + timedelta(chance.randrange(1800))
            organism, material = chance.choice(KINDS)
            month = f"{day:%Y-%m}"
            part = report * 1024 + 1
            rows["report"].append(
                {
                    "id": report,
                    "sender": "HER:1",
                    "report_ref": f"R{report}",
                    "item": report,
                    "version_key": f"1{report:079d}",
                    "status": "F",
                    "notifiable": "",
                    "generated_at": f"{day} 12:00:00",
                    "person": chance.randint(1, persons),
                    "sex": "F",
                    "municipality": "0301",
                    "periods": month,
                    "digest": report.to_bytes(16, "big"),
                }
            )
            rows["specimen"].append(
                {
                    "id": part,
                    "report": report,
                    "material": material,
                    "collected_on": day.isoformat(),
                    "second_of_day": 0,
                    "period": month,
                    "age": 40,
                    "ward": "",
                }
            )
            rows["finding"].append(
                {"id": part, "specimen": part, "organism": organism, "tie": report}
            )
            rows["susceptibility"] += [
                {
                    "id": part * 256 + number,
                    "antibiotic": key,
                    "sir": chance.choice("SSSSSSSSSR"),
                    "mic": "",
                }
                for number, key in enumerate(("AMP", "CIP", "GEN", "SXT"))
            ]
        yield rows


def main() -> None:
    what, *arguments = sys.argv[1:]
    if what == "intake":
        result = take_in_all(Path(arguments[0]), arguments[1])
    else:
        result = classify_again(int(arguments[0]))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
