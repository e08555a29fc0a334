"""What a changed definition does to cases, and why."""

from __future__ import annotations

from datetime import date, timedelta

from cases.invented import INVENTED, invented
from varde.cases import (
    CriterionChange,
    Evidence,
    FieldChange,
    LaboratoryFinding,
    NotFound,
    Notified,
    classify,
    differences,
    explain,
)

AS_OF = date(2021, 1, 1)
DAY = date(2020, 1, 20)
WOOL = invented()


def changed(old: str, new: str) -> str:
    assert old in INVENTED
    return INVENTED.replace(old, new, 1)


def grown(day: date, key: str = "f") -> LaboratoryFinding:
    return LaboratoryFinding(
        key=key, day=day, organism="coxiella-burnetii", method="culture", material="blood"
    )


def told(evidence: list[Evidence], text: str) -> tuple:
    now = invented(text)
    return differences(classify(WOOL, evidence, AS_OF), explain(now, evidence, AS_OF), now)


def test_the_same_definition_changes_nothing() -> None:
    evidence = [grown(DAY), grown(DAY + timedelta(60), key="g")]
    assert told(evidence, INVENTED) == ()


def test_a_weaker_class_is_told_with_the_criterion_that_made_it() -> None:
    [one] = told([grown(DAY)], changed('presume = ["clinical"]', ""))
    assert one.kind == "changed"
    assert one.changes == (
        FieldChange(field="classification", before="confirmed", after="probable"),
        FieldChange(field="presentation", before="deep", after=""),
    )
    assert one.rules == (("clinical", "laboratory"), ("laboratory-probable",))
    assert one.because == (
        CriterionChange(criterion="clinical", before="presumed", after="unknown"),
    )


def test_a_case_that_is_gone_says_what_failed() -> None:
    text = changed('methods = ["culture", "unknown"]', 'methods = ["nucleic-acid"]')
    [one] = told([grown(DAY)], text)
    assert (one.kind, one.after, one.rules) == ("removed", None, (("clinical", "laboratory"), ()))
    assert CriterionChange(criterion="grown", before="met", after="unmet") in one.because


def test_a_case_that_is_gone_says_what_the_new_rules_lack() -> None:
    [one] = told(
        [grown(DAY)],
        changed('presume = ["clinical"]', "").replace(
            '["laboratory-probable"]]', '["clinical", "laboratory-probable"]]'
        ),
    )
    assert one.kind == "removed"
    [first, *_] = one.lacks
    assert (first.classification, first.rule, first.lacks) == (
        "confirmed",
        ("clinical", "laboratory"),
        ("clinical",),
    )


def test_what_is_met_as_before_is_not_said_to_have_failed_where_another_window_counts() -> None:
    form = Notified(key="n", day=DAY + timedelta(20), disease="wool-fever", clinical="unmet")
    evidence: list[Evidence] = [grown(DAY), form]
    text = changed('presume = ["clinical"]', "").replace(
        '["laboratory-probable"]]', '["clinical", "laboratory-probable"]]'
    )
    [one] = told(evidence, text)
    assert (one.kind, one.after.classification) == ("changed", "suspected")
    assert all(change.criterion != "grown" for change in one.because)
    assert {lack.classification for lack in one.lacks} == {"confirmed", "probable"}


def test_a_case_that_is_new_says_its_rule() -> None:
    form = Notified(key="n", day=DAY, disease="wool-fever", clinical="met")
    text = changed("suspected = [", 'suspected = [["clinical"], ')
    [one] = told([form], text)
    assert (one.kind, one.before, one.rules) == ("added", None, ((), ("clinical",)))
    assert CriterionChange(criterion="clinical", before=None, after="met") in one.because


def test_a_longer_episode_joins_two_cases() -> None:
    evidence = [grown(DAY - timedelta(15)), grown(DAY + timedelta(30), key="g")]
    kept, gone = told(evidence, changed("episode_days = 40", "episode_days = 90"))
    assert (kept.kind, gone.kind) == ("changed", "removed")
    assert [change.field for change in kept.changes] == ["evidence"]
    assert gone.before.number == 2


def test_cases_of_several_diseases_are_not_mixed() -> None:
    before = classify(WOOL, [grown(DAY)], AS_OF)
    after = explain(WOOL, [grown(DAY)], AS_OF)
    other = [case.__class__(**{**_fields(case), "disease": "other"}) for case in before]
    assert [one.kind for one in differences(other, after)] == ["removed", "added"]


def _fields(case: object) -> dict[str, object]:
    return {name: getattr(case, name) for name in case.__struct_fields__}


def test_a_case_that_a_new_rule_discards_is_told_with_what_was_not_found() -> None:
    evidence: list[Evidence] = [
        Notified(key="n", day=DAY, disease="wool-fever", clinical="unmet"),
        NotFound(
            key="a", day=DAY, organism="coxiella-burnetii", method="culture", material="blood"
        ),
    ]
    [before] = classify(WOOL, evidence, AS_OF)
    assert (before.classification, before.evidence) == ("discarded", ("n",))
    rule = '["not-grown", "no-clinical"], '
    [one] = told(evidence, changed(rule, "").replace(_not_grown(), ""))
    assert one.changes[0] == FieldChange(
        field="classification", before="discarded", after="suspected"
    )
    assert one.rules == (("not-grown", "no-clinical"), ("notified", "no-clinical"))
    assert CriterionChange(criterion="not-grown", before="met", after=None) in one.because


def _not_grown() -> str:
    """The negative criterion, as the text of the invented disease has it."""
    start = INVENTED.index('[[definition.negative]]\nid = "not-grown"')
    return INVENTED[start : INVENTED.index("[[definition.negative]]", start + 1)]
