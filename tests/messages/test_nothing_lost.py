"""Whatever says positive shows: as a finding, or among the unknown codes. Row by row, alike in every format.

What an answer in words says is decided in one place (`varde.messages.answers.said`); what becomes of it is looked
at in KITH, FHIR and HL7 v2 together.
"""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from messages.test_answers_found import found, in_every_format, only
from varde.codes import CodeMap, listed_searches
from varde.messages import Code, Failure, LabReport, read
from varde.messages.answers.said import Said, read_words, result_words
from varde.messages.answers.searches import find_search
from varde.messages.answers.viral_loads import is_load

CODES = CodeMap.load()
GONO = "Neisseria gonorrhoeae"


def concepts(report: LabReport | Failure) -> list[tuple[str | None, str]]:
    """What each finding means to the register, and its method; None for what waits for a person."""
    assert isinstance(report, LabReport), report
    return [
        (CODES.find("organism", [(c.system, c.code, c.text) for c in each.organisms]), each.method)
        for each in report.findings
    ]


# What an answer in words says

SAID = [
    ("Positiv. Ny prøve anbefales.", "growth", ""),
    ("Påvist, bekreftet med immunoblot. Meldepliktig.", "growth", ""),
    ("Påvist. Prøven er sendt til referanselaboratoriet for typing, svar følger om tre uker", "growth", ""),
    ("Påvist. Se kommentar.", "growth", ""),
    ("Påvist!", "growth", ""),
    ("Påvist*", "growth", ""),
    ("Påvist; genotype D8", "growth", ""),
    ("Påvist; Ct-verdi 24", "growth", ""),
    ("Påvist (Ct 24)", "growth", ""),
    ("Positiv, bekreftet", "growth", ""),
    ("Positiv 1:1280", "growth", ""),
    ("Svak positiv", "growth", ""),
    ("IgM positiv", "growth", ""),
    ("Positiv. Tidligere påvist.", "growth", ""),
    ("SARS-CoV-2 RNA detected. Report to public health.", "growth", "SARS-CoV-2 RNA"),
    ("KPC påvist", "growth", "KPC"),
    ("Vekst av E. coli", "growth", "E. coli"),
    ("Rikelig vekst av Escherichia coli", "growth", "Escherichia coli"),
    ("Påvist Influensa A-virus", "growth", "Influensa A-virus"),
    ("Positive for influenza A", "growth", "influenza A"),
    ("Ingen vekst etter 5 døgn", "no_growth", ""),
    ("Ingen vekst etter 2 dager.", "no_growth", ""),
    ("Ingen vekst av (tarm)patogene bakterier", "no_growth", ""),
    ("Ikke signifikant vekst", "no_growth", ""),
    ("Steril", "no_growth", ""),
    ("Negativ dyrkning", "no_growth", ""),
    ("Normal hudflora", "no_growth", ""),
    ("Ikke påvist Salmonella, Shigella, Campylobacter eller Yersinia", "no_growth", ""),
    ("Ikke påvist (negativ)", "no_growth", ""),
    ("Negativ. Se kommentar.", "no_growth", ""),
    ("HIV negativ", "no_growth", ""),
    ("RNA ikke påvist", "no_growth", ""),
    ("No Salmonella isolated", "no_growth", ""),
    ("No growth after 5 days", "no_growth", ""),
    ("Påvist ikke", "no_growth", ""),
    ("Påvises ikke lenger", "no_growth", ""),
    ("Vekst av normal hudflora", "no_growth", ""),
    ("Ikke utført. Prøven er uegnet.", "no_result", ""),
    # One thing denied and another found
    ("Ikke påvist Salmonella. Påvist Campylobacter jejuni.", "", "Campylobacter jejuni"),
    ("Ingen vekst av Salmonella. Vekst av Campylobacter jejuni", "", "Campylobacter jejuni"),
    ("Ikke påvist RSV. Påvist influensa A", "", "influensa A"),
    ("Influensa A påvist, influensa B ikke påvist", "", "Influensa A"),
    ("Salmonella ikke påvist, men Campylobacter påvist", "", "Campylobacter"),
    ("Vekst av Salmonella, men ikke påvist Shigella", "", "Salmonella"),
    ("Påvist Salmonella. Vekst av Campylobacter", "growth", "Salmonella; Campylobacter"),
    # Neither
    ("Ny prøve anbefales", "", ""),
    ("Se kommentar", "", ""),
    ("Vurderes som kontaminasjon", "", ""),
    ("Escherichia coli", "", ""),
    ("Grenseverdi", "", ""),
]  # fmt: skip
DOUBTFUL = [
    "Positiv kontroll", "Tidligere påvist", "Påvist i tidligere prøve", "Positiv prøve fra 2019, tidligere kjent",
    "Vekst av koagulasenegative stafylokokker. Vurderes som kontaminasjon.", "Negativ IgG. Positiv.",
    "Vi anbefaler ny prøve. Positiv prøve bør bekreftes.",
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "name"), SAID)
def test_an_answer_says_what_it_begins_with(text: str, kind: str, name: str) -> None:
    assert read_words(text) == Said(kind, name)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", DOUBTFUL)
