"""Any order, any duplication, any batching: the same register, and the one a plain rule gives."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from register.answers import PERSONS, answer, clock, make_register, register_state, send
from register.plain_joining import expected_joined
from register.plain_rule import (
    expected_notices,
    expected_reports,
    found_notices,
    found_reports,
)
from varde.register.replay import replay

pytestmark = pytest.mark.django_db

VERSIONS = st.builds(
    answer,
    report=st.sampled_from(["R1", "R2"]),
    message=st.sampled_from(["M1", "M2", "M3", "M4", "M5"]),
    service=st.sampled_from(["N", "N", "M", "C", "A", "H"]),
    status=st.sampled_from(["P", "S", "F"]),
    made=st.integers(1, 4),
    organism=st.sampled_from(
        ["Escherichia coli", "E. coli", "Staphylococcus aureus", "Ukjent mikrobe", ""]
    ),
    searches=st.lists(st.sampled_from(["Escherichia coli DNA", "P-Meslingvirus IgM"]), max_size=2),
    answered=st.lists(
        st.tuples(
            st.sampled_from(["U-Chlamydia trachomatis DNA", "Klamydia DNA", "Luftveispanel PCR"]),
            st.sampled_from(["Ikke påvist", "Svar følger", "Inkonklusiv"]),
        ),
        max_size=2,
    ),
    results=st.lists(
        st.tuples(st.sampled_from(["NPU06049", "NPU06044"]), st.sampled_from("SIR")),
        max_size=2,
        unique_by=lambda pair: pair[0],
    ),
    person=st.sampled_from([*PERSONS[:2], None]),
    day=st.sampled_from(["2025-11-30", "2025-12-31"]),
    her=st.sampled_from(["91843", "91844"]),
)

SENT_ON = st.builds(
    answer,
    report=st.sampled_from(["R1", "R2"]),
    message=st.sampled_from(["M1", "M2", "M3", "M4", "M5", "M6", "M7"]),
    service=st.sampled_from(["N", "N", "N", "M", "C", "A"]),
    status=st.sampled_from(["P", "F"]),
    made=st.integers(1, 3),
    organism=st.sampled_from(["Klebsiella", "Klebsiella pneumoniae", "Klebsiella oxytoca", ""]),
    searches=st.lists(
        st.sampled_from(["Klebsiella pneumoniae DNA", "Klebsiella IgM", "Klebsiella IgG"]),
        max_size=1,
    ),
    results=st.lists(
        st.tuples(st.sampled_from(["NPU06049", "NPU06044"]), st.sampled_from("SR")),
        max_size=2,
        unique_by=lambda pair: pair[0],
    ),
    person=st.sampled_from([*PERSONS[:1] * 3, PERSONS[1]]),
    day=st.sampled_from(["2025-11-30", "2025-12-01", "2025-12-03"]),
    her=st.sampled_from(["91843", "91844", "91845"]),
    number=st.sampled_from(["S1", "26-123456"]),
    coded_as=st.sampled_from(["U", None]),
    free=st.sampled_from(["Isolat", "Blod"]),
)
"""Of few persons, specimens and organisms, at three laboratories."""


@settings(
    max_examples=int(os.environ.get("VARDE_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(VERSIONS, min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_any_order_and_duplication_give_the_same_register(
    files: list[bytes], chance: random.Random
) -> None:
    once = run([[data] for data in files])
    shuffled = files + chance.choices(files, k=chance.randint(0, 4))
    chance.shuffle(shuffled)
    assert run(split(shuffled, chance)) == once
    context = make_register().context
    assert found_reports(once) == expected_reports(files, context)
    assert found_notices(once) == expected_notices(files, context)


@settings(
    max_examples=int(os.environ.get("VARDE_EXAMPLES", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(SENT_ON, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_any_order_joins_the_same_findings(files: list[bytes], chance: random.Random) -> None:
    shuffled = files + chance.choices(files, k=chance.randint(0, 3))
    chance.shuffle(shuffled)
    state = run(split(shuffled, chance))
    context = make_register().context
    assert set(state["joined"]) == expected_joined(files, context)
    assert found_reports(state) == expected_reports(files, context)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(VERSIONS | SENT_ON, min_size=1, max_size=9))
def test_a_replay_gives_the_register_it_started_from(files: list[bytes]) -> None:
    with transaction.atomic():
        register = make_register()
        for data in files:
            send(register, data)
        before = register_state()
        result = replay(register, clock)
        assert register_state() == before
        assert not (result.added or result.removed or result.changed)
        transaction.set_rollback(True)


def run(batches: list[list[bytes]]) -> dict[str, Any]:
    """The register after these batches, on an empty database."""
    with transaction.atomic():
        register = make_register()
        for batch in batches:
            send(register, *batch)
        state = register_state()
        transaction.set_rollback(True)
    return state


def split(files: list[bytes], chance: random.Random) -> list[list[bytes]]:
    batches: list[list[bytes]] = [[]]
    for data in files:
        if chance.random() < 0.5:
            batches.append([])
        batches[-1].append(data)
    return batches
