"""Bundles of administered drugs as deliveries: order and repetition mean nothing, and what is deleted is gone."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliveries.given import NOW, clock, deliver, rows_of
from messages import lmdi_builder as lmdi
from messages.lmdi_builder import HOME, OTHER, SENDER, TOWN, Json, bundle, write
from varde.deliveries import (
    BundleReceipt,
    hold,
    list_deliveries,
    list_rejected,
    open_tables,
    remove,
    resume,
    take_bundle,
    validate_bundle,
    write_rejected,
)
from varde.deliveries import taking as taking_module
from varde.messages.lmdi import reasons
from varde.prescribing.institutions import Institutions
from varde.prescribing.reading import FileRefused


def bundle_of(day: int, doses: list[Json], **fields: Any) -> bytes:
    """A bundle made on a day of March 2026."""
    made_at = f"2026-03-{day:02}T05:30:00+01:00"
    return write(bundle(doses, timestamp=made_at, **fields))


def dose(number: str, grams: int = 1, status: str = "completed", **fields: Any) -> Json:
    more = {"dosage": lmdi.dosage(str(grams), "g")} | fields
    return lmdi.given(f"d{number}", number, status=status, **more)


def gone(number: str) -> Json:
    return dose(number, status="entered-in-error")


def send(home: Path, data: bytes, source: str = SENDER) -> BundleReceipt:
    return take_bundle(home, data, source=source, clock=clock)


def held(home: Path) -> list[tuple[date, str]]:
    return sorted((row["given_on"], str(row["ddd"])) for row in rows_of(home, "administrations"))


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_bundle_becomes_rows_without_any_number_of_a_person(home: Path) -> None:
    data = write(bundle())
    receipt = send(home, data)
    assert [each.state for each in receipt.outcomes] == ["accepted"] * 10
    assert (receipt.receipt.table, receipt.receipt.accepted) == ("administrations", 3)
    rows = rows_of(home, "administrations")
    assert {row["institution"] for row in rows} == {HOME} and len(rows) == 3
    assert len({row["patient"] for row in rows}) == 2
    assert all(isinstance(row["patient"], int) for row in rows)
    whole = everything_in(home)
    assert lmdi.FIRST.encode() not in whole and lmdi.SECOND.encode() not in whole
    with hold(home) as store:
        [bundles] = [each for each in store.manifest().deliveries if each.format == "lmdi"]
        with store.open_raw(bundles) as raw:
            assert raw.read() == data
    assert bundles.source == SENDER


def test_the_same_person_is_the_same_whoever_sends(home: Path) -> None:
    send(home, write(bundle([dose("1")])))
    made = bundle([dose("1")])
    for name, number in (("town", OTHER),):
        for each in made["entry"]:
            if each["resource"]["id"] == name:
                each["resource"]["identifier"][0]["value"] = number
    send(home, write(made), "ENH:" + OTHER)
    rows = rows_of(home, "administrations")
    assert len(rows) == 2 and len({row["patient"] for row in rows}) == 1


def test_organisations_are_rows_of_institutions_and_overrule_nobody(home: Path) -> None:
    send(home, write(bundle()))
    with open_tables(home) as tables:
        known = Institutions.of(tables.fetch(tables["institutions"]))
    chain = known.chain(HOME, date(2026, 3, 1))
    assert [each.institution for each in chain] == [HOME, TOWN] and not known.check()
    assert chain[0].kind == "nursing-home" and chain[0].municipality == "5001"
    table = (
        "institution;since;until;name;kind;part_of;municipality;successor\n"
        f"{HOME};2020-01-01;;Sannheim;nursing-home;{TOWN};5001;\n"
    )
    deliver(home, table.encode())
    send(home, bundle_of(9, [dose("7")]))
    with open_tables(home) as tables:
        known = Institutions.of(tables.fetch(tables["institutions"]))
    assert known.name(HOME, date(2026, 3, 1)) == "Sannheim"


def test_what_is_said_of_organisations_every_day_is_kept_once_a_month(home: Path) -> None:
    for day in (2, 3, 4):
        send(home, bundle_of(day, [dose("1")]))
    send(home, write(bundle([dose("1")], timestamp="2026-04-02T05:30:00+02:00")))
    found = [each for each in list_deliveries(home) if each.table == "institutions"]
    assert len(found) == 2 and len(rows_of(home, "institutions")) == 2


# --- deletion -------------------------------------------------------------------------------------


def test_a_deletion_before_or_after_what_it_deletes(tmp_path: Path) -> None:
    bundles = [
        bundle_of(2, [dose("1"), dose("2")]),
        bundle_of(3, [gone("1"), dose("3")]),
    ]
    for number, order in enumerate((bundles, bundles[::-1], [*bundles, bundles[0]])):
        home = tmp_path / str(number)
        for each in order:
            send(home, each)
        assert len(rows_of(home, "administrations")) == 2
        assert send(home, bundles[1]).receipt.duplicate


def test_a_corrected_dose_after_a_deletion_is_there_again(home: Path) -> None:
    send(home, bundle_of(2, [dose("1")]))
    send(home, bundle_of(3, [gone("1")]))
    assert held(home) == []
    send(home, bundle_of(4, [dose("1", 2)]))
    assert len(held(home)) == 1


def test_removing_a_deletion_gives_back_what_it_deleted(home: Path) -> None:
    send(home, bundle_of(2, [dose("1")]))
    deletion = send(home, bundle_of(3, [gone("1")])).receipt.delivery
    assert held(home) == []
    remove(home, deletion)
    assert len(held(home)) == 1


def test_nobody_deletes_what_another_sent(home: Path) -> None:
    send(home, bundle_of(2, [dose("1")]))
    found = send(home, bundle_of(3, [gone("1")]), "ENH:" + OTHER)
    assert found.outcomes[-1].reason == "foreign-sender"
    send(home, bundle_of(3, [gone("1")]), "the operator")
    assert len(held(home)) == 1


steps = st.lists(
    st.tuples(
        st.integers(2, 9),
        st.dictionaries(st.sampled_from("123"), st.integers(0, 3), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda step: step[0],
)


@settings(max_examples=8, deadline=None)
@given(steps, st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_what_the_last_bundle_says(
    made: list[tuple[int, dict[str, int]]], dice: Any
) -> None:
    """Against a plain reference: of each number what the latest bundle says; 0 is a deletion."""
    says: dict[str, int] = {}
    for _, doses in sorted(made, key=lambda step: step[0]):
        says |= doses
    bundles = [
        bundle_of(day, [dose(n, grams) if grams else gone(n) for n, grams in doses.items()])
        for day, doses in made
    ]
    sent = [*bundles, dice.choice(bundles)]
    dice.shuffle(sent)
    with TemporaryDirectory() as folder:
        for each in sent:
            send(Path(folder), each)
        found = sorted(row["ddd"] for row in rows_of(Path(folder), "administrations"))
    assert found == [pytest.approx(grams / 2) for grams in sorted(says.values()) if grams]


# --- what cannot be used --------------------------------------------------------------------------


def test_refused_entries_wait_until_a_later_bundle_has_them_right(home: Path) -> None:
    wrong = dose("1", dosage={})
    receipt = send(home, bundle_of(2, [wrong, dose("2")]))
    assert (receipt.receipt.accepted, receipt.receipt.rejected) == (1, 1)
    [row] = list_rejected(home)
    assert (row.row, [each.reason for each in row.errors]) == (7, ["lmdi-no-dose"])
    assert row.errors[0].column == "resource.dosage.dose" and row.errors[0].reason in reasons()
    written = b"".join(write_rejected(home, row.delivery)).decode("utf-8-sig").splitlines()
    assert written[1].endswith("Bundle.entry[7] MedicationAdministration")
    assert send(home, bundle_of(3, [dose("1")])).receipt.closed == 1
    assert list(list_rejected(home)) == []


def test_a_deletion_closes_a_refused_entry_too(home: Path) -> None:
    send(home, bundle_of(2, [dose("1", dosage={})]))
    assert len(list(list_rejected(home))) == 1
    send(home, bundle_of(3, [gone("1")]))
    assert list(list_rejected(home)) == []


def test_what_no_bundle_is_kept_and_refused(home: Path) -> None:
    found = send(home, write(bundle(type="batch")))
    assert found.refusal is not None and found.refusal.reason == "lmdi-bundle"
    ahead = (NOW + timedelta(days=3)).isoformat()
    found = send(home, write(bundle(timestamp=ahead)))
    assert found.refusal is not None and found.refusal.reason == "lmdi-timestamp"
    assert [each.state for each in list_deliveries(home)] == ["refused", "refused"]
    assert rows_of(home, "administrations") == []


def test_another_who_sends_the_same_bytes_does_not_take_their_place(home: Path) -> None:
    data = write(bundle())
    send(home, data, "ENH:" + OTHER)
    assert held(home) == []
    assert not send(home, data).receipt.duplicate and len(held(home)) == 3


def test_validating_keeps_nothing(home: Path) -> None:
    found = validate_bundle(write(bundle()), source=SENDER, now=NOW)
    assert {each.state for each in found} == {"accepted"} and not home.exists()
    with pytest.raises(FileRefused):
        validate_bundle(b"{}", source="", now=NOW)


def test_an_interrupted_intake_is_finished(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(taking_module, "_read", stop)
        send(home, write(bundle()))
    assert held(home) == []
    [receipt] = resume(home)
    assert receipt.accepted == 3 and len(held(home)) == 3


def test_bundles_and_tables_of_administrations_stand_side_by_side(home: Path) -> None:
    heading = "administration_id;institution;given_on;patient;atc;route"
    deliver(
        home, f"{heading}\nG1;{HOME};2026-03-01;p1;J01CE02;O\n".encode(), table="administrations"
    )
    send(home, bundle_of(2, [dose("1")]))
    send(home, bundle_of(3, [gone("1")]))
    assert [row["administration_id"] for row in rows_of(home, "administrations")] == ["G1"]
    assert all(
        each.delivered_at <= datetime(2026, 11, 26, 12, tzinfo=UTC)
        for each in itertools.chain(list_deliveries(home))
    )