def test_what_puts_a_positive_word_in_question_makes_it_neither(text: str) -> None:
    assert read_words(text) == Said("", doubtful=True)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    said = read_words(text)
    assert said.kind in ("growth", "no_growth", "no_organism", "no_result", "")
    assert len(said.name) < 200


@given(
    st.sampled_from(["Påvist", "Positiv", "Vekst", "Detected"]),
    st.lists(
        st.sampled_from([*"abcø.,;:!?()*-/ ", "Påvist", "Ikke påvist", "E. coli", " av ", "tidligere", "kontaminert"])
    ),
)  # fmt: skip
def test_what_begins_positive_is_never_passed_over(begin: str, rest: list[str]) -> None:
    """Whatever follows: it was found, or a name was, or a person sees it; unless a word denies it."""
    text = f"{begin}. {''.join(rest)}"
    said = read_words(text)
    assert said.kind == "growth" or said.name or said.doubtful


def test_every_list_says_where_it_is_from() -> None:
    raw = json.loads(
        files("varde.messages.answers").joinpath("result_words.json").read_text("utf-8")
    )
    lists = [part for part in raw.values() if isinstance(part, dict)]
    assert lists and all(part["source"] for part in lists)
    words = [w for part in lists for key in part if key != "source" for w in part[key]]
    assert all(word == word.casefold() for word in words)
    for word in raw["positive"]["begins"]:
        assert read_words(f"{word}.").kind == "growth", word
    for word in raw["negative"]["begins"]:
        assert read_words(f"{word} (5 døgn).").kind == "no_growth", word
    assert result_words().spoiling <= result_words().doubt


# Positive answers that were lost

SEARCHED = [
    ("Meslingvirus IgM", "Positiv. Ny prøve anbefales.", "measles-virus", "antibody-igm"),
    ("HIV-1/2 antistoff", "Påvist, bekreftet med immunoblot. Meldepliktig.", "human-immunodeficiency-virus", "antibody-blot"),
    (f"{GONO} DNA", "Påvist. Prøven er sendt til referanselaboratoriet for typing, svar følger", "neisseria-gonorrhoeae", "nucleic-acid"),
    (f"{GONO} DNA", "Påvist. Se kommentar.", "neisseria-gonorrhoeae", "nucleic-acid"),
    (f"{GONO} DNA", "Påvist!", "neisseria-gonorrhoeae", "nucleic-acid"),
    (f"{GONO} DNA", "Påvist (Ct 24)", "neisseria-gonorrhoeae", "nucleic-acid"),
    (f"{GONO} DNA", "Positiv, bekreftet", "neisseria-gonorrhoeae", "nucleic-acid"),
    (f"{GONO} DNA", "Svak positiv", "neisseria-gonorrhoeae", "nucleic-acid"),
    (f"{GONO} DNA", "Påvist*", "neisseria-gonorrhoeae", "nucleic-acid"),
    ("Meslingvirus RNA", "Påvist; genotype D8", "measles-virus-wild-type", "nucleic-acid"),
    ("Norovirus PCR", "Påvist; Ct-verdi 24", "norovirus", "nucleic-acid"),
    ("SARS-CoV-2 RNA", "SARS-CoV-2 RNA detected. Report to public health.", "sars-cov-2", "nucleic-acid"),
    ("F-Tarmpatogene bakterier PCR", "Påvist Campylobacter jejuni. Se kommentar", "campylobacter-jejuni", "nucleic-acid"),
    ("F-Salmonella PCR", "Ikke påvist Salmonella. Påvist Campylobacter jejuni.", "campylobacter-jejuni", "nucleic-acid"),
    ("Salmonella dyrkning", "Påvist. Typing følger.", "salmonella", "culture"),
    # Names that had no word of a method
    ("Denguevirus NS1", "Positiv", "dengue-virus", "antigen"),
    ("Treponema pallidum TPPA", "Positiv 1:1280", "treponema-pallidum", "antibody"),
    ("Malaria, tykk og tynn dråpe", "Påvist", "plasmodium", "microscopy"),
    ("Malaria hurtigtest", "Positiv", "plasmodium", "antigen"),
    ("Strep A hurtigtest", "Positiv", "streptococcus-group-a", "antigen"),
    ("Botulinumtoksin", "Påvist", "clostridium-botulinum", "toxin"),
    ("Hiv-test (kombinasjonstest)", "Påvist", "human-immunodeficiency-virus", "antibody"),
    ("Syfilisserologi", "Positiv", "treponema-pallidum", "antibody"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "said", "concept", "method"), SEARCHED)
