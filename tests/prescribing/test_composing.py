"""A report says what its figures say, in words that are the same wherever they stand, and nothing that is not there."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.guidelines import SHIPPED, read_library
from varde.prescribing.layout import Words
from varde.prescribing.reports import (
    Comparator,
    Described,
    DrugChoice,
    DrugShare,
    Known,
    Measured,
    Missing,
    Nearby,
    PickedGoal,
    Quarter,
    Reader,
    Report,
    ReportError,
    Value,
    Verdict,
    compose,
    kinds,
    open_with,
    redraw_dots,
)
from varde.prescribing.reports import Tested as DrugTested
from varde.prescribing.reports.figures import PERCENT, Scale, choose_places, write_figure
from varde.prescribing.reports.inputs import Unplaced
from varde.prescribing.reports.panels import compose_panel
from varde.prescribing.reports.sections import say_unplaced
from varde.prescribing.reports.trends import compose_stretches, explain_trend
from varde.synthetic.reports import invent_report

EDITION = read_library(SHIPPED).edition(date(2025, 12, 31))
SAYS = Words(
    "Det er {value} mot {benchmark}; før {before}, vanlig {typical}, {low} til {high}.",
    "It is {value} against {benchmark}; before {before}, usual {typical}, {low} to {high}.",
)
NUMBER = re.compile(r"\d[\d\u00a0,.]*(?:\u00a0?%)?")
VARIANTS = [(kind, variant) for kind, form in kinds().items() for variant in form.variants]


def known(value: float, low: float | None = None, high: float | None = None) -> Known:
    return Known(value=value, low=low, high=high, numerator=Decimal(31), denominator=Decimal(100))


def measure(key: str, **changes: Any) -> Measured:
    """An indicator with all that a chart can have."""
    given = {
        "described": Described(key=key, good="lower", per=100),
        "own": known(0.31, 0.22, 0.41),
        "before": known(0.35),
        "comparators": (
            Comparator(role="benchmark", value=Known(value=0.2)),
            Comparator(role="peers", value=Known(value=0.28)),
            Comparator(role="county", value=Known(value=0.29)),
        ),
        "quarters": tuple(
            Quarter(since=date(2025, 1 + 3 * index, 1), value=known(0.3)) for index in range(4)
        ),
        "verdict": Verdict(key="room", tone="room", sentence=SAYS),
    }
    return Measured(**(given | changes))


def make(*measured: Measured, **changes: Any) -> Report:
    """A general practitioner's report, of these indicators and of others that are as `measure` makes them."""
    given = {one.described.key: one for one in measured}
    return compose(
        "rak",
        "year",
        Reader(unit="1", name="Kari Nordmann"),
        [given.get(key, measure(key)) for key in kinds()["rak"].table],
        **(
            {
                "since": date(2025, 1, 1),
                "until": date(2025, 12, 31),
                "as_of": date(2026, 1, 20),
                "advice": {},
            }
            | changes
        ),
    )


def test_headline_message_and_chart_have_the_same_figures() -> None:
    panel = make().panels[0]
    assert panel.headline.nb == "Du ga antibiotika ved 31\u00a0% av luftveiskontaktene."
    assert panel.message.en == "It is 31% against 20%; before 35%, usual 28%, 22 to 41."
    assert [mark.figure.shown.nb for mark in panel.marks] == [
        "31\u00a0%",
        "35\u00a0%",
        "20\u00a0%",
        "28\u00a0%",
    ]
    assert panel.unit.nb.endswith("(31 av 100)")
    assert "22–41" in panel.description.nb and "lavere er bedre" in panel.description.nb


share = st.floats(0, 1)


