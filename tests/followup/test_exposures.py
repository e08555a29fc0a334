"""What an event may be from: relative risks against a slow count, what cannot be worked out, samples, answers of cases."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from itertools import combinations
from math import isclose, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.test_events import open_one, two_cases
from followup.test_telling import DAY, LATER
from register.answers import make_register
from register.case_messages import ADA
from varde.followup import events, exposures
from varde.followup.events import EventProblem
from varde.followup.exposures import (
    Counts,
    Risk,
    SaidExposure,
    SaidSample,
    chance,
    difference,
    weigh,
)
from varde.followup.models import ExposureAnswer

few = st.integers(0, 30)


def test_the_risk_of_a_well_known_dinner() -> None:
    """Vanilla ice cream at the church supper of Oswego, New York, 1940: 43 of 54 and 3 of 21 fell ill."""
    risk = weigh(Counts(43, 11, 3, 18))
    assert (round(risk.ate or 0, 3), round(risk.others or 0, 3)) == (0.796, 0.143)
    assert round(risk.ratio or 0, 2) == 5.57
    assert (round(risk.low or 0, 1), round(risk.high or 0, 1)) == (1.9, 16.0)


@pytest.mark.parametrize(
    ("counts", "risk"),
    [
        (Counts(0, 0, 0, 0), Risk(None, None, None, None, None)),
        (Counts(5, 5, 0, 0), Risk(0.5, None, None, None, None)),
        (Counts(5, 5, 0, 10), Risk(0.5, 0.0, None, None, None)),
        (Counts(0, 0, 5, 5), Risk(None, 0.5, None, None, None)),
        (Counts(0, 10, 5, 5), Risk(0.0, 0.5, 0.0, None, None)),
        (Counts(10, 0, 10, 0), Risk(1.0, 1.0, 1.0, None, None)),
    ],
)
def test_what_cannot_be_worked_out_is_none_and_never_nought(counts: Counts, risk: Risk) -> None:
    assert weigh(counts) == risk


@settings(max_examples=30, deadline=None)
@given(few, few, few, few)
def test_taking_it_and_not_taking_it_turned_round_is_the_inverse(
    a: int, b: int, c: int, d: int
) -> None:
    risk, turned = weigh(Counts(a, b, c, d)), weigh(Counts(c, d, a, b))
    assert (risk.ate, risk.others) == (turned.others, turned.ate)
    assert (risk.ratio is None) == (a + b == 0 or c == 0)
    assert (turned.ratio is None) == (c + d == 0 or a == 0)
    if risk.ratio and turned.ratio:
        assert isclose(log(risk.ratio), -log(turned.ratio), abs_tol=1e-9)
    if risk.low and risk.high and turned.high and risk.ratio:
        assert risk.low <= risk.ratio <= risk.high and isclose(risk.low, 1 / turned.high)


def drawn(counts: Counts) -> Fraction:
    """The chance of counts by drawing: every way in which as many of all who were asked could have fallen ill."""
    ate, everybody = counts.ate_ill + counts.ate_well, sum(counts)
    ill = counts.ate_ill + counts.not_ill
    ways = [sum(one < ate for one in each) for each in combinations(range(everybody), ill)]
    times = {number: ways.count(number) for number in set(ways)}
    return Fraction(
        sum(each for each in times.values() if each <= times[counts.ate_ill]), len(ways)
    )


@settings(max_examples=40, deadline=None)
@given(*[st.integers(0, 3)] * 4)
def test_the_chance_of_counts_is_that_of_every_way_to_draw_the_ill(
    a: int, b: int, c: int, d: int
) -> None:
    counts = Counts(a, b, c, d)
    if not a + b or not c + d or not a + c or not b + d:
        assert chance(counts) is None
    else:
        assert isclose(chance(counts) or 0, drawn(counts), rel_tol=1e-12)


def test_the_chance_of_well_known_counts_and_of_the_clearest() -> None:
    assert isclose(chance(Counts(3, 1, 1, 3)) or 0, 34 / 70)  # Fisher's lady tasting tea
    assert isclose(chance(Counts(9, 1, 0, 10)) or 0, 2 * 10 / 167960)
    assert difference(Counts(9, 1, 0, 10)) == 0.9 and difference(Counts(5, 5, 0, 0)) is None
    assert difference(Counts(0, 5, 9, 6)) == -0.6


def test_the_chance_of_many_by_logarithms_is_that_in_whole_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = Counts(40, 960, 20, 980)
    exact = chance(many)
    monkeypatch.setattr(exposures, "MOST_EXACT", 0)
    assert isclose(chance.__wrapped__(many) or 0, exact or 1, rel_tol=1e-6)
    assert 0 <= (chance(Counts(100_000, 0, 0, 100_000)) or 0) < 1e-300


@pytest.mark.django_db
def test_two_exposures_of_an_event_do_not_have_one_name() -> None:
    event, other = open_one(), open_one()
    cake = exposures.keep_exposure(event, SaidExposure("Bløtkake"), "kari", LATER)
    tea = exposures.keep_exposure(event, SaidExposure("Te"), "kari", LATER)
    for number in (0, tea.id):
        with pytest.raises(EventProblem) as caught:
            exposures.keep_exposure(event, SaidExposure(" BLØTKAKE"), "kari", LATER, number)
        assert caught.value.code == "twice"
    exposures.keep_exposure(event, SaidExposure("bløtkake"), "kari", LATER, cake.id)
    exposures.keep_exposure(other, SaidExposure("Bløtkake"), "kari", LATER)
    assert [one.what for one in exposures.exposures_of(event)] == ["bløtkake", "Te"]


@pytest.mark.django_db
def test_exposures_and_samples_are_kept_changed_and_removed_and_faults_are_refused() -> None:
    event = open_one()
    said = SaidExposure("Kyllingsalat", "Fjordkroa", DAY, Counts(8, 2, 1, 9))
    kept = exposures.keep_exposure(event, said, "kari", LATER)
    assert exposures.counts_of(kept) == Counts(8, 2, 1, 9)
    uncounted = SaidExposure("Kyllingsalat")
    exposures.keep_exposure(event, uncounted, "kari", LATER, kept.id)
    assert [exposures.counts_of(one) for one in exposures.exposures_of(event)] == [None]
    sample = exposures.keep_sample(event, SaidSample("Salat", DAY), "kari", LATER)
    answered = SaidSample("Salat", DAY, "Mattilsynet", "Salmonella påvist", DAY)
    exposures.keep_sample(event, answered, "kari", LATER, sample.id)
    assert [one.answer for one in exposures.samples_of(event)] == ["Salmonella påvist"]
    tomorrow = DAY + timedelta(days=2)
    for wrong, code in (
        (SaidExposure(" "), "empty"),
        (SaidExposure(f"Kake til {ADA}"), "identity"),
        (SaidExposure("Kake", day=tomorrow), "when"),
        (SaidExposure("Kake", counts=Counts(-1, 0, 0, 0)), "counts"),
        (SaidSample("Salat", DAY, answer="Ingen funn"), "answer"),
        (SaidSample("Salat", DAY, "", "Ingen funn", DAY - timedelta(days=1)), "when"),
    ):
        with pytest.raises(EventProblem) as caught:
            if isinstance(wrong, SaidSample):
                exposures.keep_sample(event, wrong, "kari", LATER)
            else:
                exposures.keep_exposure(event, wrong, "kari", LATER)
        assert caught.value.code == code
    other = open_one()
    with pytest.raises(EventProblem):
        exposures.keep_exposure(other, said, "kari", LATER, kept.id)
    assert not exposures.remove_sample(other, sample.id)
    assert exposures.remove_sample(event, sample.id) and exposures.remove_exposure(event, kept.id)
    events.close_event(event, "Salaten.", "kari", LATER)
    with pytest.raises(EventProblem, match="closed"):
        exposures.keep_exposure(event, said, "kari", LATER)


@pytest.mark.django_db
def test_what_a_case_took_is_kept_with_what_was_said_last() -> None:
    first, second = two_cases()
    event = open_one()
    events.join(event, first, "kari", LATER, register=make_register())
    salad = exposures.keep_exposure(event, SaidExposure("Salat"), "kari", LATER).id
    with pytest.raises(EventProblem):
        exposures.say_answers(event, second, {salad: "yes"}, "kari", LATER)
    with pytest.raises(EventProblem):
        exposures.say_answers(event, first, {salad: "maybe"}, "kari", LATER)
    assert exposures.say_answers(event, first, {salad: "yes"}, "kari", LATER) == [salad]
    assert exposures.say_answers(event, first, {salad: "yes"}, "kari", LATER) == []
    assert exposures.say_answers(event, first, {salad: "no"}, "kari", LATER) == [salad]
    assert exposures.answers_in(event) == {first: {salad: "no"}}
    exposures.remove_exposure(event, salad)
    assert not ExposureAnswer.objects.exists()