def test_a_positive_answer_with_more_words_is_a_finding(
    name: str, said: str, concept: str, method: str
) -> None:
    for report in in_every_format(name, said):
        assert concepts(report) == [(concept, method)]
        assert isinstance(report, LabReport) and not report.negative


NOTED = [
    ("MRSA-undersøkelse", "Påvist", "MRSA-undersøkelse: positiv", ""),
    ("CPO-screening", "Påvist", "CPO-screening: positiv", ""),
    ("ESBL-screening dyrkning", "Positiv", "ESBL-screening dyrkning: positiv", "culture"),
    ("VRE-screening, PCR vanA", "Påvist", "VRE-screening, PCR vanA: positiv", "nucleic-acid"),
    ("MRSA (mecA/nuc) PCR", "Positiv", "MRSA (mecA/nuc) PCR: positiv", "nucleic-acid"),
    ("Neisseria meningitidis serogruppe B", "Påvist", "Neisseria meningitidis serogruppe B: positiv", ""),
    ("Shigatoksin 2 (stx2) gen", "Påvist", "Shigatoxin 2 (stx2)", "nucleic-acid"),
    ("Karbapenemase PCR", "KPC påvist", "Karbapenemase PCR: KPC", "nucleic-acid"),
    ("B-Plasmodium", "Plasmodium falciparum", "B-Plasmodium: Plasmodium falciparum", ""),
    ("MRSA-undersøkelse", "Tidligere påvist", "MRSA-undersøkelse: Tidligere påvist", ""),
    (f"{GONO} DNA", "Påvist. Vurderes som kontaminasjon.", f"{GONO} DNA: Påvist. Vurderes som kontaminasjon.", "nucleic-acid"),
    ("Meslingvirus", "Påvist", "Meslingvirus: positiv", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "said", "expression", "method"), NOTED)
def test_a_positive_answer_that_nobody_understands_waits_for_a_person(
    name: str, said: str, expression: str, method: str
) -> None:
    for report in in_every_format(name, said):
        assert found(report) == [(expression, method)]
        assert concepts(report) == [(None, method)]
        assert isinstance(report, LabReport) and not report.negative


@pytest.mark.parametrize(
    "name",
    [
        "U-Leukocytter", "U-Nitritt", "Blod i urin", "U-Hemoglobin", "U-Protein", "U-Glukose", "U-Ketoner", "U-hCG",
        "Graviditetstest", "ANA", "P-Reumatoid faktor", "Blodtype", "Allergi-IgE bjørk", "IgE", "HLA-B27", "F-Hemoglobin",
        "U-Amfetamin", "U-Cannabis", "P-Transglutaminase IgA", "Anti-HBs", "Hepatitt B-virus overflateantistoff",
        "Hepatitis B virus surface Ab [Presence] in Serum", "Kommentar", "Ampicillin", "P-Prostataspesifikt antigen",
    ],
)  # fmt: skip
@pytest.mark.parametrize("said", ["Påvist", "Positiv", "+"])
def test_what_is_positive_and_no_infection_is_nothing(name: str, said: str) -> None:
    for report in in_every_format(name, said):
        assert found(report) == []


def test_the_words_of_no_infection_take_no_search_away() -> None:
    """Anal and anaerobic are no ANA; a protein may be of an agent."""
    for name in (
        f"{GONO} rRNA [Presence] in Anal by NAA with probe detection",
        "Anaerob Clostridium botulinum dyrkning",
        "Prionprotein antigen",
    ):
        assert find_search((Code(text=name),)) is not None, name