@given(share, share, share, share, st.integers(1, 1000))
def test_every_number_that_is_said_is_a_number_of_the_chart(
    own: float, before: float, benchmark: float, typical: float, per: int
) -> None:
    low, high = own * 0.9, min(own * 1.1 + 0.01, 1.0)
    one = measure(
        "ab1",
        described=Described(key="ab1", good="lower", per=per),
        own=known(own, low, high),
        before=known(before),
        comparators=(
            Comparator(role="benchmark", value=Known(value=benchmark)),
            Comparator(role="peers", value=Known(value=typical)),
        ),
    )
    panel = compose_panel(kinds()["rak"], "year", one, advice=None, nearby=None)
    for language in ("nb", "en"):
        shown = {getattr(mark.figure.shown, language) for mark in panel.marks}
        ends = set(getattr(panel.marks[0].figure.interval, language).split("–"))
        said = NUMBER.findall(getattr(panel.message, language))
        assert {one.rstrip(".,") for one in said} == {one.rstrip(".") for one in shown | ends}
        assert getattr(panel.marks[0].figure.shown, language) in getattr(panel.headline, language)
    for mark, value in zip(panel.marks, (own, before, benchmark, typical), strict=True):
        assert mark.figure.value == pytest.approx(value * per)
        written = float(mark.figure.shown.en.replace(",", ""))
        assert abs(written - value * per) <= 0.5 + 1e-9


@given(st.lists(st.floats(0, 1), min_size=2, max_size=5))
def test_values_a_whole_percent_apart_are_never_written_alike(values: list[float]) -> None:
    places = choose_places([Known(value=value) for value in values], 100)
    shown = [write_figure(Known(value=value), PERCENT, places).shown.nb for value in values]
    for one, value in zip(shown, values, strict=True):
        for other, beside in zip(shown, values, strict=True):
            if abs(value - beside) >= 0.0101:
                assert one != other


@pytest.mark.parametrize("why", ["not-computable", "too-few", "suppressed", "unknown", "absent"])
def test_what_is_missing_has_its_own_word_and_is_never_nought(why: Any) -> None:
    nothing = Verdict(key="too-few", tone="silent", sentence=Words("", ""))
    panel = make(measure("ab3", own=Missing(why=why), verdict=nothing)).panels[0]
    figure = panel.marks[0].figure
    assert figure.value is None and figure.missing == why and not re.search(r"\d", figure.shown.nb)
    assert "Antibiotika ved luftveisinfeksjon" in panel.headline.nb
    words = {
        write_figure(one, PERCENT, 0).shown.nb
        for one in (
            Missing(why="not-computable"),
            Missing(why="too-few"),
            Missing(why="suppressed"),
            Missing(why="unknown"),
            Missing(why="absent"),
            Known(value=0.0),
        )
    }
    assert len(words) == 6


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ReportError, match="no number"):
        write_figure(Known(value=value), Scale(1000, False), 1)


def test_a_verdict_may_not_speak_of_what_is_not_shown() -> None:
    with pytest.raises(ReportError, match="benchmark"):
        make(
            measure(
                "ab3",
                comparators=(Comparator(role="benchmark", value=Missing(why="too-few")),),
                verdict=Verdict(key="room", tone="room", sentence=Words("{benchmark}", "")),
            )
        )


def test_the_chart_has_at_most_two_comparators_and_those_that_the_verdict_speaks_of() -> None:
    crowd = tuple(
        Comparator(role=role, value=Known(value=0.25))
        for role in ("group", "municipality", "county", "peers", "benchmark")
    )
    panel = make(measure("ab3", comparators=crowd)).panels[0]
    assert [mark.role for mark in panel.marks] == ["own", "before", "peers", "benchmark"]


def test_why_a_comparator_is_not_there_is_said_once() -> None:
    why = Words("Gruppen har færre enn ti.", "The group has fewer than ten.")
    gone = Comparator(role="group", value=Missing(why="too-few"), why_not=why)
    aim = Comparator(role="benchmark", value=Known(value=0.2))
    calm = Verdict(key="unsure", tone="unsure", sentence=Words("", ""))
    report = make(
        *(measure(key, comparators=(gone, gone, aim), verdict=calm) for key in kinds()["rak"].table)
    )
    assert report.panels[0].notes == () and report.table.notes == (why,)
    assert "Gruppen din" not in [column.nb for column in report.table.columns]
    assert all(len(row.cells) == len(report.table.columns) - 1 for row in report.table.rows)


