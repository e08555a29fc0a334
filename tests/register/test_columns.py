"""The register as columns: what the warehouse gets, and only when it changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from register.answers import PERSONS, answer, clock, count, make_register, send
from varde.codes import CodeMap
from varde.register import read_register, replay
from varde.warehouse import ISOLATES, SUSCEPTIBILITIES, open_tables, refresh

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 1)


def bring_up_to_date(folder: Path) -> tuple[str, ...]:
    with read_register(CodeMap.load(), TODAY) as source:
        return refresh(folder, source).written


def test_columns_have_the_warehouses_schemas() -> None:
    send(make_register(), answer(person=PERSONS[0], results=[("NPU06049", "R")]))
    with read_register(CodeMap.load(), TODAY) as source:
        [month] = source.partitions()
        [isolates] = source.isolates(month)
        [results] = source.susceptibilities(month)
    assert isolates.schema.names == ISOLATES.names
    assert isolates.schema.types == ISOLATES.types
    assert results.schema.types == SUSCEPTIBILITIES.types
    [row] = isolates.to_pylist()
    assert row["organism"] == "escherichia-coli"
    assert row["episode_key"] == "Escherichia coli"
    assert row["material_group"] == "urine"
    assert row["collected"] == date(2025, 12, 5)
    assert [(r["antibiotic"], r["sir"]) for r in results.to_pylist()] == [("CIP", "R")]


def test_only_what_grew_is_an_isolate(tmp_path: Path) -> None:
    """A piece of genome, an antigen or an antibody is a finding, and nobody's isolate."""
    searches = ["Us-Escherichia coli DNA", "Escherichia coli antigen", "P-Escherichia coli IgG"]
    register = make_register()
    earlier = answer(person=PERSONS[0], organism="", searches=searches, day="2025-12-01")
    later = answer("R2", "M2", person=PERSONS[0], searches=["Klebsiella oxytoca PCR"])
    send(register, earlier, later)
    assert count("finding") == 5
    with read_register(CodeMap.load(), TODAY) as source:
        [isolates] = source.isolates("2025-12")
        [results] = source.susceptibilities("2025-12")
    [row] = isolates.to_pylist()
    assert (row["organism"], row["collected"]) == ("escherichia-coli", date(2025, 12, 5))
    assert {result["isolate_id"] for result in results.to_pylist()} == {row["isolate_id"]}
    assert bring_up_to_date(tmp_path) == ("2025-12",)
    assert open_tables(tmp_path).fetch(open_tables(tmp_path).isolates).num_rows == 1


def test_a_month_in_which_nothing_grew_is_empty(tmp_path: Path) -> None:
    send(make_register(), answer(organism="", searches=["P-Meslingvirus IgM"]))
    bring_up_to_date(tmp_path)
    assert open_tables(tmp_path).fetch(open_tables(tmp_path).isolates).num_rows == 0


def test_only_months_that_changed_are_written_again(tmp_path: Path) -> None:
    register = make_register()
    send(register, answer(day="2025-11-30"), answer(report="R2", message="M2"))
    assert bring_up_to_date(tmp_path) == ("2025-11", "2025-12")
    assert bring_up_to_date(tmp_path) == ()
    send(register, answer(report="R3", message="M3"))
    assert bring_up_to_date(tmp_path) == ("2025-12",)


def test_a_cancelled_answer_leaves_the_columns_and_its_month(tmp_path: Path) -> None:
    register = make_register()
    send(register, answer(day="2025-11-30"), answer(report="R2", message="M2"))
    bring_up_to_date(tmp_path)
    send(register, answer(message="M3", service="C", made=9))
    bring_up_to_date(tmp_path)
    tables = open_tables(tmp_path)
    months = tables.fetch(tables.isolates.select("period"))
    assert months["period"].to_pylist() == ["2025-12"]


def test_a_replay_makes_every_month_new_because_numbers_may_have_moved(tmp_path: Path) -> None:
    register = make_register()
    send(register, answer(day="2025-11-30"), answer(report="R2", message="M2"))
    bring_up_to_date(tmp_path)
    replay(register, clock)
    assert bring_up_to_date(tmp_path) == ("2025-11", "2025-12")
