"""What laboratories answer, row by row and alike in KITH, FHIR and HL7 v2: what is found, and how.

Each row is an analysis, its answer, and what must come of it. Whatever is positive is either a finding or an
unknown expression that a person can see; whatever contradicts itself is refused.
"""

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
from varde.messages import Code, Failure, LabReport, read
from varde.messages.answers.found import read_answer
from varde.messages.answers.searches import analyse, method_of, words

Found = list[tuple[str, str]]
"""Organism, as the first of its names says it, and method."""

ECOLI = "Escherichia coli"
FLU = "Influensa A-virus"
GONO = "Neisseria gonorrhoeae"


def only(data: bytes) -> LabReport | Failure:
    (record,) = read(data)
    assert isinstance(record, LabReport | Failure)
    return record


def in_every_format(name: str, said: str) -> list[LabReport | Failure]:
    """One answer, written in each format."""
    return [
        only(kith.simple(kith.search(said, name))),
        only(fhir.write(fhir.simple(fhir.observation("o", {"text": name}, said)))),
        only(fhir.write(fhir.simple(fhir.observation("o", {"text": name}, {"text": said})))),
        only(hl7.simple(hl7.obx(("", name), hl7.escape(said), "ST"))),
        only(hl7.simple(hl7.obx(("", name), hl7.comps("", hl7.escape(said))))),
    ]


def found(report: LabReport | Failure) -> Found:
    assert isinstance(report, LabReport), report
    return [(finding.organisms[0].text, finding.method) for finding in report.findings]


GROWN = [
    ("F-Salmonella dyrkning", "Påvist", "Salmonella"),
    ("Neisseria gonorrhoeae dyrkning", "Positiv", GONO),
    ("MRSA dyrkning", "Påvist", "MRSA"),
    (f"{GONO} [Presence] in Specimen by Organism specific culture", "Detected", GONO),
    (
        "Methicillin resistant Staphylococcus aureus [Presence] in Specimen by Organism specific culture",
        "Positive",
        "Methicillin resistant Staphylococcus aureus",
    ),
    ("Salmonella fra blodkultur", "Påvist", "Salmonella"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "said", "organism"), GROWN)
def test_a_culture_for_one_organism_that_is_positive_is_an_isolate(
    name: str, said: str, organism: str
) -> None:
    for report in in_every_format(name, said):
        assert found(report) == [(organism, "culture")]


@pytest.mark.parametrize(
    "name",
    [
        "U-Bakterier dyrkning", "Blodkultur", "Urin, kateter dyrkning", "F-Tarmpatogene bakterier dyrkning",
        "Sårsekret, aerob og anaerob dyrkning", "Bacteria identified in Blood by Culture",
        "Fungus identified in Skin by Culture", "Urine culture", "Hurtig-PCR fra blodkultur", "Luftveispanel PCR",
    ],
)  # fmt: skip
@pytest.mark.parametrize("said", ["Påvist", "Positiv", "Vekst"])
def test_a_positive_answer_to_no_certain_organism_is_noted(name: str, said: str) -> None:
    method = method_of((Code(text=name),))
    for report in in_every_format(name, said):
        assert found(report) == [(f"{name}: positiv", method)]
        assert isinstance(report, LabReport) and not report.negative


VALUED = [
    ("F-Campylobacter PCR", "Campylobacter jejuni", "nucleic-acid"),
    ("F-Tarmpatogene bakterier PCR", "Campylobacter jejuni", "nucleic-acid"),
    ("Luftveispanel PCR", FLU, "nucleic-acid"),
    ("Escherichia coli DNA", ECOLI, "nucleic-acid"),
    ("16S PCR", ECOLI, "nucleic-acid"),
    ("16S rRNA sekvensering", ECOLI, "nucleic-acid"),
    ("Whole genome sequencing", ECOLI, "nucleic-acid"),
    ("Identifikasjon ved PCR", ECOLI, "nucleic-acid"),
    ("Identifikasjon MALDI-TOF", ECOLI, "culture"),
    ("Influensa A-virus RNA", FLU, "nucleic-acid"),
    ("Luftveisagens antigen", FLU, "antigen"),
    ("Bacteria identified in Isolate or Specimen by Molecular genetics method", ECOLI, "nucleic-acid"),
    ("Hurtig-PCR fra blodkultur", ECOLI, "nucleic-acid"),
    ("Positive blood culture by NAA", ECOLI, "nucleic-acid"),
    ("B-Plasmodium mikroskopi", "Plasmodium falciparum", "microscopy"),
    ("Light microscopy", "Trichomonas vaginalis", "microscopy"),
    ("Microscopic observation [Identifier] in Specimen by Gram stain", GONO, "microscopy"),
    ("Luftveispanel PCR", "Pandoravirus salinus", "nucleic-acid"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "said", "method"), VALUED)