@pytest.mark.parametrize(
    ("target", "good", "own", "reached"),
    [
        (0.35, "lower", known(0.31), True),
        (0.31, "lower", known(0.31), True),
        (0.3096, "lower", known(0.31), False),
        (0.35, "higher", known(0.31), False),
        (0.25, "higher", known(0.31), True),
        (0.25, "lower", Missing(why="too-few"), None),
    ],
)
def test_a_goal_opens_the_next_report(
    target: float, good: Any, own: Value, reached: bool | None
) -> None:
    described = Described(key="ab3", good=good, per=100)
    goal = make(
        measure(
            "ab3",
            own=own,
            described=described,
            verdict=Verdict(key="unsure", tone="unsure", sentence=Words("", "")),
        ),
        goal=PickedGoal(indicator="ab3", target=target, picked=date(2025, 2, 12)),
    ).goal
    assert goal is not None and goal.reached is reached
    assert "12. februar 2025" in goal.said.nb and "12 February 2025" in goal.said.en
    assert ("Målet er nådd" in goal.said.nb) == (reached is True)
    assert ("Nå er tallet" in goal.said.nb) == (reached is not None)
    if target == 0.3096:
        assert "31,0\u00a0%" in goal.said.nb


@pytest.mark.parametrize(
    ("target", "own", "before", "says", "sure"),
    [
        (0.155, known(0.147, 0.116, 0.185), known(0.2), "har nådd målet, men usikkert", False),
        (
            0.155,
            known(0.16, 0.116, 0.185),
            known(0.2),
            "har ikke nådd målet ennå, men usikkert",
            False,
        ),
        (0.155, known(0.155, 0.116, 0.185), known(0.2), "på målet, men usikkert", False),
        (0.155, known(0.147, 0.14, 0.154), known(0.2), "Målet er nådd.", True),
        (0.155, known(0.147, 0.14, 0.155), known(0.2), "Målet er nådd.", True),
        (0.155, known(0.2, 0.16, 0.25), known(0.2), "Målet er ikke nådd ennå.", True),
        # It is judged on what is shown: 15,0 %, and 14–15 %.
        (0.155, known(0.15, 0.14, 0.1549), known(0.2), "Målet er nådd.", True),
        (0.15, known(0.13, 0.12, 0.1504), known(0.2), "Målet er nådd.", True),
        (0.15, known(0.13, 0.12, 0.156), known(0.2), "har nådd målet, men usikkert", False),
        (0.15, known(0.15004), known(0.2), "Målet er nådd.", True),
        (0.15, known(0.2, 0.1496, 0.25), known(0.2), "Målet er ikke nådd ennå.", True),
        (0.15, known(0.147), known(0.1504), "men det var det også året før", True),
        (0.155, known(0.147), known(0.2), "Målet er nådd.", True),
        # A goal that the year before had reached asked for nothing.
        (0.3, known(0.147, 0.116, 0.185), known(0.2), "men det var det også året før", True),
        (0.3, known(0.147, 0.116, 0.185), Missing(why="unknown"), "Målet er nådd.", True),
    ],
)
def test_how_sure_a_goal_is(
    target: float, own: Known, before: Value, says: str, sure: bool
) -> None:
    calm = Verdict(key="unsure", tone="unsure", sentence=Words("", ""))
    report = make(
        measure("ab3", own=own, before=before, verdict=calm),
        goal=PickedGoal(indicator="ab3", target=target, picked=date(2025, 2, 12)),
    )
    goal = report.goal
    assert goal is not None and says in goal.said.nb and goal.sure is sure
    assert ("Målet er nådd." in goal.said.nb) == (says == "Målet er nådd.")
    shown = report.panels[0].marks[0].figure.shown
    assert f"Nå er tallet {shown.nb}." in goal.said.nb and f"now {shown.en}." in goal.said.en
    written = {0.3: "30", 0.15: "15", 0.155: "15,5"}[target] + "\u00a0%"
    assert f"på høyst {written}." in goal.said.nb


@pytest.mark.parametrize(
    ("good", "value", "nb", "en"),
    [
        ("lower", 0.18, "Tallet har nådd målet, men usikkert", "has reached the goal, but"),
        (
            "lower",
            0.22,
            "Tallet har ikke nådd målet ennå, men usikkert",
            "has not reached the goal",
        ),
        ("higher", 0.18, "Tallet har ikke nådd målet ennå, men usikkert", "has not reached the"),
        ("higher", 0.22, "Tallet har nådd målet, men usikkert", "has reached the goal, but"),
    ],
)
def test_a_goal_is_reached_or_not_by_the_way_that_is_better(
    good: Any, value: float, nb: str, en: str
) -> None:
    one = measure(
        "ab3",
        own=known(value, 0.1, 0.3),
        described=Described(key="ab3", good=good, per=100),
        verdict=Verdict(key="unsure", tone="unsure", sentence=Words("", "")),
    )
    goal = make(one, goal=PickedGoal(indicator="ab3", target=0.2, picked=date(2025, 2, 12))).goal
    assert goal is not None and nb in goal.said.nb and en in goal.said.en and not goal.sure
    assert "under målet" not in goal.said.nb and "over målet" not in goal.said.nb
    assert goal.reached is ("har nådd" in goal.said.nb)


