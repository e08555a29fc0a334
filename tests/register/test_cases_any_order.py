"""Cases from any messages in any order: those of a plain rule over all messages at once, also after a replay."""

from __future__ import annotations

import os
import random

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from register.answers import answer, clock, make_register, register_state, send
from register.case_messages import ADA, BLOOD, BO, MEASLES, SALMONELLA, STOOL, dose, notified
from register.plain_cases import expected_cases, found_cases
from register.test_any_order import split
from varde.register import list_cases, reclassify, replay

pytestmark = pytest.mark.django_db

DAYS = st.sampled_from(
    ["2025-02-01", "2025-02-20", "2025-08-25", "2025-12-04", "2025-12-05", "2025-12-05"]
)
MADE = st.integers(1, 3)
SERVICES = st.sampled_from("NNNMC")
FOUND = st.sampled_from(
    [
        {"organism": SALMONELLA, **STOOL},
        {"organism": "Salmonella", **STOOL},
        {"organism": "Salmonella", "free": "Isolat", "coded_as": None},
        {"organism": "Staphylococcus aureus", "results": [("NPU07422", "R")], **BLOOD},
        {"organism": "Staphylococcus aureus", "results": [("NPU07422", "S")], **BLOOD},
        {"organism": "Staphylococcus aureus", "results": [("NPU07422", "R")], "free": "Isolat", "coded_as": None},
        {"organism": "", "searches": [MEASLES]},
        {"organism": "", "answered": [(MEASLES, "Ikke påvist")], "free": "Serum", "coded_as": None},
        {"organism": "", "answered": [(MEASLES, "Negativ")], "free": "Serum", "coded_as": None},
        {"organism": "Escherichia coli"},
        {"organism": ""},
    ]
)  # fmt: skip


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    return answer(
        draw(st.sampled_from(["R1", "R2", "R3"])),
        draw(st.sampled_from([f"M{number}" for number in range(20)])),
        service=draw(SERVICES),
        made=draw(MADE),
        person=draw(st.sampled_from([ADA, ADA, ADA, ADA, BO, None])),
        day=draw(DAYS),
        her=draw(st.sampled_from(["91843", "91844"])),
        mark=draw(st.sampled_from(["", "", "MSIS-M", "MSIS-UM", "MSIS-AV"])),
        municipality=draw(st.sampled_from([None, "0301", "4601"])),
        **draw(FOUND),
    )


@st.composite
def of_measles(draw: st.DrawFn) -> bytes:
    """A form that suspects it, or what a laboratory has looked for."""
    if draw(st.booleans()):
        onset = st.sampled_from(["2025-11-20", "2025-11-25", "2025-12-04", None])
        return notified("Meslinger", onset=draw(onset), sampled="2025-12-01", picture="00")
    said = draw(
        st.sampled_from(["Ikke påvist", "Ikke påvist", "Ikke påvist", "Påvist", "Inkonklusiv"])
    )
    return answer(
        draw(st.sampled_from(["R1", "R2"])),
        draw(st.sampled_from([f"M{number}" for number in range(9)])),
        service=draw(SERVICES),
        made=draw(MADE),
        person=ADA,
        day="2025-12-05",
        status=draw(st.sampled_from("FFFSP")),
        organism="",
        answered=[(draw(st.sampled_from([MEASLES, "P-Meslingvirus IgG"])), said)],
        free=draw(st.sampled_from(["Serum", "Serum", "Urin"])),
        coded_as=None,
    )


@st.composite
def of_one_specimen(draw: st.DrawFn) -> bytes:
    """What one of several laboratories says of somebody's specimen of these days."""
    her = draw(st.sampled_from(["91843", "91844", "91845"]))
    service = draw(st.sampled_from("NNNNC"))
    return answer(
        f"R{her}",
        f"M{her}{service}",
        service=service,
        made=2 if service == "C" else 1,
        person=ADA,
        day=draw(st.sampled_from(["2025-12-04", "2025-12-05"])),
        her=her,
        mark=draw(st.sampled_from(["", "MSIS-M", "MSIS-UM", "MSIS-AV"])),
        organism=draw(
            st.sampled_from(["Staphylococcus aureus", "Staphylococcus aureus", "Staphylococcus"])
        ),
        results=draw(st.sampled_from([[], [("NPU07422", "R")], [("NPU07422", "S")]])),
        free=draw(st.sampled_from(["Isolat", "Blodkultur", "Blod"])),
        coded_as=None,
    )


FORMS = st.builds(
    notified,
    st.sampled_from(["Salmonellose", "Meslinger", "MRSA-infeksjon", "Ukjent sykdom"]),
    st.sampled_from(["N1", "N2"]),
    person=st.sampled_from([ADA, ADA, BO, None]),
    onset=st.none() | DAYS | st.just("2025-11-25"),
    sampled=st.none() | DAYS,
    picture=st.sampled_from(["", "00"]),
    contact=st.sampled_from(["", "1", "2"]),
    place=st.sampled_from(
        [None, ("137", "Spania", 80007), ("4601", "BERGEN", 80006), ("1AF", "Afrika", 80022)]
    ),
    home=st.sampled_from([None, "1103"]),
    returned=st.none() | st.just("2025-11-30"),
    made=st.integers(7, 9),
    type=SERVICES,
)
DOSES = st.builds(
    dose,
    number=st.sampled_from(["V1", "V2"]),
    person=st.sampled_from([ADA, BO]),
    given=st.sampled_from(["2025-01-25", "2025-11-20"]),
    type=st.sampled_from("NNC"),
)
EXAMPLES = int(os.environ.get("VARDE_EXAMPLES", "25"))
HYPOTHESIS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def numbered() -> dict[int, tuple[str, bytes]]:
    """Number → the other numbers it is known as, and what the case means."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, known_as, digest FROM register_case")
        return {number: (known_as, bytes(digest)) for number, known_as, digest in cursor.fetchall()}


@HYPOTHESIS
@given(
    st.lists(answers() | FORMS | answers() | DOSES, min_size=1, max_size=9)
    | st.lists(of_measles() | answers(), min_size=2, max_size=5)
    | st.lists(of_one_specimen(), min_size=2, max_size=5),
    st.randoms(use_true_random=False),
)
def test_any_order_gives_the_cases_of_a_plain_rule(
    files: list[bytes], chance: random.Random
) -> None:
    shuffled = files + chance.choices(files, k=chance.randint(0, 3))
    chance.shuffle(shuffled)
    register = make_register()
    with transaction.atomic():
        for batch in split(shuffled, chance):
            send(register, *batch)
        assert found_cases() == expected_cases(files, register.context)
        state, numbers = register_state(), numbered()
        # One number a case, and a replay and a re-classification give every case its own back.
        assert len(numbers) == len(list_cases())
        result = replay(register, clock)
        assert (result.cases_added, result.cases_removed, result.cases_changed) == ([], [], [])
        assert (register_state(), numbered()) == (state, numbers)
        again = reclassify(register)
        assert (again.added, again.removed, again.changed) == (0, 0, 0)
        assert (register_state(), numbered()) == (state, numbers)
        transaction.set_rollback(True)