def test_the_value_of_a_test_is_the_organism_that_it_found(
    name: str, said: str, method: str
) -> None:
    for report in in_every_format(name, said):
        assert found(report) == [(said, method)]


def test_codes_of_organisms_are_kept() -> None:
    for data in (
        kith.simple(kith.search(None, "Luftveispanel PCR", codes=[("L", "INFA", FLU)])),
        fhir.write(fhir.simple(
            fhir.observation("o", {"text": "Luftveispanel PCR"}, fhir.concept(("L", "INFA", FLU)))
        )),
        hl7.simple(hl7.obx(("", "Luftveispanel PCR"), f"INFA^{FLU}^L")),
    ):  # fmt: skip
        report = only(data)
        assert isinstance(report, LabReport)
        assert [f.organisms for f in report.findings] == [
            (Code(system="L", code="INFA", text=FLU),)
        ]


def test_several_organisms_in_one_value_are_several_findings() -> None:
    value = f"^{FLU}~^RSV"
    report = only(hl7.simple(hl7.obx(("", "Luftveispanel PCR"), value)))
    assert found(report) == [(FLU, "nucleic-acid"), ("RSV", "nucleic-acid")]


def test_a_positive_panel_with_an_organism_is_of_it() -> None:
    report = fhir.observation(
        "o", {"text": "Luftveispanel PCR"}, {"text": FLU},
        interpretation=[fhir.concept((fhir.V3, "POS", ""))],
    )  # fmt: skip
    assert found(only(fhir.write(fhir.simple(report)))) == [(FLU, "nucleic-acid")]
    flagged = hl7.obx(("", "Luftveispanel PCR"), f"^{FLU}", f8="POS")
    assert found(only(hl7.simple(flagged))) == [(FLU, "nucleic-acid")]
    denied = hl7.obx(("", "Luftveispanel PCR"), f"^{FLU}", f8="NEG")
    assert found(only(hl7.simple(denied))) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("F-Campylobacter PCR", "Prøven er sendt til referanselaboratoriet, svar følger om tre uker"),
        ("F-Campylobacter PCR", "Ny prøve anbefales"),
        ("Luftveispanel PCR", "Se vedlagt rapport"),
        ("Luftveispanel PCR", "Svaret gjelder prøve 2"),
        ("Luftveispanel PCR", "Hemolysert materiale. Analysen kan gjentas"),
        ("Luftveispanel PCR", "Nytt virus"),
        ("Luftveispanel PCR", "Kun lite materiale og derfor usikkert svar på alle analyter"),
        ("Luftveispanel PCR", "23,4"), ("Luftveispanel PCR", "< 20 IU/ml"), ("P-Meslingvirus IgM", "1:64"),
        ("HCV RNA", "< 1200 IU/ml"), ("Luftveispanel PCR", "A"),
        ("P-IgM", "Normalt"), ("P-IgM", "Monoklonal komponent"), ("P-Prostataspesifikt antigen", "Lavt utslag"),
        ("HLA-B27 DNA", "Homozygot"), ("Kommentar PCR", "Godt materiale"), ("Meslingvirus", "Virus"),
        ("Microscopic observation [Identifier] in Specimen by Gram stain", "Gram-negative rods"),
        ("Mikroskopi", "Gramnegative staver"), ("Mikroskopi", "Rikelig leukocytter"),
        ("Light microscopy", "Moderate epithelial cells"),
    ],
)  # fmt: skip
def test_remarks_numbers_and_cells_name_no_organism(name: str, said: str) -> None:
    for report in in_every_format(name, said):
        assert found(report) == []


POSITIVE = [
    "Svakt positiv",
    "Pos",
    "POSITIVT FUNN",
    "Positivt",
    "Detected",
    "+",
    "(+)",
    "3+",
    "Positive",
]
NEGATIVE = ["Not detected", "Negativt", "Ikke-påvist", "Neg", "-", "Negative", "Ikke reaktiv"]  # fmt: skip


@pytest.mark.parametrize("said", POSITIVE)
def test_words_that_say_positive(said: str) -> None:
    for report in in_every_format("P-Meslingvirus IgM", said):
        assert found(report) == [("Meslingvirus", "antibody-igm")]


