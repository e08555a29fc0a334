"""Which analyses are searches for an organism, by their names; and what the readers make of their answers."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from varde.codes import CodeMap
from varde.messages import Code, Failure, Finding, LabReport, read
from varde.messages.answers.searches import LONGEST, find_search, method_of, words

SEARCHES = [
    ("Morbillivirus RNA", "nucleic-acid", "Morbillivirus"),
    ("P-Meslingvirus IgM", "antibody-igm", "Meslingvirus"),
    ("Us-SARS-CoV-2 antigen", "antigen", "SARS-CoV-2"),
    ("SARS-CoV-2 Ag", "antigen", "SARS-CoV-2"),
    ("Legionella pneumophila antigen i urin", "antigen", "Legionella pneumophila"),
    ("Legionella pneumophila antigen (urin)", "antigen", "Legionella pneumophila"),
    ("Toksigen Clostridioides difficile, toksin B-gen DNA", "nucleic-acid", "Clostridioides difficile"),
    ("F-Clostridioides difficile toksin A/B", "toxin", "Clostridioides difficile"),
    ("Bordetella pertussis DNA", "nucleic-acid", "Bordetella pertussis"),
    ("Sekr-Bordetella pertussis DNA (PCR)", "nucleic-acid", "Bordetella pertussis"),
    ("PCR Bordetella pertussis", "nucleic-acid", "Bordetella pertussis"),
    ("Mycoplasma genitalium NAAT", "nucleic-acid", "Mycoplasma genitalium"),
    ("Hiv-1/2 antistoff/antigen", "antibody", "Hiv-1/2"),
    ("Hiv 1+2 antigen+antistoff", "antibody", "Hiv 1+2"),
    ("Antistoff mot Borrelia burgdorferi IgG", "antibody-igg", "Borrelia burgdorferi"),
    ("Treponema pallidum antistoff (IgG+IgM)", "antibody", "Treponema pallidum"),
    ("Treponema pallidum As", "antibody", "Treponema pallidum"),
    ("Rubellaantistoff", "antibody", "Rubella"),
    ("HBsAg", "antigen", "HBsAg"),
    ("Anti-HCV", "antibody", "HCV"),
    ("Anti-HBc IgM", "antibody-igm", "HBc"),
    ("P-Hepatitt B-virus s-antigen", "antigen", "Hepatitt B-virus"),
    ("HCV-RNA", "nucleic-acid", "HCV"),
    ("B(vB)-Plasmodium mikroskopi", "microscopy", "Plasmodium"),
    ("Påvisning av norovirus RNA i feces", "nucleic-acid", "norovirus"),
    ("Skogflåttencefalittvirus (TBE) IgM", "antibody-igm", "Skogflåttencefalittvirus (TBE)"),
    ("Influensa AB RNA", "nucleic-acid", "Influensa AB"),
    ("P—Measles virus antibody(IgM); arb.c.(proc.) = ?", "antibody-igm", "Measles virus"),
    ("Legionella pneumophila 1 Ag [Presence] in Urine by Immunoassay", "antigen", "Legionella pneumophila 1"),
    ("Influenza A [Presence] in Specimen by NAA", "nucleic-acid", "Influenza A"),
    ("Legionella dyrkning og PCR", "nucleic-acid", "Legionella"),
    ("F-Salmonella dyrkning", "culture", "Salmonella"),
    ("MRSA dyrkning", "culture", "MRSA"),
    ("Salmonella fra blodkultur", "culture", "Salmonella"),
    ("Staphylococcus aureus DNA fra positiv blodkultur", "nucleic-acid", "Staphylococcus aureus"),
    ("Legionella pneumophila immunfluorescens", "antigen", "Legionella pneumophila"),
    ("Difteritoksin Elek-test", "toxin", "Difteri (tox)"),
    ("Difteritoksin (Elek-test)", "toxin", "Difteri (tox)"),
    ("Difteritoksin, Elek", "toxin", "Difteri (tox)"),
    ("Toksintest (Elek)", "toxin", "Difteri (tox)"),
    ("Corynebacterium diphtheriae toksintest (Elek)", "toxin", "Corynebacterium diphtheriae (tox)"),
    ("Difteritoksin / Elek-test", "toxin", "Difteri (tox)"),
    ("Difteri tox-gen", "nucleic-acid", "Difteri (tox)"),
    ("Difteritoksingen (tox) PCR", "nucleic-acid", "Difteri (tox)"),
    ("Difteritoksingenet (tox)", "nucleic-acid", "Difteri (tox)"),
    ("Difteritoksin-genet (tox)", "nucleic-acid", "Difteri (tox)"),
    ("Difteritoksingen, tox, PCR", "nucleic-acid", "Difteri (tox)"),
    ("C. diphtheriae toksingen (tox)", "nucleic-acid", "Corynebacterium diphtheriae (tox)"),
    ("Toksingenet (tox)", "nucleic-acid", "Difteri (tox)"),
    ("Koleratoksingenet (ctx) PCR", "nucleic-acid", "Kolera (ctx)"),
    ("Kolera toksin-genet (ctxAB)", "nucleic-acid", "Kolera (ctx)"),
    ("C. difficile toksingenet (tcdB) PCR", "nucleic-acid", "C. difficile (tcdB)"),
    ("Difteri PCR, tox-gen", "nucleic-acid", "Difteri (tox)"),
    ("tox-gen (Corynebacterium diphtheriae)", "nucleic-acid", "Corynebacterium diphtheriae (tox)"),
    ("Corynebacterium diphtheriae tox-gen (Elek-test)", "nucleic-acid", "Corynebacterium diphtheriae (tox)"),
    ("Corynebacterium diphtheriae toksin-PCR", "nucleic-acid", "Corynebacterium diphtheriae (tox)"),
    ("Toxigenic C. ulcerans DNA", "nucleic-acid", "Corynebacterium ulcerans (tox)"),
    ("Clostridioides difficile toksingen", "nucleic-acid", "Clostridioides difficile"),
    ("Vibrio cholerae (ctxA) PCR", "nucleic-acid", "Vibrio cholerae (ctx)"),
    ("Koleratoksin (ctxA) PCR", "nucleic-acid", "Kolera (ctx)"),
    ("Morbilli IgM", "antibody-igm", "Morbilli"),
    ("Anti-meslinger IgM", "antibody-igm", "Meslinger"),
]  # fmt: skip

NO_SEARCHES = [
    "", "Escherichia coli", "CRP", "Meslingvirus", "U-Bakterier dyrkning", "P-IgM", "S-Ag", "PCR",
    "Luftveispanel PCR", "Bakterier mikroskopi", "16S DNA", "P-Prostataspesifikt antigen", "ANA IgG",
    "HLA-B27 DNA", "mecA-gen DNA", "Leukocytter mikroskopi", "Faktor V Leiden DNA",
    "such as measles", "AB0", "Karnaby", "DNAse", "IgE",
]  # fmt: skip


@pytest.mark.parametrize(("name", "method", "organism"), SEARCHES)
def test_a_name_with_a_method_is_a_search_for_what_is_left(
    name: str, method: str, organism: str
) -> None:
    found = find_search((Code(system=kith.NLK, code="NPU1", text=name),))
    assert found is not None
    assert found == (method, (Code(system=kith.NLK, code="NPU1", text=organism),))


@pytest.mark.parametrize("name", NO_SEARCHES)
def test_nothing_is_guessed(name: str) -> None:
    assert find_search((Code(text=name),)) is None


def test_a_code_alone_is_no_search_and_one_that_is_a_name_is_read_as_such() -> None:
    assert find_search((Code(system=kith.NLK, code="NPU00001"),)) is None
    assert find_search((Code(system="L", code="NPU59390"),)) is None
    found = find_search((Code(system="L", code="Morbillivirus RNA"),))
    assert found is not None
    assert found.organisms == (Code(system="L", code="Morbillivirus RNA", text="Morbillivirus"),)


def test_all_names_of_an_analysis_count_together() -> None:
    own, national = Code(system="L", code="M", text="Meslinger"), Code(text="Morbillivirus RNA")
    found = find_search((own, national))
    assert found == ("nucleic-acid", (own, Code(text="Morbillivirus")))
    assert find_search((Code(text="Meslinger"), Code(text="IgM"))) == (
        "antibody-igm",
        (Code(text="Meslinger"),),
    )
    assert find_search((national, Code(text="HLA-DNA"))) is None


def test_the_method_of_a_culture_is_culture() -> None:
    assert method_of((Code(text="U-Bakterier dyrkning"), Code(text="PCR"))) == "culture"
    assert method_of((Code(text="Identifikasjon"),)) == ""


def test_a_method_beside_the_name_makes_a_search_of_it() -> None:
    name, pcr = (Code(system="L", code="I", text="P-Influensa A-virus"),), (Code(text="PCR"),)
    assert find_search(name) is None
    expected = (Code(system="L", code="I", text="Influensa A-virus"),)
    assert find_search(name, pcr) == ("nucleic-acid", expected)


def test_a_test_on_what_grew_is_no_search() -> None:
    for name in ("Escherichia coli serotyping", "Shiga toxin stx1 gene in Isolate by PCR"):
        assert find_search((Code(text=name),)) is None
        assert method_of((Code(text=name),)) == "culture"


@given(st.text(max_size=LONGEST + 20))
def test_any_text_is_read_and_what_is_left_is_of_the_text(text: str) -> None:
    found = find_search((Code(text=text),))
    method_of((Code(text=text),))
    if found is not None:
        letters = {letter for letter in found.organisms[0].text if letter.isalpha()}
        assert letters <= set(text) | set("HBsAgeAcDVIT")


def test_the_file_says_where_each_list_is_from() -> None:
    raw = json.loads(files("varde.messages.answers").joinpath("searches.json").read_text("utf-8"))
    lists = [part for part in raw.values() if isinstance(part, dict)]
    assert lists and all(part["source"] for part in lists)
    listed = [word for words in raw["methods"]["words"].values() for word in words]
    assert len(listed) == len(set(listed))
    folded = [*listed, *raw["methods"]["endings"], *raw["whole"]["words"], *raw["groups"]["texts"]]
    assert all(word == word.casefold() for word in folded)
    said = {*raw["methods"]["words"], *raw["methods"]["written"].values()}
    order = {*raw["which"]["order"], "antibody-igm", "antibody-igg"}
    weak = raw["methods"]["weak"]
    assert said == {*order, *weak, "isolate"}
    assert {*weak.values(), *raw["fields"]["codes"].values()} <= order
    assert {m for pair in raw["refined"]["methods"].items() for m in (pair[0], *pair[1])} <= order


def test_every_word_of_a_method_is_one() -> None:
    stands_for = {**words().weak, "isolate": "culture"}
    for word, kind in {**words().method_of, **words().written_of}.items():
        expected = stands_for.get(kind, kind)
        assert method_of((Code(text=f"Meslingvirus {word}"),)) == expected, word


def test_the_examples_for_senders_are_true() -> None:
    text = (Path(__file__).parents[2] / "docs" / "senders.md").read_text("utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| ([^|,]+)[^|]* \| `([a-z-]+)`", text, re.M)
    assert len(rows) >= 10
    for name, organism, method in rows:
        found = find_search((Code(text=name),))
        assert found == (method, (Code(text=organism.strip()),)), name


def test_what_is_left_is_known_to_the_code_map() -> None:
    codes = CodeMap.load()
    unknown = {
        organism for _, _, organism in SEARCHES
        if codes.find("organism", [("", "", organism)]) is None
    }  # fmt: skip
    assert unknown <= {"Influensa AB"}  # two of them: no organism


# What the readers make of them: the same in every format.


def _kith(*items: str) -> LabReport | Failure:
    (record,) = read(kith.simple(*items))
    assert isinstance(record, LabReport | Failure)
    return record


def _fhir(*observations: fhir.Json) -> LabReport | Failure:
    (record,) = read(fhir.write(fhir.simple(*observations)))
    assert isinstance(record, LabReport | Failure)
    return record


def _hl7(*results: str) -> LabReport | Failure:
    (record,) = read(hl7.simple(*results))
    assert isinstance(record, LabReport | Failure)
    return record


def _said(report: LabReport | Failure) -> list[tuple[str, str, int]]:
    """Organism, method and number of susceptibilities of each finding."""
    assert isinstance(report, LabReport), report
    assert [f.number for f in report.findings] == list(range(1, len(report.findings) + 1))
    return [(f.organisms[-1].text, f.method, len(f.susceptibilities)) for f in report.findings]


IGM = ("MIGM", "P-Meslingvirus IgM", "L")
MEASLES = ("Meslingvirus", "antibody-igm", 0)


@pytest.mark.parametrize("said", ["Påvist", "Positiv", "PÅVIST."])
def test_a_positive_search_is_a_finding(said: str) -> None:
    for report in (
        _kith(kith.search(said)),
        _fhir(fhir.search(said=said)),
        _hl7(hl7.search(("", said), name=IGM)),
    ):
        assert _said(report) == [MEASLES]


@pytest.mark.parametrize("said", ["Ikke påvist", "Negativ"])
def test_a_negative_search_is_no_finding_and_an_answer(said: str) -> None:
    for report in (
        _kith(kith.search(said)),
        _fhir(fhir.search(said=said)),
        _hl7(hl7.search(("", said), name=IGM)),
    ):
        assert _said(report) == [] and isinstance(report, LabReport) and report.negative


@pytest.mark.parametrize("said", ["Inkonklusiv", "Se kommentar", "Svar følger"])
def test_anything_else_is_neither(said: str) -> None:
    for report in (
        _kith(kith.search(said)),
        _fhir(fhir.search(said=said)),
        _hl7(hl7.search(("", said), name=IGM)),
    ):
        assert _said(report) == [] and isinstance(report, LabReport) and not report.negative


def test_a_number_alone_is_no_finding() -> None:
    number = kith.result((kith.LOCAL, "H", "HCV RNA"), number=(">", "24", ""), heading=None)
    quantity = {"value": 24, "unit": "Ct"}
    for report in (
        _kith(number),
        _fhir(fhir.observation("n", {"text": "HCV RNA"}, quantity)),
        _hl7(hl7.obx(("", "HCV RNA"), "24", "NM")),
    ):
        assert _said(report) == [] and isinstance(report, LabReport) and not report.negative


def test_coded_answers() -> None:
    coded = kith.search(None, codes=[(kith.OID + "8340", "1", "Påvist")])
    assert _said(_kith(coded)) == [MEASLES]
    detected = fhir.concept((fhir.SNOMED, "260373001", ""))
    assert _said(_fhir(fhir.observation("s", fhir.MEASLES, detected))) == [MEASLES]
    flagged = fhir.search(said=None, interpretation=[fhir.concept((fhir.V3, "POS", ""))])
    assert _said(_fhir(flagged)) == [MEASLES]
    assert _said(_hl7(hl7.search())) == [("Bordetella pertussis", "nucleic-acid", 0)]


def test_what_is_taken_back_is_no_finding() -> None:
    for report in (
        _kith(kith.search("Påvist", status="14")),
        _fhir(fhir.search(status="entered-in-error")),
        _hl7(hl7.search(f11="D")),
    ):
        assert _said(report) == []


def test_the_code_is_kept_as_sent() -> None:
    (found,) = _findings(
        _kith(kith.result((kith.NLK, "NPU3", "P-Morbillivirus RNA"), said="Påvist"))
    )
    assert found.organisms == (Code(system=kith.NLK, code="NPU3", text="Morbillivirus"),)


def _findings(report: LabReport | Failure) -> tuple[Finding, ...]:
    assert isinstance(report, LabReport), report
    return report.findings


ECOLI = ("Escherichia coli", "culture", 1)


def test_what_grew_comes_first_and_keeps_its_loose_results() -> None:
    for report in (
        _kith(
            kith.search("Påvist"), kith.identification("Escherichia coli"), kith.susceptibility()
        ),
        _fhir(fhir.search(), fhir.organism(), fhir.susceptibility()),
        _hl7(hl7.search(("", "Påvist"), "1", IGM), hl7.organism(), hl7.test(sub=None)),
    ):
        assert _said(report) == [ECOLI, MEASLES]


def test_a_loose_result_never_belongs_to_a_search() -> None:
    for report in (
        _kith(kith.search("Påvist"), kith.susceptibility()),
        _fhir(fhir.search(), fhir.susceptibility()),
        _hl7(hl7.search(), hl7.test()),
    ):
        assert isinstance(report, Failure) and report.reason == "unattached-susceptibility"


def test_a_result_that_hangs_on_a_search_belongs_to_it() -> None:
    grown = kith.identification("Escherichia coli")
    resistant = fhir.susceptibility(derivedFrom=[{"reference": "Observation/sea"}])
    panel = hl7.obr("R2", hl7.PANEL, **hl7.child(sub="7", name=hl7.PCR, f2="P2"))
    for report, organism in (
        (_kith(kith.search("Påvist", item="S"), kith.susceptibility(refers="S")), MEASLES[0]),
        (_kith(kith.search("Påvist", nested=[kith.susceptibility()]), grown), MEASLES[0]),
        (_fhir(fhir.search(), resistant), MEASLES[0]),
        (_hl7(hl7.search(sub="7"), hl7.test(sub="7")), "Bordetella pertussis"),
        (_hl7(hl7.search(sub="7"), hl7.organism(), panel, hl7.test()), "Bordetella pertussis"),
    ):
        found = {f.organisms[-1].text: len(f.susceptibilities) for f in _findings(report)}
        assert found[organism] == 1 and sum(found.values()) == 1


def test_a_result_that_hangs_on_a_search_within_a_culture_belongs_to_the_culture() -> None:
    within = kith.search("Påvist", nested=[kith.susceptibility()])
    assert _said(_kith(kith.identification("Escherichia coli", nested=[within]))) == [
        ECOLI,
        MEASLES,
    ]
    above = {"derivedFrom": [{"reference": "Observation/org1"}]}
    below = {"derivedFrom": [{"reference": "Observation/sea"}]}
    report = _fhir(fhir.organism(), fhir.search(**above), fhir.susceptibility(**below))
    assert _said(report) == [ECOLI, MEASLES]


def test_an_amount_in_a_search_is_of_it() -> None:
    (found,) = _findings(_kith(kith.search("Påvist", nested=[kith.quantity("Rikelig")])))
    assert found.quantity == "Rikelig"


def test_a_measurement_on_a_search_is_no_concentration() -> None:
    cycles = kith.result((kith.LOCAL, "CT", "Ct-verdi"), number=("", "23", ""), heading=None)
    assert _said(_kith(kith.search("Påvist", nested=[cycles]))) == [MEASLES]
    measured = fhir.observation("ct", {"text": "Ct"}, {"value": 23, "unit": "mg/L"})
    hanging = measured | {"derivedFrom": [{"reference": "Observation/sea"}]}
    assert _said(_fhir(fhir.search(), hanging)) == [MEASLES]


def test_what_is_identified_in_a_test_was_found_by_it() -> None:
    panel = kith.result((kith.LOCAL, "LV", "Luftveispanel PCR"), said="Positiv", item="P")
    report = _kith(panel, kith.identification("Influensavirus A", refers="P"))
    assert _said(report) == [("Influensavirus A", "nucleic-acid", 0)]
    above = fhir.observation("p", {"text": "Luftveispanel PCR"})
    member = fhir.organism(name="Influensavirus A", derivedFrom=[fhir.ref(above)])
    assert _said(_fhir(above, member)) == [("Influensavirus A", "nucleic-acid", 0)]
    order = hl7.obr(test=("LV", "Respiratory virus PCR", "L"))
    name = ("VIR", "Organism", "L")
    (record,) = read(hl7.message(hl7.pid(), order, hl7.obx(name, "^Influenza A"), hl7.spm()))
    assert isinstance(record, LabReport)
    assert _said(record) == [("Influenza A", "nucleic-acid", 0)]


def test_components_of_a_panel_are_searches_of_their_own() -> None:
    parts = [
        {"code": {"text": name}, "valueCodeableConcept": {"text": said}}
        for name, said in (("Influensavirus A RNA", "Påvist"), ("RSV RNA", "Ikke påvist"))
    ]
    panel = fhir.observation("p", {"text": "Luftveispanel PCR"}, component=parts)
    assert _said(_fhir(panel)) == [("Influensavirus A", "nucleic-acid", 0)]


def test_too_many_are_refused() -> None:
    for report in (_kith(*[kith.search("Påvist")] * 901), _hl7(*[hl7.search()] * 901)):
        assert isinstance(report, Failure) and report.reason == "too-many-findings"


def test_a_finding_needs_a_specimen() -> None:
    data = kith.message(kith.report(kith.patient(kith.search("Påvist"))))
    (record,) = read(data)
    assert isinstance(record, Failure) and record.reason == "missing-specimen"


def test_a_search_for_nothing_known_makes_no_microbiology_of_another_discipline() -> None:
    person = kith.patient(kith.specimen(), kith.search("Påvist", "Pandoravirus IgM"))
    (record,) = read(kith.message(kith.report(person, discipline="KJEM")))
    assert isinstance(record, Failure) and record.reason == "not-microbiology"
