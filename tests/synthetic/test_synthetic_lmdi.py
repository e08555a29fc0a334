"""Bundles of the invented country: what reads them gets the rows back, and the FHIR is sound."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pyarrow as pa

from foreign_node import run_node
from varde.messages.identifiers import identify
from varde.messages.lmdi import BundleRead, read_bundle
from varde.synthetic import invent_prescribing
from varde.synthetic.lmdi import DayBundle, write_day_bundles

COLUMNS = ("institution", "given_on", "age", "sex", "atc", "route", "ddd", "ddd_version", "reason_system", "reason_code")  # fmt: skip

UNTYPED = 'warning: Invalid reference: got "urn:uuid:'


@cache
def tables() -> tuple[pa.Table, pa.Table]:
    country = invent_prescribing("small", first_year=2025, years=1)
    return country.month(2, ("administrations",))["administrations"], country.standing()[
        "institutions"
    ]


@cache
def bundles() -> tuple[DayBundle, ...]:
    return tuple(write_day_bundles(*tables()))


def read(each: DayBundle) -> BundleRead:
    return read_bundle(each.content, owner=f"ENH:{each.sender}")


def test_the_rows_come_back() -> None:
    found = [read(each) for each in bundles()]
    assert not [outcome for each in found for outcome in each.refused]
    given = [one for each in found for one in each.administrations]
    mine = sorted(tuple(getattr(one, name) for name in COLUMNS) for one in given)
    rows = tables()[0].to_pylist()
    assert mine == sorted(tuple(row[name] for name in COLUMNS) for row in rows)
    assert len({one.key for one in given}) == len(rows) > 1000
    assert len({one.patient for one in given}) == len({row["patient"] for row in rows})
    known = {row["institution"]: row for row in tables()[1].to_pylist()}
    for each in (row for one in found for row in one.institutions):
        row = known[each.institution]
        assert (each.kind, each.municipality) == (row["kind"], row["municipality"])
        assert each.part_of == (row["part_of"] or "")


def test_numbers_are_of_synthetic_persons_alone() -> None:
    for each in bundles()[:20]:
        for one in read(each).administrations:
            assert identify("FNR", one.patient).synthetic


def test_the_same_table_gives_the_same_bytes() -> None:
    again = list(write_day_bundles(*tables()))
    assert [each.content for each in again] == [each.content for each in bundles()]
    assert list(write_day_bundles(tables()[0].slice(0, 0), tables()[1])) == []


def test_what_was_recorded_in_error_is_sent_as_that() -> None:
    numbers = tables()[0]["administration_id"].to_pylist()[:3]
    found = [read(each) for each in write_day_bundles(*tables(), deleted=numbers)]
    assert sum(len(each.deletions) for each in found) == 3


def test_the_bundles_are_sound_fhir() -> None:
    """By Medplum's validator: structure, types, invariants, and the codes that R4 requires. It does not look into the
    bundle for what a urn:uuid is of, and warns of each: that they lead to the right types, the reader sees."""
    lines = [
        json.dumps({"name": f"{each.sender} {each.day}", "resource": json.loads(each.content)})
        for each in bundles()[:6]
    ]
    found: dict[str, Any] = run_node("validate.mjs", "\n".join(lines).encode())
    assert len(found) == 6
    issues = [issue for each in found.values() for issue in each["issues"]]
    assert [each for each in issues if not each.startswith(UNTYPED)] == []
    assert all(each["bound"] > 10 for each in found.values())