@given(
    st.sampled_from(["lower", "higher"]),
    st.integers(0, 1000),
    st.integers(1, 1000),
    st.sampled_from([0, 1, 30]),
    st.booleans(),
)
def test_a_goal_picked_after_the_report_was_made_stands_as_one_picked_before(
    good: Any, target: int, value: int, width: int, few: bool
) -> None:
    low, high = (max(value - width, 0) / 1000, (value + width) / 1000) if width else (None, None)
    one = measure(
        "ab3",
        own=known(value / 1000, low, high),
        described=Described(key="ab3", good=good, per=100),
        verdict=Verdict(key="too-few" if few else "unsure", tone="unsure", sentence=Words("", "")),
    )
    picked = PickedGoal(indicator="ab3", target=target / 1000, picked=date(2025, 2, 12))
    before, after = make(one, goal=picked).goal, open_with(make(one), picked).goal
    assert before is not None and after is not None
    assert (after.reached, after.sure) == (before.reached, before.sure)
    assert after.said.en.split("It is now")[0] == before.said.en.split("It is now")[0]
    # What differs is never written alike, save by less than the figures are written with.
    written = f"{target / 10:g}%" if target else "0%"
    if abs(target - value) >= 1:
        assert f"It is now {written}." not in after.said.en


@pytest.mark.parametrize("months", [3, 6, 9])
def test_the_line_over_a_stretch_is_of_as_many_months_as_it_has(months: int) -> None:
    variant = msgspec.structs.replace(kinds()["rak"].variants["follow-up"], months=months)
    stretches = compose_stretches(variant, date(2025, 5, 31))
    said = explain_trend((), stretches)
    assert said == Words(f"Strek: alle {months}\u00a0måneder", f"Line: all {months}\u00a0months")
    assert explain_trend((), ()) == Words("", "")


def test_a_follow_ups_sentences_say_of_which_months_the_figure_before_is() -> None:
    says = Words("Enn {earlier}: {before}.", "Than {earlier}: {before}.")
    verdict = Verdict(key="room", tone="room", sentence=says)
    goal = PickedGoal(indicator="ab3", target=0.5, picked=date(2025, 2, 12))
    for variant, nb, en in (
        ("year", "året før", "the year before"),
        ("follow-up", "i samme måneder året før", "in the same months the year before"),
    ):
        report = compose(
            "rak",
            variant,
            Reader(unit="1", name="Kari Nordmann"),
            [measure(key, verdict=verdict) for key in kinds()["rak"].table],
            since=date(2025, 13 - kinds()["rak"].variants[variant].months, 1),
            until=date(2025, 12, 31),
            as_of=date(2026, 1, 20),
            advice={},
        )
        for panel in report.panels:
            assert panel.message == Words(f"Enn {nb}: 35\u00a0%.", f"Than {en}: 35%.")
        opened = open_with(report, goal).goal
        assert opened is not None and f"det var det også {nb}:" in opened.said.nb
        assert f"so it was {en}:" in opened.said.en


def test_a_goal_of_what_a_report_does_not_have_opens_nothing() -> None:
    report = make()
    for key in ("ab1", "no-such", "home-ddd"):
        picked = PickedGoal(indicator=key, target=0.2, picked=date(2025, 2, 12))
        assert open_with(report, picked) == report
    assert open_with(report, None) == report


