"""A notification of a disease that nobody knows: it waits with the unknown codes, and a person says what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from register.answers import NOW, clock, register_state, send
from register.case_messages import notified
from register.test_confirming import open_site
from varde.cases import Catalogue, diseases
from varde.register import (
    CannotConfirm,
    Incoming,
    confirm,
    reclassify,
    register_status,
    replay,
    suggest_meanings,
    unmapped_codes,
    validate,
    withdraw,
)
from varde.register.opening import Register

pytestmark = pytest.mark.django_db

NONSENSE = notified("Tulldiagnose", code="999")


def cases(state: dict[str, Any] | None = None) -> list[str]:
    return [row[4] for row in (state or register_state())["cases"]]


def test_it_is_told_to_its_sender_and_waits_in_the_queue(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    assert send(register, NONSENSE).unmapped == 1
    [waits] = unmapped_codes()
    assert (waits.kind, waits.code, waits.text, waits.count) == (
        "disease",
        "999",
        "Tulldiagnose",
        1,
    )
    assert waits.system.endswith("80012")
    assert register_status(register)["unknown_diagnoses"] == 1
    [checked] = validate(register, Incoming("f.json", NONSENSE), NOW)
    assert [each[3] for each in checked.unmapped] == ["Tulldiagnose"]


def test_a_known_disease_waits_for_nobody(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    known = sorted(register.context.definitions().diseases["measles"].codes.msis)
    files = [notified("Salmonellose"), *(notified("Noe", f"N{c}", code=c) for c in known)]
    assert send(register, *files).unmapped == 0
    assert unmapped_codes() == []
    assert register_status(register)["unknown_diagnoses"] == 0


def test_what_a_person_confirms_makes_the_cases_at_once_and_is_taken_back(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    send(register, NONSENSE, notified("Tulldiagnose", "N2", code="999", person="02815000237"))
    before = register_state()
    assert cases(before) == []
    [waits] = unmapped_codes()
    expression = (waits.kind, waits.system, waits.code, waits.text)
    for wrong in ("escherichia-coli", "tull", ""):
        with pytest.raises(CannotConfirm):
            confirm(register, expression, wrong, "vakt", NOW)
    assert confirm(register, expression, "measles", "vakt", NOW) == 2
    after = register_state()
    assert cases(after) == ["measles", "measles"]
    assert unmapped_codes() == []
    assert register_status(register)["unknown_diagnoses"] == 0
    # What comes later is understood at once, and a replay comes to the same.
    assert send(register, notified("Tulldiagnose", "N3", code="999", person=None)).unmapped == 0
    assert len(cases()) == 3
    state = register_state()
    replay(register, clock)
    assert register_state() == state
    assert withdraw(register, expression, "vakt", NOW) == 3
    assert cases() == []
    assert register_status(register)["unknown_diagnoses"] == 3


def test_what_it_may_mean_is_suggested_by_the_names_of_diseases(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    codes, definitions = register.context.codes, register.context.definitions()
    for said in ("Meslingr", "Meslinger, mistenkt", "MESLINGER."):
        found = suggest_meanings(codes, definitions, "disease", "", said)
        assert found[0].concept == "measles", said
    assert suggest_meanings(codes, definitions, "disease", "", "Tulldiagnose") == ()
    assert suggest_meanings(codes, definitions, "organism", "", "Escherichia colli")


def test_a_disease_that_gets_a_file_is_known_when_cases_are_made_anew(tmp_path: Path) -> None:
    """And one that loses its file waits."""
    everything = diseases()
    without = {key: one for key, one in everything.items() if key != "measles"}
    fewer, all_ = Catalogue(without), Catalogue(dict(everything))
    register = open_site(tmp_path)
    little = _with(register, fewer)
    send(little, notified("Meslinger", home="0301"))
    assert [each.text for each in unmapped_codes()] == ["Meslinger"]
    assert register_status(little)["unknown_diagnoses"] == 1
    full = _with(register, all_)
    reclassify(full)
    assert (unmapped_codes(), cases()) == ([], ["measles"])
    assert register_status(full)["unknown_diagnoses"] == 0
    state = register_state()
    replay(full, clock)
    assert register_state() == state
    reclassify(_with(register, fewer))
    assert ([each.text for each in unmapped_codes()], cases()) == (["Meslinger"], [])


def _with(register: Register, definitions: Catalogue) -> Register:
    import dataclasses

    context = dataclasses.replace(register.context, definitions=lambda: definitions)
    return dataclasses.replace(register, context=context)


def test_a_known_code_beside_words_that_nobody_knows_waits_for_a_person(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    slip = notified("713 Tulldiagnose", code="713")
    known = notified("713 - koronavirus m. utbruddspot.", "N2", code="713", person="02815000237")
    assert send(register, slip, known).unmapped == 1
    assert cases() == ["covid-19"]
    [waits] = unmapped_codes()
    assert (waits.kind, waits.code, waits.text) == ("disease", "713", "713 Tulldiagnose")
    assert register_status(register)["unknown_diagnoses"] == 1
    confirm(register, (waits.kind, waits.system, waits.code, waits.text), "measles", "vakt", NOW)
    assert sorted(cases()) == ["covid-19", "measles"]
