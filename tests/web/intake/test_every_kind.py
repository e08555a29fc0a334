"""Every kind at the front door, against the truth of the invented country; de-identified ones apart."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest

from commands import run_varde
from varde.messages import Failure, minimise, read
from varde.messages.deidentified import read_minimised
from varde.synthetic import Vaccinations, invent_deidentified, invent_surveys
from varde.synthetic.klinikermelding import Notifications
from web.intake.service import Sender, Service, register_senders

pytestmark = pytest.mark.xdist_group("every-kind")

NOTIFICATIONS = list(Notifications(cases=30).messages())
VACCINATIONS = [*Vaccinations(doses=30).bundles(), *Vaccinations(doses=30).tables()]
SURVEYS = invent_surveys(wards=8, operations=20, seed=3, year=2025)
APART = {
    register: invent_deidentified(register, 60, 3, 2025)  # type: ignore[arg-type]
    for register in ("norm", "ravn")
}


def sender_of(data: bytes, register: str = "") -> str:
    """The sender a message names first; empty when it names none."""
    if register:
        kept = minimise(register, data, lambda said: sha256(said).digest())  # type: ignore[arg-type]
        return next((record.sender for record in read_minimised(kept) if record.sender), "")
    return next(record.sender for record in read(data) if record.sender)


@pytest.fixture(scope="module")
def senders(service: Service) -> dict[str, Sender]:
    """Everybody who hands in here, registered."""
    named = {sender_of(data) for _, data in (*NOTIFICATIONS, *VACCINATIONS)}
    named |= {sender_of(submission.data) for submission in SURVEYS.submissions}
    for register, made in APART.items():
        named |= {sender_of(submission.data, register) for submission in made.submissions}
    return register_senders(service, named - {""})


def hand_in(sender: Sender, kind: str, data: bytes) -> None:
    assert sender.post(f"/intake/{kind}", data).status == 200


def count(service: Service, table: str, where: str = "1", apart: str = "") -> int:
    folder = service.home / apart if apart else service.home
    with closing(sqlite3.connect(folder / "varde.sqlite3")) as database:
        return int(
            database.execute(f"SELECT COUNT(*) FROM register_{table} WHERE {where}").fetchone()[0]
        )


def test_notifications(service: Service, senders: dict[str, Sender]) -> None:
    for _, data in NOTIFICATIONS:
        hand_in(senders[sender_of(data)], "notification", data)
    assert count(service, "notification") == len(list(Notifications(cases=30).truth()))


def test_vaccinations_in_two_formats_are_one(service: Service, senders: dict[str, Sender]) -> None:
    for _, data in VACCINATIONS:
        hand_in(senders[sender_of(data)], "vaccination", data)
    assert count(service, "vaccination") == len(list(Vaccinations(doses=30).truth()))


def test_surveys(service: Service, senders: dict[str, Sender]) -> None:
    for submission in SURVEYS.submissions:
        kind = "surgery" if "operasjoner" in submission.name else "prevalence"
        hand_in(senders[sender_of(submission.data)], kind, submission.data)
    assert count(service, "surgery") == len(SURVEYS.operations)
    wards = "present > 0 OR with_infection IS NOT NULL"
    assert count(service, "wardprevalence", wards) == len(SURVEYS.wards)
    assert count(service, "treatment") == len(SURVEYS.treatments)


@pytest.mark.parametrize("register", ["norm", "ravn"])
def test_de_identified_data_lie_apart_and_hold_no_number(
    service: Service, senders: dict[str, Sender], register: str
) -> None:
    made = APART[register]
    before = count(service, "message")
    for submission in made.submissions:
        sender = sender_of(submission.data, register)
        if sender:
            hand_in(senders[sender], register, submission.data)
    numbers = {isolate.number for isolate in made.isolates}
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
    submission = next(s for s in APART["norm"].submissions if "secret" not in s.name)
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
    done = run_varde("intake", "validate", str(file), "--json", environment=service.environ())
    found = json.loads(done.stdout)
    assert found["usable"] and found["unusable"], found
    assert done.returncode == 1
    [message] = found["messages"]
    refused = [item for item in message["items"] if item["state"] == "quarantined"]
    assert len(refused) == found["unusable"]
    assert all(item["problem"]["action"] for item in refused)
    assert count(service, "message") == before
