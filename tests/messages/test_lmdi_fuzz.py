"""Damaged bundles of administered drugs: every entry is answered, and nothing is raised but what is said."""

from __future__ import annotations

import json
import os
import random
from time import process_time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from messages import lmdi_builder as lmdi
from messages.lmdi_builder import SENDER
from messages.test_fhir_fuzz import mutate
from messages.test_fuzz import damage
from varde.messages.lmdi import BundleRefused, read_bundle, reasons
from varde.prescribing import layouts

COUNT = int(os.environ.get("VARDE_FUZZ", "1500"))
WHOLE = lmdi.bundle(
    [
        lmdi.given("d1", "1", reasonReference=[lmdi.ref("why")]),
        lmdi.given("d2", "2", status="entered-in-error"),
        lmdi.given("d3"),
    ]
)
ROUTES = set(layouts()["administrations"].column("route").codes)


def check(data: bytes, owner: str = SENDER) -> bool:
    """See that what is said of a bundle is whole; whether any of it can be used."""
    try:
        found = read_bundle(data, owner=owner)
    except BundleRefused as error:
        assert error.reason in reasons()
        return False
    assert found == read_bundle(data, owner=owner)
    assert [each.entry for each in found.outcomes] == list(range(len(found.outcomes)))
    states = {each.entry: each.state for each in found.outcomes}
    for each in found.outcomes:
        assert (each.state == "refused") == bool(each.reason)
        assert not each.reason or (each.reason in reasons() and each.reason != "reader-fault")
        assert lmdi.FIRST not in repr(each) and lmdi.SECOND not in repr(each)
    for given_ in found.administrations:
        assert states[given_.entry] == "accepted" and given_.patient
        assert given_.route in ROUTES and len(given_.atc) == 7 and len(given_.reason_code) <= 18
        assert (given_.ddd is None) == (given_.ddd_version is None)
        assert given_.ddd is None or 0 <= given_.ddd <= 100_000
        assert given_.age is None or 0 <= given_.age <= 120
    assert all(states[each.entry] == "deleted" for each in found.deletions)
    return bool(found.administrations)


def test_fuzz_damaged_bytes() -> None:
    dice = random.Random(1)
    data = lmdi.write(WHOLE)
    assert sum(check(damage(data, dice)) for _ in range(COUNT)) > COUNT // 100


def test_fuzz_damaged_trees() -> None:
    dice = random.Random(2)
    usable = 0
    for _ in range(COUNT // 2):
        made: Any = mutate(WHOLE, dice)
        usable += check(json.dumps(made).encode())
    assert usable > COUNT // 8


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FIELDS = ("status", "subject", "context", "medicationReference", "effectiveDateTime", "dosage", "identifier", "id", "meta", "contained", "reasonReference")  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), values, max_size=3))
def test_any_value_in_any_field(fields: dict[str, Any]) -> None:
    made = lmdi.bundle([lmdi.given("d1", "1") | {}])
    made["entry"][-1]["resource"] |= fields
    check(json.dumps(made).encode())


def test_large_resources_that_all_refer_to_take_no_longer_than_they_are_large() -> None:
    """Work is counted by the processor's time of twice as much of everything: linear, with room for noise."""

    def seconds(many: int) -> float:
        codings = [{"system": "urn:x", "code": str(n)} for n in range(many)]
        doses = [
            lmdi.given(f"d{n}", str(n), reasonReference=[lmdi.ref("why")]) for n in range(many)
        ]
        made = lmdi.bundle(doses)
        made["entry"] += [lmdi.patient("p1", lmdi.FIRST)] * many
        for each in made["entry"]:
            if each["resource"]["id"] == "pen":
                each["resource"]["code"] = {"coding": codings}
            if each["resource"]["id"] == "why":
                each["resource"]["code"] = {"coding": codings}
        data = lmdi.write(made)
        start = process_time()
        read_bundle(data, owner=SENDER)
        return process_time() - start

    seconds(100)
    assert min(seconds(1600) for _ in range(2)) < 10 * min(seconds(400) for _ in range(2)) + 0.2
