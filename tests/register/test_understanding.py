"""What `validate` says that it understood, in every format and of every kind, and that it tells of nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from register.answers import NOW, PERSONS, answer, make_register
from register.case_messages import notified
from varde.register import Incoming, open_to_validate, validate

EXAMPLES = Path(__file__).parents[2] / "examples" / "messages"
FORMATS = ("kith", "fhir", "hl7v2")


def understood(data: bytes, mapping: bytes | None = None) -> list[dict[str, Any]]:
    items = validate(make_register(), Incoming("x", data, mapping), NOW)
    assert items and all(item.state == "accepted" for item in items), items
    return [to_builtins(item.understood) for item in items]


def written(format: str, name: str, said: str) -> bytes:
    if format == "kith":
        return kith.simple(kith.search(said, name))
    if format == "fhir":
        return fhir.write(fhir.simple(fhir.observation("o", {"text": name}, said)))
    return hl7.simple(hl7.obx(("", name), said, "ST"))


@pytest.mark.parametrize("format", FORMATS)
def test_a_finding_says_what_it_is_taken_for_and_its_case(format: str) -> None:
    [one] = understood(written(format, "Meslingvirus RNA", "Påvist"))
    [found] = one["found"]
    assert (found["answer"], found["said"], found["method"]) == (
        "finding",
        "Meslingvirus",
        "nucleic-acid",
    )
    assert found["organism"]["key"] == "measles-virus"
    [case] = found["cases"]
    assert case["key"] == "measles" and case["name"] == "Meslinger" and case["classification"]
    assert [each["answer"] for each in one["searches"]] == ["found"]
    assert (one["service"], one["status"], "negative" in one) == ("new", "final", False)


@pytest.mark.parametrize("format", FORMATS)
def test_a_negative_answer_says_what_was_looked_for(format: str) -> None:
    [one] = understood(written(format, "Meslingvirus RNA", "Ikke påvist"))
    [search] = one["searches"]
    assert one["negative"] is True and "found" not in one
    assert (search["answer"], search["organism"]["key"]) == ("negative", "measles-virus")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("name", "said", "why"),
    [("Meslingvirus RNA", "Reaktiv", "unread-answer"), ("Rarovirus RNA", "Påvist", "unknown-name")],
)
def test_what_waits_says_why(format: str, name: str, said: str, why: str) -> None:
    [one] = understood(written(format, name, said))
    [found] = one["found"]
    assert (found["answer"], found["why"]) == ("waits", why)
    assert "organism" not in found and "cases" not in found
    [search] = one["searches"]
    assert search["answer"] == ("unclear" if why == "unread-answer" else "found")


def test_a_test_for_several_is_a_search_for_each() -> None:
    [one] = understood(written("kith", "Klamydia/gonoré PCR", "Negativ"))
    keys = [each["organism"]["key"] for each in one["searches"]]
    assert keys == ["chlamydia-trachomatis", "neisseria-gonorrhoeae"]


def test_susceptibilities_material_resistance_and_what_counts_only_with_more() -> None:
    [one] = understood(answer(organism="Staphylococcus aureus"))
    [found] = one["found"]
    assert found["material"]["key"] and found["susceptibilities"] >= 1
    [mrsa] = understood(answer(organism="MRSA"))
    assert mrsa["found"][0]["resistances"] == ("mrsa",)
    assert mrsa["found"][0]["cases"][0]["key"] == "mrsa"


def test_status_and_withdrawal() -> None:
    [early] = understood(answer(status="P"))
    assert early["status"] == "preliminary"
    [gone] = understood(answer(service="C"))
    assert gone == {"service": "cancelled", "status": "final"}


def test_a_form_says_its_disease_or_why_it_waits() -> None:
    [known] = understood(notified("Meslinger"))
    assert (known["answer"], known["disease"]["key"]) == ("known", "measles")
    assert [case["key"] for case in known["cases"]] == ["measles"]
    [unknown] = understood(notified("Tulldiagnose", code="999"))
    assert (unknown["answer"], unknown["why"]) == ("waits", "unknown-name")


def test_no_identifier_of_a_person_is_in_it() -> None:
    number = PERSONS[0]
    data = kith.simple(kith.search("Påvist", f"Rarovirus {number} RNA"))
    for each in (*understood(data), *understood(answer(person=number))):
        assert number not in json.dumps(each)


@pytest.mark.parametrize("name", sorted(p.name for p in EXAMPLES.iterdir() if p.suffix != ".toml"))
def test_every_example_is_told_of(name: str, tmp_path: Path) -> None:
    mapping = EXAMPLES / f"{name}.mapping.toml"
    register = open_to_validate(tmp_path, name[:4] if name[:4] in ("norm", "ravn") else "default")
    register_kind = register.alias if register.alias != "default" else ""
    given = mapping.read_bytes() if mapping.exists() else None
    incoming = Incoming(name, (EXAMPLES / name).read_bytes(), given, kind=register_kind)
    items = validate(register, incoming, NOW)
    assert items
    for item in items:
        said = to_builtins(item.understood)
        assert set(said) - {"service", "status"}, said
        results = (*said.get("found", ()), *said.get("searches", ()))
        assert all(one["answer"] in ("finding", "negative", "found") for one in results), said
        assert said.get("answer", "known") == "known"


@pytest.mark.parametrize(
    ("born", "keys"),
    [
        ("1980-02-03", [("syphilis", "confirmed")]),
        ("2025-01-10", [("congenital-syphilis", "confirmed")]),
        (None, [("congenital-syphilis", ""), ("syphilis", "confirmed")]),
    ],
)
def test_the_age_of_the_person_decides_which_disease_a_finding_counts_for(
    born: str | None, keys: list[tuple[str, str]]
) -> None:
    found = kith.patient(
        kith.specimen(), kith.search("Påvist", "Treponema pallidum PCR"), born=born
    )
    [one] = understood(kith.message(kith.report(found)))
    cases = one["found"][0]["cases"]
    assert [(each["key"], each.get("classification", "")) for each in cases] == keys