@pytest.mark.parametrize("said", NEGATIVE)
def test_words_that_say_negative(said: str) -> None:
    for report in in_every_format("P-Meslingvirus IgM", said):
        assert found(report) == [] and isinstance(report, LabReport) and report.negative


def test_a_minus_says_negative_in_a_search_only() -> None:
    for report in in_every_format("U-Bakterier dyrkning", "-"):
        assert found(report) == [] and isinstance(report, LabReport) and not report.negative


@pytest.mark.parametrize(("answer", "count"), [(True, 1), (False, 0)])
@pytest.mark.parametrize("name", ["P-Meslingvirus IgM", "Salmonella dyrkning"])
def test_a_boolean_says_whether_it_was_found(name: str, answer: bool, count: int) -> None:
    said = fhir.observation("o", {"text": name}, valueBoolean=answer)
    report = only(fhir.write(fhir.simple(said)))
    assert len(found(report)) == count
    assert isinstance(report, LabReport) and report.negative is not answer


@pytest.mark.parametrize("flag", ["POS", "DET", "pos"])
def test_a_flag_alone_says_positive(flag: str) -> None:
    assert found(only(hl7.simple(hl7.obx(("", "HCV RNA"), None, f8=flag)))) == [
        ("HCV", "nucleic-acid")
    ]
    measured = hl7.obx(("", "HCV RNA"), "1200", "NM", f6="IU/mL", f8=flag)
    assert found(only(hl7.simple(measured))) == [("HCV", "nucleic-acid")]


@pytest.mark.parametrize("flag", ["NEG", "ND"])
def test_a_flag_alone_says_negative(flag: str) -> None:
    report = only(hl7.simple(hl7.obx(("", "HCV RNA"), None, f8=flag)))
    assert found(report) == [] and isinstance(report, LabReport) and report.negative


@pytest.mark.parametrize("unit", ["", "mg/L"])
def test_a_positive_search_with_a_number_is_a_finding(unit: str) -> None:
    """Also where the number looks like a concentration."""
    value = {"value": 23, "unit": unit}
    positive = [fhir.concept((fhir.V3, "POS", ""))]
    coded = kith.simple(kith.search("Påvist", "HCV RNA")).replace(
        b"</TextResult>",
        b'</TextResult><NumResult><NumResultValue V="23" U="%s"/></NumResult>' % unit.encode(),
    )
    assert b"NumResult" in coded
    for data in (
        fhir.write(fhir.simple(
            fhir.observation("o", {"text": "HCV RNA"}, value, interpretation=positive)
        )),
        hl7.simple(hl7.obx(("", "HCV RNA"), "23", "NM", f6=unit, f8="POS")),
        coded,
    ):  # fmt: skip
        assert found(only(data)) == [("HCV", "nucleic-acid")]


@pytest.mark.parametrize(
    "said", ["Reaktiv", "Grenseverdi", "Tidligere påvist", "Positiv kontroll", "Type 3"]
)
def test_an_answer_that_nobody_knows_is_noted_with_its_analysis(said: str) -> None:
    """It maps to nothing, and so it waits among the unknown codes, where a person can say what it means."""
    codes = CodeMap.load()
    for report in in_every_format("P-Meslingvirus IgM", said):
        assert isinstance(report, LabReport) and not report.negative
        ((name, method),) = found(report)
        assert (name, method) == (f"P-Meslingvirus IgM: {said}", "antibody-igm")
        (finding,) = report.findings
        assert (
            codes.find("organism", [(c.system, c.code, c.text) for c in finding.organisms]) is None
        )


def test_another_name_of_the_organism_is_known_all_the_same() -> None:
    codes = CodeMap.load()
    for report in in_every_format("Legionella DNA", "L. pneumophila"):
        assert isinstance(report, LabReport)
        (finding,) = report.findings
        key = codes.find("organism", [(c.system, c.code, c.text) for c in finding.organisms])
        assert key == "legionella-pneumophila"


