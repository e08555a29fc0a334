"""The classifier's rules one by one, on the invented disease: days, episodes, forms, imports, presumption."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases.invented import INVENTED, invented
from varde.cases import Case, LaboratoryFinding, Linked, Notified, classify, diseases, explain

AS_OF = date(2021, 1, 1)
WOOL = invented()
DAY = date(2020, 1, 20)


def finding(day: date, key: str = "f", **said: object) -> LaboratoryFinding:
    fields = {"organism": "coxiella-burnetii", "method": "culture", "material": "blood"} | said
    return LaboratoryFinding(key=key, day=day, **fields)


def form(day: date, key: str = "n", **said: object) -> Notified:
    return Notified(key=key, day=day, disease="wool-fever", **said)


def only(*evidence: object) -> Case:
    [case] = classify(WOOL, evidence, AS_OF)
    return case


def states(case: Case) -> dict[str, str]:
    return {reason.criterion: reason.state for reason in case.reasons}


@pytest.mark.parametrize(
    ("day", "definition", "classification"),
    [
        (date(2019, 12, 31), None, None),
        (date(2020, 1, 1), date(2020, 1, 1), "confirmed"),
        (date(2020, 2, 29), date(2020, 1, 1), "confirmed"),
        (date(2020, 3, 1), date(2020, 3, 1), "probable"),
    ],
)
def test_the_definition_of_the_first_day_counts(
    day: date, definition: date | None, classification: str | None
) -> None:
    found = explain(WOOL, [finding(day)], AS_OF)
    assert [(case.definition, case.classification) for case in found.cases] == (
        [(definition, classification)] if definition else []
    )
    assert [attempt.definition for attempt in found.attempts] == ([] if definition else [None])


def test_a_case_keeps_its_definition_when_the_next_one_begins() -> None:
    case = only(finding(date(2020, 2, 20)), finding(date(2020, 3, 2), key="g"))
    assert (case.definition, case.evidence) == (date(2020, 1, 1), ("f", "g"))


def test_an_episode_ends_and_the_next_begins() -> None:
    start = date(2020, 1, 2)
    within = finding(start + timedelta(39), key="within")
    after = finding(start + timedelta(40), key="after")
    cases = classify(WOOL, [finding(start), within, after], AS_OF)
    assert [(case.number, case.first_day, case.evidence) for case in cases] == [
        (1, start, ("f", "within")),
        (2, start + timedelta(40), ("after",)),
    ]


def test_a_lifetime_has_one_case() -> None:
    later = [finding(date(2020, 3, 1) + timedelta(80 * n), key=str(n)) for n in range(3)]
    assert len(only(*later).evidence) == 3


def test_evidence_too_far_apart_is_not_put_together() -> None:
    twice = {"method": "antigen", "resistant": frozenset({"OXA"}), "material": "urine"}
    near = [finding(DAY, **twice), finding(DAY + timedelta(10), key="g", **twice)]
    far = [finding(DAY, **twice), finding(DAY + timedelta(11), key="g", **twice)]
    assert only(*near).rule == ("clinical", "laboratory")
    assert classify(WOOL, far, AS_OF) == ()


def test_a_later_window_makes_the_case_stronger_and_it_keeps_its_first_day() -> None:
    weak = form(DAY, clinical="met", linked="met")
    strong = finding(DAY + timedelta(30))
    case = only(weak, strong)
    assert (case.classification, case.first_day) == ("confirmed", DAY)
    assert case.evidence == ("f", "n")
    assert states(case)["notified"] == "unmet"  # in the window that confirmed it
    assert not case.form_missing


def test_what_meets_nothing_does_not_begin_a_case() -> None:
    other = finding(DAY, key="igg", method="antibody-igg")
    case = only(other, finding(DAY + timedelta(5)))
    assert (case.first_day, case.evidence) == (DAY + timedelta(5), ("f",))
    [attempt] = explain(WOOL, [other, finding(DAY + timedelta(5))], AS_OF).attempts
    assert attempt.evidence == ("igg",)


def test_a_link_may_be_older_than_the_illness_but_not_too_old() -> None:
    for days, expected in ((10, 1), (11, 0)):
        link = Linked(key="l", day=DAY - timedelta(days), disease="wool-fever", kind="animal")
        assert len(classify(WOOL, [form(DAY, clinical="met"), link], AS_OF)) == expected


def test_a_link_of_another_kind_is_none() -> None:
    link = Linked(key="l", day=DAY, disease="wool-fever", kind="food")
    assert classify(WOOL, [form(DAY, clinical="met"), link], AS_OF) == ()


def test_presumption_needs_a_finding_and_ends_where_somebody_says_otherwise() -> None:
    assert states(only(finding(DAY)))["clinical"] == "presumed"
    assert only(finding(DAY), form(DAY)).rule == ("clinical", "laboratory")
    denied = only(finding(DAY), form(DAY, clinical="unmet"))
    assert states(denied)["clinical"] == "unmet"
    assert (denied.classification, denied.rule) == ("probable", ("laboratory-probable",))
    assert denied.presentation == "silent"
    assert states(only(form(DAY, linked="met")))["clinical"] == "unknown"


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ([""], True),
        (["MSIS-M"], True),
        (["MSIS-UM"], False),
        (["MSIS-UM", ""], False),
        (["MSIS-UM", "MSIS-M"], True),
    ],
)
def test_a_form_is_missing_unless_the_laboratory_waives_it(said: list[str], missing: bool) -> None:
    found = [finding(DAY, key=str(n), notifiable=word) for n, word in enumerate(said)]
    assert only(*found).form_missing is missing
    assert only(*found, form(DAY + timedelta(35))).form_missing is False


def test_the_duty_of_the_first_day_counts() -> None:
    assert only(finding(date(2020, 1, 9))).form_missing is False
    assert only(finding(date(2020, 1, 10))).form_missing is True
    hiv = diseases()["hiv"]
    assert [hiv.duty_on(date(y, m, 1)).group for y, m in ((2018, 1), (2019, 2), (2019, 3))] == [
        *("B", "B", "A")
    ]
    assert hiv.duty_on(date(2003, 6, 30)) is None
    assert hiv.geography_on(date(2026, 1, 1)).minimum == "county"


def test_what_the_laboratory_withdraws_is_no_evidence() -> None:
    withdrawn = finding(DAY, key="w", notifiable="MSIS-AV")
    case = only(withdrawn, finding(DAY))
    assert case.evidence == ("f",)
    assert [(one.evidence, one.why) for one in case.set_aside] == [("w", "msis-av")]
    [attempt] = explain(WOOL, [withdrawn], AS_OF).attempts
    assert attempt.evidence == ("w",)


@pytest.mark.parametrize(("days", "counts"), [(-1, True), (0, False), (5, False), (6, True)])
def test_a_recent_dose_sets_a_finding_aside(days: int, counts: bool) -> None:
    told = form(DAY, vaccinated=DAY - timedelta(days), linked="met")
    case = only(finding(DAY), told)
    assert (states(case)["grown"] == "met") is counts
    assert [(one.evidence, one.because) for one in case.set_aside] == (
        [] if counts else [("f", ("n",))]
    )


@pytest.mark.parametrize(
    ("forms", "found", "imported"),
    [
        ([{"infected_in": "TH"}], "NO", "yes"),
        ([{"infected_in": "SJ"}], "TH", "no"),
        ([{"infected_in": "0301"}], "", "no"),
        ([{"infected_in": "TH"}, {"infected_in": "NO"}], "TH", "unknown"),
        ([{}], "abroad", "yes"),
        ([{}], "5001", "no"),
        ([{}], "", "unknown"),
        ([{"home_coming": DAY - timedelta(14)}], "", "yes"),
        ([{"home_coming": DAY - timedelta(15)}], "", "unknown"),
        ([{"home_coming": DAY - timedelta(15), "onset": DAY - timedelta(3)}], "", "yes"),
        ([{"home_coming": DAY + timedelta(2)}], "", "yes"),
        ([{"home_coming": DAY - timedelta(3), "infected_in": "NO"}], "", "no"),
    ],
)
def test_where_the_infection_is_from(
    forms: list[dict[str, object]], found: str, imported: str
) -> None:
    told = [form(DAY, key=str(n), **said) for n, said in enumerate(forms)]
    assert only(finding(DAY, infected_in=found), *told).imported == imported


def test_what_was_not_said_leaves_a_criterion_unknown() -> None:
    for unsaid in ({"material": ""}, {"material": "other"}):
        [attempt] = explain(WOOL, [finding(DAY, **unsaid)], AS_OF).attempts
        assert attempt.reasons[0].state == "unknown"
        assert attempt.reasons[0].evidence == ("f",)
    [attempt] = explain(WOOL, [finding(DAY, material="urine")], AS_OF).attempts
    assert attempt.reasons[0].state == "unmet"


def test_the_first_presentation_of_any_window_is_shown() -> None:
    silent = form(DAY, clinical="unmet")
    found = [finding(DAY), silent]
    assert only(*found).presentation == "silent"
    assert only(*found, finding(DAY + timedelta(25), key="g")).presentation == "deep"


def test_days_at_the_ends_of_the_calendar_are_days() -> None:
    text = INVENTED.replace("valid_from = 2020-01-01", "valid_from = 0001-01-01")
    for day in (date.min, date.max):
        assert classify(invented(text), [finding(day)], date.max)


@pytest.mark.parametrize(
    ("days", "classes"), [(39, ["confirmed"]), (40, ["probable", "confirmed"])]
)
def test_the_last_day_of_an_episode_belongs_to_it(days: int, classes: list[str]) -> None:
    start = date(2020, 1, 2)
    found = [form(start, clinical="met", linked="met"), finding(start + timedelta(days))]
    assert [case.classification for case in classify(WOOL, found, AS_OF)] == classes


def test_a_day_of_onset_alone_presumes_the_picture_and_points_to_the_form() -> None:
    ill = form(DAY, clinical="presumed")
    case = only(finding(DAY), ill)
    [reason] = [one for one in case.reasons if one.criterion == "clinical"]
    assert (reason.state, reason.evidence) == ("presumed", (ill.key,))
    for said in ("unmet", "met"):
        other = form(DAY, key="other", clinical=said)
        assert states(only(finding(DAY), ill, other))["clinical"] == said
