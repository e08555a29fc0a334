"""The content that comes with Varde: whole, sourced, marked, and what it says of well-known cases."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from varde.codes import diagnosis_codes
from varde.codes.snomed import Terminology, load_release, open_terminology
from varde.guidelines import SHIPPED, Entry, Library, Publication, check_folders, read_library
from varde.guidelines.files import read_folder, write_version
from varde.guidelines.model import AnbefalingData
from varde.guidelines.treatments import iterate_doses, iterate_regimens
from varde.synthetic import INVENTED_SNOMED

TODAY = date(2026, 11, 25)


@cache
def library() -> Library:
    return read_library(SHIPPED)


def named(slug: str, on: date = TODAY) -> Entry:
    id_ = library().id_of_slug("anbefaling", slug)
    assert id_
    return library().edition(on).get(id_)


def data_of(slug: str, on: date = TODAY) -> AnbefalingData:
    data = named(slug, on).innhold.data
    assert isinstance(data, AnbefalingData)
    return data


@pytest.fixture(scope="module")
def terminology(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    store = tmp_path_factory.mktemp("shipped") / "store"
    load_release([INVENTED_SNOMED], store)
    return open_terminology(store)


def test_it_is_in_order_and_all_published(terminology: Terminology) -> None:
    result = check_folders([SHIPPED], terminology)
    assert result.findings == ()
    assert result.drafts == ()


def test_every_file_is_written_as_the_model_writes_it() -> None:
    for stored in read_folder(SHIPPED):
        assert (SHIPPED / stored.name).read_bytes() == write_version(stored.version), stored.name


def test_there_are_enough_conditions_with_both_codes() -> None:
    both = [
        entry
        for entry in library().edition(TODAY).current("anbefaling")
        if entry.innhold.koder
        and entry.innhold.koder.of("ICPC-2")
        and entry.innhold.koder.of("ICD-10")
    ]
    assert len(both) >= 25


def test_every_diagnosis_code_has_a_name() -> None:
    for entry in library().entries():
        for system in ("ICPC-2", "ICD-10"):
            for code in entry.innhold.koder.of(system) if entry.innhold.koder else ():
                assert (system, code) in diagnosis_codes(), f"{entry.stored.name}: {system} {code}"


def test_everything_is_marked_as_demonstration_and_sourced() -> None:
    for entry in library().entries():
        assert entry.sources, entry.stored.name
        assert entry.innhold.eier == ("Varde (demonstrasjonsinnhold)",)
        if entry.innhold.info_type in ("retningslinje", "kapittel", "anbefaling"):
            assert str(entry.innhold.intro).startswith(
                "Demonstrasjonsinnhold laget for Varde. Ikke til klinisk bruk."
            )


@pytest.mark.parametrize(
    ("slug", "day", "days"),
    [
        ("pneumoni", date(2024, 6, 26), 7),
        ("pneumoni", date(2024, 6, 27), 5),
        ("kols-forverring", date(2024, 6, 26), 7),
        ("kols-forverring", date(2024, 6, 27), 5),
        ("cystitt-hos-gravide", date(2024, 6, 26), 7),
        ("cystitt-hos-gravide", date(2024, 6, 27), 5),
    ],
)
def test_seven_days_became_five(slug: str, day: date, days: int) -> None:
    treated: Any = [
        one.behandling.data
        for one in data_of(slug, day).behandlinger or ()
        if one.behandling.data and one.behandling.data.varighetBehandlingAntallDogn
    ]
    assert {int(inner.varighetBehandlingAntallDogn.low) for inner in treated} == {days}


LINES = """
    akutt-mediaotitt                 | Fenoksymetylpenicillin peroralt 1 g x 4 i 5 døgn
    pneumoni                         | Fenoksymetylpenicillin peroralt 1 g x 4 i 5 døgn
    streptokokkhals-og-skarlagensfeber | Fenoksymetylpenicillin peroralt 660 mg x 4 i 5 døgn
    atypisk-pneumoni                 | Doksysyklin peroralt 200 mg x 1 i 1 døgn ladningsdose etterfulgt av 100 mg x 1 i 6 døgn
    cystitt-hos-barn                 | Pivmecillinam peroralt 7,5 mg/kg x 3
    erythema-migrans                 | Fenoksymetylpenicillin peroralt 20 mg/kg x 4
    alvorlig-pneumoni-i-sykehus      | Benzylpenicillin intravenøst 3 g x 4
    alvorlig-pneumoni-i-sykehus      | Gentamicin intravenøst 6 mg/kg x 1
    komplisert-odontogen-infeksjon-i-sykehus | Metronidazol intravenøst 1,5 g
    pyelonefritt                     | Trimetoprim-sulfametoksazol peroralt 2 tabletter x 2 i 7 døgn
    akutt-prostatitt                 | Ciprofloksacin peroralt 500 mg x 2 i 14 døgn
    gonore                           | Ceftriakson intramuskulært 1 g