def test_value_and_interpretation_that_contradict_each_other_are_refused() -> None:
    negative = [fhir.concept((fhir.V3, "NEG", ""))]
    positive = [fhir.concept((fhir.V3, "POS", ""))]
    old = [fhir.concept(("http://terminology.hl7.org/CodeSystem/v2-0078", "POS", ""))]
    listed = [(kith.OID + "8340", "2", "Ikke påvist")]
    culture = fhir.observation("o", fhir.CULTURE, {"text": "Ingen vekst"}, interpretation=positive)
    cases = [
        (fhir.write(fhir.simple(fhir.search(said="Negativ", interpretation=positive))), "POS ≠ Negativ"),
        (fhir.write(fhir.simple(fhir.search(said="Negativ", interpretation=old))), "POS ≠ Negativ"),
        (fhir.write(fhir.simple(fhir.search(said="Påvist", interpretation=negative))), "Påvist ≠ NEG"),
        (
            fhir.write(fhir.simple(
                fhir.search(said=None, valueBoolean=False, interpretation=positive)
            )),
            "POS ≠ valueBoolean",
        ),
        (fhir.write(fhir.simple(culture)), "POS ≠ Ingen vekst"),
        (hl7.simple(hl7.search(("", "Negative"), f8="POS")), "POS ≠ Negative"),
        (hl7.simple(hl7.search(f8="NEG")), "Detected ≠ NEG"),
        (hl7.simple(hl7.organism(("", "No growth"), f8="POS")), "POS ≠ No growth"),
        (kith.simple(kith.search("Påvist", codes=listed)), "Påvist ≠ Ikke påvist"),
    ]  # fmt: skip
    for data, detail in cases:
        report = only(data)
        assert isinstance(report, Failure), detail
        assert (report.reason, report.detail) == ("contradictory-result", detail)
        assert report.place


@pytest.mark.parametrize(
    ("said", "count"),
    [("Se kommentar", 1), ("Svar følger", 1), ("Inkonklusiv", 0), ("Normalflora", 0)],
)
def test_a_remark_beside_a_positive_answer_takes_nothing_from_it(said: str, count: int) -> None:
    positive = [fhir.concept((fhir.V3, "POS", ""))]
    listed = [(kith.OID + "8340", "1", "Påvist")]
    for name in ("P-Meslingvirus IgM", "MRSA dyrkning"):
        observed = fhir.observation("o", {"text": name}, {"text": said}, interpretation=positive)
        for data in (
            fhir.write(fhir.simple(observed)),
            hl7.simple(hl7.obx(("", name), f"^{said}", f8="POS")),
            kith.simple(kith.search(said, name, codes=listed)),
        ):
            report = only(data)
            assert len(found(report)) == count and isinstance(report, LabReport)
            assert not report.negative


def test_what_is_taken_back_contradicts_nothing() -> None:
    positive = [fhir.concept((fhir.V3, "POS", ""))]
    void = fhir.search(said="Negativ", interpretation=positive, status="entered-in-error")
    listed = [(kith.OID + "8340", "2", "Ikke påvist")]
    for data in (
        fhir.write(fhir.simple(void)),
        hl7.simple(hl7.search(("", "Negative"), f8="POS", f11="D")),
        kith.simple(kith.search("Påvist", codes=listed, status="14")),
    ):
        assert found(only(data)) == []


def test_bottles_of_one_culture_may_differ() -> None:
    report = only(hl7.simple(hl7.organism(("", "Growth~^No anaerobic growth"))))
    assert found(report) == []


# What says how it was done, beside the name


def _beside(name: str, said: str, text: str, code: str = "") -> list[LabReport | Failure]:
    """An answer with its method beside it, as FHIR and HL7 v2 have it."""
    coded = fhir.concept((fhir.SNOMED, code, "")) if code else {"text": text}
    return [
        only(fhir.write(fhir.simple(
            fhir.observation("o", {"text": name}, {"text": said}, method=coded)
        ))),
        only(hl7.simple(hl7.obx(("", name), f"^{said}", f17=f"{code}^{text}^{'SCT' if code else ''}"))),
    ]  # fmt: skip


METHODS = [
    (FLU, "Positiv", "PCR", "", FLU, "nucleic-acid"),
    (FLU, "Positiv", "", "258066000", FLU, "nucleic-acid"),
    (FLU, "Positiv", "", "398545005", FLU, "nucleic-acid"),
    (FLU, "Positiv", "", "121276004", FLU, "antigen"),
    (FLU, "Positiv", "Direkte immunfluorescens", "", FLU, "antigen"),
    ("Plasmodium", "Positiv", "", "104157003", "Plasmodium", "microscopy"),
    (GONO, "Positiv", "", "61594008", GONO, "culture"),
    ("Luftveispanel", FLU, "Multiplex PCR", "", FLU, "nucleic-acid"),
    ("Borrelia burgdorferi antistoff", "Positiv", "IgM ELISA", "", "Borrelia burgdorferi", "antibody-igm"),
    ("Clostridioides difficile toksin", "Positiv", "PCR", "", "Clostridioides difficile", "nucleic-acid"),
    ("Influensa A-virus RNA", "Positiv", "culture", "", FLU, "nucleic-acid"),
    ("Salmonella dyrkning", "Positiv", "PCR", "", "Salmonella", "culture"),
    ("Identifikasjon", ECOLI, "MALDI-TOF", "", ECOLI, "culture"),
    ("Identifikasjon", ECOLI, "16S sequencing", "", ECOLI, "nucleic-acid"),
    ("Identifikasjon", "Shigella flexneri", "Serotyping by antisera", "", "Shigella flexneri", "culture"),
    ("Blodkultur", ECOLI, "PCR", "", ECOLI, "nucleic-acid"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "said", "text", "code", "organism", "method"), METHODS)
