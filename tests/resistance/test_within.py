"""Many selections at once count as each alone."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from resistance.invented_rows import METHODS, isolates_and_results
from varde.resistance import Within, antibiogram, first_isolates, select_isolates
from varde.warehouse import open_tables, refresh
from warehouse.memory_source import MemorySource


@settings(max_examples=3, deadline=None)
@given(data=isolates_and_results(), method=st.sampled_from(METHODS))
def test_each_combination_counts_as_if_it_had_been_selected_alone(data: Any, method: str) -> None:
    isolates, results = data
    with tempfile.TemporaryDirectory() as name:
        refresh(Path(name), MemorySource.of(isolates, results))
        with open_tables(Path(name)) as tables:
            organisms = tables.fetch(tables.isolates.select("organism").distinct())
            for organism in sorted(filter(None, organisms["organism"].to_pylist()))[:1]:
                within = Within(tables, organism, ("quarter", "county"))
                found = list(within.count(("quarter", "county"), method))
                for quarter, county in sorted({key for _, key, _, _ in found if key[1]})[:2]:
                    selection: Any = select(organism, quarter, county)
                    table = antibiogram(tables, ("antibiotic",), method, **selection)
                    plain = {
                        row["antibiotic"]: (row["n"], row["R"])
                        for row in table.to_pylist()
                        if row["n"]
                    }
                    chosen = select_isolates(tables.isolates, selection)
                    counted = first_isolates(tables, chosen, method).count()
                    plain[""] = (int(tables.connection.to_pyarrow(counted).as_py()), 0)
                    assert plain == {
                        drug: (n, r) for drug, key, n, r in found if key == (quarter, county)
                    }


def select(organism: str, quarter: str, county: str) -> dict[str, Any]:
    year, month = int(quarter[:4]), 3 * int(quarter[-1])
    last = date(year, month, 31 if month in (3, 12) else 30)
    days = {"date_from": date(year, month - 2, 1), "date_to": last}
    return {"organism": organism, "county": county, **days}


def test_an_unknown_organism_has_no_counts(tmp_path: Path) -> None:
    refresh(tmp_path, MemorySource.of([], []))
    with open_tables(tmp_path) as tables:
        within = Within(tables, "no-such", ("year",))
    for method in ("none", "patient"):
        assert list(within.count(("year",), method)) == []
