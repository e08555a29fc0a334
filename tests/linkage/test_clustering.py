"""Persons out of many descriptions: decisions hold, nothing is joined by surprise, no order counts."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.people import dnr, fnr, kari
from varde.linkage import (
    NO_CHANGES,
    Changes,
    Description,
    Ruling,
    RulingError,
    blocking_keys,
    candidate_pairs,
    clusters,
    prepare,
    shipped_weights,
    weigh,
)
from varde.synthetic import Identities

MADE = Identities(90, 3)
TOLD = {each.key: each.description for each in MADE.told}
CHANGES = Changes(MADE.changes)


def persons(found: object) -> set[tuple[str, ...]]:
    return set(found.persons)  # type: ignore[attr-defined]


def test_everybody_is_in_one_person_and_one_only() -> None:
    found = clusters(TOLD, changes=CHANGES)
    assert sorted(key for keys in found.persons for key in keys) == sorted(TOLD)


def test_without_contradiction_persons_are_what_evidence_connects() -> None:
    """The plain way: every pair is compared, and what is the same is followed from one to the next."""
    weights = shipped_weights()
    prepared = {key: prepare(description, CHANGES) for key, description in TOLD.items()}
    decided = {
        (one, other): weigh(prepared[one], prepared[other], weights).outcome
        for one, other in combinations(sorted(TOLD), 2)
    }
    found = clusters(TOLD, changes=CHANGES)
    group = {key: {key} for key in TOLD}
    for (one, other), outcome in decided.items():
        if outcome == "same":
            joined = group[one] | group[other]
            for key in joined:
                group[key] = joined
    peaceful = {
        tuple(sorted(keys))
        for keys in map(frozenset, group.values())
        if not any(decided[pair] == "different" for pair in combinations(sorted(keys), 2))
    }
    assert len(peaceful) > 70
    assert peaceful <= persons(found)


def test_no_order_counts() -> None:
    items = list(TOLD.items())
    rulings = [Ruling(items[0][0], items[1][0], True), Ruling(items[2][0], items[3][0], False)]
    first = clusters(TOLD, rulings, changes=CHANGES)
    for seed in range(3):
        random.Random(seed).shuffle(items)
        assert clusters(dict(items), rulings[::-1], changes=CHANGES) == first


def test_two_that_could_each_be_a_third_are_not_joined_through_it() -> None:
    """A is B, B is C, and A is not C: B goes with neither, and a person is asked about both."""
    found = clusters({"a": kari(numbers=(fnr(0),)), "b": kari(), "c": kari(numbers=(fnr(1),))})
    assert persons(found) == {("a",), ("b",), ("c",)}
    assert [(q.one, q.other, q.cause) for q in found.questions] == [
        ("a", "b", "conflict"),
        ("b", "c", "conflict"),
    ]


def test_evidence_that_is_better_by_far_wins_and_the_weaker_gives_way() -> None:
    far = {"municipality": "5001", "postal_code": "7010", "phone": ""}
    found = clusters(
        {"a": kari(numbers=(fnr(0),)), "b": kari(), "c": kari(numbers=(fnr(1),), **far)}
    )
    assert persons(found) == {("a", "b"), ("c",)}
    assert found.questions == ()  # that a and b are not c is known by the numbers


def test_a_third_description_does_not_join_two_by_its_being_vague() -> None:
    found = clusters(
        {
            "a": kari(given="Kari", phone=""),
            "b": kari(given="Kari Mona", phone=""),
            "c": kari(given="Mona", phone=""),
        }
    )
    assert ("a", "b", "c") not in persons(found)
    assert found.questions


def test_decisions_of_people_hold_against_evidence() -> None:
    same = {"a": kari(numbers=(fnr(0),)), "b": kari(numbers=(fnr(0),))}
    assert persons(clusters(same)) == {("a", "b")}
    apart = clusters(same, [Ruling("b", "a", False)])
    assert persons(apart) == {("a",), ("b",)}
    assert apart.questions == ()
    two = {"a": kari(numbers=(fnr(0),)), "b": kari(numbers=(fnr(1),))}
    assert persons(clusters(two)) == {("a",), ("b",)}
    assert persons(clusters(two, [Ruling("a", "b", True)])) == {("a", "b")}


def test_a_decision_about_one_wrong_number_takes_only_that_one_out() -> None:
    told = {f"d{at}": kari(numbers=(fnr(0),)) for at in range(4)}
    told["w"] = Description(numbers=(fnr(0),), family="Nordvik")
    found = clusters(told, [Ruling("d0", "w", False)])
    assert persons(found) == {("d0", "d1", "d2", "d3"), ("w",)}


def test_decisions_that_contradict_each_other_are_asked_about_again() -> None:
    told = {key: Description(family=f"N{key}", given="X", born=None) for key in "abc"}
    rulings = [Ruling("a", "b", True), Ruling("b", "c", True), Ruling("a", "c", False)]
    found = clusters(told, rulings)
    assert persons(found) == {("a",), ("b",), ("c",)}
    assert {(q.one, q.other, q.cause) for q in found.questions} == {
        ("a", "b", "rulings"),
        ("b", "c", "rulings"),
    }


def test_taking_a_decision_back_restores_what_was() -> None:
    before = clusters(TOLD, changes=CHANGES)
    assert before.questions
    question = before.questions[0]
    for same in (True, False):
        after = clusters(TOLD, [Ruling(question.one, question.other, same)], changes=CHANGES)
        pairs = {(q.one, q.other) for q in after.questions}
        assert (question.one, question.other) not in pairs
    assert clusters(TOLD, changes=CHANGES) == before


@pytest.mark.parametrize("ruling", [Ruling("a", "a", True), Ruling("a", "z", False)])
def test_a_decision_about_nobody_is_refused(ruling: Ruling) -> None:
    with pytest.raises(RulingError):
        clusters({"a": kari()}, [ruling])


def test_the_same_words_twice_are_no_person_where_they_are_not_enough() -> None:
    vague = Description(family="Hansen", given="Jan", sex="M")
    found = clusters({"a": vague, "b": vague, "c": vague})
    assert persons(found) == {("a",), ("b",), ("c",)}
    empty = clusters({"a": Description(), "b": Description()})
    assert (len(empty.persons), empty.questions) == (2, ())


def test_nothing_at_all_gives_nothing() -> None:
    assert clusters({}).persons == ()


ALTOGETHER = {
    "a": kari(numbers=(fnr(0),)),
    "b": kari(numbers=(fnr(0),), family="Berg"),
    "c": kari(),
    "d": kari(given="Mona"),
    "e": kari(numbers=(fnr(1),), given="Mona"),
    "f": kari(numbers=(dnr(0),), phone=""),
    "g": kari(given="Jente"),
    "h": kari(family="Kari", given="Nordvik", postal_code=""),
}
pair = st.lists(st.sampled_from(sorted(ALTOGETHER)), min_size=2, max_size=2, unique=True)
rulings_of_any = st.lists(
    st.builds(lambda keys, same: Ruling(min(keys), max(keys), same), pair, st.booleans()),
    max_size=5,
    unique_by=lambda ruling: (ruling.one, ruling.other),
)


@settings(deadline=None, max_examples=200)
@given(rulings_of_any, st.permutations(sorted(ALTOGETHER)))
def test_whatever_is_decided_no_decision_is_broken(rulings: list[Ruling], order: list[str]) -> None:
    found = clusters({key: ALTOGETHER[key] for key in order}, rulings)
    assert found == clusters(ALTOGETHER, rulings)
    person_of = {key: keys for keys in found.persons for key in keys}
    asked = {(q.one, q.other) for q in found.questions if q.cause == "rulings"}
    for ruling in rulings:
        together = person_of[ruling.one] == person_of[ruling.other]
        if not ruling.same:
            assert not together
        elif not asked:
            assert together
    ruled_same = {key for r in rulings if r.same for key in (r.one, r.other)}
    for keys in found.persons:
        if not ruled_same & set(keys):
            assert not {"a", "e"} <= set(keys) and not {"b", "e"} <= set(keys)


def test_pairs_are_those_that_share_a_key() -> None:
    prepared = [prepare(description, NO_CHANGES) for description in TOLD.values()]
    keys = [blocking_keys(each) for each in prepared]
    plain = {(a, b) for a, b in combinations(range(len(keys)), 2) if keys[a] & keys[b]}
    found, skipped = candidate_pairs(prepared)
    assert {tuple(each) for each in found.tolist()} == plain
    assert skipped == 0
    few, left_out = candidate_pairs(prepared, largest=2)
    assert left_out > 0 and len(few) < len(plain)
