"""When findings are one: against a rule that looks at every pair and set, in any order, and case by case."""

from __future__ import annotations

import os
import random
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from register import plain_joining as plain
from varde.register import sameness
from varde.register.joining_rules import DATA, joining_rules, read_rules
from varde.register.sameness import (
    REASONS,
    Found,
    Joined,
    choose,
    comparable_number,
    evidence,
    find_joined,
)

DAY = date(2025, 12, 5).toordinal()


def found(finding: int, sender: str, **more: Any) -> Found:
    known = {
        "person": 1,
        "report_ref": "R1",
        "position": finding,
        "day": DAY,
        "number": None,
        "material": "urine",
        "organism": "klebsiella-pneumoniae",
        "status": "F",
        "made": "120260101",
    }
    return Found(**{"finding": finding, "sender": sender} | known | more)


METHODS = ("nucleic-acid", "nucleic-acid", "antigen", "antibody-igm", "antibody-igg", "antibody")
FINDINGS = st.lists(
    st.builds(
        found,
        finding=st.just(0),
        sender=st.sampled_from("ABCD"),
        person=st.sampled_from([1, 1, 1, 2]),
        report_ref=st.sampled_from(["R1", "R2"]),
        day=st.sampled_from([DAY, DAY, DAY + 1, DAY + 2, DAY + 3, DAY + 31]),
        number=st.sampled_from([None, None, b"1", b"2"]),
        material=st.sampled_from(["urine", "urine-catheter", "isolate", "blood", "tissue", "biopsy", None]),
        organism=st.sampled_from(
            ["klebsiella", "klebsiella-pneumoniae", "klebsiella-oxytoca", "escherichia-coli", "enterobacterales"]
        ),
        status=st.sampled_from("PSF"),
        made=st.sampled_from(["120260101", "120260102", "020260103"]),
        method=st.sampled_from(["", "culture", "culture", *METHODS]),
    ),
    max_size=9,
).map(lambda all_: [each._replace(finding=n, position=n) for n, each in enumerate(all_, 1)])  # fmt: skip
RESULTS = st.dictionaries(
    st.integers(1, 9),
    st.dictionaries(st.sampled_from(["CIP", "MEM"]), st.sampled_from("SIR"), max_size=2),
)


def joined(findings: list[Found], results: Any) -> list[Joined]:
    return [each for one in find_joined(findings) for each in choose(one, results)]


@settings(max_examples=int(os.environ.get("VARDE_EXAMPLES", "300")), deadline=None)
@given(FINDINGS, RESULTS, st.randoms(use_true_random=False))
def test_the_rule_is_the_plain_one_in_any_order(
    findings: list[Found], results: dict[int, dict[str, str]], chance: random.Random
) -> None:
    known = {
        each.finding: plain.One(
            (each.sender, each.report_ref, each.position),
            each.person,
            date.fromordinal(each.day),
            each.number,
            each.material,
            each.organism,
            each.status,
            each.made,
            tuple(results.get(each.finding, {}).items()),
            each.method,
        )
        for each in findings
    }
    expected = {
        (each.key, counted.key, place, reason, disagrees)
        for each, counted, place, reason, disagrees in plain.plainly_joined(known.values())
    }
    # Arrival decides ids and order, and neither may matter.
    ids = list(range(1, len(findings) + 1))
    chance.shuffle(ids)
    arrived = [each._replace(finding=100 + n) for each, n in zip(findings, ids, strict=True)]
    chance.shuffle(arrived)
    back = {100 + n: known[each.finding] for each, n in zip(findings, ids, strict=True)}
    said = {100 + n: results.get(each.finding, {}) for each, n in zip(findings, ids, strict=True)}
    outcome = joined(arrived, said)
    assert {
        (back[j.finding].key, back[j.counted].key, j.place, j.reason, j.disagrees) for j in outcome
    } == expected
    # Nothing is joined that is counted itself, and no set has two of one sender.
    assert not {j.finding for j in outcome} & {j.counted for j in outcome}
    for one in find_joined(arrived):
        assert len({each.sender for each in one}) == len(one)


@settings(max_examples=200, deadline=None)
@given(FINDINGS, RESULTS)
def test_isolates_are_joined_as_if_nothing_else_were_there(
    findings: list[Found], results: dict[int, dict[str, str]]
) -> None:
    grown = [each for each in findings if each.method in ("", "culture")]
    numbers = {each.finding for each in grown}
    both = [each for each in joined(findings, results) if each.finding in numbers]
    assert both == [each for each in joined(grown, results) if each in both]
    assert {each.finding for each in both} == {each.finding for each in joined(grown, results)}


def reasons(*findings: Found) -> list[str]:
    return [each.reason for each in joined(list(findings), {})]


