"""Every kind at the front door, against the truth of the invented country; de-identified ones apart."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256

import pytest

from varde.messages import Failure, minimise, read
from varde.messages.deidentified import read_minimised
from varde.synthetic import Vaccinations, invent_deidentified, invent_surveys
from varde.synthetic.klinikermelding import Notifications
from web.intake.service import Sender, Service, register_sender


@pytest.fixture(scope="module")
def senders(service: Service) -> dict[str, Sender]:
    return {}


def hand_in(
    service: Service, senders: dict[str, Sender], kind: str, data: bytes, sender: str
) -> dict[str, int]:
    """Hand something in as its sender, and what became of its items."""
    if sender not in senders:
        senders[sender] = register_sender(service, sender)
    answer = senders[sender].post(f"/intake/{kind}", data)
    assert answer.status == 200, answer.body
    counts: dict[str, int] = answer.json["messages"][0]["counts"]
    return counts


def count(service: Service, table: str, where: str = "1", apart: str = "") -> int:
    folder = service.home / apart if apart else service.home
    with closing(sqlite3.connect(folder / "varde.sqlite3")) as database:
        return int(
            database.execute(f"SELECT COUNT(*) FROM register_{table} WHERE {where}").fetchone()[0]
        )


def sender_of(data: bytes) -> str:
    """The sender a message names first."""
    return next(record.sender for record in read(data) if record.sender)


def test_notifications(service: Service, senders: dict[str, Sender]) -> None:
    made = Notifications(cases=60)
    for _, data in made.messages():
        hand_in(service, senders, "notification", data, sender_of(data))
    assert count(service, "notification") == len(list(made.truth()))


def test_vaccinations_in_two_formats_are_one(service: Service, senders: dict[str, Sender]) -> None:
    made = Vaccinations(doses=80)
    for _, data in [*made.bundles(), *made.tables()]:
        hand_in(service, senders, "vaccination", data, sender_of(data))
    assert count(service, "vaccination") == len(list(made.truth()))


def test_surveys(service: Service, senders: dict[str, Sender]) -> None:
    made = invent_surveys(wards=8, operations=20, seed=3, year=2025)
    for submission in made.submissions:
        kind = "surgery" if "operasjoner" in submission.name else "prevalence"
        hand_in(service, senders, kind, submission.data, sender_of(submission.data))
    assert count(service, "surgery") == len(made.operations)
    assert count(service, "wardprevalence", "present > 0 OR with_infection IS NOT NULL") == len(
        made.wards
    )
    assert count(service, "treatment") == len(made.treatments)


@pytest.mark.parametrize("register", ["norm", "ravn"])
def test_de_identified_data_lie_apart_and_hold_no_number(
    service: Service, senders: dict[str, Sender], register: str
) -> None:
    made = invent_deidentified(register, 60, 3, 2025)  # type: ignore[arg-type]
    before = count(service, "message")
    numbers = set()
    for submission in made.submissions:
        kept = minimise(register, submission.data, lambda said: sha256(said).digest())  # type: ignore[arg-type]
        sender = next((record.sender for record in read_minimised(kept) if record.sender), "")
        if sender:
            hand_in(service, senders, register, submission.data, sender)
    for isolate in made.isolates:
        numbers.add(isolate.number)
    assert count(service, "finding", apart=register) == len(made.isolates)
    assert count(service, "message") == before, "nothing of it is in the register of persons"
    stored = (service.home / register / "varde.sqlite3").read_bytes()
    stored += (service.home / register / "varde.sqlite3-wal").read_bytes()
    assert not any(number.encode() in stored for number in numbers)
    with closing(sqlite3.connect(service.home / register / "varde.sqlite3")) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
        persons = database.execute("SELECT COUNT(*) FROM register_report WHERE person IS NOT NULL")
        assert persons.fetchone()[0] == 0
    assert "register_person" not in tables
    keys = {path.read_bytes() for path in service.home.rglob("*.key*")}
    assert len(keys) == len(list(service.home.rglob("*.key*"))), "every register has its own keys"


def test_de_identified_data_are_not_taken_as_anything_else(
    service: Service, senders: dict[str, Sender]
) -> None:
    [submission, *_] = [
        s for s in invent_deidentified("norm", 30, 5, 2025).submissions if "secret" not in s.name
    ]
    sender = next(iter(senders.values()))
    answer = sender.post("/intake/laboratory", submission.data)
    assert (answer.status, answer.json["code"]) == (422, "wrong-register")
    assert "norm" in answer.json["detail"]


def test_a_file_can_be_checked_before_it_is_handed_in(service: Service) -> None:
    made = Notifications(cases=30, bad_share=0.5)
    name, data = next(
        (name, data)
        for name, data in made.messages()
        if len({isinstance(record, Failure) for record in read(data)}) == 2
    )
    file = service.home.parent / name.replace("/", "-")
    file.write_bytes(data)
    before = count(service, "message")
    done = subprocess.run(
        [sys.executable, "-m", "varde.cli", "intake", "validate", str(file), "--json"],
        env=service._environment(), capture_output=True, text=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["usable"] and found["unusable"], found
    assert done.returncode == 1
    assert all(item["reason"] for item in found["items"] if item["state"] == "quarantined")
    assert count(service, "message") == before