def test_the_method_beside_a_result_counts_where_the_name_says_less(
    name: str, said: str, text: str, code: str, organism: str, method: str
) -> None:
    for report in _beside(name, said, text, code):
        assert found(report) == [(organism, method)]


@pytest.mark.parametrize("text", ["", "Automatisk", "VITEK 2", "Immunoassay"])
def test_a_method_that_nobody_knows_makes_no_search(text: str) -> None:
    for report in _beside(FLU, "Positiv", text):
        assert found(report) == [(f"{FLU}: positiv", "")]


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("16S", "nucleic-acid"), ("Sanger-sekvensering", "nucleic-acid"), ("Helgenomsekvensering", "nucleic-acid"),
        ("Legionella immunfluorescens", "antigen"), ("Borrelia IgM immunfluorescens", "antibody-igm"),
        ("Bartonella antistoff immunofluorescence", "antibody"), ("Serotyping by antisera", "culture"),
        ("Blodkultur", "culture"), ("PCR blodkultur", "nucleic-acid"), ("MALDI-TOF", "culture"),
    ],
)  # fmt: skip
def test_methods_that_names_say(name: str, method: str) -> None:
    assert method_of((Code(text=name),)) == method


# A culture for one organism, and what is identified in it


def test_an_identification_stands_in_place_of_what_its_culture_says() -> None:
    name, organism = "F-Salmonella dyrkning", "Salmonella Typhimurium"
    culture = fhir.observation("c", {"text": name}, {"text": "Påvist"})
    ident = fhir.organism(name=organism)
    below = fhir.organism(name=organism, derivedFrom=[fhir.ref(culture)])
    obx = hl7.obx(("SC", name, "L"), "^Påvist", f4="1")
    elsewhere = hl7.obr("R2", hl7.CULTURE, **hl7.child(sub="1", name=("SC", name, "L"), f2="P2"))
    for data in (
        kith.simple(kith.search("Påvist", name, item="C"), kith.identification(organism, refers="C")),
        kith.simple(kith.search("Påvist", name, nested=[kith.identification(organism)])),
        kith.simple(kith.search("Påvist", name), kith.identification(organism)),
        fhir.write(fhir.simple(culture, ident)),
        fhir.write(fhir.simple(culture, below)),
        hl7.simple(obx, hl7.organism(("", organism))),
        hl7.simple(obx, hl7.organism(("", organism), "2")),
        hl7.message(hl7.pid(), hl7.obr(), obx, elsewhere, hl7.organism(("", organism), "9"), hl7.spm()),
    ):  # fmt: skip
        assert found(only(data)) == [(organism, "culture")], data


def test_another_organism_does_not() -> None:
    name = "F-Salmonella dyrkning"
    culture = fhir.observation("c", {"text": name}, {"text": "Påvist"})
    for data in (
        kith.simple(kith.search("Påvist", name), kith.identification(ECOLI), kith.susceptibility()),
        fhir.write(fhir.simple(culture, fhir.organism(), fhir.susceptibility())),
        hl7.simple(hl7.obx(("", name), "^Påvist", f4="2"), hl7.organism(), hl7.test()),
    ):
        report = only(data)
        assert found(report) == [(ECOLI, "culture"), ("Salmonella", "culture")]
        assert isinstance(report, LabReport)
        assert [len(f.susceptibilities) for f in report.findings] == [1, 0]


def test_a_loose_susceptibility_is_of_the_only_culture_that_says_what_grew() -> None:
    culture = fhir.observation("c", {"text": "MRSA dyrkning"}, {"text": "Påvist"})
    for data in (
        kith.simple(kith.search("Påvist", "MRSA dyrkning"), kith.susceptibility()),
        fhir.write(fhir.simple(culture, fhir.susceptibility())),
        hl7.simple(hl7.obx(("", "MRSA dyrkning"), "^Påvist"), hl7.test()),
    ):
        report = only(data)
        assert found(report) == [("MRSA", "culture")]
        assert isinstance(report, LabReport) and len(report.findings[0].susceptibilities) == 1


