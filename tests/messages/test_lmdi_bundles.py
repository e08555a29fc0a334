"""Bundles of administered drugs: what is read of them, and what is told of each entry."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import lmdi_builder as lmdi
from messages.lmdi_builder import HOME, OTHER, SENDER, TOWN, Json, bundle, changed, ref, write
from varde.codes import daily_dose, daily_doses
from varde.messages.lmdi import (
    Administration,
    BundleRead,
    BundleRefused,
    Outcome,
    looks_like_bundle,
    read_bundle,
    reasons,
    vocabulary,
)
from varde.messages.lmdi.entries import KINDS

SOURCE = Path(__file__).resolve().parents[2] / "src" / "varde" / "messages" / "lmdi"


def read(made: Json, owner: str = SENDER) -> BundleRead:
    return read_bundle(write(made), owner=owner)


def outcomes(made: Json, owner: str = SENDER) -> dict[str, Outcome]:
    """The name of each entry → what becomes of it."""
    found = read(made, owner).outcomes
    assert [each.entry for each in found] == list(range(len(made["entry"])))
    return {
        each["resource"].get("id", str(number)): outcome
        for number, (each, outcome) in enumerate(zip(made["entry"], found, strict=True))
    }


def refused(made: Json, owner: str = SENDER) -> dict[str, str]:
    return {
        name: each.reason for name, each in outcomes(made, owner).items() if each.state == "refused"
    }


def one(**fields: Any) -> Json:
    return bundle([lmdi.given("d1", "1", **fields)])


def only(made: Json) -> Administration:
    [found] = read(made).administrations
    return found


def test_what_is_read_of_a_bundle() -> None:
    found = read(bundle())
    assert found.identifier == "B1" and not found.refused and not found.deletions
    first = found.administrations[0]
    assert (first.institution, first.given_on) == (HOME, date(2026, 3, 1))
    assert (first.atc, first.route, first.reason_system, first.reason_code) == (
        "J01CE02",
        "O",
        "ICPC-2",
        "R81",
    )
    assert (first.age, first.sex) == (85, "F")
    dose = daily_dose("J01CE02", "O", first.given_on)
    assert dose is not None and dose.unit == "g"
    assert first.ddd == (1 / dose.value).quantize(Decimal("0.001")) and first.ddd_version == 2026
    assert found.administrations[1].reason_code == ""
    assert [each.patient for each in found.administrations] == [
        lmdi.FIRST,
        lmdi.FIRST,
        lmdi.SECOND,
    ]
    assert found.administrations[2].sex == "M" and found.administrations[2].age == 75
    town, home = sorted(found.institutions, key=lambda each: each.institution != TOWN)
    assert (town.kind, town.part_of, town.municipality) == ("municipality", "", "5001")
    assert (home.institution, home.kind, home.part_of) == (HOME, "nursing-home", TOWN)


@given(st.permutations(range(len(bundle()["entry"]))))
def test_the_order_of_entries_means_nothing(order: list[int]) -> None:
    made = bundle()
    mixed = made | {"entry": [made["entry"][number] for number in order]}
    usual, other = read(made), read(mixed)
    assert {each.key for each in usual.administrations} == {
        each.key for each in other.administrations
    }
    assert usual.institutions == other.institutions and not other.refused


# --- numbers of administrations -------------------------------------------------------------------


def test_the_same_number_of_another_sender_or_home_is_another_administration() -> None:
    mine, theirs = only(one()).key, read(one(), "ENH:" + HOME).administrations[0].key
    made = one()
    made["entry"][1]["resource"]["identifier"][0]["value"] = OTHER
    assert len({mine, theirs, read(made).administrations[0].key}) == 3
    assert re.fullmatch("[0-9a-f]{32}", mine)


def test_without_number_the_patient_the_drug_and_the_moment_tell() -> None:
    def key(**fields: Any) -> str:
        return only(bundle([lmdi.given("d1", **fields)])).key

    assert key() == key(dosage=lmdi.dosage("2", "g"))
    others = {key(), key(subject=ref("p2")), key(effectiveDateTime="2026-03-01T09:00:00+01:00")}
    assert len(others) == 3 and key() == key(effectiveDateTime="2026-03-01T07:00:00Z")


def test_what_was_recorded_in_error_is_deleted() -> None:
    made = bundle([lmdi.given("d1", "1", status="entered-in-error"), lmdi.given("d2", "2")])
    found = read(made)
    assert [each.key for each in found.deletions] == [only(one()).key]
    assert outcomes(made)["d1"].state == "deleted" and len(found.administrations) == 1
    bare = lmdi.given("d1", status="entered-in-error")
    [deletion] = read(bundle([bare])).deletions
    assert deletion.key == only(bundle([lmdi.given("d1")])).key


def test_a_deletion_needs_no_more_than_institution_and_number() -> None:
    made = one(status="entered-in-error", effectiveDateTime=None, dosage=None)
    assert len(read(made).deletions) == 1


def test_repeated_is_one_and_contradicted_is_none() -> None:
    twice = bundle([lmdi.given("d1", "1"), lmdi.given("d2", "1")])
    assert len({each.key for each in read(twice).administrations}) == 1 and not refused(twice)
    unlike = bundle(
        [lmdi.given("d1", "1"), lmdi.given("d2", "1", status="entered-in-error"), lmdi.given("d3")]
    )
    assert refused(unlike) == {"d1": "lmdi-contradiction", "d2": "lmdi-contradiction"}
    assert len(read(unlike).administrations) == 1 and not read(unlike).deletions


# --- doses ----------------------------------------------------------------------------------------


@given(
    st.sampled_from([dose for dose in daily_doses() if dose.route in "OP"]),
    st.integers(1, 20_000),
    st.sampled_from(["g", "mg", "ug", "kg", "[iU]", "mL", "{tablet}"]),
)
def test_daily_doses_are_of_unit_and_route_or_unknown(dose: Any, amount: int, code: str) -> None:
    on = dose.valid_to or date(2026, 3, 1)
    made = bundle([lmdi.given("d1", "1")])
    for each in made["entry"]:
        if each["resource"]["resourceType"] == "Medication":
            coding = each["resource"]["extension"][0]["valueCodeableConcept"]["coding"][0]
            coding["code"] = dose.atc
    route = {"O": "26643006", "P": "47625008"}[dose.route]
    last = made["entry"][-1]["resource"]
    last["dosage"] = lmdi.dosage(str(amount), code, route)
    last["effectiveDateTime"] = f"{on}T12:00:00Z"
    grams = {"kg": 1000, "g": 1, "mg": Decimal("1e-3"), "ug": Decimal("1e-6")}
    exact = None
    if code in grams and dose.unit in ("g", "mg"):
        exact = amount * grams[code] / (dose.value * grams[dose.unit])
    if code == "[iU]" and dose.unit in ("MU", "TU"):
        exact = amount / (dose.value * {"MU": 10**6, "TU": 10**3}[dose.unit])
    if exact is not None and exact > 100_000:
        assert refused(made) == {"d1": "lmdi-bad-dose"}
        return
    found = only(made).ddd
    if exact is None or exact <= Decimal("0.0005"):  # just half rounds to the even neighbour, zero
        assert found is None and only(made).ddd_version is None
    else:
        assert found is not None and abs(found - exact) <= Decimal("0.0005")


@pytest.mark.parametrize(
    ("fields", "ddd"),
    [
        (lmdi.dosage("1", "g", system=""), None),
        (lmdi.dosage("1", "g", route="54485002"), None),
        (lmdi.dosage("1", "{tablet}"), None),
        (lmdi.dosage("0.0001", "mg"), None),
        (lmdi.dosage("0", "g"), Decimal("0.000")),
        (lmdi.dosage("2e3", "mg"), Decimal("1.000")),
        ({"dose": lmdi.dosage("1", "g")["dose"]}, None),
    ],
)
def test_unknown_is_never_zero(fields: Json, ddd: Decimal | None) -> None:
    found = only(one(dosage=fields))
    assert found.ddd == ddd and (found.ddd_version is None) == (ddd is None)


def test_the_index_of_the_day_counts() -> None:
    """Oral amoxicillin has been 1.5 g since 2019, and was 1 g before."""
    made = one(effectiveDateTime="2018-12-31T23:30:00+01:00", dosage=lmdi.dosage("1.5", "g"))
    [pen] = [each for each in made["entry"] if each["resource"]["id"] == "pen"]
    pen["resource"]["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] = "J01CA04"
    assert only(made).ddd == Decimal("1.500")
    made["entry"][-1]["resource"]["effectiveDateTime"] = "2018-12-31T23:30:00Z"
    assert only(made).given_on == date(2019, 1, 1) and only(made).ddd == Decimal("1.000")


def test_where_the_atc_code_may_stand() -> None:
    coded = {"coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.7180", "code": "J01CE02"}]}
    for fields in (
        {"code": coded, "extension": None},
        {"code": None, "extension": None, "ingredient": [{"itemCodeableConcept": coded}]},
        {"extension": None, "ingredient": [{"itemReference": ref("base")}]},
    ):
        made = changed("pen", **fields)
        made["entry"].append(lmdi.entry("Substance", "base", code=coded))
        assert {each.atc for each in read(made).administrations} == {"J01CE02"}


def test_infusions_count_on_the_day_they_began() -> None:
    period = {"start": "2026-02-28T23:50:00+01:00", "end": "2026-03-01T00:20:00+01:00"}
    found = only(one(effectiveDateTime=None, effectivePeriod=period))
    assert found.given_on == date(2026, 2, 28)


# --- what is refused ------------------------------------------------------------------------------


def without_profile(made: Json) -> None:
    del made["entry"][-1]["resource"]["meta"]


def set_on(target: str, **fields: Any) -> Callable[[Json], None]:
    def change(made: Json) -> None:
        for each in made["entry"]:
            if each["resource"]["id"] == target:
                each["resource"].update(fields)

    return change


def set_method(made: Json) -> None:
    made["entry"][-1]["request"]["method"] = "PUT"


def no_request(made: Json) -> None:
    del made["entry"][-1]["request"]


def add_twin(made: Json) -> None:
    made["entry"].append(lmdi.patient("p1", lmdi.SECOND))


DOSE_FAULTS: dict[str, list[Callable[[Json], None]]] = {
    "lmdi-method": [set_method, no_request],
    "lmdi-profile": [without_profile],
    "lmdi-forbidden": [set_on("d1", note=[{"text": "x"}]), set_on("d1", performer=[])],
    "lmdi-status": [set_on("d1", status="in-progress"), set_on("d1", status="")],
    "lmdi-time": [
        set_on("d1", effectiveDateTime="2026-03-01"),
        set_on("d1", effectiveDateTime=""),
        set_on("d1", effectiveDateTime="2026-13-01T08:00:00Z"),
        set_on("d1", effectivePeriod={"start": "2026-03-01T08:00:00Z"}),
    ],
    "lmdi-future": [set_on("d1", effectiveDateTime="2026-03-04T08:00:00Z")],
    "absurd-date": [set_on("d1", effectiveDateTime="1926-03-01T08:00:00Z")],
    "lmdi-no-patient": [set_on("d1", subject={})],
    "lmdi-no-drug": [set_on("d1", medicationReference={})],
    "lmdi-no-dose": [set_on("d1", dosage={}), set_on("d1", dosage={"dose": {"unit": "g"}})],
    "lmdi-bad-dose": [
        set_on("d1", dosage=lmdi.dosage("-1", "g")),
        set_on("d1", dosage=lmdi.dosage('"1"', "g")),
        set_on("d1", dosage=lmdi.dosage("1e9", "kg")),
    ],
    "lmdi-no-institution": [set_on("d1", context={}), set_on("stay", serviceProvider={})],
    "lmdi-code-system": [
        set_on(
            "d1",
            dosage=lmdi.dosage("1", "g") | {"route": {"coding": [{"system": "x", "code": "1"}]}},
        ),
    ],
    "lmdi-code-twice": [
        set_on(
            "d1",
            dosage=lmdi.dosage("1", "g")
            | {"route": {"coding": [{"system": lmdi.SNOMED, "code": c} for c in "12"]}},
        ),
    ],
    "dangling-reference": [set_on("d1", subject=ref("nobody")), set_on("d1", context=ref("x"))],
    "wrong-resource": [set_on("d1", subject=ref("home")), set_on("d1", context=ref("p1"))],
    "duplicate-resource": [add_twin],
    "invalid-identity-number": [
        set_on("p1", identifier=[{"system": lmdi.FNR, "value": "17804099999"}])
    ],
    "several-patients": [
        set_on("p1", identifier=[{"system": lmdi.FNR, "value": v} for v in (lmdi.FIRST, lmdi.SECOND)])
    ],
    "contradictory-birth-date": [set_on("p1", birthDate="1940-05-18")],
    "contradictory-sex": [set_on("p1", gender="male")],
    "bad-date": [set_on("p1", birthDate="1940-05-38")],
    "bad-field": [set_on("d1", status=1), set_on("p1", gender="woman"), set_on("d1", subject=[])],
}  # fmt: skip
OTHER_FAULTS: dict[str, list[tuple[str, Callable[[Json], None]]]] = {
    "lmdi-organisation": [
        ("home", set_on("home", name="")),
        ("home", set_on("home", name="n" * 121)),
        ("home", set_on("home", identifier=[])),
        ("town", set_on("town", identifier=[{"system": lmdi.ENH, "value": v} for v in (TOWN, HOME)])),
    ],
    "lmdi-organisation-number": [
        ("home", set_on("home", identifier=[{"system": lmdi.ENH, "value": "974760674"}])),
        ("home", set_on("home", identifier=[{"system": lmdi.ENH, "value": "1234567890"}])),
    ],
    "lmdi-circle": [("town", set_on("town", partOf=ref("home")))],
    "lmdi-no-drug": [("pen", set_on("pen", code={}))],
    "lmdi-code-system": [
        ("why", set_on("why", code={"coding": [{"system": "urn:local", "code": "R81"}]})),
        ("pen", set_on("pen", form={"coding": [{"system": "urn:local", "code": "1"}]})),
    ],
    "lmdi-no-atc": [("d1", set_on("pen", extension=[]))],
    "lmdi-profile": [("p2", set_on("p2", resourceType="Observation"))],
    "lmdi-forbidden": [("p1", set_on("p1", name=[{"family": "Nordmann"}]))],
}  # fmt: skip


def test_what_is_named_by_fest_alone_is_told_what_to_do() -> None:
    """There is no list of FEST here: the refusal says so, where the ATC code is to be had, and where it is to stand."""
    texts = reasons()["lmdi-no-atc"]
    assert "FEST" in texts.nb.explanation and "ikke telt" in texts.nb.explanation
    assert "classification" in texts.nb.action and "på nytt" in texts.nb.action


@pytest.mark.parametrize(
    ("reason", "change"), [(reason, each) for reason, them in DOSE_FAULTS.items() for each in them]
)
def test_a_dose_that_cannot_be_used(reason: str, change: Callable[[Json], None]) -> None:
    made = one()
    change(made)
    found = refused(made)
    assert found.get("d1") == reason
    assert not read(made).administrations and set(found.values()) == {reason}


@pytest.mark.parametrize(
    ("reason", "name", "change"),
    [(reason, name, each) for reason, them in OTHER_FAULTS.items() for name, each in them],
)
def test_what_is_wrong_elsewhere_takes_what_refers_to_it(
    reason: str, name: str, change: Callable[[Json], None]
) -> None:
    made = bundle()
    change(made)
    found = refused(made)
    assert found[name] == reason
    spoiled = {"p1": {"d1", "d2"}, "p2": {"d3"}, "why": {"d1"}}.get(name, {"d1", "d2", "d3"})
    assert {each for each in found if each.startswith("d")} == spoiled
    assert len(read(made).administrations) == 3 - len(spoiled)


def test_every_reason_is_raised_and_explained() -> None:
    own = set(json.loads((SOURCE / "reasons.json").read_text("utf-8")))
    of_all = json.loads((SOURCE.parent / "reasons.json").read_text("utf-8"))  # some in other words
    text = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    raised = set(re.findall(r'"((?:lmdi|envelope)-[a-z-]+)"', text)) - {"lmdi-bundle"}
    assert raised | {"lmdi-bundle"} == own - of_all.keys()
    assert DOSE_FAULTS.keys() | OTHER_FAULTS.keys() <= reasons().keys()
    covered = DOSE_FAULTS.keys() | OTHER_FAULTS.keys() | {"lmdi-bundle", "lmdi-timestamp"}
    assert {key for key in own if key.startswith("lmdi")} <= covered | {"lmdi-contradiction"}
    for code in own:
        for words in (reasons()[code].nb, reasons()[code].en):
            assert 3 < len(words.title) < 50 and not words.title.endswith("."), code
            assert words.explanation.endswith(".") and words.action.endswith("."), code


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        ("lmdi-bundle", {"type": "batch"}),
        ("lmdi-bundle", {"identifier": None}),
        ("lmdi-bundle", {"entry": []}),
        ("lmdi-bundle", {"total": 3}),
        ("lmdi-bundle", {"link": [{"relation": "self", "url": "x"}]}),
        ("lmdi-timestamp", {"timestamp": "2026-03-02"}),
        ("lmdi-timestamp", {"timestamp": ""}),
        ("lmdi-timestamp", {"timestamp": "1926-03-02T05:00:00Z"}),
        ("wrong-bundle", {"resourceType": "Patient"}),
        ("bad-field", {"timestamp": 7}),
    ],
)
def test_bundles_of_which_nothing_can_be_used(reason: str, fields: Json) -> None:
    made = {key: value for key, value in (bundle() | fields).items() if value is not None}
    with pytest.raises(BundleRefused) as error:
        read(made)
    assert error.value.reason == reason in reasons()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe{", write(bundle())[:-9]])
def test_what_is_no_bundle(data: bytes) -> None:
    with pytest.raises(BundleRefused):
        read_bundle(data)


def test_damage_in_one_entry_hides_nothing_of_the_others() -> None:
    """Half a surrogate pair, or a key that stands twice, is a fault of its entry; methods are looked at all the same."""
    for wrong in (b'"gender": "\\ud800"', b'"gender": "male", "gender": "female"'):
        made = bundle()
        made["entry"][-1]["request"]["method"] = "DELETE"
        set_on("p2", gender="female")(made)
        data = write(made)
        at = data.rindex(b'"gender": "female"')
        found = read_bundle(data[:at] + wrong + data[at + 18 :], owner=SENDER)
        reasons_found = {each.entry: each.reason for each in found.refused}
        assert reasons_found.pop(4) in ("malformed-json", "duplicate-key")
        assert reasons_found == {9: "lmdi-method"} and len(found.administrations) == 2


# --- who may speak for whom -----------------------------------------------------------------------


def test_a_sender_speaks_for_its_own_organisations_alone() -> None:
    found = outcomes(bundle(), "ENH:" + OTHER)
    refusals = {name for name, each in found.items() if each.reason == "foreign-sender"}
    assert refusals == {"town", "home", "d1", "d2", "d3"}
    deletion = bundle([lmdi.given("d1", "1", status="entered-in-error")])
    assert refused(deletion, "ENH:" + OTHER)["d1"] == "foreign-sender"
    for owner in (SENDER, "ENH:" + HOME, "", "the operator"):
        assert not refused(bundle(), owner)


def test_a_resh_number_is_a_senders_key_too() -> None:
    made = bundle()
    made["entry"][1]["resource"]["identifier"].append({"system": lmdi.RSH, "value": "4208723"})
    assert not refused(made, "RSH:4208723")
    assert "foreign-sender" in refused(made, "HER:4208723").values()


def test_a_ward_counts_as_the_institution_that_it_is_part_of() -> None:
    made = bundle()
    ward = lmdi.organisation("ward", HOME, "Ward 2", "home")
    ward["resource"]["identifier"] = [{"system": lmdi.RSH, "value": "4208723"}]
    made["entry"].append(ward)
    set_on("stay", serviceProvider=ref("ward"))(made)
    assert {each.institution for each in read(made).administrations} == {HOME}


def test_numbers_alone_do_in_place_of_resources() -> None:
    who = {"identifier": {"system": lmdi.FNR, "value": lmdi.SECOND}}
    where = {"identifier": {"system": lmdi.ENH, "value": HOME}}
    made = bundle([lmdi.given("d1", "1", subject=who)])
    set_on("stay", serviceProvider=where)(made)
    made["entry"] = [each for each in made["entry"] if each["resource"]["id"] not in ("home", "p2")]
    [found] = read(made, "ENH:" + HOME).administrations
    assert (found.institution, found.patient, found.sex) == (HOME, lmdi.SECOND, "M")


def test_somebody_without_number_is_nobody_else() -> None:
    made = bundle([lmdi.given("d1", "1"), lmdi.given("d2", "2", subject=ref("p2"))])
    for name in ("p1", "p2"):
        set_on(name, identifier=[], id="")(made)
    found = read(made).administrations
    assert len({each.patient for each in found}) == 2 and found[1].sex == ""


# --- what is not told -----------------------------------------------------------------------------


def test_no_number_of_a_person_is_in_what_is_told() -> None:
    for number in ("12345678901", lmdi.FIRST[:10] + "0", lmdi.FIRST):
        made = one(subject={"reference": f"Patient/{number}"})
        set_on("p1", identifier=[{"system": lmdi.FNR, "value": number}], gender="male")(made)
        set_on("home", identifier=[{"system": lmdi.ENH, "value": number}])(made)
        assert number not in repr(read(made).outcomes)


def test_bundles_are_known_by_their_beginning() -> None:
    assert looks_like_bundle(write(bundle())) and looks_like_bundle(
        b"\xef\xbb\xbf" + write(bundle())
    )
    assert not looks_like_bundle(b'{"resourceType": "Bundle"}')
    assert not looks_like_bundle(b"administration_id;http://hl7.no/fhir/ig/lmdi/")


def test_the_vocabulary_is_of_types_that_are_read() -> None:
    assert vocabulary().forbidden.keys() <= KINDS
    assert all(ratio > 0 for codes, _ in vocabulary().amounts for ratio in codes.values())


@pytest.mark.parametrize("written", ["03825100368", "Ola Nordmann", "x" * 50])
def test_what_cannot_be_a_type_of_resource_is_not_shown(written: str) -> None:
    """It may be anything, a national number too."""
    made = one()
    set_on("d1", resourceType=written)(made)
    [found] = [each for each in read(made).outcomes if each.reason == "lmdi-profile"]
    assert found.kind == "" and "03825100368" not in repr(found)
