"""Whatever JSON comes in, only reports, failures and typed errors come out, and soon.

`VARDE_FUZZ` sets how many damaged bundles are tried in each way (2,000 when unset).
"""

from __future__ import annotations

import json
import os
import random
import time
import timeit
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from messages.fhir_builder import copied
from messages.numbers import some_number
from messages.test_fuzz import check_report, damage
from varde.messages import Failure, LabReport, MessageError, reasons
from varde.messages.fhir.reports import read_fhir
from varde.messages.fhir.salvage import salvage_bundle_names

COUNT = int(os.environ.get("VARDE_FUZZ", "2000"))
SECONDS = 5.0
"""The longest that one damaged bundle may take; ordinary ones take under a millisecond."""

SHAPES = [
    fhir.Shape("transaction", "urn", "member"),
    fhir.Shape("message", "absolute", "group", False),
    fhir.Shape("document", "contained", "component"),
    fhir.Shape("collection", "relative", "both", bare=True),
]
WHOLE = [fhir.as_bundle(fhir.numbered(some_number()), shape) for shape in SHAPES]
for patient in fhir.find_patients(WHOLE):
    patient |= {
        "telecom": [{"system": "phone", "value": "12345678", "use": "home"}], "multipleBirthInteger": 2,
        "deceasedDateTime": "2026-01-06", "multipleBirthBoolean": True,
    }  # fmt: skip
    patient["address"][0] |= {
        "line": ["Veien 2"],
        "city": "Bergen",
        "postalCode": "5003",
        "country": "NO",
    }
VALUES: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**30, "", " ", "x", "final", "2026-01-05", "2026", "#", "#pat",
    "Observation/o0", "Patient/pat", "\x00", "\ud7ff", "9" * 40, [], [None], [[]], {}, {"reference": "#"},
    {"reference": "Observation/o1"}, {"coding": {}}, {"text": "Vekst"}, {"value": 7}, {"value": "x", "unit": 3},
    "<number 1e999999>", "<number -0.0>", "<number 1e-99>",
]  # fmt: skip


