"""Invented people and their descriptions: the same for the same seed, and nobody real."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import numpy as np

from varde.linkage import Clusters, Question, prepare, read_names
from varde.messages import identify
from varde.synthetic import Identities, score_clusters
from varde.synthetic.identity_names import settings
from varde.synthetic.persons import Population, number_of

MADE = Identities(800, 5)


def test_the_same_seed_gives_the_same_people_and_another_gives_others() -> None:
    again, other = Identities(800, 5), Identities(800, 6)
    assert again.told == MADE.told and again.changes == MADE.changes
    assert {each.description for each in other.told}.isdisjoint(
        {each.description for each in MADE.told if each.description.numbers}
    )


def test_every_group_is_there() -> None:
    groups = {each.group for each in MADE.told}
    assert groups == set(settings()["groups"])
    assert len({each.key for each in MADE.told}) == len(MADE.told)


def test_nobody_is_real() -> None:
    for each in MADE.told:
        phone = each.description.phone
        abroad = phone.startswith("+") and not phone.startswith("+47")
        digits = phone.partition(" ")[2] if phone.startswith("+") else phone
        assert digits[:1] in ("1", ""), "no subscriber's number begins with 1"
        assert not abroad or each.group == "tourist"
        for number in each.description.numbers:
            if number.kind in ("FNR", "DNR"):
                assert 81 <= int(number.value[2:4]) <= 92


def test_numbers_are_those_of_the_population_and_belong_to_one_person() -> None:
    population = Population(5)
    index = np.arange(0, len(population), 400_009)
    found, serial = population.people(index), population._place(index)[2]
    for at in range(len(index)):
        born = date.fromordinal(int(found.born[at]) + date(1970, 1, 1).toordinal())
        kind = found.kind[at] == "DNR"
        made = number_of(born, bool(found.female[at]), int(serial[at]), temporary=bool(kind))
        assert int(made) == int(found.number[at])
    holders = defaultdict(Counter)
    for each in MADE.told:
        for number in each.description.numbers:
            if number.kind in ("FNR", "DNR", "DUF") and identify(number.kind, number.value).valid:
                holders[number.value][each.person] += 1
    shared = [value for value, people in holders.items() if len(people) > 1]
    wrong = {each.person for each in MADE.told if each.group == "wrong_number"}
    assert all(set(holders[value]) <= wrong for value in shared)
    assert shared


def test_twins_share_all_but_number_and_given_name() -> None:
    people = defaultdict(list)
    for each in MADE.told:
        if each.group == "twins":
            people[each.person].append(prepare(each.description))
    pairs = [(key, f"{key}/1") for key in people if f"{key}/1" in people]
    assert pairs
    for one, other in pairs:
        born = [Counter(p.born for p in people[key]).most_common(1)[0][0] for key in (one, other)]
        assert born[0] == born[1] or min(len(people[one]), len(people[other])) == 1
        assert not {n for p in people[one] for n in p.certain} & {
            n for p in people[other] for n in p.certain
        }


def test_newborns_are_first_without_name_and_number() -> None:
    first = [e.description for e in MADE.told if e.group == "newborn"]
    nameless = [d for d in first if not read_names(d.family, d.given).given]
    assert len(nameless) >= 20
    assert all(n.kind == "LOCAL" for d in nameless for n in d.numbers)


def test_scores_count_pairs_and_questions() -> None:
    told = sorted(MADE.told, key=lambda each: each.person)
    people = defaultdict(list)
    for each in told:
        people[each.person].append(each.key)
    right = Clusters(tuple(map(tuple, people.values())), (), 0, 0)
    found = score_clusters(told, right)["all"]
    assert (found.precision, found.recall, found.asked) == (1.0, 1.0, 0.0)
    one, other = [keys for keys in people.values() if len(keys) > 1][:2]
    question = Question(one[0], one[1], "unsure", 1.0)
    wrong = Clusters(((one[0], other[0]),), (question,), 0, 0)
    scored = score_clusters(told, wrong)["all"]
    assert (scored.precision, scored.right, scored.wrong, scored.asked_same) == (0.0, 0, 1, 1)
