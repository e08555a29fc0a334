"""Entries: how they are hashed, about whom they are, and what never stands in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from access.audit import reference
from access.audit.logs import DOCTOR, PERSONS, both, fill, read_log, stored
from access.tampering import execute
from messages.numbers import some_number
from operation.sites import at, copy
from varde.access import audit
from varde.access.audit.encoding import canonical, digest_of, write_moment
from varde.access.keys import KeyProblem, load_keys
from varde.access.models import AccessLogEntry, SignedHead, User
from varde.access.pseudonyms import make_pseudonymiser
from varde.access.purposes import purpose_of


@pytest.fixture
def home(empty_site: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    made = copy(empty_site, tmp_path / "site")
    with django_db_blocker.unblock(), at(made):
        yield made


# --- the encoding ---------------------------------------------------------------------------------


def test_an_entry_is_hashed_as_the_documentation_says() -> None:
    page = (Path(__file__).parents[3] / "docs" / "audit.md").read_text(encoding="utf-8")
    [_, example, *_] = page.split("```json\n")
    line, digest = example.split("\n```")[0], page.split("SHA-256 `")[1].split("`")[0]
    name, previous, *content = json.loads(line)
    assert name == "varde.audit/1" and canonical(json.loads(line)) == line.encode()
    assert digest_of(previous, content) == digest == hashlib.sha256(line.encode()).hexdigest()


ANY = st.text(st.characters(codec="utf-8"))


@given(st.lists(ANY | st.integers(0, 2**53)))
def test_the_encoding_is_what_others_write(content: list[Any]) -> None:
    assert canonical(content) == reference.plain_json(content)
    assert digest_of("0" * 64, content) == reference.entry_hash("0" * 64, content)


@given(st.lists(ANY, min_size=2, max_size=4), st.lists(ANY, min_size=2, max_size=4))
def test_different_entries_are_different_bytes(one: list[str], other: list[str]) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)


def test_times_are_written_in_utc_with_six_decimals() -> None:
    moment = datetime(2026, 11, 26, 2, 38, 44, 5, timezone(timedelta(hours=1)))
    assert write_moment(moment) == "2026-11-26T01:38:44.000005Z"


@given(
    texts=st.lists(ANY, min_size=6, max_size=6),
    count=st.integers(0, 2**31 - 1),
    at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_what_is_read_is_what_was_hashed(
    texts: list[str], count: int, at: datetime, django_db_blocker: Any
) -> None:
    from unittest.mock import patch

    user = SimpleNamespace(username=texts[0], area=texts[1], role="", is_authenticated=True)
    with django_db_blocker.unblock(), transaction.atomic():
        with patch("django.utils.timezone.now", return_value=at):  # the clock alone
            audit.record(user, texts[2], texts[3], texts[4], count, texts[5])
        assert audit.verify() is None
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_entry_that_is_given_back_is_the_one_that_is_stored() -> None:
    made = audit.record(DOCTOR, "view", "quarantine", "quarantine item", 3)
    found = stored(made.pk)
    for field in AccessLogEntry._meta.concrete_fields:
        assert getattr(made, field.attname) == getattr(found, field.attname)
    assert (found.role, found.purpose) == ("duty-officer", "Døgnåpen nasjonal smittevernberedskap")


# --- about whom -----------------------------------------------------------------------------------


def test_a_look_at_a_person_holds_a_keyed_hash_and_its_purpose(home: Path) -> None:
    purpose = purpose_of("care")
    one = audit.record(DOCTOR, "view", "person", "person", 1, purpose=purpose, about=PERSONS[0])
    two = audit.record(DOCTOR, "view", "person", "person", 1, purpose=purpose, about=PERSONS[0])
    other = audit.record(DOCTOR, "view", "person", "person", 1, purpose=purpose, about=PERSONS[1])
    assert one.about == two.about != other.about and len(one.about) == 64
    assert (one.purpose, one.about_key) == ("care", "k1")
    assert one.about not in (PERSONS[0].hex(), hashlib.sha256(PERSONS[0]).hexdigest())
    assert audit.record(DOCTOR, "view").about == ""


def test_a_look_at_a_person_needs_a_purpose(home: Path) -> None:
    for purpose in ("", "because", None):
        with pytest.raises((audit.PurposeMissing, ValueError)):
            audit.record(DOCTOR, "view", purpose=purpose, about=PERSONS[0])  # type: ignore[call-overload]
    with pytest.raises(audit.PurposeMissing):
        audit.record(DOCTOR, "view", about=PERSONS[0])  # type: ignore[call-overload]
    assert audit.verify() is None and not AccessLogEntry.objects.exists()


@pytest.mark.parametrize("who", ["01819012345", b"01819012345", 7, b"", "x" * 32])
def test_nobody_is_named_by_a_number(who: Any, home: Path) -> None:
    with pytest.raises(ValueError, match="pseudonym"):
        audit.record(DOCTOR, "view", purpose=purpose_of("care"), about=who)
    assert not AccessLogEntry.objects.exists()


def test_the_type_checker_refuses_a_look_without_purpose(tmp_path: Path) -> None:
    from mypy import api

    root = Path(__file__).parents[3]
    code = tmp_path / "look.py"
    code.write_text(
        "from varde.access import audit\n"
        "from varde.access.purposes import purpose_of\n"
        "audit.record(None, 'view', purpose=purpose_of('care'), about=b'')\n"
        "audit.record(None, 'view', 'page', 'thing', 1, 'words')\n"
        "audit.record(None, 'view', about=b'')\n"
        "audit.record(None, 'view', purpose='care', about=b'')\n"
        "audit.record_looks(None, 'view', '', '', about=[b''])\n"
    )
    cache = root / ".mypy_cache"
    told, _, _ = api.run(
        [str(code), "--config-file", str(root / "pyproject.toml"), "--cache-dir", str(cache)]
    )
    lines = {line.split(":")[1] for line in told.splitlines() if "look.py:" in line}
    assert lines >= {"5", "6", "7"} and not lines & {"3", "4"}, told


def test_several_persons_seen_at_once_are_several_entries(home: Path) -> None:
    made = audit.record_looks(DOCTOR, "view", "cases", "case", purpose_of("outbreak"), PERSONS)
    assert [entry.pk for entry in made] == [1, 2, 3, 4, 5]
    assert len({entry.about for entry in made}) == 5 and both(read_log(home)).last == 5
    assert audit.record_looks(DOCTOR, "view", "", "", purpose_of("care"), []) == []


def test_who_has_seen_a_person(home: Path) -> None:
    User.objects.create_user("kari", display_name="Kari N", role="duty-officer")
    fill(6)
    audit.change_keys()
    audit.record(
        SimpleNamespace(username="ola", role="clinician", area="OUS", is_authenticated=True),
        *("view", "person", "person", 1),
        purpose=purpose_of("care"),
        about=PERSONS[0],
    )
    looks = list(audit.list_looks([PERSONS[0]]))
    assert [(look.actor, look.name, look.role_name, look.area, look.purpose) for look in looks] == [
        ("kari", "Kari N", "Nasjonal smittevernvakt", "", "Oppklaring og stans av et utbrudd"),
        ("ola", "", "Sykehuslege", "OUS", "Helsehjelp til personen"),
    ]
    assert [look.sequence for look in looks] == [1, 7] and looks[0].at < looks[1].at
    english = list(audit.list_looks([PERSONS[0]], "en"))
    assert english[1].role_name == "Hospital doctor" and english[1].purpose == "Care for the person"
    assert len(list(audit.list_looks(PERSONS))) == 3
    assert list(audit.list_looks([b"x" * 32])) == [] == list(audit.list_looks([]))


def test_no_new_key_of_persons_is_made_in_the_place_of_one_that_is_lost(home: Path) -> None:
    fill(1)
    (home / "keys" / "audit-persons.keys").unlink()
    with pytest.raises(KeyProblem, match="put it back"):
        fill(1)
    fill_without_persons = audit.record(None, "sign-in-failed")
    assert fill_without_persons.pk == 2


def test_a_key_of_persons_that_another_process_changed_is_read_anew(home: Path) -> None:
    fill(1)
    assert stored(1).about_key == "k1"
    audit.AuditKeys(home, audit.PERSONS).add()
    fill(1)
    assert stored(2).about_key == "k2" and stored(1).about != stored(2).about
    assert [look.sequence for look in audit.list_looks([PERSONS[0]])] == [1, 2]


# --- what never stands in it ----------------------------------------------------------------------


def test_no_identity_number_stands_anywhere_in_the_log(home: Path) -> None:
    numbers = [some_number(date(1980 + year, 2, 3)) for year in range(3)]
    pseudonymise = make_pseudonymiser(load_keys(home), "register")
    careless = SimpleNamespace(
        username=numbers[0], role="clinician", area=numbers[1], is_authenticated=True
    )
    for number in numbers:
        audit.record(
            *(careless, "view", f"page {number}", f"patient {number} {number}", 1),
            purpose=purpose_of("care"),
            about=pseudonymise("FNR", "", number),
        )
        audit.record(careless, number, number, number, 1, f"to see {number}")
    audit.sign()
    execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stored_bytes = b"".join(
        path.read_bytes() for path in home.rglob("*") if path.is_file() and "keys" not in path.parts
    )
    assert len(stored_bytes) > 10_000
    for number in numbers:
        assert number.encode() not in stored_bytes
        assert pseudonymise("FNR", "", number).hex().encode() not in stored_bytes
        assert pseudonymise("FNR", "", number) not in stored_bytes
    assert AccessLogEntry.objects.filter(object_kind="patient … …").count() == 3
    assert both(read_log(home)).whole


def test_what_is_no_identity_number_stays(home: Path) -> None:
    for kind in ("raw item 123456789/1", "ENH:985626154", "varde-0123456789abcdef", "x" * 100):
        assert audit.record(None, "view", object_kind=kind).object_kind == kind[:64]


# --- the database -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["access_accesslogentry", "access_signedhead"])
def test_the_database_itself_refuses_changes(table: str) -> None:
    fill_with = {"access_signedhead": "INSERT INTO access_signedhead VALUES (1, 'x')"}
    audit.record(None, "view")
    execute(fill_with.get(table, "SELECT 1"))
    column = "actor" if "entry" in table else "line"
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert AccessLogEntry.objects.count() == 1


def test_heads_cannot_be_changed_through_the_models(home: Path) -> None:
    fill(1)
    audit.sign()
    head = SignedHead.objects.get(number=1)
    for change in (head.save, head.delete, SignedHead.objects.all().delete):
        with pytest.raises(PermissionError):
            change()