@pytest.mark.parametrize(("value", "says"), [(0.1, "har nådd målet"), (0.3, "har ikke nådd")])
def test_a_goal_of_what_rests_on_too_little_is_never_sure(value: float, says: str) -> None:
    few = Verdict(key="too-few", tone="silent", sentence=Words("", ""))
    one = measure("ab3", own=known(value), verdict=few)
    goal = make(one, goal=PickedGoal(indicator="ab3", target=0.2, picked=date(2025, 2, 12))).goal
    assert goal is not None and says in goal.said.nb and "for lite" in goal.said.nb
    assert not goal.sure


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_a_goal_and_its_figure_are_told_apart_and_written_once(
    target: int, own: int, before: int, benchmark: int
) -> None:
    one = measure(
        "ab3",
        own=known(own / 1000),
        before=known(before / 1000),
        comparators=(Comparator(role="benchmark", value=Known(value=benchmark / 1000)),),
        verdict=Verdict(key="unsure", tone="unsure", sentence=Words("", "")),
    )
    picked = PickedGoal(indicator="ab3", target=target / 1000, picked=date(2025, 1, 1))
    report = make(one, goal=picked)
    assert report.goal is not None
    written = f"{target / 10:g}%" if target else "0%"
    assert f"at most {written}." in report.goal.said.en
    shown = report.panels[0].marks[0].figure.shown.en
    assert shown == report.table.rows[0].cells[0].shown.en
    assert f"It is now {shown}." in report.goal.said.en
    if abs(own - target) >= 10:
        assert shown != written


def test_what_may_not_be_told_is_not_said_to_be_too_little() -> None:
    nothing = Verdict(key="too-few", tone="silent", sentence=Words("", ""))
    for why, says in (("suppressed", "Egne tall kan ikke vises"), ("too-few", "For lite")):
        report = make(measure("ab3", own=Missing(why=why), verdict=nothing))  # type: ignore[arg-type]
        assert f"{says}" in report.lead.nb
    alone = Verdict(key="no-peers", tone="alone", sentence=Words("", ""))
    lead = make(measure("ab3", verdict=alone)).lead
    assert "Eget tall, ikke vurdert mot lignende: «Antibiotika ved luftveisinfeksjon»." in lead.nb
    assert "For lite" not in lead.nb and "Own figure, not judged" in lead.en


def test_benchmarks_of_several_circles_are_told_apart() -> None:
    circles = {"ab3": "similar", "ab4": "all"}
    report = make(
        *(measure(key, alike=circles.get(key, "similar")) for key in kinds()["rak"].table)
    )
    method = " ".join(line.nb for line in report.sections[0].lines)
    assert (
        "«De beste av lignende»: nivået til den beste femdelen av fastleger med lignende" in method
    )
    assert "«De beste av alle» for «Smalspektret penicillin ved luftveisinfeksjon»" in method


@pytest.mark.parametrize(
    ("tested", "says"),
    [
        ({"percent": 7.32, "tested": 314}, "x 7,3\u00a0% (n\u00a0=\u00a0314)"),
        ({"percent": 0.0, "tested": 47}, "x 0\u00a0% (n\u00a0=\u00a047)"),
        ({"tested": 315, "few": "resistant", "below": 5}, "x færre enn 5 av 315"),
        ({"tested": 31, "few": "others", "below": 5}, "x alle av 31, unntatt færre enn 5"),
        ({"tested": 28, "why": "too-few"}, "x for få prøver"),
        ({"why": "too-few"}, "x for få prøver"),
        ({"why": "suppressed"}, "x skjult av personvern"),
        ({}, "x ikke undersøkt"),
    ],
)
def test_each_way_that_resistance_is_known_or_not_has_its_words(
    tested: dict[str, Any], says: str
) -> None:
    near = Nearby(
        organism="E. coli",
        area=Words("hele landet", "the whole country"),
        period=Words("2025", "2025"),
        drugs=(DrugTested(drug=Words("x", "x"), **tested),),
        instead=Words("Vestland", "Vestland"),
        why="suppressed",
    )
    found = make(nearby={"ab4": near}).panels[1].resistance
    assert found is not None and found.said.nb == (
        f"Resistens hos E. coli, hele landet (Vestland: skjult av personvern), 2025: {says}."
    )


def test_a_goal_of_something_else_is_refused() -> None:
    for key in ("home-ddd", "j01-per-shift-hours"):
        with pytest.raises(ReportError, match="cannot be a goal"):
            make(goal=PickedGoal(indicator=key, target=0.1, picked=date(2025, 1, 1)))


