"""Invented notifications: the reader takes exactly what their truth says, and nobody in them exists."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from varde.messages import Failure, detect, read
from varde.messages.records import Notification
from varde.synthetic.klinikermelding import (
    FAULTS,
    LAYOUTS,
    Notifications,
    TruthNotification,
    diseases,
    offices,
)
from varde.synthetic.persons import is_synthetic

PLAN = Notifications(cases=400, bad_share=0.12)
RECEIVED = datetime(2026, 2, 1, tzinfo=UTC)


@cache
def files() -> dict[str, bytes]:
    return dict(PLAN.messages())


@cache
def read_all() -> tuple[tuple[Notification, ...], tuple[Failure, ...]]:
    good: list[Notification] = []
    bad: list[Failure] = []
    for number, data in enumerate(files().values()):
        # A form without envelope was made when it arrived: each at its own time.
        for record in read(data, None, RECEIVED + timedelta(seconds=number)):
            if isinstance(record, Failure):
                bad.append(record)
            else:
                assert isinstance(record, Notification)
                good.append(record)
    return tuple(good), tuple(bad)


def as_truth(record: Notification) -> TruthNotification:
    number = record.patient.identifier.value if record.patient.identifier else ""
    assert record.onset and record.sampled and record.patient.birth_date and record.infected_in
    bare = record.report_id.startswith("#")
    return TruthNotification(
        sender=record.sender,
        report_id="" if bare else record.report_id,
        person=-1,
        number=number,
        sex=record.patient.sex,
        born=record.patient.birth_date,
        municipality=record.patient.municipality,
        diagnosis=record.diagnosis.code or record.diagnosis.text,
        agent=record.agent.code if record.agent else "",
        status=record.status,
        onset=record.onset,
        sampled=record.sampled,
        in_hospital=record.in_hospital == "yes",
        died=record.died,
        infected_in=record.infected_in.code,
    )


def test_the_register_that_the_messages_give_is_the_truth() -> None:
    good, _ = read_all()
    newest: dict[tuple[str, str], Notification] = {}
    for record in good:
        key = (record.sender, record.report_id)
        if key not in newest or record.generated > newest[key].generated:
            newest[key] = record
    standing = [as_truth(each) for each in newest.values() if each.service_type != "C"]
    expected = [each._replace(person=-1) for each in PLAN.truth()]
    assert Counter(standing) == Counter(expected)


def test_what_is_refused_is_what_was_spoilt() -> None:
    good, bad = read_all()
    summary = PLAN.summary()
    assert Counter(each.reason for each in bad) == summary.quarantined
    assert summary.quarantined.keys() == set(FAULTS)
    assert len(good) + len(bad) == summary.sent
    assert summary.standing + summary.withdrawn + summary.refused == summary.cases == PLAN.cases
    assert summary.withdrawn and summary.refused
    assert all(each.sender.startswith("HER:99005") for each in bad)


def test_a_later_message_corrects_a_refused_one() -> None:
    good, bad = read_all()
    taken = {(each.sender, each.report_id) for each in good}
    again = [each for each in bad if (each.sender, each.report_id) in taken]
    assert 0 < len(again) < len(bad)


def test_versions_of_every_kind_are_sent() -> None:
    good, _ = read_all()
    kinds = Counter((each.service_type, each.status) for each in good)
    assert kinds.keys() == {("N", "F"), ("N", "P"), ("M", "F"), ("C", "F")}
    assert {each.layout for each in offices().values()} == set(LAYOUTS)
    assert any(each.report_id.startswith("#") for each in good)


def test_nobody_exists() -> None:
    for data in files().values():
        text = data.decode()
        for number in re.findall(r"\d{11}", text):
            assert is_synthetic(number) or is_synthetic(
                f"{number[:-1]}{(int(number[-1]) - 1) % 10}"
            )
        assert "hprNummer" not in text


def test_files_are_what_they_are_called() -> None:
    for name, data in files().items():
        assert detect(data) == "klinikermelding"
        if name.endswith(".ndjson"):
            assert data.endswith(b"}\n") or b"\n" in data
        elif name.count("/") == 1:
            assert isinstance(json.loads(data), list)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    small = Notifications(cases=40)
    assert dict(small.messages()) == dict(Notifications(cases=40).messages())
    assert dict(small.messages()) != dict(Notifications(cases=40, seed=7).messages())
    assert list(Notifications(cases=0).messages()) == []


@pytest.mark.parametrize("disease", diseases(), ids=lambda disease: disease.diagnosis[1])
def test_diseases_are_sourced_and_in_the_bounds_of_the_form(disease) -> None:  # type: ignore[no-untyped-def]
    (code, name), (agent, _) = disease.diagnosis, disease.agent
    assert name and 0 <= disease.abroad <= 0.95 and disease.weight > 0
    assert 0 <= disease.from_age < disease.to_age <= 99
    assert not agent or agent[:-3] == code
