"""From files to percentages: the whole chain ends with the truth that the files were made from."""

import json
import os
from collections import Counter, defaultdict
from datetime import date

import pytest

from commands import run_varde
from varde.codes import materials, organisms
from varde.resistance import antibiogram
from varde.synthetic import truth, write_norway
from varde.warehouse import open_tables

pytestmark = pytest.mark.xdist_group("synthetic-chain")
ARGUMENTS = {
    "isolates": 400,
    "seed": 21,
    "bad_share": 0.05,
    "start": date(2025, 1, 1),
    "end": date(2026, 3, 31),
}


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """What was written, what the intake counted, the tables of the warehouse, and the register's state."""
    folder = tmp_path_factory.mktemp("norway")
    summary = write_norway(folder / "inbox", **ARGUMENTS)
    counts = json.loads(varde(folder, "ingest", "--json", str(folder / "inbox")))
    varde(folder, "refresh")
    status = json.loads(varde(folder, "status", "--json"))
    return summary, counts, open_tables(folder / "home" / "warehouse"), status


def varde(folder, *words):
    environment = os.environ | {"VARDE_HOME": str(folder / "home"), "DATABASE_URL": ""}
    done = run_varde(*words, environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_intake_counts_what_the_summary_says(chain):
    summary, counts, *_ = chain
    assert counts["received"] == summary.items
    assert counts["accepted"] == summary.accepted
    assert counts["duplicate"] == summary.copies + summary.resends
    assert counts["quarantined"] == sum(summary.quarantined.values())


def test_the_register_ends_with_what_the_summary_says(chain):
    summary, _, _, status = chain
    assert status["reports"] == summary.final + summary.preliminary
    assert status["cancelled"] == summary.cancelled
    assert status["preliminary"] == summary.preliminary
    assert status["findings"] == summary.isolates
    assert status["unmapped"] == summary.unmapped_expressions


def test_the_warehouse_holds_the_true_isolates(chain):
    *_, tables, _ = chain
    columns = tables.isolates.select(
        *("laboratory", "organism", "material", "material_group", "collected", "municipality"),
        *("sex", "age", "ward", "status"),
    )
    held = Counter(tuple(row.values()) for row in tables.fetch(columns).to_pylist())
    assert held == Counter(map(row, truth(**ARGUMENTS)))


def row(t):
    age = None
    if t.born:
        birthday = (t.collected.month, t.collected.day) >= (t.born.month, t.born.day)
        age = t.collected.year - t.born.year - (not birthday)
    material = t.material or None
    group = materials()[t.material].group if t.material else ""
    return (
        *(t.sender, t.organism or None, material, group, t.collected, t.municipality),
        *(t.sex, age, t.ward, t.status),
    )


def plain_first(isolates, days):
    """First isolates by episode, as the rule reads: person and species, days from the first."""
    chosen, begun = [], {}
    for t in sorted(isolates, key=lambda t: t.collected):
        if not t.organism or not organisms()[t.organism].episode_key:
            continue
        person = (t.sender if t.person_kind == "LOCAL" else "", t.person_value)
        key = person, organisms()[t.organism].episode_key
        start = begun.get(key)
        if not t.person_value or start is None or (t.collected - start).days >= days:
            chosen.append(t)
            begun[key] = t.collected
    return chosen


def plain_counts(isolates):
    counts = defaultdict(Counter)
    for t in isolates:
        for result in t.results:
            counts[t.organism, result.antibiotic][result.sir] += 1
    return {key: (found["S"], found["I"], found["R"]) for key, found in counts.items()}


@pytest.mark.parametrize("method", ["none", "episode:365", "episode:14"])
def test_the_antibiogram_is_the_truths(chain, method):
    *_, tables, _ = chain
    table = antibiogram(tables, method=method).to_pylist()
    found = {(r["organism"], r["antibiotic"]): (r["S"], r["I"], r["R"]) for r in table}
    isolates = [t for t in truth(**ARGUMENTS) if t.organism]
    if method != "none":
        first = plain_first(isolates, int(method.partition(":")[2]))
        assert len(first) < len(isolates)
        isolates = first
    assert found == plain_counts(isolates)


def test_no_two_isolates_of_a_species_are_from_one_person_and_day():
    """So that the truth needs no rule for which of them comes first."""
    keys = [(t.person_value, t.organism, t.collected) for t in truth(**ARGUMENTS) if t.person_value]
    assert len(keys) == len(set(keys))