LOCAL = found(1, "A")


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (found(2, "B"), "same-day-and-material"),
        (found(2, "B", material="urine-catheter"), "same-day-and-material"),
        (found(2, "B", day=DAY + 2), "same-days-and-material"),
        (found(2, "B", day=DAY + 3), None),
        (found(2, "B", material="isolate"), "isolate-of-the-same-day"),
        (found(2, "B", material="isolate", day=DAY - 2), "isolate-of-the-same-days"),
        (found(2, "B", material="blood"), None),
        (found(2, "B", material=None), None),
        (found(2, "B", organism="klebsiella"), "same-day-and-material"),
        (found(2, "B", organism="klebsiella-oxytoca"), None),
        (found(2, "A", report_ref="R2"), None),
        (found(2, "B", person=2), None),
    ],
)
def test_what_makes_two_findings_one(other: Found, reason: str | None) -> None:
    assert reasons(LOCAL, other) == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("other", "one"),
    [
        (found(2, "B", number=b"1", day=DAY + 30), True),
        (found(2, "B", number=b"1", day=DAY + 31), False),
        (found(2, "B", number=b"1", material=None), True),
        (found(2, "B", number=b"1", material="blood"), False),
        (found(2, "B", number=b"2", day=DAY + 30), False),
        (found(2, "B", number=b"1", organism="escherichia-coli"), False),
    ],
)
def test_the_number_of_the_specimen(other: Found, one: bool) -> None:
    expected = ["same-specimen-number"] if one else []
    assert reasons(LOCAL._replace(number=b"1"), other) == expected


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("nucleic-acid", "nucleic-acid", "same-day-and-material"),
        ("culture", "nucleic-acid", "same-day-and-material:nucleic-acid"),
        ("", "antigen", "same-day-and-material:antigen"),
        ("microscopy", "culture", "same-day-and-material:microscopy"),
        ("culture", "", "same-day-and-material"),
        ("antibody-igm", "antibody-igm", "same-day-and-material"),
        ("culture", "antibody-igm", None),
        ("nucleic-acid", "antibody", None),
    ],
)
def test_how_it_was_found(one: str, other: str, reason: str | None) -> None:
    expected = [reason] if reason else []
    both = found(1, "A", method=one), found(2, "B", method=other)
    assert reasons(*both) == reasons(*both[::-1]) == expected


def test_what_grew_counts_before_all_else() -> None:
    grown = found(1, "A", method="culture", organism="klebsiella", status="P", made="120250101")
    genome = found(2, "B", method="nucleic-acid")
    [only] = joined([grown, genome], {2: {"CIP": "R"}})
    assert only == Joined(2, 1, 1, 1, "same-day-and-material:nucleic-acid", "")


def test_a_laboratory_that_did_both_keeps_both_and_another_joins_what_it_did_too() -> None:
    both = [found(1, "A", method="culture"), found(2, "A", method="nucleic-acid")]
    genome = found(3, "B", method="nucleic-acid", made="120251231")
    assert [(j.finding, j.counted) for j in joined([*both, genome], {})] == [(3, 2)]
    grown = found(4, "C", method="culture", made="120251231")
    sets = {frozenset(each.finding for each in one) for one in find_joined([*both, genome, grown])}
    assert sets == {frozenset({1, 4}), frozenset({2, 3})}


def test_two_isolates_in_doubt_are_not_made_one_by_a_piece_of_genome() -> None:
    isolates = [found(1, "A", method="culture"), found(2, "B"), found(3, "B", report_ref="R2")]
    assert reasons(*isolates, found(4, "C", method="nucleic-acid")) == []


def test_more_pieces_of_genome_than_anybody_has_leave_the_isolates_alone() -> None:
    most = joining_rules().most_findings
    isolates = [found(1, "A"), found(2, "B")]
    many = [found(n, "C", method="nucleic-acid", day=DAY + n) for n in range(3, most + 3)]
    assert [(j.finding, j.counted) for j in joined([*isolates, *many], {})] == [(2, 1)]


def test_a_number_says_which_of_two_it_is() -> None:
    first, second = found(1, "A", number=b"1"), found(2, "A", number=b"2", report_ref="R2")
    isolate = found(3, "B", material="isolate", number=b"2")
    [only] = joined([first, second, isolate], {3: {"CIP": "R"}})
    assert (only.finding, only.counted) == (2, 3)


def test_an_isolate_that_may_be_of_two_specimens_joins_neither() -> None:
    urine, blood = found(1, "A"), found(2, "A", material="blood", report_ref="R2")
    assert reasons(urine, blood, found(3, "B", material="isolate")) == []


def test_the_same_day_says_which_of_two_it_is() -> None:
    days = [found(1, "A"), found(2, "A", report_ref="R2", day=DAY + 1)]
    [only] = joined([*days, found(3, "B", material="isolate", day=DAY + 1)], {3: {"CIP": "S"}})
    assert (only.finding, only.reason) == (2, "isolate-of-the-same-day")


