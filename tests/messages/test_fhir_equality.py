"""The same answer as KITH and as FHIR is the same record, whatever the shape of the bundle.

What the formats cannot both say is named here, so that nothing else can differ unseen.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from messages.fhir_builder import Answer, Drug, Isolate, Shape, Taken
from messages.numbers import some_number
from varde.messages import LabReport, read
from varde.messages.fhir.reports import read_fhir

NUMBER = some_number()
FULL = fhir.numbered(NUMBER)
EVERY = {
    "full": FULL,
    "cancelled": replace(FULL, status="cancelled"),
    "amended": replace(FULL, status="amended"),
    "addition": replace(FULL, status="appended"),
    "preliminary": replace(FULL, status="preliminary"),
    "negative": replace(FULL, isolates=()),
    "unknown patient": replace(FULL, number=None, sex="", born=None, municipality=None),
    "day alone": replace(FULL, specimens=(Taken("S1", "2026-01-05"),)),
    "no zone": replace(FULL, generated="2026-01-07T12:00:00", specimens=(Taken("S1", "2026-01-05T23:30:00"),)),
    "ward": replace(FULL, ward="Intensiv"),
}  # fmt: skip
PLAIN = Shape()
KINDS = ("transaction", "document", "message", "collection", "batch")
NAMES = ("relative", "urn", "absolute", "contained")
LINKS = ("member", "derived", "both", "component", "group")
SHAPES = [
    Shape(kind, names, links, listed, bare)
    for kind, names, links, listed, bare in product(
        KINDS, NAMES, LINKS, (True, False), (False, True)
    )
]


def of_kith(answer: Answer) -> LabReport:
    (found,) = read(fhir.as_kith(answer))
    assert isinstance(found, LabReport), found
    return found


def of_fhir(answer: Answer, shape: Shape = PLAIN) -> LabReport:
    (found,) = read_fhir(fhir.as_fhir(answer, shape))
    assert isinstance(found, LabReport), found
    return found


@pytest.mark.parametrize("case", EVERY)
def test_an_answer_is_the_same_in_both_formats(case: str) -> None:
    assert of_fhir(EVERY[case]) == of_kith(EVERY[case])


def test_the_shape_of_a_bundle_makes_no_difference() -> None:
    expected = of_kith(FULL)
    for shape in SHAPES:
        assert of_fhir(FULL, shape) == expected, shape


def test_a_historic_copy_is_a_word_of_kith_alone() -> None:
    """FHIR has no status for KITH's H; a sender writes it as final, and it is a new answer."""
    assert of_fhir(FULL).service_type == "N"


def test_partial_is_a_word_of_fhir_alone() -> None:
    """KITH's words for a report are preliminary, final and addition."""
    assert of_fhir(replace(FULL, status="partial")).status == "S"
    assert of_fhir(replace(FULL, status="registered")).status == "S"


def test_a_local_number_in_fhir_says_in_which_series_it_is() -> None:
    whole = fhir.as_bundle(FULL)
    for entry in whole["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            entry["resource"]["identifier"] = [{"system": "urn:series:a", "value": "17"}]
    (found,) = read_fhir(fhir.write(whole))
    assert isinstance(found, LabReport) and found.patient.identifier is not None
    assert found.patient.identifier.issuer == "HER:91843 urn:series:a"


drugs = st.builds(
    Drug,
    st.sampled_from(
        [
            ((fhir.NLK, "NPU06049", "Cipro"),),
            ((fhir.LOCAL, "AM-D", "Amp"), (fhir.NLK, "NPU06045", "Amp")),
        ]
    ),
    st.sampled_from(["S", "I", "R"]),
    st.sampled_from(["", "0.250", "<=0.5", ">256", "16"]),
)
isolates = st.builds(
    Isolate,
    st.sampled_from(["Escherichia coli", "E.COLI", "Staphylococcus aureus"]),
    st.sampled_from([(), ((fhir.SIR, "ESCOLI", "Escherichia coli"),)]),
    st.sampled_from(["", "Rik vekst", ">100.000 pr.ml."]),
    st.integers(0, 1),
    st.lists(drugs, max_size=4, unique_by=lambda drug: drug.names).map(tuple),
)
answers = st.builds(
    replace,
    st.just(FULL),
    status=st.sampled_from(
        ["final", "preliminary", "amended", "corrected", "appended", "cancelled"]
    ),
    number=st.sampled_from([None, NUMBER, some_number(day=40)]),
    sex=st.sampled_from(["", "female"]),
    notifiable=st.sampled_from(["", "MSIS-M", "MSIS-UM", "MSIS-AV"]),
    specimens=st.just(
        (Taken("S1", "2026-01-05"), Taken("S2", "2026-01-05T10:00:00+01:00", "B", "Blod"))
    ),
    isolates=st.lists(isolates, max_size=3).map(tuple),
)


@settings(max_examples=200, deadline=None)
@given(answers, st.sampled_from([shape for shape in SHAPES if shape.names != "contained"]))
def test_any_answer_in_any_shape_is_the_same(answer: Answer, shape: Shape) -> None:
    answer = replace(answer, born=None, sex="" if answer.number else answer.sex)
    assert of_fhir(answer, shape) == of_kith(answer)