LOADS = [
    ("120000", "IU/mL", True), (">10000000", "kopier/ml", True), ("35", "copies/mL", True), ("4,2", "log10 kopier/mL", True),
    ("1.2", "10*3.[IU]/mL", True), ("1500", "{copies}/mL", True), ("12", "IE/ml", True),
    ("<20", "IU/mL", False), ("0", "IU/mL", False), ("24", "Ct", False), ("24", "", False), ("5.1", "mg/L", False), ("64", "titer", False),
]  # fmt: skip


@pytest.mark.parametrize(("number", "unit", "positive"), LOADS)
def test_a_viral_load_above_the_limit_is_a_finding(number: str, unit: str, positive: bool) -> None:
    sign = number[0] if number[0] in "<>" else ""
    value = {"value": fhir.exactly(number.lstrip("<>").replace(",", ".")), "unit": unit}
    quantity = value | ({"comparator": sign} if sign else {})
    structured = f"{sign}^{number.lstrip('<>')}"
    counted = kith.result(
        (kith.LOCAL, "H", "Hepatitt C virus RNA"), number=(sign, number.lstrip("<>"), unit), heading=None
    )  # fmt: skip
    expected = [("hepatitis-c-virus", "nucleic-acid")] if positive else []
    for data in (
        kith.simple(counted),
        kith.simple(kith.search(f"{number} {unit}", "Hepatitt C virus RNA")),
        fhir.write(fhir.simple(fhir.observation("o", {"text": "HCV RNA"}, quantity))),
        hl7.simple(hl7.obx(("", "HCV RNA"), structured, "SN", f6=hl7.escape(unit) or None)),
        hl7.simple(hl7.obx(("", "HCV RNA"), hl7.escape(f"{number} {unit}"), "ST")),
    ):
        assert concepts(only(data)) == expected


@given(st.text(max_size=60))
def test_any_amount_is_judged(text: str) -> None:
    assert is_load(text) in (True, False)


def test_an_amount_of_antibodies_is_no_finding() -> None:
    number = kith.result(
        (kith.LOCAL, "R", "Rubella IgG"), number=("", "120", "IU/ml"), heading=None
    )
    assert found(only(kith.simple(number))) == []


# What grew stands in place of what is noted


def test_a_panel_or_culture_that_names_nothing_counts_where_nothing_else_was_found() -> None:
    panel = fhir.observation("p", {"text": "Luftveispanel PCR"}, {"text": "Positiv"})
    flu = fhir.search(code={"text": "Influensa A-virus RNA"})
    for data in (
        kith.simple(kith.search("Positiv", "Luftveispanel PCR"), kith.search("Påvist", "Influensa A-virus RNA")),
        fhir.write(fhir.simple(panel, flu)),
        hl7.simple(hl7.obx(("", "Luftveispanel PCR"), "^Positiv"), hl7.obx(("", "Influensa A-virus RNA"), "^Påvist")),
    ):  # fmt: skip
        assert concepts(only(data)) == [("influenza-a-virus", "nucleic-acid")]
    for data in (
        kith.simple(kith.culture("Vekst"), kith.identification("Escherichia coli")),
        fhir.write(fhir.simple(fhir.culture(), fhir.organism())),
        hl7.simple(hl7.obx(hl7.CULTURE, "^Growth", f4="1"), hl7.organism(sub="2")),
    ):
        assert concepts(only(data)) == [("escherichia-coli", "culture")]


def test_a_gene_of_resistance_is_of_what_grew() -> None:
    gene = fhir.observation("g", {"text": "Karbapenemase PCR"}, {"text": "Påvist"})
    for data in (
        kith.simple(kith.search("Påvist", "Karbapenemase PCR"), kith.identification("Escherichia coli")),
        fhir.write(fhir.simple(gene, fhir.organism())),
        hl7.simple(hl7.obx(("", "Karbapenemase PCR"), "^Påvist"), hl7.organism()),
    ):  # fmt: skip
        assert concepts(only(data)) == [("escherichia-coli", "culture")]


def test_flora_settles_a_culture() -> None:
    for data in (
        kith.simple(kith.culture("Vekst"), kith.identification("Normal halsflora")),
        fhir.write(fhir.simple(fhir.culture(), fhir.organism(name="Blandingsflora"))),
    ):
        assert found(only(data)) == []


