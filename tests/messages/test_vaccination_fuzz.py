"""Whatever arrives in place of a vaccination, only records and typed failures come out, and soon.

`VARDE_FUZZ` sets how many damaged inputs of each kind are tried (1,000 when unset).
"""

from __future__ import annotations

import os
import random
import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from messages.gallery import RECEIVED
from messages.numbers import some_number
from messages.test_fhir_fuzz import VALUES, mutate, places, to_bytes
from messages.test_fuzz import check_described, damage
from messages.vaccination_builder import (
    HEADER,
    Given,
    as_bundle,
    as_table,
    immunization,
    row,
    rows,
    simple,
)
from varde.messages import Failure, read, reasons
from varde.messages.records import Vaccination
from varde.messages.vaccinations.rules import MAX_DOSE

COUNT = int(os.environ.get("VARDE_FUZZ", "1000"))
SECONDS = 5.0
"""The longest that one damaged input may take; ordinary ones take under a millisecond."""

BUNDLES = [as_bundle(Given(home="0301"), "transaction", "urn"), as_bundle(Given(number=None, born="1931-03-17", sex="M"), "document", "absolute")]  # fmt: skip
TABLE = as_table(*(Given(report_id=f"V{n}", message_id=f"M{n}") for n in range(12)))
ALONE = immunization(
    contained=[fhir.patient(some_number()), fhir.organization()], patient={"reference": "#pat"},
    performer=[{"actor": {"reference": "#org"}}], meta={"versionId": "2"},
)  # fmt: skip


def check(data: bytes) -> None:
    started = time.process_time()
    for record in read(data, None, RECEIVED):
        if isinstance(record, Failure):
            assert record.reason in reasons() and record.reason != "reader-fault", record
            assert len(record.place) <= 200 and len(record.detail) <= 200
        elif isinstance(record, Vaccination):
            check_vaccination(record)
    assert time.process_time() - started < SECONDS


def check_vaccination(found: Vaccination) -> None:
    """What every vaccination promises, however it was damaged."""
    check_described(found.patient)
    assert found.sender and found.message_id and found.report_id
    assert found.generated.utcoffset() == timedelta(0)
    assert found.generated <= RECEIVED + timedelta(days=1)
    assert found.given_at == "" or (len(found.given_at) == 4 and found.given_at.isdigit())
    assert found.dose is None or 1 <= found.dose <= MAX_DOSE
    if found.service_type != "C":
        assert found.vaccines
        assert all(code.code or code.text for code in found.vaccines)
        assert found.patient.identifier or (found.patient.birth_date and found.patient.sex)
        assert found.patient.birth_date is None or found.patient.birth_date <= found.given
        assert found.given <= (RECEIVED + timedelta(days=2)).date()


def test_fuzz_damaged_bytes() -> None:
    dice = random.Random(1)
    inputs = [*(fhir.write(whole) for whole in BUNDLES), fhir.write(ALONE), TABLE]
    for number in range(COUNT):
        check(damage(inputs[number % len(inputs)], dice))


def test_fuzz_damaged_structure() -> None:
    dice = random.Random(2)
    for number in range(COUNT):
        check(to_bytes(mutate([*BUNDLES, ALONE][number % 3], dice)))


def test_fuzz_every_place_with_every_value() -> None:
    """Every field of a bundle replaced by each of a list of values."""
    dice = random.Random(3)
    count = len(list(places(BUNDLES[0])))
    pairs = [(index, value) for index in range(count) for value in VALUES]
    for index, value in dice.sample(pairs, min(COUNT, len(pairs))):
        whole = as_bundle(Given(home="0301"), "transaction", "urn")
        outer, key = list(places(whole))[index]
        outer[key] = value
        check(to_bytes(whole))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["coding", "text", "reference", "identifier", "value", "actor", "extension", "url"]), inner, max_size=4
    ),
    max_leaves=10,
)  # fmt: skip
FIELDS = [
    "identifier", "status", "vaccineCode", "patient", "occurrenceDateTime", "recorded", "performer", "location",
    "lotNumber", "reasonCode", "programEligibility", "protocolApplied", "meta", "contained", "id",
]  # fmt: skip


@settings(max_examples=min(COUNT, 100), deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, min_size=1, max_size=4))
def test_fuzz_any_value_in_any_field(fields: dict[str, Any]) -> None:
    check(fhir.write(simple(**fields)))
    check(fhir.write(ALONE | fields))


@settings(max_examples=min(COUNT, 100), deadline=None)
@given(st.binary(max_size=200))
def test_fuzz_any_bytes(data: bytes) -> None:
    check(b'{"resourceType":"Immunization","id":"a",' + data)
    check(HEADER.encode() + b"\r\n" + data)


@settings(max_examples=min(COUNT, 100), deadline=None)
@given(
    st.lists(st.text(max_size=12), min_size=HEADER.count(";") + 1, max_size=HEADER.count(";") + 1)
)
def test_fuzz_any_cells(drawn: list[str]) -> None:
    line = ";".join('"' + cell.replace('"', '""').replace("\r", " ") + '"' for cell in drawn)
    data = (HEADER + "\n" + line + "\n" + row(Nummer="last") + "\n").encode("utf-8", "replace")
    check(data)
    assert isinstance(list(read(data, None, RECEIVED))[-1], Vaccination)


@settings(max_examples=min(COUNT, 100), deadline=None)
@given(st.sampled_from(HEADER.split(";")), st.text(max_size=30))
def test_fuzz_any_text_in_any_cell(heading: str, text: str) -> None:
    clean = text.replace("\r", " ").replace("\n", " ").replace('"', "'").replace(";", ",")
    data = rows(row(**{heading: clean}), row(Nummer="last"))
    check(data)
    assert isinstance(list(read(data, None, RECEIVED))[-1], Vaccination)


@pytest.mark.parametrize(
    "data", [*(fhir.write(whole) for whole in BUNDLES), fhir.write(ALONE), TABLE]
)
def test_fuzz_undamaged_inputs_are_read(data: bytes) -> None:
    assert all(isinstance(record, Vaccination) for record in read(data, None, RECEIVED))
