"""Deliveries: what is kept, what the tables say, and that neither order nor repetition nor a crash matters."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliveries.given import (
    IDENTITY,
    NOW,
    bed_days,
    clock,
    day,
    deliver,
    dispensings,
    held,
    rows_of,
)
from varde.access.key_files import KeySource
from varde.access.keys import KeyProblem, load_keys
from varde.access.sealing import Sealer
from varde.deliveries import (
    Count,
    FilesMissing,
    ManifestUnreadable,
    NoDelivery,
    Refusal,
    drop_years,
    hold,
    list_deliveries,
    open_tables,
    remove,
    resume,
    seal_anew,
    storage_keys_used,
    take,
    taking,
)
from varde.prescribing import layouts
from varde.prescribing.reading import reasons

MONTHS = ("2025-12", "2026-01", "2026-02")


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_file_is_kept_byte_for_byte_and_sealed(home: Path) -> None:
    content = dispensings({"patient": "the-patient"}, {"dispensing_id": "D2", "age": "x"})
    receipt = deliver(home, content, name="dispensings 01010750160.csv")
    assert (receipt.accepted, receipt.rejected, receipt.state) == (1, 1, "read")
    assert receipt.reasons == (Count("no-integer", "age", 1),)
    assert b"the-patient" not in everything_in(home) and IDENTITY.encode() not in everything_in(
        home
    )
    with hold(home) as store:
        [delivery] = store.manifest().deliveries
        with store.open_raw(delivery) as raw:
            assert raw.read() == content
    assert delivery.taken_at == NOW and delivery.delivered_at == day(1)
    assert all(
        path.stat().st_mode & 0o077 == 0 for path in (home / "deliveries" / "sealed").iterdir()
    )


def test_patients_are_pseudonyms_of_their_own_purpose_and_series(home: Path) -> None:
    rows = [{"patient": "p-1"}, {"dispensing_id": "D2", "patient": "p-1"}, {"dispensing_id": "D3"}]
    deliver(home, dispensings(*rows))
    deliver(home, dispensings({"dispensing_id": "D4"}), series="another")
    patients = {row["dispensing_id"]: row["patient"] for row in rows_of(home, "dispensings")}
    assert patients["D1"] == patients["D2"] == patients["D3"] != patients["D4"]
    assert all(isinstance(patient, int) for patient in patients.values())


def test_tables_have_the_published_columns_also_without_rows(home: Path) -> None:
    deliver(home, bed_days(("2026-01", "short", "1")))
    with open_tables(home) as tables:
        assert set(tables) == set(layouts()) and len(tables) == len(layouts())
        for key, layout in layouts().items():
            found = tables.fetch(tables[key]).schema
            assert [(f.name, f.type) for f in found] == [(f.name, f.type) for f in layout.kept]
    with open_tables(home.parent / "nothing") as tables, pytest.raises(KeyError):
        tables["nothing"]


# --- order, repetition, removal -------------------------------------------------------------------

delivered = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.dictionaries(
            st.tuples(st.sampled_from(MONTHS), st.sampled_from(("short", "long"))),
            st.sampled_from(("1.0", "2.0", "3.0")),
            min_size=1,
            max_size=4,
        ),
    ),
    min_size=1,
    max_size=4,
)


def content_of(rows: dict[tuple[str, str], str]) -> bytes:
    return bed_days(*((*key, value) for key, value in sorted(rows.items())))


def hold_of(deliveries: list[tuple[int, dict[tuple[str, str], str]]]) -> dict[tuple[str, str], str]:
    """What should hold: the later delivery's row, and of the same moment that of the higher hash."""
    from hashlib import sha256

    first: dict[bytes, int] = {}
    for on, rows in deliveries:
        content = content_of(rows)
        first[content] = min(on, first.get(content, on))
    found: dict[tuple[str, str], str] = {}
    ranked = sorted(
        deliveries, key=lambda e: (first[content_of(e[1])], sha256(content_of(e[1])).hexdigest())
    )
    for _, rows in ranked:
        found |= rows
    return found


