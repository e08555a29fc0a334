"""Several answers under one requisition's number, in formats whose versions are whole: what is certainly another answer
stands beside, what is a version takes the place of the earlier; in any order, doubled, and as often as it is sent."""

from __future__ import annotations

import os
import random
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages import kith_builder as kith
from register.answers import PERSONS, clock, make_register, register_state, send
from register.plain_rule import expected_notices, expected_reports, found_notices, found_reports
from register.test_any_order import run, split
from varde.register.replay import replay
from varde.register.versions import FINDINGS_GONE, PATIENT_CHANGED, SEVERAL

pytestmark = pytest.mark.django_db

MEASLES, FLU = "Meslingvirus RNA", "Influensa A-virus RNA"
SALMONELLA, SHIGELLA = "F-Salmonella PCR", "F-Shigella PCR"
PANEL = "Luftveispanel PCR"
YES, NO = "Påvist", "Ikke påvist"


def sent(
    made: int,
    *answers: tuple[str, str],
    service: str = "N",
    status: str = "F",
    grown: str = "",
    number: str = "S1",
    collected: str = "2026-01-02T10:00:00",
    discipline: str = "MBIO",
    person: str | None = PERSONS[0],
    again: int = 0,
) -> bytes:
    """One KITH answer under the requisition Q1; `made` is the hour, `again` another message with the same content."""
    content = [kith.search(said, name) for name, said in answers]
    if grown:
        content.append(kith.culture(grown, item="1"))
    patient = kith.patient(
        kith.specimen(number, collected),
        *(content if service != "C" else ()),
        number=person,
    )
    message = (
        f"M{made}-{answers}-{service}{status}{grown}{number}{collected}{discipline}{person}{again}"
    )
    request = kith.element("ServReq", kith.text("Id", "Q1"))
    return kith.message(
        kith.report(
            patient, service=service, status=status, own=message, request=request,
            discipline=discipline,
        ),
        message_id=message,
        generated=f"2026-01-07T{made:02}:{again:02}:00",
    )  # fmt: skip


def stands(*files: bytes) -> tuple[list[str], str]:
    """The organisms found, and what is told; in every order of few, in some orders of many, and doubled."""
    chance = random.Random(1)
    orders = [*permutations(files)] if len(files) < 4 else [files, files[::-1]]
    states = [run([[data] for data in order]) for order in orders]
    twice = [*files, *files]
    chance.shuffle(twice)
    states.append(run(split(twice, chance)))
    assert all(state == states[0] for state in states)
    context = make_register().context
    assert found_reports(states[0]) == expected_reports(files, context)
    assert found_notices(states[0]) == expected_notices(files, context)
    told = found_notices(states[0])
    return sorted(row[4] for row in states[0]["findings"]), ",".join(told.values())


def test_answers_of_two_sections_stand_beside_each_other() -> None:
    first = sent(8, (MEASLES, YES), discipline="MBIO")
    assert stands(first, sent(9, (SALMONELLA, YES), number="S2")) == (
        ["measles-virus", "salmonella"], "",
    )  # fmt: skip
    assert stands(first, sent(9, (SALMONELLA, NO), number="S2")) == (["measles-virus"], "")
    # Of one specimen nobody can be sure that the first was not meant to be taken back.
    assert stands(first, sent(9, (SALMONELLA, YES))) == (["measles-virus", "salmonella"], SEVERAL)
    assert stands(sent(8, (MEASLES, NO)), sent(9, (SALMONELLA, YES))) == (["salmonella"], "")


def test_what_has_something_in_common_is_a_version() -> None:
    first = sent(8, (MEASLES, YES))
    assert stands(first, sent(9, (MEASLES, NO))) == ([], FINDINGS_GONE)
    assert stands(first, sent(9, (MEASLES, NO), (SALMONELLA, YES)))[0] == ["salmonella"]
    both = sent(10, (MEASLES, YES), (SALMONELLA, NO))
    assert stands(first, sent(9, (SALMONELLA, NO)), both) == (["measles-virus"], "")


def test_a_corrected_version_takes_the_place_of_its_own_answer_alone() -> None:
    flu, stool = sent(8, (FLU, YES)), sent(9, (SALMONELLA, YES), number="S2")
    corrected = sent(10, (FLU, NO), service="M")
    assert stands(flu, stool, corrected)[0] == ["salmonella"]
    assert stands(flu, stool, sent(10, (SALMONELLA, NO), service="M", number="S2"))[0] == [
        "influenza-a-virus"
    ]
    assert stands(flu, sent(9, (SALMONELLA, NO), service="M")) == ([], FINDINGS_GONE)


def test_a_correction_of_what_never_came_is_told() -> None:
    flu = sent(8, (FLU, YES))
    late = sent(9, (SALMONELLA, YES), service="M", number="S2")
    assert stands(flu, late) == (["influenza-a-virus", "salmonella"], SEVERAL)


def test_a_preliminary_answer_is_replaced_by_a_final_one_of_other_things() -> None:
    stain = sent(8, (MEASLES, NO), status="P")
    assert stands(stain, sent(9, (SALMONELLA, YES))) == (["salmonella"], "")
    stages = [
        sent(8, (FLU, YES), status="P"),
        sent(9, (SALMONELLA, YES), status="P", number="S2"),
        sent(10, (FLU, YES)),
        sent(11, (SALMONELLA, YES), number="S2"),
    ]
    assert stands(*stages) == (["influenza-a-virus", "salmonella"], "")
    assert stands(*stages[:2]) == (["influenza-a-virus", "salmonella"], "")
    # Its specimen may have another number in the final answer.
    assert stands(stages[0], stages[3]) == (["influenza-a-virus", "salmonella"], SEVERAL)