"""


@pytest.mark.parametrize(
    ("slug", "line"),
    [[cell.strip() for cell in row.split("|")] for row in LINES.strip().splitlines()],
)
def test_lines_of_the_facts(slug: str, line: str) -> None:
    served = Publication(library().edition(TODAY)).get(named(slug).innhold.id)
    assert isinstance(served.data, AnbefalingData)
    shown = [str(dose.data.varde.visning) for dose in iterate_doses(served.data) if dose.data.varde]
    assert any(one.startswith(line) for one in shown), shown


def test_every_kind_of_regimen_and_treatment_occurs() -> None:
    kinds, without_drugs, by_weight, loads, intervals = set(), 0, 0, 0, 0
    for entry in library().edition(TODAY).current("anbefaling"):
        data = entry.innhold.data
        kinds |= {placed.kind for placed in iterate_regimens(data)}
        without_drugs += sum(not one.behandling.data for one in data.behandlinger)
        for dose in iterate_doses(data):
            dosing = dose.data.dosering
            by_weight += bool(
                dosing and dosing.dose and "/kg" in dosing.styrkeEnhetDosering.display
            )
            loads += bool(dosing and dosing.eventuellLadningsdose)
            intervals += bool(dosing and dosing.dose and dosing.dose.is_interval)
    assert len(kinds) == 3
    assert min(without_drugs, by_weight, loads, intervals) >= 2


def test_each_recommendation_belongs_to_a_guideline_and_one_to_two() -> None:
    edition = library().edition(TODAY)
    roots = {e.slug: len(edition.roots(e.innhold.id)) for e in edition.current("anbefaling")}
    assert min(roots.values()) == 1 and max(roots.values()) == 2


def conditions(slug: str, drug: str, terminology: Terminology | None) -> set[str]:
    """The conditions to be careful in that are listed under the first dose of this drug."""
    served = Publication(library().edition(TODAY), terminology, "x").get(named(slug).innhold.id)
    assert isinstance(served.data, AnbefalingData)
    for dose in iterate_doses(served.data):
        if dose.data.legemiddeldoseringsregime.koder[0].display.startswith(drug):
            return {
                code.display
                for one in dose.data.kontraindikasjoner or ()
                for code in one.data.tilstand.koder
            }
    raise AssertionError(f"{slug} has no {drug}")


CAREFUL = [
    ("pneumoni", "Fenoksymetylpenicillin", "straksreaksjon", True),
    ("pneumoni", "Doksysyklin", "straksreaksjon", False),
    ("cystitt-hos-menn", "Pivmecillinam", "karnitinmangel", True),
    ("cystitt-hos-menn", "Nitrofurantoin", "karnitinmangel", False),
    ("cystitt-hos-menn", "Nitrofurantoin", "nyrefunksjon", True),
    ("pyelonefritt", "Trimetoprim-sulfametoksazol", "trimester", True),
    ("akutt-prostatitt", "Ciprofloksacin", "Ciprofloksacin bivirkning", True),
]


@pytest.mark.parametrize(("slug", "drug", "condition", "listed"), CAREFUL)
@pytest.mark.parametrize("loaded", [True, False])
def test_contra_indications_with_and_without_terminology(
    slug: str, drug: str, condition: str, listed: bool, loaded: bool, terminology: Terminology
) -> None:
    found = conditions(slug, drug, terminology if loaded else None)
    assert any(condition in one for one in found) is listed, found


def test_without_terminology_no_contra_indication_of_the_content_is_lost(
    terminology: Terminology,
) -> None:
    """Where somebody has loaded nothing, each dose must list what the terminology would list."""
    edition = library().edition(TODAY)
    with_one, without = Publication(edition, terminology, "x"), Publication(edition)
    for entry in edition.current("anbefaling"):
        listed = [
            [
                {one.varde.id for one in dose.data.kontraindikasjoner}
                for dose in iterate_doses(publication.get(entry.innhold.id).data)
            ]
            for publication in (with_one, without)
        ]
        assert listed[0] == listed[1], entry.stored.name


def test_the_folder_holds_nothing_else() -> None:
    known = {stored.name for stored in read_folder(SHIPPED)} | {"published.json"}
    assert {
        p.relative_to(SHIPPED).as_posix() for p in Path(SHIPPED).rglob("*") if p.is_file()
    } == known
