"""A link from person to person counts where the disease can have passed: incubation, and when the other was ill."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from varde.cases import (
    Illness,
    LaboratoryFinding,
    Linked,
    LinkKind,
    Notified,
    classify,
    diseases,
    exposure_days,
    infectious_days,
)

ILL = date(2025, 11, 24)


def days(number: int) -> date:
    return ILL + timedelta(number)


def class_of(
    disease: str,
    exposed: int,
    *,
    source: int | None = None,
    source_day: int | None = None,
    onset: int | None = 0,
    kind: LinkKind = "human",
) -> str:
    """The class of somebody with the picture of a disease and a link; days are counted from the first day."""
    form = Notified(
        key="n",
        day=ILL,
        disease=disease,
        onset=None if onset is None else days(onset),
        clinical="met",
    )
    known = source if source_day is None else source_day
    link = Linked(
        key="l",
        day=days(exposed),
        disease=disease,
        kind=kind,
        source_day=None if known is None else days(known),
        source_onset=None if source is None else days(source),
    )
    [case] = classify(diseases()[disease], [form, link], date(2026, 6, 1))
    return case.classification


@pytest.mark.parametrize(
    ("exposed", "source", "expected"),
    [
        (-28, -29, "suspected"),  # longer ago than the longest incubation, 21 days
        (-21, -21, "probable"),
        (-22, -22, "suspected"),
        (-10, -6, "probable"),  # 4 days before the source fell ill
        (-11, -6, "suspected"),
        (-1, 1, "suspected"),  # the source fell ill later
        (0, 0, "probable"),
        (-1, -9, "probable"),  # 8 days after the source fell ill: the last
        (-1, -10, "suspected"),
        (-1, -32, "suspected"),
        (-1, None, "probable"),
        (3, -3, "probable"),  # near until after falling ill
    ],
)
def test_measles_pass_within_incubation_from_whoever_was_ill_before(
    exposed: int, source: int | None, expected: str
) -> None:
    assert class_of("measles", exposed, source=source) == expected


def test_what_is_not_known_of_a_day_of_falling_ill_is_not_held_against_a_link() -> None:
    assert class_of("measles", -28, onset=None) == "probable"
    assert class_of("measles", -31, onset=None) == "suspected"
    assert class_of("measles", -1, source_day=5) == "probable"
    assert class_of("measles", -1, source_day=30) == "suspected"
    # The form's day is that of the specimen, and the person fell ill a week before.
    assert class_of("measles", -28, onset=-7) == "probable"
    assert class_of("measles", -29, onset=-7) == "suspected"


def test_carriers_and_common_sources_may_fall_ill_last() -> None:
    assert class_of("shigellosis", -2, source=1) == "suspected"
    assert class_of("shigellosis", -2, source=1, kind="food") == "probable"
    assert class_of("shigellosis", -25, kind="common-source") == "probable"
    assert class_of("salmonellosis", -2, source=1) == "probable"
    assert class_of("salmonellosis", -8) == "suspected", "the incubation is asked of carriers too"


def test_a_later_window_of_a_case_knows_when_the_person_fell_ill() -> None:
    """Of two forms the second says no onset: what the first says is of the whole case."""
    first = Notified(key="a", day=ILL, disease="measles", onset=ILL)
    second = Notified(key="b", day=days(2), disease="measles", clinical="met")
    for exposed, expected in ((-25, "suspected"), (-20, "probable")):
        link = Linked(key="l", day=days(exposed), disease="measles", kind="human")
        [case] = classify(diseases()["measles"], [first, second, link], date(2026, 6, 1))
        assert case.classification == expected


def test_the_days_are_said_as_the_classifier_has_them() -> None:
    measles = diseases()["measles"].definition_on(ILL)
    assert measles is not None
    case, source = Illness(ILL, ILL), Illness(days(-10), days(-12))
    assert exposure_days(measles, "human", case) == (days(-21), ILL)
    assert exposure_days(measles, "human", case, source) == (days(-16), days(-4))
    assert exposure_days(measles, "common-source", case, source) == (days(-30), ILL)
    first, last = exposure_days(measles, "human", source, case)
    assert first > last, "whoever fell ill later infected nobody"
    assert infectious_days(measles, source) == (days(-16), days(-4))
    assert infectious_days(measles, Illness(ILL)) == (days(-30), days(30))
    salmonellosis = diseases()["salmonellosis"].definition_on(ILL)
    assert salmonellosis is not None and infectious_days(salmonellosis, case) is None
    end = exposure_days(measles, "human", Illness(date.min, date.min))
    assert end == (date.min, date.min)


def test_a_link_outside_the_days_takes_nothing_from_a_finding() -> None:
    found = LaboratoryFinding(key="f", day=ILL, organism="measles-virus", method="nucleic-acid")
    link = Linked(key="l", day=days(-28), disease="measles", kind="human", source_day=days(60))
    [case] = classify(diseases()["measles"], [found, link], date(2026, 6, 1))
    assert case.classification == "confirmed" and case.evidence == ("f",)
