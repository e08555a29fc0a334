"""Contra-indications under a dose: through the invented terminology, and without one.

Readable cases in a table; the path of each match is checked step by step where it matters.
"""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from guidelines.invented_documents import (
    Json,
    chapter,
    code,
    contraindication,
    dose,
    guideline,
    recommendation,
)
from guidelines.stored import library, on
from varde.codes.snomed import Terminology, load_release, open_terminology
from varde.guidelines import Publication
from varde.guidelines.files import decode_object
from varde.guidelines.matching import find_matches, list_contraindications, say_coupling
from varde.guidelines.model import Doseringsregime, KontraindikasjonData, Treff
from varde.synthetic import INVENTED_SNOMED

PREGNANT = code("77386006", "Gravid")
IS_A, PRECISE, ACTIVE, MODIFIES = "116680003", "762949000", "127489000", "738774007"

CASES = """
    drug                                  | careful with            | listed | because
    fenoksymetylpenicillin oral           | fenoksymetylpenicillin  | yes    | it is its ingredient
    fenoksymetylpenicillin oral           | penicillin              | yes    | a class above the ingredient
    fenoksymetylpenicillin oral           | fenoksymetylpenicillinkalium | no | a salt is narrower than what is in it
    fenoksymetylpenicillin 660 mg tablett | fenoksymetylpenicillinkalium | yes | its precise ingredient
    fenoksymetylpenicillin 660 mg tablett | fenoksymetylpenicillin  | yes    | the salt is a modification of it
    fenoksymetylpenicillin 660 mg tablett | penicillin              | yes    | and that is a penicillin
    doksysyklin 100 mg tablett            | doksysyklin             | yes    | hyclate is a modification
    doksysyklin oral                      | tetrasyklin             | yes    | class
    pivmecillinam 200 mg tablett          | mecillinam              | yes    | salt of an ester of it
    pivmecillinam 200 mg tablett          | pivmecillinam           | yes    | salt of it
    trimetoprim-sulfametoksazol oral      | trimetoprim             | yes    | combination, first ingredient
    trimetoprim-sulfametoksazol oral      | sulfametoksazol         | yes    | combination, second ingredient
    trimetoprim-sulfametoksazol oral      | sulfonamid              | yes    | class of one of the two
    trimetoprim oral                      | sulfametoksazol         | no     | only in the combination
    amoksicillin-klavulansyre oral        | amoksicillin            | yes    | combination
    amoksicillin oral                     | klavulansyre            | no     | only in the combination
    klaritromycin oral                    | penicillin              | no     | another class
    erytromycin oral                      | klaritromycin           | no     | a sister is no match
"""


