"""What a stolen database tells: nothing that names anybody."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from commands import run_varde
from messages.klinikermelding_builder import bare, write
from register.answers import KEYS, NOW, PERSONS, answer, make_register, send
from varde.access.keys import KeyProblem, Keys, load_keys
from varde.access.pseudonyms import make_pseudonymiser
from varde.access.sealing import Sealer
from varde.messages import read
from varde.messages.records import Notification
from varde.register import log
from varde.synthetic import write_norway


def test_the_database_file_holds_no_identifier(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    write_norway(inbox, isolates=400, seed=3)
    home = tmp_path / "home"
    environment = os.environ | {"VARDE_HOME": str(home), "DATABASE_URL": ""}
    done = run_varde("ingest", "--json", str(inbox), environment=environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accepted"] > 300
    numbers: set[bytes] = set()
    names: set[bytes] = set()
    for file in inbox.rglob("*.*"):
        data = file.read_bytes()
        numbers |= set(re.findall(rb"<OffId>(\d{11})</OffId>", data))
        names |= set(re.findall(rb"<Name>([^<]+, [^<]+)</Name>\s*<OffId>", data))
    assert len(numbers) > 100
    stored = b"".join(file.read_bytes() for file in home.rglob("varde.sqlite3*"))
    assert len(stored) > 100_000
    assert not [number for number in numbers if number in stored]
    # Nor as UTF-16 or broken by blanks, nor as the birth date and the last five.
    assert not [n for n in numbers if b" ".join((n[:6], n[6:])) in stored]
    assert not [n for n in numbers if n.decode().encode("utf-16-le") in stored]
    assert len(names) > 100
    assert not [name for name in names if name in stored]
    printed = (done.stdout + done.stderr).encode()
    assert not [number for number in numbers if number in printed]


@pytest.mark.django_db
def test_the_log_gives_the_bytes_back_and_only_with_the_key() -> None:
    register = make_register()
    data = answer(person=PERSONS[0])
    send(register, data)
    [stored] = log.read([1], register.sealer)
    assert (stored.data, stored.mapping, stored.received_at) == (data, None, NOW)
    assert log.read_names([1], register.sealer) == {1: "f.xml"}
    other = Sealer(Keys(pseudonym=KEYS.pseudonym, storage={"t1": bytes(32)}))
    with pytest.raises(KeyProblem, match="does not open"):
        list(log.read([1], other))
    with pytest.raises(KeyProblem, match="t1 is missing"):
        list(log.read([1], Sealer(Keys(pseudonym=bytes(32), storage={"x": bytes(32)}))))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_message SET size = 0",
        "DELETE FROM register_message",
        "DELETE FROM register_mapping",
    ],
)
def test_the_database_refuses_to_change_the_log(statement: str) -> None:
    send(make_register(), answer())
    with connection.cursor() as cursor:
        if "mapping" in statement:
            cursor.execute(
                "INSERT INTO register_mapping (id, sha256, content) VALUES (1, %s, %s)",
                [b"a", b"b"],
            )
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement)


@pytest.mark.django_db
def test_a_number_made_of_what_something_says_is_kept_under_the_registers_key() -> None:
    """A hash over an identity number can be found again by trying all numbers."""
    data = write(bare())
    [record] = read(data, None, NOW)
    assert isinstance(record, Notification) and record.report_id.startswith("#")
    send(make_register(), data)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.report_ref, i.message_ref FROM register_report r "
            "JOIN register_item i ON i.report = r.id"
        )
        [(report_ref, message_ref)] = cursor.fetchall()
    assert record.report_id not in (report_ref, message_ref)
    assert record.message_id not in (report_ref, message_ref)


def test_pseudonyms_of_two_purposes_and_two_keys_cannot_be_joined() -> None:
    here = make_pseudonymiser(KEYS, "register")
    research = make_pseudonymiser(KEYS, "research")
    elsewhere = make_pseudonymiser(Keys(bytes(32), {"a": bytes(32)}), "register")
    value = ("FNR", "", PERSONS[0])
    assert len({here(*value), research(*value), elsewhere(*value)}) == 3
    assert here(*value) == here("DNR", "", PERSONS[0])
    assert here("LOCAL", "lab A", "17") != here("LOCAL", "lab B", "17")


def test_keys_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    first, second = load_keys(tmp_path), load_keys(tmp_path)
    assert first.check_value() == second.check_value()
    assert first.pseudonym == second.pseudonym
    for file in (tmp_path / "keys").iterdir():
        assert file.stat().st_mode & 0o077 == 0
    assert first.pseudonym.hex() not in repr(first)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("VARDE_PSEUDONYM_KEY", "xyz", "not hexadecimal"),
        ("VARDE_PSEUDONYM_KEY", "ab", "64 hexadecimal digits"),
        ("VARDE_STORAGE_KEYS", "", "no storage key"),
        ("VARDE_STORAGE_KEYS", f"a:{'00' * 32},a:{'01' * 32}", "each id once"),
    ],
)
def test_malformed_keys_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(KeyProblem, match=complaint):
        load_keys(tmp_path)