def test_a_genus_that_may_be_two_species_joins_neither_and_what_is_sure_is_joined() -> None:
    species = found(1, "A"), found(2, "B", organism="klebsiella-oxytoca")
    assert reasons(*species, found(3, "C", organism="klebsiella")) == []
    sure = found(4, "D")
    assert {each.finding for each in joined([*species, found(3, "C", organism="klebsiella"), sure], {})} == {4}  # fmt: skip


def test_three_laboratories_are_one() -> None:
    three = [found(1, "A"), found(2, "B", organism="klebsiella"), found(3, "C", material="isolate")]
    results = {1: {"CIP": "S"}, 2: {"CIP": "R", "MEM": "S"}, 3: {"CIP": "R", "MEM": "S"}}
    assert sorted(joined(three, results)) == [
        Joined(1, 3, 1, 1, "isolate-of-the-same-day", "CIP R/S"),
        Joined(2, 3, 1, 2, "isolate-of-the-same-day", ""),
    ]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({}, {"organism": "klebsiella", "made": "120260109"}),
        ({"position": 9}, {"status": "P", "made": "120260109"}),
        ({"position": 9}, {"status": "S", "made": "120260109"}),
        ({"made": "120260102"}, {}),
        ({"made": "120260101"}, {"made": "020260109"}),
    ],
)
def test_which_one_counts(better: dict[str, Any], worse: dict[str, Any]) -> None:
    for first, second in (("A", "B"), ("B", "A")):
        [only] = joined([found(1, first, **better), found(2, second, **worse)], {})
        assert only.counted == 1


def test_more_results_count_before_the_state_and_after_the_organism() -> None:
    final, preliminary = found(1, "A"), found(2, "B", status="P")
    [only] = joined([final, preliminary], {2: {"CIP": "S"}})
    assert only.counted == 2
    [only] = joined([final, preliminary._replace(organism="klebsiella")], {2: {"CIP": "S"}})
    assert only.counted == 1


def test_of_all_alike_the_first_by_sender_counts() -> None:
    [only] = joined([found(1, "B"), found(2, "A")], {})
    assert only.counted == 2


def test_somebody_with_more_findings_than_anybody_has_is_not_joined() -> None:
    most = joining_rules().most_findings
    many = [found(n, "AB"[n % 2], person=7, day=DAY + 10 * (n // 2)) for n in range(most + 1)]
    assert len(joined(many[:most], {})) == most // 2
    assert joined(many, {}) == []


@pytest.mark.parametrize(
    ("number", "compared"),
    [("26-123 456", "26123456"), ("ab12345", "AB12345"), ("S1", ""), ("1234", ""), ("", "")],
)
def test_numbers_are_compared_by_letters_and_digits_and_only_long_ones(
    number: str, compared: str
) -> None:
    assert comparable_number(number) == compared


def test_the_reasons_fit_their_column() -> None:
    longest = max(map(len, REASONS)) + 1 + max(map(len, METHODS))
    assert longest <= 40 and len(set(REASONS)) == len(REASONS)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"days": "two"}, "Expected `int`"),
        ({"hours": 5}, "unknown field"),
        ({"any_specimen": ["swab"]}, "no material"),
        ({"alike_groups": ["fluids"]}, "no group"),
        ({"days": 40}, "do not go together"),
        ({"version": "2026-13-01"}, "Invalid"),
        ({"families": [["culture", ""]]}, "every method"),
        ({"grown": ["culture", "antibody"]}, "one family"),
        ({"grown": ["swab"]}, "Invalid enum"),
    ],
)
def test_a_file_of_rules_that_is_wrong_is_refused(
    change: dict[str, Any], why: str, tmp_path: Path
) -> None:
    path = tmp_path / "joining.json"
    path.write_bytes(msgspec.json.encode(msgspec.json.decode(DATA.read_bytes()) | change))
    with pytest.raises((ValueError, msgspec.ValidationError), match=why):
        read_rules(path)


def test_what_systems_are_tested_with_takes_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of answers on one person, of which each could be any other: pairs of all would be 200,000."""
    looked: list[Found] = []
    monkeypatch.setattr(
        sameness, "evidence", lambda one, other: looked.append(one) or evidence(one, other)
    )
    crowd = [found(n, "AB"[n % 2], report_ref=f"R{n}", number=str(n).encode()) for n in range(900)]
    assert find_joined(crowd) == []
    # One pair that nothing of the crowd can be is still found.
    pair = [found(1000 + n, "AB"[n], day=DAY + 9) for n in range(2)]
    assert find_joined(crowd + pair) == [frozenset(pair)]
    assert len(looked) < 10