def test_the_opening_says_strengths_first() -> None:
    strong = Verdict(key="hold", tone="strength", sentence=Words("", ""))
    lead = make(measure("ab4", verdict=strong)).lead
    assert lead.nb.startswith("Bra: «Smalspektret") and "Mest å hente: «Antibiotika" in lead.nb
    assert lead.en.startswith("Good: “Narrow")


def test_indicators_that_are_lacking_or_given_twice_are_refused() -> None:
    everything = [measure(key) for key in kinds()["rak"].table]
    arguments: Any = {
        "since": date(2025, 1, 1),
        "until": date(2025, 12, 31),
        "as_of": date(2026, 1, 20),
        "advice": {},
    }
    reader = Reader(unit="1", name="Kari")
    with pytest.raises(ReportError, match="nothing is given for ab3"):
        compose("rak", "year", reader, everything[1:], **arguments)
    with pytest.raises(ReportError, match="twice"):
        compose("rak", "year", reader, [*everything, everything[0]], **arguments)
    with pytest.raises(ReportError, match="no variant"):
        compose("rak", "half-year", reader, everything, **arguments)


def test_dots_are_sorted_and_only_the_readers_own_is_known() -> None:
    form = kinds()["peer-group"]
    one = measure("ab3", dots=(0.5, 0.1, 0.4, 0.3, 0.2), own_dot=2)
    dots = compose_panel(form, "member", one, advice=None, nearby=None).dots
    assert dots is not None and dots.own == 3
    assert dots.values == pytest.approx((10, 20, 30, 40, 50))
    few = compose_panel(form, "meeting", measure("ab3", dots=(0.1,) * 4), advice=None, nearby=None)
    assert few.dots is None
    with pytest.raises(ReportError, match="own dot"):
        compose_panel(form, "meeting", one, advice=None, nearby=None)
    other = compose_panel(kinds()["rak"], "year", one, advice=None, nearby=None)
    assert other.dots is None


def test_small_counts_leave_only_the_prescribers_own_report() -> None:
    small = Known(value=0.03, numerator=Decimal(3), denominator=Decimal(100))
    for kind, variant, said in (
        ("rak", "year", True),
        ("legevakt", "unit", False),
        ("peer-group", "member", False),
        ("county", "year", False),
    ):
        form = kinds()[kind]  # type: ignore[index]
        panel = compose_panel(
            form,
            variant,
            measure(
                "ab3",
                own=small,
                verdict=Verdict(key="unsure", tone="unsure", sentence=Words("", "")),
            ),
            advice=None,
            nearby=None,
        )
        assert ("3 av 100" in panel.unit.nb) is said


def test_shares_of_a_choice_are_at_most_the_whole() -> None:
    part = DrugShare(name=Words("A", "A"), own=Known(value=0.6), other=Known(value=0.4))
    choice = DrugChoice(
        title=Words("Valg", "Choice"), other=Words("Fylket", "County"), parts=(part, part)
    )
    with pytest.raises(ReportError, match="more than the whole"):
        make(choices=(choice,))


@pytest.mark.parametrize(("kind", "variant"), VARIANTS)
def test_every_kind_is_whole_in_both_languages(kind: Any, variant: str) -> None:
    report = invent_report(kind, variant, 2025, Random(1), EDITION)
    assert 3 <= len(report.panels) <= 5 and len(report.table.rows) == len(kinds()[kind].table)
    assert report == msgspec.json.decode(msgspec.json.encode(report), type=Report)
    assert report == invent_report(kind, variant, 2025, Random(1), EDITION)
    for panel in report.panels:
        assert panel.advice is not None and panel.good_words.nb
        for language in ("nb", "en"):
            for words in (
                panel.headline,
                panel.message,
                panel.description,
                panel.trend_description,
            ):
                said = getattr(words, language)
                assert said and "{" not in said
            assert getattr(panel.description, language).endswith(".")


def test_norwegian_reports_have_decimal_commas_and_english_points() -> None:
    report = invent_report("rak", "year", 2025, Random(5), EDITION)
    cells = [cell for row in report.table.rows for cell in row.cells if cell.value is not None]
    assert any("," in cell.shown.nb for cell in cells)
    for cell in cells:
        assert "." not in cell.shown.nb and "," not in cell.shown.en
        assert cell.shown.nb.replace(",", ".").replace("\u00a0%", "%") == cell.shown.en