def test_what_is_identified_in_it_stands_in_place_of_what_is_noted() -> None:
    name, organism = "MRSA-undersøkelse", "Staphylococcus aureus"
    asked = fhir.observation("c", {"text": name}, {"text": "Påvist"})
    below = fhir.organism(name=organism, derivedFrom=[fhir.ref(asked)])
    for data in (
        kith.simple(kith.search("Påvist", name, nested=[kith.identification(organism)])),
        fhir.write(fhir.simple(asked, below)),
        hl7.simple(hl7.obx(("", name), "^Påvist", f4="1"), hl7.organism(("", organism))),
    ):
        assert found(only(data)) == [(organism, "culture")]


def test_a_susceptibility_is_never_of_what_is_noted() -> None:
    for data in (
        kith.simple(kith.culture("Vekst", nested=[kith.susceptibility()])),
        fhir.write(fhir.simple(fhir.culture(), fhir.susceptibility())),
        hl7.simple(hl7.obx(hl7.CULTURE, "^Growth", f4="1"), hl7.test()),
    ):
        report = only(data)
        assert isinstance(report, Failure) and report.reason == "unattached-susceptibility"


# Negative answers of cultures


@pytest.mark.parametrize(
    "said",
    [
        "Ingen vekst etter 5 døgn", "Ingen vekst etter 2 dager.", "Ingen vekst av (tarm)patogene bakterier",
        "Ikke signifikant vekst", "Steril", "Negativ dyrkning", "Normal hudflora", "No growth after 5 days",
        "Ikke påvist Salmonella, Shigella, Campylobacter eller Yersinia",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["Bakterier dyrkning", "Blodkultur", "F-Salmonella dyrkning"])
def test_the_commonest_negatives_of_cultures(name: str, said: str) -> None:
    for report in in_every_format(name, said):
        assert found(report) == [] and isinstance(report, LabReport) and report.negative


def test_the_commonest_negatives_of_searches() -> None:
    for said in ("Ikke påvist (negativ)", "Negativ. Se kommentar.", "HIV negativ"):
        for report in in_every_format("Hiv-1/2 antistoff/antigen", said):
            assert found(report) == [] and isinstance(report, LabReport) and report.negative


@pytest.mark.parametrize(
    ("said", "concept"),
    [
        ("Vekst av E. coli", "escherichia-coli"), ("Rikelig vekst av Escherichia coli", "escherichia-coli"),
        ("Ingen vekst av Salmonella. Vekst av Campylobacter jejuni", "campylobacter-jejuni"),
        ("Vekst av koagulasenegative stafylokokker. Vurderes som kontaminasjon.", None),
        ("MRSA påvist", "staphylococcus-aureus"),
    ],
)  # fmt: skip
def test_a_culture_that_says_what_grew(said: str, concept: str | None) -> None:
    for report in in_every_format("Bakterier dyrkning", said):
        assert concepts(report) == [(concept, "culture")]


# Reports that are marked as notifiable


def marked(*items: str, mark: str = "MSIS-M", discipline: str | None = "MBIO") -> bytes:
    person = kith.patient(kith.specimen(), *items)
    return kith.message(kith.report(person, comments=[mark], discipline=discipline))


def marked_bundle(*observations: fhir.Json, mark: str = "MSIS-M", **more: object) -> bytes:
    conclusion = [fhir.concept((kith.OID + "8269", mark, ""))]
    return fhir.write(fhir.simple(*observations, conclusionCode=conclusion, **more))


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("Meslingvirus IgM", "Se kommentar", ["Meslingvirus IgM: MSIS-M"]),
        ("Meslingvirus IgM", "Inkonklusiv", ["Meslingvirus IgM: MSIS-M"]),
        ("Undersøkelse 17", "Sendt videre", ["Undersøkelse 17: MSIS-M"]),
        ("Meslingvirus IgM", "Svar følger", ["Meslingvirus IgM: MSIS-M"]),
        ("CPO-screening", "Påvist", ["CPO-screening: positiv"]),
        ("Meslingvirus IgM", "Negativ", ["Meslingvirus IgM: MSIS-M"]),
        ("U-Leukocytter", "Påvist", ["U-Leukocytter: MSIS-M"]),
    ],
)
def test_a_report_that_is_notifiable_is_never_empty(
    name: str, said: str, expected: list[str]
) -> None:
    for data in (
        marked(kith.search(said, name)),
        marked_bundle(fhir.observation("o", {"text": name}, {"text": said})),
    ):
        assert [organism for organism, _ in found(only(data))] == expected


