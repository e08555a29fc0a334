"""Small registers for the tables of statistics: rows of the warehouse with what is ordinary filled in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from varde.warehouse import TABLES, refresh
from warehouse.memory_source import MemorySource, isolate, result

DAYS = {
    "findings": "collected",
    "cases": "first_day",
    "notifications": "day",
    "vaccinations": "given",
    "wards": "surveyed",
    "operations": "operated",
}
KEYS = {"evidence": ("cases", "case_id"), "infections": ("wards", "ward_id")}
KEYS["treatments"] = ("wards", "ward_id")

ORDINARY: dict[str, dict[str, Any]] = {
    "findings": {
        "person_id": 1,
        "organism": "escherichia-coli",
        "method": "culture",
        "material": "urine",
        "material_group": "urine",
        "laboratory": "HER:1",
        "collected": date(2026, 1, 15),
        "county": "03",
        "municipality": "0301",
        "age": 40,
        "sex": "F",
        "notifiable": "",
        "status": "F",
        "counted": True,
        "results": 0,
        "unknown_antibiotics": 0,
        "without_mic": 0,
        "meets": "",
    },
    "cases": {
        "person_id": 1,
        "disease": "measles",
        "classification": "confirmed",
        "presentation": "",
        "first_day": date(2026, 1, 15),
        "imported": "no",
        "form_missing": False,
        "definition": date(2018, 7, 26),
        "sex": "F",
        "age": 40,
        "county": "03",
        "municipality": "0301",
        "infected_in": "NO",
    },
    "evidence": {},
    "notifications": {
        "person_id": 1,
        "disease": "measles",
        "day": date(2026, 1, 15),
        "county": "03",
        "municipality": "0301",
        "age": 40,
        "sex": "F",
    },
    "vaccinations": {
        "person_id": 1,
        "vaccine": "J07BD52",
        "given": date(2026, 1, 15),
        "dose": None,
        "county": "03",
        "municipality": "0301",
        "age": 40,
        "sex": "F",
        "programme": "",
    },
    "wards": {
        "institution": "ENH:1",
        "institution_kind": "hospital",
        "ward_type": "",
        "specialty": "",
        "surveyed": date(2026, 5, 6),
        "county": "03",
        "municipality": "0301",
        "present": 20,
        "with_infection": 1,
        "on_antibiotics": 5,
    },
    "infections": {"origin": ""},
    "treatments": {},
    "operations": {
        "person_id": 1,
        "hospital": "ENH:1",
        "procedure": "NFB20",
        "procedure_group": "hip-total",
        "operated": date(2026, 1, 15),
        "county": "03",
        "municipality": "0301",
        "age": 70,
        "sex": "F",
        "urgent": False,
        "asa": 2,
        "wound_class": 1,
        "minutes": 90,
        "prophylaxis": True,
        "implant": True,
        "at_discharge": "none",
        "at_follow_up": "none",
        "infected": None,
        "follow_up": date(2026, 2, 20),
    },
}


def row(table: str, **values: Any) -> dict[str, Any]:
    """A row of a table; what is not given is ordinary."""
    made = {**ORDINARY[table], **values}
    if table in DAYS:
        made.setdefault("year", made[DAYS[table]].year)
    return {name: made.get(name) for name in TABLES[table].names}


def source(**tables: list[dict[str, Any]]) -> MemorySource:
    """A register of these rows, each in the month that it belongs to."""
    isolates = tables.pop("isolates", [])
    results = tables.pop("susceptibilities", [])
    made = MemorySource.of(isolates, results)
    of: dict[tuple[str, Any], str] = {}
    for table in (*DAYS, *KEYS):
        for one in tables.get(table, []):
            if table in DAYS:
                month = f"{one[DAYS[table]]:%Y-%m}"
                of[table, next(iter(one.values()))] = month
            else:
                owner, key = KEYS[table]
                month = of[owner, one[key]]
            made.more.setdefault(table, {}).setdefault(month, [])
            made.more[table][month] = [*made.more[table][month], one]
            made.months.setdefault(month, (1, [], []))
    return made


def write(folder: Path, **tables: list[dict[str, Any]]) -> Path:
    """The warehouse of such a register."""
    refresh(folder, source(**tables))
    return folder


__all__ = ["isolate", "result", "row", "source", "write"]