def rows() -> list[list[str]]:
    lines = [line for line in CASES.splitlines() if line.strip()][1:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


@pytest.fixture(scope="module")
def terminology(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    store = tmp_path_factory.mktemp("snomed") / "store"
    load_release([INVENTED_SNOMED], store)
    return open_terminology(store)


@pytest.fixture(scope="module")
def named() -> dict[str, str]:
    """The code of every concept of the invented release by its Norwegian terms, casefolded."""
    [path] = (INVENTED_SNOMED / "Snapshot" / "Terminology").glob("sct2_Description_Snapshot-nb*")
    with path.open(encoding="utf-8", newline="") as file:
        found = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["term"].casefold(): row["conceptId"] for row in found if row["active"] == "1"}


def find_match(
    dose: Doseringsregime, data: KontraindikasjonData, terminology: Terminology | None
) -> Treff | None:
    """The nearest match."""
    return next(iter(find_matches(dose, data, terminology)), None)


def regimen(drug: Json, *ingredients: Json) -> Any:
    more = {"varde": {"virkestoff": {"koder": list(ingredients)}}} if ingredients else {}
    document = recommendation(regimens=[dose(drug, **more)])
    found = decode_object(json.dumps(document).encode(), "f")
    return (
        found.data.behandlinger[0].behandling.data.standardbehandlingsregimer[0].doseringregimer[0]
    )


def careful(*ingredients: Json) -> KontraindikasjonData:
    document = contraindication("1", PREGNANT, list(ingredients))
    data = decode_object(json.dumps(document).encode(), "f").data
    assert isinstance(data, KontraindikasjonData)
    return data


@pytest.mark.parametrize(("drug", "substance", "listed", "because"), rows())
def test_through_the_terminology(
    drug: str,
    substance: str,
    listed: str,
    because: str,
    terminology: Terminology,
    named: dict[str, str],
) -> None:
    found = find_match(
        regimen(code(named[drug], drug)), careful(code(named[substance], substance)), terminology
    )
    assert bool(found) is (listed == "yes"), because
    if found:
        assert found.metode == "snomed"
        assert found.vei[0].fra.code == named[drug]
        assert found.vei[-1].til.code == named[substance]
        for before, after in zip(found.vei, found.vei[1:], strict=False):
            assert before.til.code == after.fra.code


def relations(found: Treff | None) -> list[str]:
    assert found
    return [step.relasjon.code for step in found.vei]


def test_the_path_of_a_salt_to_its_class(terminology: Terminology, named: dict[str, str]) -> None:
    found = find_match(
        regimen(code(named["fenoksymetylpenicillin 660 mg tablett"], "Tablett")),
        careful(code(named["penicillin"], "Penicillin")),
        terminology,
    )
    assert relations(found)[0] == PRECISE
    assert set(relations(found)[1:]) <= {IS_A, MODIFIES}
    assert found and "Tablett – har" in found.forklaring


def test_the_shortest_path_is_given(terminology: Terminology, named: dict[str, str]) -> None:
    both = [
        code(named["penicillin"], "Penicillin"),
        code(named["fenoksymetylpenicillin"], "Fenoksymetylpenicillin"),
    ]
    found = find_match(
        regimen(code(named["fenoksymetylpenicillin oral"], "V")), careful(*both), terminology
    )
    assert relations(found) == [ACTIVE]
    assert found and found.virkestoff.display == "Fenoksymetylpenicillin"


def test_a_drug_that_is_itself_the_substance(
    terminology: Terminology, named: dict[str, str]
) -> None:
    doxycycline = code(named["doksysyklin"], "Doksysyklin")
    found = find_match(regimen(doxycycline), careful(doxycycline), terminology)
    assert (
        found
        and found.vei == ()
        and found.forklaring == ("Doksysyklin er virkestoffet Doksysyklin.")
    )


UNKNOWN, INGREDIENT, OTHER = code("999", "Nytt"), code("888", "Stoff"), code("777", "Annet")


def test_without_terminology_the_content_s_own_ingredients_are_compared() -> None:
    found = find_match(regimen(UNKNOWN, INGREDIENT), careful(OTHER, INGREDIENT), None)
    assert found and (found.metode, found.vei) == ("innhold", ())
    assert "Innholdet oppgir selv virkestoffet Stoff" in found.forklaring
    assert find_match(regimen(UNKNOWN, INGREDIENT), careful(OTHER), None) is None
    assert find_match(regimen(UNKNOWN), careful(INGREDIENT), None) is None


def test_codes_of_two_systems_are_not_the_same_code() -> None:
    local = INGREDIENT | {"system": "urn:oid:1.2.3"}
    assert find_match(regimen(UNKNOWN, local), careful(INGREDIENT), None) is None


def test_a_drug_that_the_terminology_lacks_is_matched_by_its_ingredients(
    terminology: Terminology, named: dict[str, str]
) -> None:
    known = code(named["doksysyklin"], "Doksysyklin")
    found = find_match(
        regimen(UNKNOWN, known), careful(code(named["tetrasyklin"], "Tetrasyklin")), terminology
    )
    assert found and found.metode == "snomed"
    found = find_match(regimen(UNKNOWN, INGREDIENT), careful(INGREDIENT), terminology)
    assert found and found.metode == "innhold"


def served(terminology: Terminology | None, *, given: Json | None = None) -> Any:
    drug = dose(UNKNOWN, varde={"virkestoff": {"koder": [INGREDIENT]}})
    if given:
        drug["data"]["kontraindikasjoner"] = [given]
    known = library(
        ("2021-11-16", guideline()),
        ("2021-11-16", chapter()),
        ("2021-11-16", recommendation(regimens=[drug])),
        ("2021-11-16", contraindication("1", PREGNANT, [INGREDIENT])),
        ("2021-11-16", contraindication("2", PREGNANT, [OTHER])),
        (
            "2021-11-16",
            contraindication("3", code("5", "Amming"), [INGREDIENT]) | {"status": "Utgått"},
        ),
    )
    publication = Publication(
        known.edition(on("2022-01-01")), terminology, "X" if terminology else None
    )
    found = publication.get("0099-0003-1")
    treatment = found.data.behandlinger[0].behandling.data
    return found, treatment.standardbehandlingsregimer[0].doseringregimer[0].data


def test_a_served_dose_lists_what_matches_and_nothing_else() -> None:
    found, data = served(None)
    [listed] = data.kontraindikasjoner
    assert listed.tittel == "Gravid og Stoff"
    assert listed.varde.id == "0099-0091-1"
    assert data.varde.visning == "Nytt 150 mg x 4"
    assert "Ingen SNOMED CT-utgave er lastet" in found.varde.terminologi


def test_a_served_dose_says_the_terminology(terminology: Terminology) -> None:
    found, _ = served(terminology)
    assert "SNOMED CT-utgaven X er lastet" in found.varde.terminologi


def test_what_the_content_lists_itself_is_kept_and_not_listed_twice() -> None:
    own = {"tekst": "<p>Egen.</p>", "data": contraindication("1", PREGNANT, [INGREDIENT])["data"]}
    _, data = served(None, given=own)
    [listed] = data.kontraindikasjoner
    assert listed.tekst == "<p>Egen.</p>" and not listed.varde


def test_a_combination_is_matched_on_each_ingredient(
    terminology: Terminology, named: dict[str, str]
) -> None:
    both = careful(*(code(named[name], name) for name in ("trimetoprim", "sulfametoksazol")))
    drug = regimen(code(named["trimetoprim-sulfametoksazol oral"], "TMS"))
    found = find_matches(drug, both, terminology)
    assert {one.virkestoff.display for one in found} == {"trimetoprim", "sulfametoksazol"}
    assert all(relations(one) == [ACTIVE] for one in found)
    given = regimen(UNKNOWN, INGREDIENT, OTHER)
    found = find_matches(given, careful(OTHER, INGREDIENT), None)
    assert [one.virkestoff.display for one in found] == ["Stoff", "Annet"]


@pytest.mark.parametrize(
    ("drug", "given", "loaded", "coupling"),
    [
        ("doksysyklin oral", (), True, "snomed"),
        ("doksysyklin oral", (), False, "ingen"),
        ("", (INGREDIENT,), True, "innhold"),
        ("", (INGREDIENT,), False, "innhold"),
        ("", (), True, "ingen"),
    ],
)
def test_a_dose_says_by_what_it_was_looked_for(
    drug: str,
    given: tuple[Json, ...],
    loaded: bool,
    coupling: str,
    terminology: Terminology,
    named: dict[str, str],
) -> None:
    dose = regimen(code(named[drug], drug) if drug else UNKNOWN, *given)
    assert say_coupling(dose, terminology if loaded else None) == coupling


def test_nothing_is_listed_where_nothing_is_known() -> None:
    assert list_contraindications(regimen(UNKNOWN), [], None) == ()
