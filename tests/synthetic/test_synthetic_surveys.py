"""The invented surveys: the same bytes each time, and a register that took them in holds the truth."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any

import msgspec
import pytest

from varde.messages import Failure, read
from varde.messages.records import Statement, Surgery, WardPrevalence
from varde.register.standing import resolve
from varde.register.versions import version_key
from varde.synthetic import Submission, Surveys, invent_surveys
from varde.synthetic.persons import is_synthetic

ARGUMENTS = {"wards": 48, "operations": 150, "seed": 7, "year": 2025}
encode = msgspec.msgpack.Encoder().encode


@cache
def surveys() -> Surveys:
    return invent_surveys(**ARGUMENTS)


def received(submission: Submission) -> datetime:
    return datetime.combine(submission.sent, time(), UTC)


def fold(submissions: Sequence[Submission]) -> dict[tuple[str, str], Statement]:
    """A plain register: what stands in the end, by sender and number."""
    versions: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    for submission in submissions:
        for record in read(submission.data, None, received(submission)):
            if isinstance(record, Statement):
                key = record.sender, record.report_id
                versions.setdefault(key, []).append(
                    (version_key(record, encode(record), encode), record)
                )
    standing = {key: resolve(found) for key, found in versions.items()}
    return {
        key: found[1] for key, found in standing.items() if found and found[1].service_type != "C"
    }


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert invent_surveys(**ARGUMENTS) == surveys()
    assert invent_surveys(**{**ARGUMENTS, "seed": 8}) != surveys()


@pytest.mark.parametrize("order", ["sent", "backwards", "shuffled"])
def test_a_register_holds_the_truth_in_whatever_order_files_come(order: str) -> None:
    submissions = list(surveys().submissions)
    if order == "backwards":
        submissions.reverse()
    elif order == "shuffled":
        random.Random(3).shuffle(submissions)
    standing = fold(submissions)
    expected = {}
    for ward in surveys().wards:
        expected[ward.sender, f"avdeling/{ward.number}"] = ward
    for treatment in surveys().treatments:
        expected[treatment.sender, f"behandling/{treatment.number}"] = treatment
    for operation in surveys().operations:
        expected[operation.sender, f"operasjon/{operation.number}"] = operation
    assert standing.keys() == expected.keys()
    for key, record in standing.items():
        (compare_operation if isinstance(record, Surgery) else compare_ward)(record, expected[key])


def compare_ward(record: Statement, truth: Any) -> None:
    assert isinstance(record, WardPrevalence)
    assert record.surveyed == truth.surveyed
    if record.treatments:
        (treatment,) = record.treatments
        assert (treatment.drugs[0].code, treatment.classification) == (
            truth.atc,
            truth.classification,
        )
        assert (treatment.age, record.ward) == (truth.age, truth.ward)
        return
    assert (record.institution.code, record.institution_kind) == (truth.institution, truth.kind)
    assert record.municipality == truth.municipality
    assert (record.present, record.with_infection) == (truth.present, truth.with_infection)
    assert record.on_antibiotics == truth.on_antibiotics
    assert tuple((i.infection, i.origin, i.count) for i in record.infections) == truth.infections


def compare_operation(record: Statement, truth: Any) -> None:
    assert isinstance(record, Surgery)
    number = record.patient.identifier.value if record.patient.identifier else ""
    assert (number, record.procedure.code) == (truth.patient, truth.procedure)
    assert record.procedure_group == truth.group
    for name in ("operated", "discharged", "minutes", "at_discharge", "at_follow_up", "infected", "follow_up", "died"):  # fmt: skip
        assert getattr(record, name) == getattr(truth, name), name
    assert (record.status == "F") == truth.final


def test_what_must_be_refused_is_refused_and_nothing_else() -> None:
    found = {
        (submission.name, int(record.place.split()[1].rstrip(",")), record.reason)
        for submission in surveys().submissions
        for record in read(submission.data, None, received(submission))
        if isinstance(record, Failure)
    }
    assert found == {tuple(refusal) for refusal in surveys().refusals}
    assert len({reason for _, _, reason in found}) >= 3


def test_everything_happens() -> None:
    found = surveys()
    everyone = [record for each in found.submissions for record in read(each.data)]
    assert {record.service_type for record in everyone if isinstance(record, Statement)} == {"N", "M", "C"}  # fmt: skip
    assert {operation.final for operation in found.operations} == {True, False}
    assert any(operation.at_follow_up in ("deep", "organ") for operation in found.operations)
    assert any(operation.patient == "" for operation in found.operations)
    names = [submission.name for submission in found.submissions]
    assert len(names) > len(set(names)), "some files come twice"
    sent = [submission.sent for submission in found.submissions]
    assert sent == sorted(sent)
    present = sum(ward.present for ward in found.wards)
    assert 0.03 < sum(ward.with_infection for ward in found.wards) / present < 0.08
    assert 0.05 < sum(ward.on_antibiotics for ward in found.wards) / present < 0.11


def test_nobody_in_them_exists() -> None:
    for submission in surveys().submissions:
        text = submission.data.decode("cp1252")
        numbers = re.findall(r"(?<!\d)\d{11}(?!\d)", text)
        wrong = sum(not is_synthetic(number) for number in numbers)
        assert wrong == sum(
            refusal.name == submission.name and refusal.reason == "invalid-identity-number"
            for refusal in surveys().refusals
        )
        if "operasjoner" not in submission.name:
            refused = [r for r in surveys().refusals if r.name == submission.name]
            assert len(numbers) == sum(r.reason == "unexpected-identity" for r in refused)


def test_follow_up_comes_after_the_days_it_covers() -> None:
    for operation in surveys().operations:
        if operation.follow_up is not None:
            assert operation.follow_up - operation.operated >= timedelta(days=30)
