"""First isolates, as tables to read: who, what and when, and whether the isolate counts.

``-`` is unknown. Each table is asked of the real engine.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from varde.resistance import first_isolates
from varde.warehouse import open_tables, refresh
from warehouse.memory_source import MemorySource, isolate

EPISODES = """
    A new episode begins a year after the start of the running one, not after the last isolate.

    person | organism | collected  | none | patient | episode:365 | episode:30
    1      | E. coli  | 2024-01-10 | x    | x       | x           | x
    1      | E. coli  | 2024-02-08 | x    |         |             |
    1      | E. coli  | 2024-02-09 | x    |         |             | x
    1      | E. coli  | 2024-12-01 | x    |         |             | x
    1      | E. coli  | 2025-01-08 | x    |         |             | x
    1      | E. coli  | 2025-01-09 | x    |         | x           |
    1      | E. coli  | 2025-12-31 | x    |         |             | x
    1      | E. coli  | 2026-01-09 | x    |         | x           |
"""

KEYS = """
    Persons and organisms are followed apart, whatever the material.

    person | organism      | collected  | none | patient | episode:365 | episode:30
    1      | E. coli       | 2026-01-10 | x    | x       | x           | x
    2      | E. coli       | 2026-01-10 | x    | x       | x           | x
    1      | K. pneumoniae | 2026-01-11 | x    | x       | x           | x
    1      | E. coli       | 2026-01-12 | x    |         |             |
"""

UNKNOWN = """
    Without a person each isolate counts; an unknown organism counts only among all isolates; what
    is not mapped waits, and counts nowhere.

    person | organism | collected  | none | patient | episode:365 | episode:30
    -      | E. coli  | 2026-01-10 | x    | x       | x           | x
    -      | E. coli  | 2026-01-10 | x    | x       | x           | x
    1      | unknown  | 2026-01-10 | x    |         |             |
    1      | -        | 2026-01-10 |      |         |             |
"""


def read_table(text: str) -> list[dict[str, str]]:
    head, *lines = [line.split("|") for line in text.splitlines() if "|" in line]
    names = [cell.strip() for cell in head]
    return [{name: cell.strip() for name, cell in zip(names, line, strict=True)} for line in lines]


@pytest.mark.parametrize("text", [EPISODES, KEYS, UNKNOWN])
@pytest.mark.parametrize("method", ["none", "patient", "episode:365", "episode:30"])
def test_first_isolates_as_the_tables_say(text: str, method: str, tmp_path: Path) -> None:
    rows = read_table(text)
    isolates = [
        isolate(
            number,
            person_id=None if row["person"] == "-" else int(row["person"]),
            organism=None if row["organism"] == "-" else row["organism"],
            episode_key="" if row["organism"] in ("-", "unknown") else row["organism"],
            collected=date.fromisoformat(row["collected"]),
        )
        for number, row in enumerate(rows)
    ]
    refresh(tmp_path, MemorySource.of(isolates, []))
    with open_tables(tmp_path) as tables:
        found = tables.fetch(first_isolates(tables, tables.isolates, method))
    expected = [number for number, row in enumerate(rows) if row[method] == "x"]
    assert sorted(found["isolate_id"].to_pylist()) == expected
