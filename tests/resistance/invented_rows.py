"""Hypothesis strategies for isolates and results that meet often: few persons, few days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from warehouse.memory_source import isolate

ORGANISMS = (
    ("escherichia-coli", "Escherichia coli"),
    ("klebsiella-pneumoniae", "Klebsiella pneumoniae"),
    # A subspecies shares its species' key; the last two can never be first.
    ("klebsiella-pneumoniae-ozaenae", "Klebsiella pneumoniae"),
    ("unknown", ""),
    (None, None),
)
METHODS = ("none", "patient", "episode:1", "episode:30", "episode:365")
DAY = date(2024, 11, 20)


@st.composite
def isolate_row(draw: st.DrawFn) -> dict[str, Any]:
    organism, key = draw(st.sampled_from(ORGANISMS))
    return isolate(
        0,
        person_id=draw(st.sampled_from((None, 1, 2, 2**62, -5))),
        organism=organism,
        episode_key=key,
        collected=DAY + timedelta(draw(st.sampled_from((0, 1, 29, 30, 31, 59, 60, 364, 365, 500)))),
        tie=draw(st.sampled_from((None, 0, 1, -(2**62)))),
        county=draw(st.sampled_from(("03", "", "11"))),
        age=draw(st.sampled_from((None, 0, 4, 5, 64, 65, 79, 80, 101))),
        status=draw(st.sampled_from(("P", "S", "F"))),
        material_group=draw(st.sampled_from((None, "urine", "blood"))),
    )


def numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "isolate_id": 1 + number * 7 % 101} for number, row in enumerate(rows)]


isolate_rows = st.lists(isolate_row(), max_size=30).map(numbered)


@st.composite
def isolates_and_results(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    isolates = draw(isolate_rows)
    results = [
        {"isolate_id": row["isolate_id"], "antibiotic": antibiotic, "sir": sir, "mic": ""}
        for row in isolates
        for antibiotic, sir in draw(
            st.dictionaries(
                st.sampled_from(("CIP", "GEN", "AMP", None)), st.sampled_from(("S", "I", "R", ""))
            )
        ).items()
    ]
    return isolates, results