@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_any_order_and_repetition_gives_the_same_tables_and_removal_undoes(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    deliveries = data.draw(delivered)
    order = data.draw(
        st.permutations(
            [*deliveries, *data.draw(st.lists(st.sampled_from(deliveries), max_size=2))]
        )
    )
    home = tmp_path_factory.mktemp("home")
    ids = {}
    for on, rows in order:
        receipt = deliver(home, content_of(rows), on)
        ids[receipt.delivery] = rows
        assert receipt.accepted == len(rows)
    assert held(home) == hold_of(deliveries)
    listed = list_deliveries(home)
    assert sum(e.accepted - e.replaced for e in listed) == len(held(home))
    gone = data.draw(st.sampled_from(sorted(ids)))
    remove(home, gone)
    rest = [each for each in deliveries if each[1] != ids[gone]]
    assert held(home) == hold_of(rest)
    assert gone not in {each.id for each in list_deliveries(home)}


def test_a_row_that_moves_to_another_year_leaves_the_first(home: Path) -> None:
    deliver(home, dispensings({"dispensed_on": "2025-12-31"}, {"dispensing_id": "D2"}), 1)
    receipt = deliver(home, dispensings({"dispensed_on": "2026-01-02"}), 2)
    assert (receipt.replaced, receipt.outdated) == (1, 0)
    days = {row["dispensing_id"]: str(row["dispensed_on"]) for row in rows_of(home, "dispensings")}
    assert days == {"D1": "2026-01-02", "D2": "2026-01-05"}
    late = deliver(home, dispensings({"dispensed_on": "2024-01-02"}), 1)
    assert late.outdated == 1 and len(rows_of(home, "dispensings")) == 2


def test_the_same_file_twice_is_one_at_the_first_of_its_times(home: Path) -> None:
    old, new = bed_days(("2026-01", "short", "1")), bed_days(("2026-01", "short", "2"))
    deliver(home, old, 3)
    deliver(home, new, 2)
    assert held(home) == {("2026-01", "short"): "1.0"}
    receipt = deliver(home, old, 1, source="NHN")
    assert receipt.duplicate and receipt.outdated == 1
    assert held(home) == {("2026-01", "short"): "2.0"}
    assert deliver(home, old, 9).duplicate
    assert [each.source for each in list_deliveries(home)] == ["NHN", "FHI"]
    assert len(list((home / "deliveries" / "sealed").iterdir())) == 2


def test_rows_of_one_key_in_a_file(home: Path) -> None:
    receipt = deliver(
        home,
        bed_days(
            ("2026-01", "short", "1"),
            ("2026-01", "short", "1,0"),
            ("2026-01", "long", "1"),
            ("2026-01", "long", "2"),
            ("2026-02", "long", "5"),
        ),
    )
    assert (receipt.accepted, receipt.rejected, receipt.repeated) == (2, 2, 1)
    assert receipt.reasons == (Count("duplicate-key", "institution", 2),)
    assert held(home) == {("2026-01", "short"): "1.0", ("2026-02", "long"): "5.0"}


# --- what is refused ------------------------------------------------------------------------------


def test_a_refused_file_is_kept_sealed_and_can_be_said_to_be_something(home: Path) -> None:
    receipt = deliver(home, b"a;b\n1;2\n")
    assert receipt.state == "refused" and receipt.refusal == Refusal("unknown-table")
    must = ", ".join(each.name for each in layouts()["sales"].columns)
    said = deliver(home, b"a;b\n1;2\n", table="sales")
    assert said.refusal == Refusal("unknown-column", "", f"a, b − {must}")
    assert said.table == "sales"
    assert len(list_deliveries(home)) == 1 and rows_of(home, "sales") == []


def test_national_numbers_refuse_all_of_the_file_and_stand_nowhere(home: Path) -> None:
    rows = [{"dispensing_id": f"D{number}"} for number in range(20)]
    content = dispensings(*rows, {"dispensing_id": "E", "patient": IDENTITY}, {"age": "x"})
    receipt = deliver(home, content)
    assert receipt.refusal == Refusal("identity-numbers", "patient")
    assert rows_of(home, "dispensings") == []
    assert IDENTITY.encode() not in everything_in(home)
    assert len(list((home / "deliveries" / "sealed").iterdir())) == 1
    assert not (home / "deliveries" / "staging").exists()
    remove(home, receipt.delivery)
    assert not list((home / "deliveries" / "sealed").iterdir())


def test_a_day_well_after_the_delivery_is_refused(home: Path) -> None:
    content = dispensings(
        {"dispensed_on": "2026-11-02"}, {"dispensing_id": "D2", "dispensed_on": "2026-11-03"}
    )
    assert deliver(home, content, on=5).accepted == 2
    # Handed in again as of an earlier day, it is what it would have been then.
    receipt = deliver(home, content, on=1)
    assert receipt.duplicate and receipt.reasons == (Count("future-date", "dispensed_on", 1),)
    assert [row["dispensing_id"] for row in rows_of(home, "dispensings")] == ["D1"]
    assert receipt.reasons[0].reason in reasons()


def test_what_nobody_knows_is_told(home: Path) -> None:
    receipt = deliver(
        home, dispensings({"atc": "J01ZZ99"}, {"dispensing_id": "D2", "atc": "J01ZZ99"})
    )
    assert receipt.told == (Count("unknown-atc", "J01ZZ99", 2),) and receipt.accepted == 2


def test_wrong_use_is_an_error(home: Path) -> None:
    with pytest.raises(KeyError):
        deliver(home, b"", format="nothing")
    with pytest.raises(ValueError, match="zone"):
        take(home, "", b"", source="", delivered_at=NOW.replace(tzinfo=None), clock=clock)
    with pytest.raises(NoDelivery, match="varde deliveries list"):
        remove(home, "nothing")
    with pytest.raises(FileNotFoundError):
        deliver(home, home / "absent.csv")


# --- what is damaged ------------------------------------------------------------------------------


def test_damage_is_said(home: Path) -> None:
    deliver(home, bed_days(("2026-01", "short", "1")))
    [path] = (home / "deliveries" / "rows").rglob("*.parquet")
    path.rename(path.with_suffix(".away"))
    with pytest.raises(FilesMissing, match="backup"):
        open_tables(home)
    (home / "deliveries" / "manifest.json").write_text("{}]")
    with pytest.raises(ManifestUnreadable, match="backup"):
        open_tables(home)


# --- keys and years -------------------------------------------------------------------------------


def test_a_new_storage_key_seals_what_is_kept_without_touching_the_files(home: Path) -> None:
    content = bed_days(("2026-01", "short", "x"))
    deliver(home, content)
    before = [path.read_bytes() for path in sorted((home / "deliveries" / "sealed").iterdir())]
    keys = home / "keys" / "storage.keys"
    old = keys.read_text()
    keys.write_text("k2:" + "2" * 64 + "\n" + old)
    assert storage_keys_used(home) == {"k1": 1}
    assert seal_anew(home) == (1, 0) and seal_anew(home) == (0, 0)
    assert storage_keys_used(home) == {"k2": 1}
    keys.write_text("k2:" + "2" * 64 + "\n")
    assert [p.read_bytes() for p in sorted((home / "deliveries" / "sealed").iterdir())] == before
    with hold(home) as store, store.open_raw(store.manifest().deliveries[0]) as raw:
        assert raw.read() == content
    keys.write_text("k3:" + "3" * 64 + "\n")
    assert seal_anew(home) == (0, 1)
    with pytest.raises(KeyProblem, match="k2"), hold(home) as store:
        store.key_of(store.manifest().deliveries[0])
    assert Sealer(load_keys(home), KeySource(home)).current().key_id == "k3"


def test_another_pseudonym_key_is_not_made_and_not_used(home: Path) -> None:
    deliver(home, dispensings({}))
    key = home / "keys" / "pseudonym.key"
    key.rename(home / "away")
    with pytest.raises(KeyProblem):
        deliver(home, dispensings({"dispensing_id": "D2"}))
    assert not key.exists()
    key.write_text("5" * 64)
    with pytest.raises(KeyProblem, match="another pseudonym key"):
        deliver(home, dispensings({"dispensing_id": "D2"}))
    (home / "away").rename(key)
    assert deliver(home, dispensings({"dispensing_id": "D2"})).accepted == 1


def test_old_years_are_dropped_with_what_is_kept_of_them(home: Path) -> None:
    deliver(home, bed_days(("2020-01", "short", "1"), ("2021-01", "short", "1")), 1)
    deliver(home, bed_days(("2021-02", "short", "1"), ("2022-01", "short", "1")), 2)
    assert len(drop_years(home, 2022)) == 1 and drop_years(home, 2022) == ()
    assert set(held(home)) == {("2021-02", "short"), ("2022-01", "short")}
    assert len(list((home / "deliveries" / "sealed").iterdir())) == 1


def test_dropping_a_year_lets_nothing_old_hold_again(home: Path) -> None:
    deliver(home, bed_days(("2020-01", "short", "9")), 1)
    deliver(home, bed_days(("2021-01", "short", "1"), ("2022-01", "short", "1")), 2)
    deliver(home, bed_days(("2021-01", "short", "2")), 3)
    assert [str(each.rows[0].year) for each in drop_years(home, 2022)] == ["2020"]
    assert held(home) == {("2021-01", "short"): "2.0", ("2022-01", "short"): "1.0"}
    assert len(drop_years(home, 2023)) == 2 and held(home) == {}
    assert not list((home / "deliveries").rglob("*.parquet"))


def test_tables_that_are_open_stay_readable_when_files_are_taken_in(home: Path) -> None:
    deliver(home, bed_days(("2026-01", "short", "1"), ("2026-01", "long", "1")), 1)
    with open_tables(home) as tables:
        deliver(home, bed_days(("2026-01", "short", "2")), 2)
        assert tables.fetch(tables["bed-days"]).num_rows == 2
        assert sorted(map(str, tables.fetch(tables["bed-days"])["bed_days"].to_pylist())) == [
            "1.0",
            "1.0",
        ]


def test_what_cannot_be_read_keeps_nobody_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(taking, "FORMATS", {"table": broken})
        with pytest.raises(ZeroDivisionError):
            deliver(home, bed_days(("2026-01", "short", "1")))
        with pytest.raises(ZeroDivisionError):
            resume(home)
        assert [each.state for each in list_deliveries(home)] == ["received"]
    [raw] = (home / "deliveries" / "sealed").iterdir()
    content = raw.read_bytes()
    raw.write_bytes(content[:-1])
    assert deliver(home, bed_days(("2026-02", "short", "1"))).accepted == 1
    with pytest.raises(KeyProblem, match="cut off"):
        resume(home)
    raw.write_bytes(content)
    assert [receipt.accepted for receipt in resume(home)] == [1]
    assert len(held(home)) == 2 and resume(home) == []


def test_a_file_that_cannot_be_read_to_its_end_leaves_nothing(home: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        deliver(home, Broken())
    assert not list((home / "deliveries" / "sealed").iterdir()) and list_deliveries(home) == []


# --- crashes --------------------------------------------------------------------------------------


def die_at(step: int, work: Callable[[], Any]) -> bool:
    """Do something in a process of its own that kills itself before its step-th durable step; whether it ended."""
    child = os.fork()
    if child == 0:
        steps = 0

        def counted(function: Callable[..., Any]) -> Callable[..., Any]:
            def wrapped(*arguments: Any, **named: Any) -> Any:
                nonlocal steps
                steps += 1
                if steps == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments, **named)

            return wrapped

        os.fsync = counted(os.fsync)  # type: ignore[assignment]
        Path.replace = counted(Path.replace)  # type: ignore[method-assign]
        Path.unlink = counted(Path.unlink)  # type: ignore[method-assign]
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


@pytest.mark.parametrize("what", ["take", "remove"])
def test_a_crash_leaves_the_tables_as_before_or_as_after(tmp_path: Path, what: str) -> None:
    template = tmp_path / "template"
    first = deliver(template, bed_days(("2025-12", "short", "1"), ("2026-01", "short", "1")), 1)
    deliver(template, bed_days(("2025-12", "short", "2"), ("2026-02", "long", "x")), 2)
    before = held(template)
    new = bed_days(("2025-12", "short", "3"), ("2026-02", "long", "3"), ("2026-02", "short", "y"))

    def work(home: Path) -> None:
        if what == "take":
            deliver(home, new, 3)
        else:
            remove(home, first.delivery)

    shutil.copytree(template, tmp_path / "after")
    work(tmp_path / "after")
    after = held(tmp_path / "after")
    assert before != after
    seen = []
    for step in range(1, 100):
        home = tmp_path / str(step)
        shutil.copytree(template, home)
        ended = die_at(step, lambda home=home: work(home))  # type: ignore[misc]
        found = held(home)
        assert found in (before, after), step
        seen.append(found == after)
        resume(home)
        kept = {each.sha256 for each in list_deliveries(home)}
        assert held(home) == (after if len(kept) == (3 if what == "take" else 1) else before), step
        work(home) if what == "take" or not seen[-1] else None
        assert held(home) == after
        named = {each.file for each in list_deliveries(home)}
        assert {path.stem for path in (home / "deliveries" / "sealed").iterdir()} == named
        if ended:
            break
    assert ended and seen[0] is False and seen == sorted(seen) and len(seen) > 5


def test_what_an_earlier_varde_kept_is_read_again(tmp_path: Path) -> None:
    """Its tables had pseudonyms as text; the sealed bytes are what counts."""
    first = deliver(tmp_path, dispensings({}, {"dispensing_id": "D2", "age": "x"}))
    rows = rows_of(tmp_path, "dispensings")
    path = tmp_path / "deliveries" / "manifest.json"
    kept = json.loads(path.read_text("utf-8"))
    [gone] = [Path(each["file"]["path"]) for one in kept["deliveries"] for each in one["rows"]]
    (tmp_path / "deliveries" / gone).write_bytes(b"text as it was")
    path.write_text(json.dumps(kept | {"format": 1}), "utf-8")
    with pytest.raises(ManifestUnreadable, match="varde deliveries resume"):
        open_tables(tmp_path)
    [again] = resume(tmp_path)
    assert (again.delivery, again.accepted, again.rejected) == (first.delivery, 1, 1)
    assert rows_of(tmp_path, "dispensings") == rows
    assert resume(tmp_path) == []