def check(data: bytes) -> None:
    started = time.process_time()
    try:
        for record in read_fhir(data):
            assert isinstance(record, LabReport | Failure)
            if isinstance(record, Failure):
                assert record.reason in reasons()
                assert len(record.place) <= 200 and len(record.detail) <= 200
            else:
                check_report(record)
    except MessageError as error:
        assert error.reason in reasons()
        salvage_bundle_names(data)
    assert time.process_time() - started < SECONDS


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a tree: the container and the key or index in it."""
    pending = [value]
    while pending:
        outer = pending.pop()
        keys = list(outer) if isinstance(outer, dict) else range(len(outer))
        for key in keys:
            yield outer, key
            if isinstance(outer[key], dict | list):
                pending.append(outer[key])


def mutate(whole: Any, dice: random.Random) -> Any:
    """One to four changes to the tree: a value replaced, removed, doubled, wrapped, swapped or renamed."""
    whole = copied(whole)
    for _ in range(dice.randint(1, 4)):
        everywhere = list(places(whole))
        if not everywhere:
            return whole
        outer, key = dice.choice(everywhere)
        other, where = dice.choice(everywhere)
        kind = dice.randrange(8)
        if kind == 0:
            outer[key] = copied(dice.choice(VALUES))
        elif kind == 1:
            del outer[key]
        elif kind == 2:
            outer[key] = [outer[key]]
        elif kind == 3 and isinstance(outer[key], list) and outer[key]:
            outer[key] = outer[key][0]
        elif kind == 4 and isinstance(outer, list):
            outer.insert(dice.randrange(len(outer) + 1), copied(outer[key]))
        elif kind == 5:
            value = copied(other[where])  # taken first: the place may lie inside the other
            outer[key] = value
        elif kind == 6 and isinstance(outer, dict) and isinstance(other, dict):
            outer[where] = copied(outer[key])
        elif isinstance(outer[key], dict):
            outer[key] |= {"reference": dice.choice(["#", "Observation/o0", "urn:uuid:1"])}
    return whole


def to_bytes(whole: Any) -> bytes:
    return fhir.write(whole) if isinstance(whole, dict) else json.dumps(whole).encode()


@pytest.mark.parametrize("seed", range(len(WHOLE)))
def test_fuzz_damaged_bytes(seed: int) -> None:
    dice = random.Random(seed)
    data = fhir.write(WHOLE[seed])
    for _ in range(COUNT // len(WHOLE)):
        check(damage(data, dice))


@pytest.mark.parametrize("seed", range(len(WHOLE)))
def test_fuzz_damaged_structure(seed: int) -> None:
    dice = random.Random(seed + 100)
    for _ in range(COUNT // len(WHOLE)):
        check(to_bytes(mutate(WHOLE[seed], dice)))


def test_fuzz_every_place_with_every_value() -> None:
    """Every field replaced by each of a list of values, one after the other."""
    dice = random.Random(5)
    count = len(list(places(WHOLE[3])))
    pairs = [(index, value) for index in range(count) for value in VALUES]
    for index, value in dice.sample(pairs, min(COUNT, len(pairs))):
        whole = copied(WHOLE[3])
        outer, key = list(places(whole))[index]
        outer[key] = copied(value)
        check(to_bytes(whole))


@settings(max_examples=min(COUNT, 500), deadline=None)
@given(st.binary(max_size=300))
def test_fuzz_any_bytes(data: bytes) -> None:
    check(data)
    check(b'{"resourceType":"Bundle","type":"batch","entry":[' + data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["code", "reference", "coding", "identifier", "value", "status", "hasMember", "x"]), inner, max_size=4
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=min(COUNT, 500), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["DiagnosticReport", "Observation", "Patient", "Specimen"]), JSON
        ),
        max_size=4,
    )
)
def test_fuzz_any_resources(drawn: list[tuple[str, Any]]) -> None:
    made = [
        {"resourceType": kind, **(value if isinstance(value, dict) else {"x": value})}
        for kind, value in drawn
    ]
    check(
        fhir.write(fhir.simple(fhir.organism()) | {"entry": [{"resource": each} for each in made]})
    )


@settings(max_examples=min(COUNT, 500), deadline=None)
@given(st.text(max_size=60), st.sampled_from(["id", "status", "words", "code", "system", "value"]))
def test_fuzz_any_text_in_any_place(text: str, where: str) -> None:
    item: dict[str, Callable[[], Any]] = {
        "id": lambda: fhir.organism(hasMember=[fhir.ref(f"Observation/{text}")]) | {"id": text},
        "status": lambda: fhir.organism(status=text),
        "words": lambda: fhir.organism(name=text),
        "code": lambda: fhir.susceptibility(sir=text),
        "system": lambda: fhir.susceptibility(code={"coding": [{"system": text, "code": text}]}),
        "value": lambda: fhir.susceptibility(valueString=text),
    }
    check(fhir.write(fhir.simple(fhir.organism("f"), item[where]())))


def as_read(build: Callable[[int], list[Any]], count: int) -> bytes:
    return fhir.write(fhir.simple(*build(count)))


LARGE: dict[str, Callable[[int], list[Any]]] = {
    "members of one": lambda n: [
        fhir.organism("o", hasMember=[fhir.ref(f"Observation/a{i}") for i in range(n)]),
        *(fhir.culture(f"a{i}") for i in range(n)),
    ],
    "derived from one": lambda n: [
        fhir.organism("o"), *(fhir.culture(f"a{i}", derivedFrom=[fhir.ref("Observation/o")]) for i in range(n)),
    ],
    "derived from many": lambda n: [
        *(fhir.culture(f"a{i}") for i in range(n)),
        fhir.culture("o", derivedFrom=[fhir.ref(f"Observation/a{i}") for i in range(n)]),
    ],
    "loose results": lambda n: [
        fhir.observation("g", {"text": "G"}, hasMember=[fhir.ref(f"Observation/a{i}") for i in range(n)]),
        *(fhir.susceptibility(f"a{i}") for i in range(n)),
    ],
    "one long chain": lambda n: [
        fhir.culture(f"a{i}", hasMember=[fhir.ref(f"Observation/a{i + 1}")] if i < n - 1 else None) for i in range(n)
    ],
    "the same address": lambda n: [fhir.culture("a", f"Vekst {i}") for i in range(n)],
}  # fmt: skip


@pytest.mark.parametrize("case", LARGE)
def test_large_bundles_take_time_in_proportion(case: str) -> None:
    def seconds(count: int) -> float:
        """The least of three: in a full process the collector's own work is no part of the reader's."""
        data = as_read(LARGE[case], count)
        return min(timeit.repeat(lambda: check(data), timer=time.process_time, repeat=3, number=1))

    assert seconds(8000) < 60 * seconds(500) + 0.5


def test_a_bundle_with_more_entries_than_can_be_right_is_refused() -> None:
    data = b'{"resourceType":"Bundle","type":"batch","entry":[' + b"{}," * 100_000 + b"{}]}"
    with pytest.raises(MessageError, match="too-large"):
        list(read_fhir(data))


def test_many_reports_that_all_reach_many_results_come_to_an_end() -> None:
    members_of = [fhir.ref(f"Observation/a{i}") for i in range(1500)]
    group = fhir.culture("g", "Ingen vekst", hasMember=members_of)
    members = [fhir.culture(f"a{i}", "Ingen vekst") for i in range(1500)]
    reports = [fhir.report(group, id=f"r{i}") for i in range(80)]
    data = fhir.write(
        fhir.bundle(*reports, fhir.patient(), fhir.organization(), fhir.specimen(), group, *members)
    )
    found = list(read_fhir(data))
    assert len(found) == 80 and isinstance(found[0], LabReport)
    assert isinstance(found[-1], Failure) and found[-1].reason == "too-large"


def test_fuzz_undamaged_bundles_are_read() -> None:
    for whole in WHOLE:
        assert all(isinstance(record, LabReport) for record in read_fhir(fhir.write(whole)))
