"""Linkage against invented people whose truth is known, and the comparison against Splink's."""

from __future__ import annotations

import logging
from datetime import date
from itertools import combinations

import msgspec
import pytest

from varde.linkage import (
    Changes,
    Description,
    clusters,
    decide,
    prepare,
    shipped_weights,
    weigh,
)
from varde.synthetic import Identities, score_blocking, score_clusters

MADE = Identities(3_000, 20261126)
CHANGES = Changes(MADE.changes)
FOUND = clusters({each.key: each.description for each in MADE.told}, changes=CHANGES)
SCORES = score_clusters(MADE.told, FOUND)


def test_what_is_joined_without_asking_is_right() -> None:
    assert SCORES["all"].precision >= 0.999
    for group in set(SCORES) - {"namesake", "wrong_number", "all"}:
        assert SCORES[group].precision >= 0.999, group
    # Two of one name, birth date and sex without number: nothing that is said tells them apart.
    assert SCORES["namesake"].precision >= 0.85
    assert SCORES["wrong_number"].precision >= 0.98


def test_common_names_with_an_assumed_birthday_are_not_joined_for_want_of_a_better() -> None:
    """Mohamed Ali, born on 1 January: what would tell a Norwegian from all others tells nothing of them."""
    told = [each for each in MADE.told if each.group == "assumed_birthday"]
    days = [each.description.born for each in told if each.description.born]
    assert sum((day.month, day.day) == (1, 1) for day in days) > 0.6 * len(days)
    score = SCORES["assumed_birthday"]
    assert score.precision >= 0.999 and score.right > 50
    oslo = {"municipality": "0301", "postal_code": "0650"}
    bergen = {"municipality": "4601", "postal_code": "5003"}
    mohamed = {"family": "Ali", "given": "Mohamed", "born": date(1990, 1, 1), "sex": "M"}
    for given in ("Mohamed", "Mohammed", "Muhammad"):
        one = Description(**mohamed, **oslo)  # type: ignore[arg-type]
        other = Description(**{**mohamed, "given": given}, **bergen)  # type: ignore[arg-type]
        assert decide(one, other).outcome != "same"
        assert decide(one, msgspec.structs.replace(other, **oslo)).outcome != "same"
        phone = {"phone": "11223344"}
        known = [msgspec.structs.replace(each, **phone, **oslo) for each in (one, other)]
        assert decide(known[0], known[1]).outcome == ("ask" if given == "Muhammad" else "same")


def test_spellings_of_one_name_are_equally_common() -> None:
    weights = shipped_weights()
    shares = {weights.share("given", name) for name in ("mohamed", "mohammed", "muhammad")}
    assert len(shares) == 1
    assert weights.exact("given", "torhild") > weights.exact("given", "mohamed") + 5
    assert weights.exact("born", "19900101") + 5 < weights.exact("born", "19900517")


def test_most_is_joined_without_asking() -> None:
    assert SCORES["all"].recall >= 0.83
    assert SCORES["settled"].recall >= 0.94
    assert SCORES["changed_number"].recall >= 0.90
    assert SCORES["all"].asked <= 0.09


def test_what_is_not_joined_is_asked_about_where_a_child_had_no_name_yet() -> None:
    newborn = SCORES["newborn"]
    assert newborn.asked_same >= 0.75 * len(
        {each.person for each in MADE.told if each.group == "newborn"}
    )


def test_pairs_of_one_person_mostly_share_a_key() -> None:
    recall = score_blocking(MADE.told, CHANGES)
    assert recall["all"] >= 0.98
    assert recall["settled"] >= 0.995
    assert recall["newborn"] >= 0.85


def test_the_weights_are_those_that_splink_works_out() -> None:
    """Every pair of some hundred descriptions, and pairs that share a birth date, to a millionth of a bit."""
    pytest.importorskip("splink", reason="the extra 'linkage' is not installed")
    from varde.linkage.training import score

    logging.getLogger("splink").setLevel(logging.ERROR)
    weights = shipped_weights()
    people = sorted({each.person for each in MADE.told})[:45]
    chosen = {each.key: each.description for each in MADE.told if each.person in people}
    found = score(chosen, weights, CHANGES)
    prepared = {key: prepare(description, CHANGES) for key, description in chosen.items()}
    assert len(found) == len(chosen) * (len(chosen) - 1) // 2
    for one, other in combinations(sorted(chosen), 2):
        ours = weigh(prepared[one], prepared[other], weights).weight
        assert ours == pytest.approx(found[one, other], abs=1e-6), (one, other)
    near = {each.key: each.description for each in MADE.told[:4_000]}
    close = score(near, weights, CHANGES, ["l.phone = r.phone and l.phone <> ''"])
    assert len(close) > 300
    known = {key: prepare(description, CHANGES) for key, description in near.items()}
    for (one, other), weight in close.items():
        ours = weigh(known[one], known[other], weights).weight
        assert ours == pytest.approx(weight, abs=1e-6), (one, other)


def test_training_gives_weights_that_may_be_used() -> None:
    """On a few people: that every level gets a weight, in order, and the file can be read back."""
    pytest.importorskip("splink", reason="the extra 'linkage' is not installed")
    from varde.linkage import read_weights
    from varde.linkage.training import train, write_weights

    logging.getLogger("splink").setLevel(logging.ERROR)
    few = sorted(MADE.told, key=lambda each: each.person)[:900]
    trained = train(
        {each.key: each.description for each in few},
        {each.key: each.person for each in few},
        CHANGES,
        base=shipped_weights(),
        pairs=20_000,
        common=50,
    )
    again = read_weights(write_weights(trained), "trained")
    assert again.levels["born"]["exact"] > 5
    assert again.levels["given"]["different"] < -3
    assert again.one_in == shipped_weights().one_in
