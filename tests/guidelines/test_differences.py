"""What changed between two versions, in a reader's words."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from guidelines.invented_documents import Json, code, dose, objects, recommendation
from varde.guidelines import Change, compare, write_change
from varde.guidelines.differences import compare_words
from varde.guidelines.files import decode_object

DRUG = code("1", "Fenoksymetylpenicillin oral")


def changes(old: Json, new: Json) -> tuple[Change, ...]:
    return compare(
        decode_object(json.dumps(old).encode(), "old"),
        decode_object(json.dumps(new).encode(), "new"),
    )


def treated(days: Any = "7", amount: Any = "1000", **more: Any) -> Json:
    found = recommendation(regimens=[dose(DRUG, amount)], **more)
    found["data"]["behandlinger"][0]["behandling"]["data"]["varighetBehandlingAntallDogn"] = days
    return found


def test_seven_days_to_five() -> None:
    [change] = changes(treated("7"), treated("5"))
    assert (change.label, change.old, change.new, change.kind) == (
        "Behandling, varighet av behandling i døgn",
        "7",
        "5",
        "changed",
    )
    assert change.path == "$.data.behandlinger[0].behandling.data.varighetBehandlingAntallDogn"


def test_a_number_becomes_an_interval() -> None:
    [change] = changes(treated(amount="1000"), treated(amount={"lav": "660", "hoy": "1300.5"}))
    assert (change.old, change.new) == ("1000", "660–1300,5")
    assert change.label == "Fenoksymetylpenicillin oral (standardbehandling 1), dose"


def test_a_drug_is_replaced() -> None:
    other = recommendation(regimens=[dose(code("2", "Doksysyklin oral"), "1000")])
    other["data"]["behandlinger"][0]["behandling"]["data"]["varighetBehandlingAntallDogn"] = "7"
    [change] = changes(treated(), other)
    assert change.old == "Fenoksymetylpenicillin oral (1)"
    assert change.new == "Doksysyklin oral (2)"


def test_words_of_a_text_are_kept_removed_and_added() -> None:
    [change] = changes(
        treated(intro="<p>Behandle i sju døgn</p>"),
        treated(intro="<p>Behandle i <b>fem</b> døgn</p>"),
    )
    assert [(piece.kind, piece.text) for piece in change.pieces] == [
        ("same", "Behandle i"),
        ("removed", "sju"),
        ("added", "fem"),
        ("same", "døgn"),
    ]


def test_a_long_text_is_told_by_what_changed() -> None:
    words = " ".join(f"ord{number}" for number in range(30))
    [change] = changes(
        treated(intro=f"<p>{words} sju {words}</p>"),
        treated(intro=f"<p>{words} <em>fem</em> {words}</p>"),
    )
    assert write_change(change) == (
        "Innledning: … ord26 ord27 ord28 ord29 [-sju-] {+fem+} ord0 ord1 ord2 ord3 …"
    )
    [change] = changes(treated("7"), treated("5"))
    assert write_change(change) == "Behandling, varighet av behandling i døgn: 7 → 5"


def test_tags_within_words_leave_no_blank() -> None:
    [change] = changes(
        treated(intro="<p>sju</p><p>døgn</p>"), treated(intro="<p><b>fem</b>, til</p>")
    )
    assert (change.old, change.new) == ("sju døgn", "fem, til")


def test_what_is_added_and_removed() -> None:
    [added] = changes(treated(), treated(maalgruppe=["Fastleger"]))
    assert (added.kind, added.label, added.new) == ("added", "Målgruppe", "Fastleger")
    [removed] = changes(treated(intro="x"), treated())
    assert (removed.kind, removed.old) == ("removed", "x")


def test_a_regimen_put_in_first_is_no_change_of_the_others() -> None:
    old = recommendation(regimens=[dose(DRUG)])
    new = recommendation(regimens=[dose(code("2", "Amoksicillin oral")), dose(DRUG)])
    found = changes(old, new)
    assert {change.kind for change in found} == {"added"}
    assert all(change.path.startswith("$.data.behandlinger[0]") for change in found)
    assert all(
        change.label.startswith("Amoksicillin oral (standardbehandling 1), ") for change in found
    )


def regimen(heading: str, *doses: Json, **limits: Any) -> Json:
    found: Json = {"doseringregimer": list(doses)}
    if heading:
        found["overskrift"] = heading
    if limits:
        found["varde"] = {"gjelderFor": limits}
    return found


def with_regimens(*standard: Json, alternatives: tuple[Json, ...] = (), heading: str = "") -> Json:
    found = treated()
    [treatment] = found["data"]["behandlinger"]
    treatment["behandling"]["data"]["standardbehandlingsregimer"] = list(standard)
    if alternatives:
        treatment["behandling"]["data"]["alternativebehandlingsregimer"] = list(alternatives)
    if heading:
        treatment["overskrift"] = heading
    return found


def lasting(name: str, days: str, amount: str = "100") -> Json:
    found = dose(code(name, f"{name} oral"), amount)
    found["data"]["administrasjonsvei"] = {"koder": [code("26643006", "peroralt")]}
    found["data"]["varighetDoseringsregimeAntallDogn"] = days
    return found


ADULTS = "Straksreaksjon på penicillin: voksne"


def labels(old: Json, new: Json) -> list[str]:
    return [write_change(change) for change in changes(old, new)]


def test_a_place_is_named_by_drug_and_regimen() -> None:
    first = regimen("", lasting("Amoksicillin", "5"))
    old = with_regimens(first, alternatives=(regimen(ADULTS, lasting("Doksysyklin", "6")),))
    new = with_regimens(first, alternatives=(regimen(ADULTS, lasting("Doksysyklin", "4")),))
    assert labels(old, new) == [f"Doksysyklin ({ADULTS}), varighet i døgn: 6 → 4"]


def test_without_a_heading_the_limits_name_a_regimen() -> None:
    limits = {"vektKg": {"til": "40"}}
    old = with_regimens(regimen("", lasting("Doksysyklin", "6"), **limits))
    new = with_regimens(regimen("", lasting("Doksysyklin", "4"), **limits))
    [said] = labels(old, new)
    assert said == "Doksysyklin (Under 40 kg), varighet i døgn: 6 → 4"


def test_a_treatment_and_a_regimen_have_their_headings() -> None:
    old = with_regimens(regimen("Voksne", lasting("A", "5")), heading="Antibiotika")
    new = with_regimens(
        regimen("Voksne", lasting("A", "5"), alderAar={"fra": "18"}), heading="Antibiotika"
    )
    [change] = changes(old, new)
    assert change.label.startswith("Standardbehandling: Voksne, gjelder for")
    new["data"]["behandlinger"][0]["behandling"]["data"]["varighetBehandlingAntallDogn"] = "3"
    assert "Antibiotika, varighet av behandling i døgn: 7 → 3" in labels(old, new)


def test_what_was_taken_out_has_the_name_that_it_had() -> None:
    adults, children = (regimen(name, lasting("A", "5")) for name in ("Voksne", "Barn"))
    found = changes(with_regimens(adults, children), with_regimens(children))
    assert {change.kind for change in found} == {"removed"}
    assert all("Voksne" in change.label for change in found)


def test_regimens_of_one_name_are_compared_with_each_other() -> None:
    adults, children = (regimen(name, lasting("A", "5")) for name in ("Voksne", "Barn"))
    shorter = regimen("Voksne", lasting("A", "4"))
    added = regimen("Spedbarn", lasting("B", "9"))
    found = labels(with_regimens(adults, children), with_regimens(added, shorter, children))
    assert "A (Voksne), varighet i døgn: 5 → 4" in found
    assert all("Spedbarn" in said or "Voksne" in said for said in found)


def test_places_with_the_same_name_are_told_apart_by_number() -> None:
    old, new = (
        with_regimens(
            regimen("Voksne", lasting("A", days)),
            alternatives=(regimen("Voksne", lasting("A", days)),),
        )
        for days in ("5", "4")
    )
    assert labels(old, new) == [
        "A (Voksne), varighet i døgn (behandling 1, standardbehandling 1, legemiddel 1): 5 → 4",
        "A (Voksne), varighet i døgn (behandling 1, alternativ 1, legemiddel 1): 5 → 4",
    ]


@settings(max_examples=60)
@given(objects())
def test_an_object_does_not_differ_from_itself(document: Json) -> None:
    assert changes(document, document) == ()


@settings(max_examples=60)
@given(objects(), objects())
def test_two_objects_that_differ_are_told_apart_both_ways(one: Json, other: Json) -> None:
    forth, back = changes(one, other), changes(other, one)
    without = [{k: v for k, v in document.items() if k != "links"} for document in (one, other)]
    if without[0] == without[1]:
        assert forth == back == ()
    elif json.dumps(without[0]) != json.dumps(without[1]):
        assert bool(forth) == bool(back)


@given(st.text("ab c", max_size=30), st.text("ab c", max_size=30))
def test_the_pieces_make_up_both_texts(old: str, new: str) -> None:
    pieces = list(compare_words(old, new))
    for kind, text in (("removed", old), ("added", new)):
        kept = " ".join(piece.text for piece in pieces if piece.kind in ("same", kind))
        assert kept.split() == text.split()