def test_what_is_not_known_by_its_name_is_a_version_as_before() -> None:
    first = sent(8, (MEASLES, YES))
    assert stands(first, sent(9, (PANEL, NO)))[0] == []
    assert stands(first, sent(9, ("Ukjent mikrobe PCR", YES)))[0] != ["measles-virus"]


def test_a_culture_looks_for_all_that_grows() -> None:
    assert stands(sent(8, grown="Escherichia coli"), sent(9, grown="Staphylococcus aureus"))[0] == [
        "staphylococcus-aureus"
    ]
    found, _ = stands(sent(8, grown="Escherichia coli"), sent(9, (FLU, YES)))
    assert found == ["escherichia-coli", "influenza-a-virus"]
    other = sent(9, grown="Escherichia coli", number="S2", collected="2026-01-03T10:00:00")
    assert len(stands(sent(8, grown="Escherichia coli"), other)[0]) == 2


def test_a_withdrawal_names_none_of_several_and_is_told() -> None:
    flu, stool = sent(8, (FLU, YES)), sent(9, (SALMONELLA, YES), number="S2")
    assert stands(flu, stool, sent(10, service="C")) == ([], SEVERAL)
    assert stands(flu, sent(10, service="C")) == ([], "")
    assert stands(flu, stool, sent(10, service="C"), sent(11, (FLU, YES))) == (
        ["influenza-a-virus"], "",
    )  # fmt: skip
    assert stands(flu, stool, sent(10, service="C"), sent(11, service="C")) == ([], SEVERAL)


def test_an_addition_goes_with_its_answer() -> None:
    flu, stool = sent(8, (FLU, YES)), sent(10, (SALMONELLA, NO), number="S2")
    added = sent(9, (MEASLES, YES), service="A")
    assert stands(flu, added, stool)[0] == ["influenza-a-virus", "measles-virus"]
    assert stands(flu, added, stool, sent(11, (FLU, NO), service="M"))[0] == []
    late = sent(11, (SHIGELLA, YES), service="A", number="S2")
    assert stands(flu, stool, late)[0] == ["influenza-a-virus", "shigella"]


@pytest.mark.parametrize("service", ["N", "M", "A"])
def test_an_addition_by_its_status_takes_nothing_back(service: str) -> None:
    flu = sent(8, (FLU, YES))
    for more in ([(MEASLES, YES)], [(FLU, YES), (MEASLES, YES)]):
        added = sent(9, *more, service=service, status="A")
        assert stands(flu, added) == (["influenza-a-virus", "measles-virus"], "")
    cultured = sent(8, grown="Escherichia coli")
    panel = sent(9, (PANEL, NO), service=service, status="A")
    assert stands(cultured, panel) == (["escherichia-coli"], "")


def test_another_patient_has_no_answer_beside() -> None:
    flu = sent(8, (FLU, YES))
    found, told = stands(flu, sent(9, (SALMONELLA, YES), number="S2", person=PERSONS[1]))
    assert found == ["salmonella"] and PATIENT_CHANGED in told


ANSWERS = st.builds(
    lambda made, answers, **more: sent(made, *answers, **more),
    made=st.integers(8, 12),
    answers=st.lists(
        st.tuples(
            st.sampled_from([MEASLES, FLU, SALMONELLA, SHIGELLA, "Influensavirus RNA", PANEL]),
            st.sampled_from([YES, NO, NO, "Svar følger"]),
        ),
        max_size=2,
        unique_by=lambda one: one[0],
    ),
    service=st.sampled_from(["N", "N", "N", "N", "M", "A", "C", "H"]),
    status=st.sampled_from(["P", "F", "F", "F", "F", "A"]),
    grown=st.sampled_from(["", "", "Escherichia coli", "Salmonella Typhimurium"]),
    number=st.sampled_from(["S1", "S1", "S2", ""]),
    collected=st.sampled_from(["2026-01-02T10:00:00", "2026-01-03T10:00:00"]),
    discipline=st.just("MBIO"),
    person=st.sampled_from([*PERSONS[:1] * 5, PERSONS[1], None]),
    again=st.integers(0, 1),
)


@settings(
    max_examples=int(os.environ.get("VARDE_EXAMPLES", "30")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(ANSWERS, min_size=2, max_size=7), st.randoms(use_true_random=False))
def test_any_order_and_duplication_give_the_answers_that_the_plain_rule_gives(
    files: list[bytes], chance: random.Random
) -> None:
    once = run([[data] for data in files])
    shuffled = files + chance.choices(files, k=chance.randint(0, 4))
    chance.shuffle(shuffled)
    assert run(split(shuffled, chance)) == once
    context = make_register().context
    assert found_reports(once) == expected_reports(files, context)
    assert found_notices(once) == expected_notices(files, context)


def test_a_replay_and_a_new_reading_give_the_same() -> None:
    files = [
        sent(8, (FLU, YES)), sent(9, (SALMONELLA, YES), number="S2"),
        sent(10, (FLU, YES), (MEASLES, NO)), sent(11, (SALMONELLA, NO), service="A", number="S2"),
    ]  # fmt: skip
    with transaction.atomic():
        register = make_register()
        for data in files:
            send(register, data)
        before: dict[str, Any] = register_state()
        result = replay(register, clock)
        assert register_state() == before
        assert not (result.added or result.removed or result.changed)
        transaction.set_rollback(True)