def test_of_several_analyses_those_that_say_something_are_noted() -> None:
    data = marked(
        kith.search("...", "Rubella IgM"), kith.search("Se kommentar", "Meslingvirus IgM"), mark="MSIS-UM"
    )  # fmt: skip
    assert found(only(data)) == [("Meslingvirus IgM: MSIS-UM", "antibody-igm")]
    data = marked(kith.search("Se kommentar", "Meslingvirus IgM"), mark="MSIS-AV")
    assert found(only(data)) == []


# Codes without words


def test_a_listed_code_needs_no_words() -> None:
    detected = fhir.concept((fhir.SNOMED, "260373001", "Detected"))
    code = fhir.concept(("http://loinc.org", "94500-6", ""))
    for data in (
        fhir.write(fhir.simple(fhir.observation("o", code, detected))),
        hl7.simple(hl7.obx(("94500-6", "", "LN"), "260373001^Detected^SCT")),
        kith.simple(kith.result((kith.NLK, "NPU59390", ""), said="Påvist")),
    ):
        ((concept, method),) = concepts(only(data))
        assert concept == "sars-cov-2" and method in ("nucleic-acid", "antigen")
    grown = fhir.concept(("http://loinc.org", "17563-8", ""))
    isolate = fhir.observation("o", grown, {"text": "Salmonella Typhimurium"})
    assert concepts(only(fhir.write(fhir.simple(isolate)))) == [
        ("salmonella-typhimurium", "culture")
    ]


def test_a_code_that_is_not_listed_waits_with_its_code() -> None:
    detected = fhir.concept((fhir.SNOMED, "260373001", "Detected"))
    for data in (
        fhir.write(fhir.simple(fhir.observation("o", fhir.concept(("L", "XYZ9", "")), detected))),
        hl7.simple(hl7.obx(("XYZ9", "", "L"), "260373001^Detected^SCT")),
        kith.simple(kith.result((kith.LOCAL, "XYZ9", ""), said="Påvist")),
    ):
        assert found(only(data)) == [("XYZ9: positiv", "")]


def test_every_listed_code_is_what_its_name_says() -> None:
    """Read as the name of an analysis; and LOINC's check digits (the Luhn algorithm) are right."""
    for (system, code), listed in listed_searches().items():
        if system != listed.system:
            continue
        search = find_search((Code(text=listed.name),))
        assert search is not None and search.method == listed.method, listed
        known = CODES.find("organism", [("", "", each.text) for each in search.organisms])
        assert known is not None
        assert known == CODES.find("organism", [("", "", listed.organism)]), listed
        if system == "http://loinc.org":
            number, check = code.split("-")
            doubled = str(int(number[::-1][::2]) * 2) + number[::-1][1::2]
            assert -sum(map(int, doubled)) % 10 == int(check), code


# Names that every laboratory sends

NAMES = [
    ("Chlamydia trachomatis rRNA [Presence] in Specimen by NAA with probe detection", "chlamydia-trachomatis", "nucleic-acid"),
    (f"{GONO} rRNA [Presence] in Specimen by NAA with probe detection", "neisseria-gonorrhoeae", "nucleic-acid"),
    ("Clostridioides difficile toxin genes [Presence] in Stool by NAA with probe detection", "clostridioides-difficile", "nucleic-acid"),
    ("Mycobacterium tuberculosis-kompleks DNA", "mycobacterium-tuberculosis-complex", "nucleic-acid"),
    ("MTB-kompleks PCR", "mycobacterium-tuberculosis-complex", "nucleic-acid"),
    ("M. tuberculosis kompleks PCR", "mycobacterium-tuberculosis-complex", "nucleic-acid"),
    ("Shigella/EIEC PCR", "shigella", "nucleic-acid"),
    ("EHEC stx2 PCR", "escherichia-coli-ehec", "nucleic-acid"),
    ("Norovirus GI/GII RNA", "norovirus", "nucleic-acid"),
    ("Hepatitt B s-Ag", "hepatitis-b-virus", "antigen"),
    ("Apekoppvirus DNA", "monkeypox-virus", "nucleic-acid"),
    ("Hantavirus (Puumala) IgM", "puumala-virus", "antibody-igm"),
    ("P. vivax DNA", "plasmodium-vivax", "nucleic-acid"),
    ("Parapertussis PCR", "bordetella-parapertussis", "nucleic-acid"),
    ("Coxiella burnetii fase II IgG", "coxiella-burnetii", "antibody-igg"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "concept", "method"), NAMES)
