"""What goes to quarantine and says that it is notifiable is kept as such, in every format, also when it cannot be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from register.answers import NOW, PERSONS, answer, clock, make_register, send
from register.case_messages import BLOOD, MEASLES, notified
from varde.messages import reading
from varde.messages.marks import is_marked
from varde.register import Incoming, list_quarantined_notifiable, quarantine_items
from varde.register.intake import take_in
from varde.register.opening import Register
from varde.register.quarantine import close_entry, reopen_entry
from varde.register.replay import replay, replay_quarantined

WRONG = "01815000388"
"""A number whose control digits do not fit."""


def measles(report: str = "R1", mark: str = "MSIS-M", person: str = WRONG, **more: object) -> bytes:
    said = {"organism": "", "searches": [MEASLES], "person": person, "mark": mark, **BLOOD}
    return answer(report, f"M{report}", **(said | more))  # type: ignore[arg-type]


def in_fhir(mark: str, status: str = "no-such-status") -> bytes:
    said = [fhir.concept((kith.OID + "8269", mark, ""))] if mark else []
    return fhir.write(
        fhir.simple(fhir.culture(), fhir.organism(), status=status, conclusionCode=said)
    )


def in_hl7v2(mark: str) -> bytes:
    return hl7.message(
        hl7.pid(), hl7.obr(f25="?"), f"NTE|1||Meldepliktig: {mark}", hl7.organism(), hl7.spm()
    )


def many(*marks: str) -> bytes:
    """One KITH message with a report that cannot be used for each mark."""
    patient = kith.patient(kith.specimen(), kith.culture("E. coli"), number=WRONG)
    return kith.message(
        *(
            kith.report(patient, own=f"R{n}", comments=[mark] if mark else [])
            for n, mark in enumerate(marks)
        )
    )


def waiting() -> list[bool]:
    """Of each that waits, oldest first, whether it is notifiable."""
    items = quarantine_items()
    number, listed = list_quarantined_notifiable()
    assert listed == [item for item in items if item in listed] and number == len(listed)
    return [item in listed for item in reversed(items)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (measles(), [True]),
        (measles(mark="MSIS-UM"), [True]),
        (measles(mark="msis-m"), [True]),
        (measles(mark="MSIS-AV"), [False]),
        (measles(mark=""), [False]),
        (measles()[:-40], [True]),
        (measles(mark="")[:-40], [False]),
        (measles(mark="MSIS-AV")[:-40], [False]),
        (measles().decode().replace("UTF-8", "UTF-16").encode("utf-16")[:-80], [True]),
        (measles().decode().encode("utf-16-be")[:-80], [True]),
        (many("", "MSIS-M", "MSIS-AV"), [False, True, False]),
        (in_fhir("MSIS-M"), [True]),
        (in_fhir("MSIS-AV"), [False]),
        (in_fhir(""), [False]),
        (in_fhir("MSIS-M", "final")[:-30], [True]),
        (in_fhir("", "final")[:-30], [False]),
        (in_hl7v2("MSIS-M"), [True]),
        (in_hl7v2("nei"), [False]),
        (b"\x0b" + in_hl7v2("MSIS-M"), [True]),
        (b"anything; MSIS-M; at all", [True]),
        (b"anything; MSIS-MM; XMSIS-M; at all", [False]),
        (notified(person=WRONG), [True]),
        (notified()[:-9], [True]),
    ],
    ids=lambda value: f"{len(value)} bytes" if isinstance(value, bytes) else "",
)  # fmt: skip
def test_it_is_kept_whether_it_is_notifiable(data: bytes, expected: list[bool]) -> None:
    send(make_register(), data)
    assert waiting() == expected


@pytest.mark.django_db
def test_the_number_of_somebody_of_the_other_sex() -> None:
    said = kith.patient(
        kith.specimen(), kith.search("Påvist", MEASLES), number="06858530391", sex="2"
    )
    send(make_register(), kith.message(kith.report(said, comments=["MSIS-M"])))
    assert waiting() == [True]


@pytest.mark.django_db
def test_what_was_handed_in_as_something_else_or_for_another() -> None:
    register = make_register()
    good = measles(person=PERSONS[0])
    take_in(register, [Incoming("f.xml", good, None, "HER:1")], clock)
    take_in(register, [Incoming("f.xml", good, None, "", "vaccination")], clock)
    take_in(register, [Incoming("f.xml", b"?", None, "HER:1", "notification")], clock)
    assert waiting() == [True, True, True]


@pytest.mark.django_db
def test_what_varde_itself_fails_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    for reader in ("read_kith", "read_klinikermelding", "read_fhir"):
        monkeypatch.setattr(reading, reader, fail)
    send(make_register(), measles(), measles("R2", mark=""), notified(), in_fhir("MSIS-M"))
    assert waiting() == [True, False, True, True]


@pytest.mark.django_db
def test_a_damaged_entry_of_a_bundle() -> None:
    for mark in ("MSIS-M", "MSIS-AV"):
        whole = in_fhir(mark, "final").decode()
        damaged = whole.replace('"status": "final"', '"status": "final", "status": "final"', 1)
        assert damaged != whole
        send(make_register(), damaged.replace("M1", mark).encode())
    assert waiting() == [True, False]


@pytest.mark.django_db
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("earlier", [True, False])
def test_one_message_id_with_two_contents(together: bool, earlier: bool) -> None:
    """Whichever is put aside, and also when it was read long ago."""
    register = make_register()
    marked = measles("R1", person=PERSONS[0], made=3)
    other = answer("R2", "MR1", person=PERSONS[1], made=5)
    both = [marked, other] if earlier else [other, marked]
    if together:
        send(register, *both)
    else:
        for each in both:
            send(register, each)
    assert waiting() == [True]


@pytest.mark.django_db
def test_it_goes_when_it_is_settled_and_a_replay_keeps_it() -> None:
    register = make_register()
    send(register, measles("R1"), measles("R2"), measles("R3", mark=""))
    assert waiting() == [True, True, False]
    replay(register, clock)
    assert waiting() == [True, True, False]
    replay_quarantined(register, clock)
    assert waiting() == [True, True, False]
    first = quarantine_items()[-1]
    close_entry(first.id, "somebody", "told", NOW)
    assert waiting() == [True, False]
    replay(register, clock)
    assert waiting() == [True, False]
    reopen_entry(first.id)
    assert waiting() == [True, True, False]
    later = NOW + timedelta(hours=1)
    take_in(register, [Incoming("f.xml", measles("R1", person=PERSONS[0]))], lambda: later)
    assert waiting() == [True, False]


@pytest.mark.django_db
@pytest.mark.parametrize("again", [replay, replay_quarantined])
def test_what_waited_before_this_was_kept_gets_it_by_a_replay(again) -> None:  # type: ignore[no-untyped-def]
    register = make_register()
    send(register, measles("R1"), measles("R2", mark=""), measles("R3")[:-40])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE register_quarantineentry SET marked = %s", [False])
    assert waiting() == [False, False, False]
    again(register, clock)
    assert waiting() == [True, False, True]


@pytest.mark.django_db(transaction=True)
def test_a_database_from_before_is_migrated(register: Register) -> None:
    send(register, measles())
    now = MigrationExecutor(connection).loader.graph.leaf_nodes("register")
    MigrationExecutor(connection).migrate([("register", "0017_no_truncate")])
    try:
        with connection.cursor() as cursor:
            fields = connection.introspection.get_table_description(
                cursor, "register_quarantineentry"
            )
        assert "marked" not in [field.name for field in fields]
    finally:
        MigrationExecutor(connection).migrate(now)
    assert waiting() == [False]
    replay(register, clock)
    assert waiting() == [True]


@pytest.mark.parametrize("encoding", ["ascii", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_the_mark_is_found_in_every_encoding(encoding: str) -> None:
    for text in ("MSIS-M", 'V="MSIS-UM"', "x msis-m.", "MSIS-AV, MSIS-M"):
        assert is_marked(text.encode(encoding)), text
    for text in ("", "MSIS", "MSIS-AV", "MSIS-MA", "MSIS-M1", "MSIS M"):
        assert not is_marked(text.encode(encoding)), text
