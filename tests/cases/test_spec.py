"""Every disease file against the examples that stand for it in `spec/`.

An example gives evidence, and what it makes: `case`, or `not_a_case` with what was found wanting.
`reasons` names the criteria that matter; the others are not compared.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from varde.cases import (
    Case,
    Classification,
    Evidence,
    LaboratoryFinding,
    Profile,
    State,
    catalogue,
    classify,
    diseases,
    explain,
)
from varde.cases.files import read_toml

SPEC = Path(__file__).parent / "spec"
AS_OF = date(2026, 12, 1)


class ExpectedAttempt(msgspec.Struct, forbid_unknown_fields=True):
    first_day: date
    reasons: dict[str, State]
    set_aside: dict[str, str] = {}


class ExpectedCase(
    msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename={"classification": "class"}
):
    classification: Classification
    first_day: date
    imported: str
    form_missing: bool
    rule: tuple[str, ...]
    reasons: dict[str, State]
    presentation: str = ""
    onset: date | None = None
    set_aside: dict[str, str] = {}


class Example(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    evidence: list[Evidence]
    case: list[ExpectedCase] = []
    not_a_case: list[ExpectedAttempt] | None = None


class Spec(msgspec.Struct, forbid_unknown_fields=True):
    example: list[Example]


def read_spec(key: str) -> Spec:
    path = SPEC / f"{key}.toml"
    assert path.exists(), f"the disease {key!r} has no examples: write tests/cases/spec/{key}.toml"
    return read_toml(path.read_bytes(), path.name, Spec)


@pytest.mark.parametrize("key", diseases())
def test_a_disease_is_what_its_examples_say(key: str) -> None:
    for example in read_spec(key).example:
        found = explain(diseases()[key], example.evidence, AS_OF)
        where = f"{key}: {example.name}"
        assert [seen(case, one) for case, one in zip_equal(found.cases, example.case, where)] == [
            said(one) for one in example.case
        ], where
        if example.not_a_case is not None:
            assert not example.case, f"{where}: either a case or none"
            for attempt, one in zip_equal(found.attempts, example.not_a_case, where):
                states = {reason.criterion: reason.state for reason in attempt.reasons}
                assert {name: states[name] for name in one.reasons} == one.reasons, where
                assert attempt.first_day == one.first_day, where
                assert {a.evidence: a.why for a in attempt.set_aside} == one.set_aside, where


@pytest.mark.parametrize("key", diseases())
def test_what_makes_a_case_is_said_to_begin_one(key: str) -> None:
    """Only of those diseases is anybody's evidence classified, and only its findings are looked up at any age."""
    for example in read_spec(key).example:
        if not example.case:
            continue
        assert key in catalogue().begun_by(example.evidence), f"{key}: {example.name}"
        if not any(getattr(one, "disease", "") == key for one in example.evidence):
            findings = [one for one in example.evidence if isinstance(one, LaboratoryFinding)]
            met = [catalogue().met_by(*told_without_age(one)) for one in findings]
            assert any(key in one for one in met), f"{key}: {example.name}"


@pytest.mark.parametrize("key", diseases())
def test_what_a_finding_carries_is_what_it_makes_alone(key: str) -> None:
    for example in read_spec(key).example:
        for one in example.evidence:
            if isinstance(one, LaboratoryFinding) and len(diseases()[key].definition) == 1:
                carried = catalogue().carried_by(*told_without_age(one), one.age)
                assert (key in carried) == bool(classify(diseases()[key], [one], AS_OF)), one


def told_without_age(one: LaboratoryFinding) -> tuple[object, ...]:
    said = Profile(one.resistant, one.susceptible)
    return one.organism, one.method, one.material, said, one.notifiable


def zip_equal(found: object, expected: list[object], where: str) -> list[tuple[object, object]]:
    assert len(found) == len(expected), f"{where}: {found}"
    return list(zip(found, expected, strict=True))


def seen(case: Case, expected: ExpectedCase) -> dict[str, object]:
    """The case as far as the example speaks of it."""
    states = {reason.criterion: reason.state for reason in case.reasons}
    return {
        "class": case.classification,
        "first_day": case.first_day,
        "onset": case.onset,
        "imported": case.imported,
        "form_missing": case.form_missing,
        "rule": case.rule,
        "presentation": case.presentation,
        "set_aside": {one.evidence: one.why for one in case.set_aside},
        "reasons": {name: states[name] for name in expected.reasons},
    }


def said(one: ExpectedCase) -> dict[str, object]:
    return msgspec.to_builtins(one) | {
        "rule": one.rule,
        "first_day": one.first_day,
        "onset": one.onset,
    }


@pytest.mark.parametrize("key", diseases())
def test_a_disease_has_an_example_of_each_kind(key: str) -> None:
    examples = read_spec(key).example
    classes = {one.classification for example in examples for one in example.case}
    assert classes & {"probable", "suspected"}
    assert any(example.not_a_case is not None for example in examples), "nothing that is no case"
    for row in diseases()[key].definition[-1:]:
        assert row.rules.confirmed
        made = {c for c in ("confirmed", "probable", "discarded") if row.rules.of(c)}
        assert made <= classes, "a class that the definition gives has no example"


def test_no_example_is_of_a_disease_that_is_gone() -> None:
    assert {path.stem for path in SPEC.glob("*.toml")} <= set(diseases())


def test_what_is_wanting_is_named_for_every_rule() -> None:
    measles = diseases()["measles"]
    [example] = [one for one in read_spec("measles").example if "IgG" in one.name]
    [attempt] = explain(measles, example.evidence, AS_OF).attempts
    assert [(one.classification, one.rule, one.lacks) for one in attempt.missing] == [
        ("confirmed", ("clinical", "laboratory"), ("clinical", "laboratory")),
        ("probable", ("clinical", "epidemiological"), ("clinical", "epidemiological")),
        ("probable", ("clinical", "not-vaccine-virus"), ("clinical", "not-vaccine-virus")),
        ("probable", ("clinical", "unspecified"), ("clinical", "unspecified")),
        ("suspected", ("clinical",), ("clinical",)),
        ("suspected", ("notified",), ("notified",)),
    ]
    assert classify(measles, example.evidence, AS_OF) == ()
