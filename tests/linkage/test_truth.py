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
from varde.synthetic import Identities, Score, score_blocking, score_clusters

# People are made and joined once, by the worker that has these tests; at import every worker would, to no purpose.
pytestmark = pytest.mark.xdist_group("linkage-truth")


@pytest.fixture(scope="module")
def made() -> Identities:
    """Invented people, and what is told of them."""
    return Identities(3_000, 20261126)


@pytest.fixture(scope="module")
def changes(made: Identities) -> Changes:
    return Changes(made.changes)


@pytest.fixture(scope="module")
def scores(made: Identities, changes: Changes) -> dict[str, Score]:
    """How well they are joined, by group."""
    found = clusters({each.key: each.description for each in made.told}, changes=changes)
    return score_clusters(made.told, found)


def test_what_is_joined_without_asking_is_right(scores: dict[str, Score]) -> None:
    assert scores["all"].precision >= 0.999
    for group in set(scores) - {"namesake", "wrong_number", "all"}:
        assert scores[group].precision >= 0.999, group
    # Two of one name, birth date and sex without number: nothing that is said tells them apart.
    assert scores["namesake"].precision >= 0.85
    assert scores["wrong_number"].precision >= 0.98


def test_common_names_with_an_assumed_birthday_are_not_joined_for_want_of_a_better(
    made: Identities, scores: dict[str, Score]
) -> None:
    """Mohamed Ali, born on 1 January: what would tell a Norwegian from all others tells nothing of them."""
    told = [each for each in made.told if each.group == "assumed_birthday"]
    days = [each.description.born for each in told if each.description.born]
    assert sum((day.month, day.day) == (1, 1) for day in days) > 0.6 * len(days)
    score = scores["assumed_birthday"]
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


def test_most_is_joined_without_asking(scores: dict[str, Score]) -> None:
    assert scores["all"].recall >= 0.83
    assert scores["settled"].recall >= 0.94
    assert scores["changed_number"].recall >= 0.90
    assert scores["all"].asked <= 0.09


def test_what_is_not_joined_is_asked_about_where_a_child_had_no_name_yet(
    made: Identities, scores: dict[str, Score]
) -> None:
    newborn = scores["newborn"]
    assert newborn.asked_same >= 0.75 * len(
        {each.person for each in made.told if each.group == "newborn"}
    )


def test_pairs_of_one_person_mostly_share_a_key(made: Identities, changes: Changes) -> None:
    recall = score_blocking(made.told, changes)
    assert recall["all"] >= 0.98
    assert recall["settled"] >= 0.995
    assert recall["newborn"] >= 0.85


def test_the_weights_are_those_that_splink_works_out(made: Identities, changes: Changes) -> None:
    """Every pair of some hundred descriptions, and pairs that share a birth date, to a millionth of a bit."""
    pytest.importorskip("splink", reason="the extra 'linkage' is not installed")
    from varde.linkage.training import score

    logging.getLogger("splink").setLevel(logging.ERROR)
    weights = shipped_weights()
    people = sorted({each.person for each in made.told})[:45]
    chosen = {each.key: each.description for each in made.told if each.person in people}
    found = score(chosen, weights, changes)
    prepared = {key: prepare(description, changes) for key, description in chosen.items()}
    assert len(found) == len(chosen) * (len(chosen) - 1) // 2
    for one, other in combinations(sorted(chosen), 2):
        ours = weigh(prepared[one], prepared[other], weights).weight
        assert ours == pytest.approx(found[one, other], abs=1e-6), (one, other)
    near = {each.key: each.description for each in made.told[:4_000]}
    close = score(near, weights, changes, ["l.phone = r.phone and l.phone <> ''"])
    assert len(close) > 300
    known = {key: prepare(description, changes) for key, description in near.items()}
    for (one, other), weight in close.items():
        ours = weigh(known[one], known[other], weights).weight
        assert ours == pytest.approx(weight, abs=1e-6), (one, other)


def test_training_gives_weights_that_may_be_used(made: Identities, changes: Changes) -> None:
    """On a few people: that every level gets a weight, in order, and the file can be read back."""
    pytest.importorskip("splink", reason="the extra 'linkage' is not installed")
    from varde.linkage import read_weights
    from varde.linkage.training import train, write_weights

    logging.getLogger("splink").setLevel(logging.ERROR)
    few = sorted(made.told, key=lambda each: each.person)[:900]
    trained = train(
        {each.key: each.description for each in few},
        {each.key: each.person for each in few},
        changes,
        base=shipped_weights(),
        pairs=20_000,
        common=50,
    )
    again = read_weights(write_weights(trained), "trained")
    assert again.levels["born"]["exact"] > 5
    assert again.levels["given"]["different"] < -3
    assert again.one_in == shipped_weights().one_in
