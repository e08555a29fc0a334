"""The classifier for any evidence: agrees with a plain reference, and is a function of the set of it."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.invented import invented
from cases.reference import reference
from varde.cases import (
    Case,
    Disease,
    Evidence,
    LaboratoryFinding,
    Linked,
    NotFound,
    Notified,
    Undecided,
    Vaccinated,
    classify,
    diseases,
    explain,
)

FIRST = date(2019, 12, 20)
AS_OF = date(2020, 6, 1)
WOOL = invented()
EXAMPLES = int(os.environ.get("VARDE_EXAMPLES", "400"))

days = st.one_of(
    st.integers(0, 130),
    st.sampled_from([15, 16, 18, 20, 24, 30, 60]),  # so that pieces often lie close together
).map(lambda number: FIRST + timedelta(number))
known = st.sampled_from(["met", "unmet", "unknown", "unknown"])
places = st.sampled_from(["", "", "NO", "0301", "SE", "abroad"])


def evidence_of(disease: Disease) -> st.SearchStrategy[Evidence]:
    keys = st.integers(0, 9)
    criteria = [c for row in disease.definition for c in row.laboratory]
    agents = sorted({*disease.organisms, *(o for c in criteria for o in c.organisms)})
    materials = sorted({m for c in criteria for m in c.materials})[:2]
    findings = st.builds(
        LaboratoryFinding,
        key=keys.map("f{}".format),
        day=days,
        organism=st.sampled_from([*agents * 3, "escherichia-coli"]),
        method=st.sampled_from(sorted({m for c in criteria for m in c.methods} | {"unknown"})),
        material=st.sampled_from(["", "other", "urine", *materials * 3]),
        resistant=st.sampled_from([frozenset(), frozenset({"FOX"}), frozenset({"PEN", "OXA"})]),
        susceptible=st.sampled_from([frozenset(), frozenset({"FOX"}), frozenset({"VAN"})]),
        notifiable=st.sampled_from(["", "MSIS-M", "MSIS-M", "MSIS-UM", "MSIS-AV"]),
        infected_in=places,
        age=st.sampled_from([None, 40, 70]),
    )
    forms = st.builds(
        Notified,
        key=keys.map("n{}".format),
        day=days,
        disease=st.sampled_from([disease.key, disease.key, "measles"]),
        onset=st.none() | days,
        clinical=known,
        linked=known,
        infected_in=places,
        home_coming=st.none() | days,
        vaccinated=st.none() | days,
    )
    doses = st.builds(
        Vaccinated,
        key=keys.map("v{}".format),
        day=days,
        diseases=st.sampled_from([*map(frozenset, [["measles", "mumps"], ["rabies"]])]),
        live=st.sampled_from([None, False, True]),
    )
    links = st.builds(
        Linked,
        key=keys.map("l{}".format),
        day=days,
        disease=st.sampled_from([disease.key, "measles"]),
        kind=st.sampled_from(["human", "animal", "food"]),
        source_day=st.none() | days,
        source_onset=st.none() | days,
    )
    denials = [one for row in disease.definition for one in row.negative]
    absent = st.builds(
        NotFound,
        key=keys.map("a{}".format),
        day=days,
        organism=st.sampled_from([*agents * 3, "escherichia-coli"]),
        method=st.sampled_from(sorted({m for one in denials for m in one.methods} | {"unknown"})),
        material=st.sampled_from(["", "other", "urine", *materials * 3]),
    )
    unclear = st.builds(
        Undecided,
        key=keys.map("u{}".format),
        day=days,
        organism=st.sampled_from([*agents * 3, "escherichia-coli"]),
        method=st.sampled_from(["antibody-igm", "culture", "unknown"]),
        material=st.sampled_from(["", "urine", *materials]),
    )
    return findings | findings | forms | forms | doses | links | absent | unclear


def lists_of(disease: Disease) -> st.SearchStrategy[list[Evidence]]:
    return st.lists(evidence_of(disease), max_size=12, unique_by=_origin)


def _origin(one: Evidence) -> object:
    """Two findings, or two forms, are never from one place; what else a specimen or a report says may share its key."""
    return one.key if isinstance(one, LaboratoryFinding | Notified) else one


def plain(case: Case) -> dict[str, Any]:
    """A case as the reference writes it."""
    fields = {name: getattr(case, name) for name in case.__struct_fields__}
    reasons = fields.pop("reasons")
    states = {one.criterion: (one.state, set(one.evidence)) for one in reasons}
    aside = {(one.evidence, one.why, one.because) for one in case.set_aside}
    return fields | {"states": states, "evidence": set(case.evidence), "set_aside": aside}


@given(lists_of(WOOL))
@settings(max_examples=60, deadline=None)
def test_agrees_with_the_reference_where_everything_is_used(evidence: list[Evidence]) -> None:
    assert [plain(case) for case in classify(WOOL, evidence, AS_OF)] == reference(
        WOOL, evidence, AS_OF
    )


def dense(disease: Disease, chance: random.Random) -> list[Evidence]:
    """Evidence that lies close together and mostly fits: rules are met, and met in several ways."""
    criteria = [c for row in disease.definition for c in row.laboratory]
    start = FIRST + timedelta(chance.randrange(75))

    def day() -> date:
        return start + timedelta(chance.randrange(60))

    def finding(key: str) -> Evidence:
        like = chance.choice(criteria)
        return LaboratoryFinding(
            key=key,
            day=day(),
            organism=chance.choice(sorted(like.organisms)),
            method=chance.choice([*sorted(like.methods), "unknown"]),
            material=chance.choice(["", *sorted(like.materials)]),
            resistant=frozenset(chance.sample(sorted(like.resistant_to), 1))
            if like.resistant_to
            else frozenset(),
            notifiable=chance.choice(["", "MSIS-M", "MSIS-M", "MSIS-UM", "MSIS-AV"]),
            infected_in=chance.choice(["", "", "", "NO", "SE"]),
            age=chance.choice([None, 0, 40, 70]),
        )

    def form(key: str) -> Evidence:
        return Notified(
            key=key,
            day=day(),
            disease=disease.key,
            onset=chance.choice([None, day()]),
            clinical=chance.choice(["met", "presumed", "unmet", "unknown"]),
            linked=chance.choice(["met", "unmet", "unknown", "unknown"]),
            infected_in=chance.choice(["", "", "", "0301", "SE"]),
            home_coming=chance.choice([None, day()]),
            vaccinated=chance.choice([None, None, day()]),
        )

    def dose(key: str) -> Evidence:
        live = chance.choice([None, False, True])
        return Vaccinated(key=key, day=day(), diseases=disease.vaccine, live=live)

    def link(key: str) -> Evidence:
        kind = chance.choice(["human", "animal", "food"])
        return Linked(
            key=key,
            day=day(),
            disease=disease.key,
            kind=kind,
            source_day=chance.choice([None, day()]),
            source_onset=chance.choice([None, day()]),
        )

    denials = [one for row in disease.definition for one in row.negative]

    def absent(key: str) -> Evidence:
        like = chance.choice(denials)
        return NotFound(
            key=key,
            day=day(),
            organism=chance.choice(sorted(like.organisms)),
            method=chance.choice([*sorted(like.methods) * 3, "unknown"]),
            material=chance.choice(["", *sorted(like.materials) * 2]),
        )

    def unclear(key: str) -> Evidence:
        like = chance.choice(criteria)
        return Undecided(
            key=key,
            day=day(),
            organism=chance.choice(sorted(like.organisms)),
            method=chance.choice([*sorted(like.methods), "unknown"]),
            material=chance.choice(["", *sorted(like.materials)]),
        )

    # Where something may be discarded every other person has no finding.
    quiet = bool(denials) and chance.random() < 0.5
    findings = 6 if criteria and not quiet else 0
    weights = [findings, 2, 1, 1, 6 if denials else 0, 1 if denials and criteria else 0]
    makers = chance.choices(
        [finding, form, dose, link, absent, unclear], weights, k=chance.randrange(1, 10)
    )
    return [make(f"{make.__name__}{number}") for number, make in enumerate(makers)]


def test_agrees_with_the_reference_on_what_speaks_against_a_disease() -> None:
    """Forms, what was not found and what is undecided, and often nothing else."""
    seen: set[str] = set()
    deniable = [one for one in diseases().values() if any(row.negative for row in one.definition)]
    for disease in (WOOL, *deniable):
        for seed in range(60):
            chance = random.Random(seed)
            evidence = [
                one
                for number in range(4)
                for one in dense(disease, random.Random(f"{seed}-{number}"))
                if isinstance(one, Notified | NotFound | Undecided)
                or (chance.random() < 0.03 and isinstance(one, LaboratoryFinding))
            ][: chance.randrange(3, 12)]
            cases = classify(disease, evidence, AS_OF)
            assert [plain(one) for one in cases] == reference(disease, evidence, AS_OF), evidence
            for case in cases:
                seen.add(case.classification)
                seen.update(one.criterion for one in case.reasons)
    assert seen >= {"discarded", "suspected", "undecided"}


def test_agrees_with_the_reference_on_dense_evidence_of_all_kinds() -> None:
    """Also that the comparison is worth something: every kind of answer comes up in it."""
    seen: set[str] = set()
    for disease in (WOOL, *diseases().values()):
        for seed in range(EXAMPLES if disease is WOOL else 25):
            evidence = dense(disease, random.Random(seed))
            cases = classify(disease, evidence, AS_OF)
            assert [plain(one) for one in cases] == reference(disease, evidence, AS_OF), evidence
            for case in cases:
                seen.update({case.classification, case.presentation, f"imported {case.imported}"})
                seen.update(reason.state for reason in case.reasons)
                seen.update(one.why for one in case.set_aside)
                seen.update({f"form {case.form_missing}", f"number {case.number}"})
    assert seen >= {
        *(
            "confirmed",
            "probable",
            "suspected",
            "discarded",
            "deep",
            "silent",
            "presumed",
            "unknown",
        ),
        *("imported yes", "imported no", "imported unknown", "form True", "form False"),
        *("msis-av", "recently-vaccinated", "number 2"),
    }


@given(lists_of(WOOL).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found * 2))))
@settings(max_examples=30, deadline=None)
def test_order_and_duplicates_do_not_matter(both: tuple[list[Evidence], list[Evidence]]) -> None:
    once, shuffled = both
    assert explain(WOOL, once, AS_OF) == explain(WOOL, shuffled, AS_OF)


@given(lists_of(WOOL), days)
@settings(max_examples=25, deadline=None)
def test_later_evidence_is_not_known_yet(evidence: list[Evidence], as_of: date) -> None:
    so_far = [one for one in evidence if one.day <= as_of]
    assert classify(WOOL, evidence, as_of) == classify(WOOL, so_far, AS_OF)


@given(lists_of(WOOL))
@settings(max_examples=30, deadline=None)
def test_all_that_bears_on_the_disease_is_explained(evidence: list[Evidence]) -> None:
    found = explain(WOOL, evidence, AS_OF)
    assert found.cases == classify(WOOL, evidence, AS_OF)
    told = {key for one in (*found.cases, *found.attempts) for key in one.evidence}
    bears = {one.key for one in evidence if _bears(one)}
    assert bears <= told
    for attempt in found.attempts:
        assert all(one.lacks for one in attempt.missing) or attempt.definition is None


def _bears(one: Evidence) -> bool:
    if isinstance(one, LaboratoryFinding):
        return one.organism in {"coxiella-burnetii", "bartonella"}
    return isinstance(one, Notified) and one.disease == WOOL.key


@pytest.fixture
def many() -> list[Evidence]:
    """A year of one person's findings that never come to a confirmed case, many a day."""
    return [
        LaboratoryFinding(
            key=f"{day}-{number}",
            day=FIRST + timedelta(day),
            organism="coxiella-burnetii",
            method="antibody",
            notifiable="MSIS-M",
        )
        for day in range(365)
        for number in range(10)
    ]


def test_work_grows_with_the_evidence_and_not_with_its_square(
    many: list[Evidence], count_calls: Callable[[], int]
) -> None:
    classify(WOOL, many, date(2021, 6, 1))
    assert count_calls() <= 60 * len(many)