def test_names_that_every_laboratory_sends(name: str, concept: str, method: str) -> None:
    for report in in_every_format(name, "Påvist"):
        assert concepts(report) == [(concept, method)]


def test_ova_and_parasites_are_no_isolate() -> None:
    for name in (
        "Ova and parasites identified in Stool by Light microscopy", "Ova and parasites identified",
        "F-Cyster og egg",
    ):  # fmt: skip
        for report in in_every_format(name, "Giardia lamblia"):
            assert concepts(report) == [("giardia-duodenalis", "microscopy")]


# What is microbiology


def of_disciplines(discipline: str | None, mark: str, name: str, said: str) -> list[bytes]:
    """One answer of a discipline; the last one of HL7 v2, which has no mark."""
    category = [fhir.concept(("", discipline, ""))] if discipline else []
    observed = fhir.observation("o", {"text": name}, {"text": said})
    conclusion = [fhir.concept((kith.OID + "8269", mark, ""))] if mark else []
    person = kith.patient(kith.specimen(), kith.search(said, name))
    return [
        kith.message(
            kith.report(person, discipline=discipline, comments=[mark] if mark else [])
        ),
        fhir.write(fhir.simple(observed, category=category, conclusionCode=conclusion)),
        *([] if mark else [hl7.simple(hl7.obx(("", name), f"^{said}"), f24=discipline)]),
    ]  # fmt: skip


@pytest.mark.parametrize("discipline", ["MBK", "KB", "IMM", "KLB", "LAB", "SR", None])
def test_a_search_for_a_known_agent_is_microbiology_whatever_its_discipline(
    discipline: str | None,
) -> None:
    for mark in ("MSIS-M", ""):
        for data in of_disciplines(discipline, mark, "HBsAg", "Positiv"):
            assert concepts(only(data)) == [("hepatitis-b-virus", "antigen")]
        for data in of_disciplines(discipline, mark, "Meslingvirus IgM", "Negativ"):
            report = only(data)
            assert isinstance(report, LabReport) and report.negative is not bool(mark)


@pytest.mark.parametrize("discipline", ["KB", "CH", None])
@pytest.mark.parametrize(
    ("name", "said"),
    [("CRP", "Positiv"), ("U-Amfetamin", "Påvist"), ("Ukjent analyse", "Påvist"), ("ANA IgG", "Positiv")],
)  # fmt: skip
def test_everything_else_of_another_discipline_is_refused(
    discipline: str | None, name: str, said: str
) -> None:
    for data in of_disciplines(discipline, "", name, said):
        report = only(data)
        assert isinstance(report, Failure) and report.reason == "not-microbiology"


@pytest.mark.parametrize("mark", ["MSIS-M", "MSIS-UM", "MSIS-AV"])
def test_a_mark_makes_it_microbiology(mark: str) -> None:
    for data in of_disciplines("KB", mark, "Ukjent analyse", "Påvist"):
        assert found(only(data)) == [("Ukjent analyse: positiv", "")]


def test_a_report_whose_own_code_is_a_search_is_microbiology() -> None:
    code = fhir.concept(("http://loinc.org", "94500-6", ""))
    answer = fhir.observation("o", {"text": "Resultat"}, {"text": "Ikke påvist"})
    for category in ([], [fhir.concept(("", "LAB", ""))]):
        report = only(fhir.write(fhir.simple(answer, category=category, code=code)))
        assert isinstance(report, LabReport) and report.negative


def test_a_cancellation_counts_whatever_its_discipline() -> None:
    for data in (
        kith.message(kith.report(service="C", discipline="KB")),
        fhir.write(fhir.simple(category=[fhir.concept(("", "KB", ""))], status="cancelled")),
        hl7.message(hl7.pid(), hl7.obr(f24="CH", f25="X")),
    ):
        report = only(data)
        assert isinstance(report, LabReport) and report.service_type == "C"


def test_all_of_several_reports_are_read() -> None:
    """A refused report takes nothing from the ones beside it."""
    good = kith.patient(kith.specimen(), kith.search("Påvist"))
    data = kith.message(kith.report(discipline="KB"), kith.report(good, own="R2"), version="1.3")
    first, second = read(data)
    assert isinstance(first, Failure) and isinstance(second, LabReport) and second.findings