# HL7 v2: names that only look like those of an MIC


MICRO = [
    ("11475-1", "Microorganism identified in Specimen by Culture", "LN"),
    ("MC", "Microbiology culture", "L"),
    ("BC", "Bacteria Islt Cult", "L"),
    ("600-7", "MIC identification", "LN"),
]
GRAM = ("664-3", "Microscopic observation [Identifier] in Specimen by Gram stain", "LN")


@pytest.mark.parametrize("name", MICRO)
def test_a_culture_whose_name_looks_like_a_concentration_is_a_culture(
    name: tuple[str, str, str],
) -> None:
    for order in (hl7.CULTURE, name):
        report = only(
            hl7.simple(
                hl7.obx(name, hl7.comps(*hl7.ECOLI), f4="1"), hl7.test(), f4=hl7.comps(*order)
            )
        )
        assert found(report) == [(ECOLI, "culture")]
        assert isinstance(report, LabReport) and len(report.findings[0].susceptibilities) == 1


@pytest.mark.parametrize("order", [hl7.CULTURE, ("X", "Culture and susceptibility", "L"), MICRO[1]])
@pytest.mark.parametrize(
    "value", ["^Gram-negative rods", "GNR^Rods^L", "8745002^Gram-positive^SCT", "GPC", "^Many"]
)
def test_a_stain_beside_a_culture_refuses_nothing(order: tuple[str, str, str], value: str) -> None:
    results = (hl7.organism(), hl7.obx(GRAM, value, f4="2"), hl7.test())
    report = only(hl7.simple(*results, f4=hl7.comps(*order)))
    assert isinstance(report, LabReport), report
    assert (ECOLI, "culture") in found(report)
    assert {method for _, method in found(report)} <= {"culture", "microscopy"}
    assert len(report.findings[0].susceptibilities) == 1


@pytest.mark.parametrize(
    "name",
    [
        "Ampicillin Islt MIC",
        "Ampicillin (MIC)",
        "Ampicillin MIC",
        "Ampicillin Susc Islt",
        "MIC Ampicillin",
    ],
)
def test_names_of_susceptibility_tests_are_still_those(name: str) -> None:
    report = only(hl7.simple(hl7.organism(), hl7.obx(("A", name, "L"), "<^0.5", "SN", f4="1")))
    assert isinstance(report, LabReport)
    assert [test.mic for test in report.findings[0].susceptibilities] == ["<0.5"]
    wrong = only(hl7.simple(hl7.organism(), hl7.obx(("A", name, "L"), "Q^quite^L", f4="1")))
    assert isinstance(wrong, Failure) and wrong.reason == "bad-susceptibility"


# The words


@given(
    st.text(max_size=80), st.sampled_from(["Luftveispanel PCR", "P-Meslingvirus IgM", "Mikroskopi"])
)
def test_any_value_is_read_and_nothing_long_is_kept(value: str, name: str) -> None:
    read_as = read_answer((Code(text=name),), (), (), (Code(text=value),) if value else ())
    if read_as is not None:
        assert len(value) <= 60 and read_as.method == analyse((Code(text=name),)).method
        assert {code.text for code in read_as.organisms} <= {
            value,
            f"{name}: {' '.join(value.split())}",
        }


def _list_of(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def test_the_page_has_all_words_of_results() -> None:
    page = (Path(__file__).parents[2] / "docs" / "messages.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (positive|negative|neither|no result) \| (.+?) \|$", page, re.M))
    listed = json.loads(files("varde.messages.kith").joinpath("words.json").read_text("utf-8"))
    for row, section in zip(
        ("positive", "negative", "neither", "no result"),
        ("growth", "no_growth", "no_organism", "no_result"),
        strict=True,
    ):
        assert _list_of(rows[row]) == set(listed[section]["texts"]), row


def test_the_page_has_all_codes_of_methods() -> None:
    page = (Path(__file__).parents[2] / "docs" / "messages.md").read_text("utf-8")
    rows = re.findall(r"^\| `(culture|nucleic-acid|antigen|microscopy)` \| (.+?) \|$", page, re.M)
    said = {code: method for method, text in rows for code in _list_of(text)}
    assert said == dict(words().field_codes)
