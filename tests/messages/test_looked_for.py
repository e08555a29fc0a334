"""What was looked for: the same of one answer in three wire formats, and of lists; and what is no search."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from messages import fhir_builder as fhir
from messages import gallery
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from messages.test_beside import both
from varde.messages import Failure, LabReport, read
from varde.messages.answers.looked_for import Said, asked_in, outcome_of
from varde.messages.answers.searches import Search
from varde.messages.records import Code, LookedFor

Sought = list[tuple[list[str], str, str]]
CHLAMYDIA = "U-Chlamydia trachomatis DNA"
SEARCHES: list[tuple[str, str | None, str, Sought]] = [
    (CHLAMYDIA, "Ikke påvist", "F", [(["Chlamydia trachomatis"], "nucleic-acid", "not-found")]),
    (CHLAMYDIA, "Påvist", "F", [(["Chlamydia trachomatis"], "nucleic-acid", "found")]),
    (CHLAMYDIA, "Inkonklusiv", "F", [(["Chlamydia trachomatis"], "nucleic-acid", "inconclusive")]),
    (CHLAMYDIA, "Se kommentar", "F", [(["Chlamydia trachomatis"], "nucleic-acid", "inconclusive")]),
    (CHLAMYDIA, "Svar følger", "P", [(["Chlamydia trachomatis"], "nucleic-acid", "pending")]),
    (CHLAMYDIA, "Under arbeid", "P", [(["Chlamydia trachomatis"], "nucleic-acid", "pending")]),
    (CHLAMYDIA, None, "P", [(["Chlamydia trachomatis"], "nucleic-acid", "pending")]),
    (CHLAMYDIA, "...", "P", [(["Chlamydia trachomatis"], "nucleic-acid", "pending")]),
    (CHLAMYDIA, None, "F", []),
    (CHLAMYDIA, "Ikke utført", "F", []),
    ("P-Meslingvirus IgM", "Ikke påvist (negativ)", "F", [(["Meslingvirus"], "antibody-igm", "not-found")]),
    ("F-Salmonella dyrkning", "Ingen vekst", "F", [(["Salmonella"], "culture", "not-found")]),
    ("Blodkultur dyrkning", "Ingen vekst etter 5 døgn", "F", [([], "culture", "not-found")]),
    ("U-Bakterier dyrkning", "Vekst", "F", [([], "culture", "found")]),
    ("U-Bakterier dyrkning", "Blandingsflora", "F", [([], "culture", "inconclusive")]),
    ("U-Bakterier dyrkning", "Dyrkning pågår", "P", [([], "culture", "pending")]),
    ("Sopp dyrkning", "Ingen vekst", "F", [(["Sopp"], "culture", "not-found")]),
    ("Luftveispanel PCR", "Ikke påvist", "F", [(["Luftveispanel"], "nucleic-acid", "not-found")]),
    ("Meslingvirus", "Negativ", "F", [(["Meslingvirus"], "", "not-found")]),
    ("Meslingvirus", None, "P", []),
    ("U-Leukocytter stix", "Negativ", "F", []),
]  # fmt: skip


def in_kith(name: str, said: str | None, status: str) -> bytes:
    person = kith.patient(kith.specimen(), kith.search(said, name))
    return kith.message(kith.report(person, status=status))


def in_fhir(name: str, said: str | None, status: str) -> bytes:
    code = fhir.concept((fhir.LOCAL, "M", name))
    of_report = {"F": "final", "P": "preliminary"}[status]
    return fhir.write(
        fhir.simple(fhir.search("o1", said, code, status=of_report), status=of_report)
    )


def in_hl7(name: str, said: str | None, status: str) -> bytes:
    value = ("", said) if said else ("",)
    return hl7.simple(hl7.search(value, None, ("M", name, "L"), f11=status), f25=status)


def sought(data: bytes) -> Sought:
    (report,) = read(data)
    assert isinstance(report, LabReport), report
    assert all(one.specimen == 1 for one in report.looked_for)
    return [
        ([code.text or code.code for code in one.organisms], one.method, one.answer)
        for one in report.looked_for
    ]


@pytest.mark.parametrize("wire", [in_kith, in_fhir, in_hl7])
@pytest.mark.parametrize(("name", "said", "status", "expected"), SEARCHES)
def test_one_answer_says_the_same_in_every_format(
    name: str,
    said: str | None,
    status: str,
    expected: Sought,
    wire: Callable[[str, str | None, str], bytes],
) -> None:
    (report,) = read(wire(name, said, status))
    if isinstance(report, Failure):  # a report with nothing of microbiology in it
        assert expected == [] and report.reason == "not-microbiology"
        return
    assert sought(wire(name, said, status)) == expected


def test_what_is_identified_in_a_culture_is_told_by_its_finding() -> None:
    culture = (kith.culture("Vekst", item="C1"), kith.identification("E. coli", refers="C1"))
    assert sought(kith.simple(*culture)) == [([], "culture", "found")]
    nothing = (kith.culture(None, item="C1"), kith.identification("Ingen vekst", refers="C1"))
    assert sought(kith.simple(*nothing)) == [([], "culture", "not-found")]
    salmonella = kith.search(None, "F-Salmonella dyrkning", item="C1")
    assert sought(kith.simple(salmonella, nothing[1])) == [(["Salmonella"], "culture", "not-found")]


def test_what_is_deleted_or_said_twice_counts_never_and_once() -> None:
    negative = kith.search("Ikke påvist", CHLAMYDIA)
    deleted = kith.search("Ikke påvist", "P-Meslingvirus IgM", status="14")
    assert len(sought(kith.simple(negative, negative, deleted))) == 1


def test_an_order_without_result_is_on_its_way() -> None:
    name = ("M", CHLAMYDIA, "L")
    waiting = [hl7.obr("R1"), hl7.organism(("", "No growth"), "1"), hl7.spm()]
    waiting += [hl7.obr("R1", name, f25="I"), hl7.spm()]
    (first, *rest) = read(hl7.message(hl7.pid(), *waiting))
    told = [
        (one.method, one.answer)
        for report in (first, *rest)
        if isinstance(report, LabReport)
        for one in report.looked_for
    ]
    assert told == [("culture", "not-found"), ("nucleic-acid", "pending")]


def test_a_row_of_a_list_in_which_nothing_grew_is_a_culture() -> None:
    row = gallery.VALID_ROW
    nothing = row.replace("Escherichia coli", "Ingen vekst").rsplit(",", 2)[0] + ",,"
    grown, none = read(gallery.rows(row, nothing), gallery.MAPPING)
    assert isinstance(grown, LabReport) and isinstance(none, LabReport), none
    assert grown.looked_for == ()
    assert none.looked_for == (LookedFor(specimen=1, method="culture", answer="not-found"),)


def test_a_value_that_names_another_organism_is_for_a_person() -> None:
    names = (Code(text="F-Salmonella dyrkning"),)
    asked = asked_in(names, (), True)
    assert asked is not None and asked.one
    other = Search("culture", (Code(text="Escherichia coli"),))
    typhi = Search("culture", (Code(text="Salmonella Typhi"),))
    assert outcome_of(names, asked, Said((), (other,))) == "inconclusive"
    assert outcome_of(names, asked, Said((), (typhi,))) == "found"


@pytest.mark.parametrize("said", ["Følger", "Inkonklusiv", "Usikker"])
def test_the_other_gene_of_an_organism_is_looked_for_also_where_it_waits(said: str) -> None:
    for order in (1, -1):
        for report in both(*[("stx1", "Ikke påvist"), ("stx2", said)][::order]):
            answers = {one.organisms[0].text: one.answer for one in report.looked_for}
            assert answers["stx1"] == "not-found"
            assert answers["stx2"] in ("pending", "inconclusive")
            assert not report.negative
    for report in both(("stx1", "Ikke påvist"), ("stx2", "Ikke påvist")):
        assert report.negative