def lines_of(report: Report, place: int = 0) -> str:
    """A section's lines: how the figures are made, unless another is asked for."""
    return "\n".join(line.nb for line in report.sections[place].lines)


def test_an_interval_that_reaches_nought_is_told() -> None:
    for low, told in ((0.0, True), (0.0004, True), (0.0009, False), (0.22, False)):
        [first, *_] = make(measure("ab3", own=known(0.05, low, 0.41))).panels
        assert bool(first.notes) == told, low
        assert not told or "når helt ned til 0" in first.notes[0].nb
    [none, *_] = make(measure("ab3", own=known(0.0, 0.0, 0.1))).panels
    assert not none.notes


def test_months_that_are_not_in_the_figures_are_told() -> None:
    months = (*(date(2025, month, 1) for month in (3, 4, 6)), date(2024, 12, 1))
    made = make(measure("ab3", left_out=months), measure("ab4", undelivered=months[:1]))
    said = lines_of(made)
    assert (
        "Antibiotika ved luftveisinfeksjon»: desember 2024, mars–april 2025 og juni 2025." in said
    )
    assert said.count("mars 2025.") == 1 and "ingen har levert" in said
    assert "Måneder" not in lines_of(make())


@pytest.mark.parametrize(
    ("unplaced", "exact", "says"),
    [
        (
            Unplaced(all=1200, role=31, diagnosis=4),
            True,
            ["31 av 1\u00a0200 anti", "4 av 1\u00a0200 anti"],
        ),
        (
            Unplaced(all=1200, role=31, diagnosis=4),
            False,
            ["31 anti", "Færre enn 5 anti"],
        ),
        (
            Unplaced(all=1200, role=None, diagnosis=0, unit=9),
            False,
            ["Noen anti", "9 anti"],
        ),
        (
            Unplaced(all=1200, role=0, diagnosis=0, all_contacts=4000, contacts=300),
            False,
            ["300 av 4\u00a0000 legevaktkontakter"],
        ),
        (
            Unplaced(all=1200, role=0, diagnosis=0, all_contacts=4000, contacts=3),
            False,
            ["Færre enn 5 legevaktkontakter"],
        ),
        (Unplaced(all=1200, role=0, diagnosis=0, all_contacts=4, contacts=1), False, []),
        (Unplaced(all=1200, role=0, diagnosis=0), True, []),
        (Unplaced(all=4, role=1, diagnosis=0), False, []),
        (None, True, []),
    ],
)
def test_what_could_not_be_placed_is_told_with_its_number(
    unplaced: Unplaced | None, exact: bool, says: list[str]
) -> None:
    said = [one.nb for one in say_unplaced(unplaced, exact)]
    assert len(said) == len(says)
    for line, begins in zip(said, says, strict=True):
        assert line.startswith(begins)


def test_a_doctors_report_says_what_could_not_be_placed() -> None:
    reader = Reader(unit="1", name="x", unplaced=Unplaced(all=90, role=2, diagnosis=0))
    keys = kinds()["rak"].table
    days = {"since": date(2025, 1, 1), "until": date(2025, 12, 31), "as_of": date(2026, 1, 20)}
    report = compose("rak", "year", reader, [measure(key) for key in keys], advice={}, **days)
    assert "2 av 90 antibiotikaresepter kunne ikke plasseres" in lines_of(report)


def test_a_group_s_report_speaks_of_dots_where_there_are_some() -> None:
    keys = kinds()["peer-group"].table
    days = {"since": date(2025, 1, 1), "until": date(2025, 12, 31), "as_of": date(2026, 1, 20)}
    made = [measure(key) for key in keys]
    report = compose("peer-group", "meeting", Reader(unit="A", name="A"), made, advice={}, **days)
    every = [lines_of(report, place) for place in (0, 2)]
    assert "rikk" not in "".join(every) and "rikk" not in report.lead.nb
    shown = redraw_dots(report, {"ab3": [1.0, 2, 3, 4, 5]})
    assert "Prikkene er de i gruppen" in lines_of(shown)
    assert "Hvem som er hvilken prikk" in lines_of(shown, 2)
    assert redraw_dots(shown, {"ab3": [1.0, 2, 3, 4, 5]}) == shown
    assert redraw_dots(shown, {}) == report
