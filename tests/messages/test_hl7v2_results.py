"""OBX to findings: what names an organism, how susceptibilities are read, and whose they are."""

from __future__ import annotations

import pytest

from messages import hl7v2_builder as hl7
from messages.hl7v2_builder import INTERPRETATIONS
from varde.messages import Code, Failure, Finding, LabReport, Susceptibility
from varde.messages.hl7v2.reports import read_hl7v2

ECOLI = Code(system="SCT", code="112283007", text="Escherichia coli")
KLEB = ("56415008", "Klebsiella pneumoniae", "SCT")
DRUG = ("DRUG", "Ampicillin", "L")


def report(*segments: str) -> LabReport:
    (record,) = read_hl7v2(hl7.message(hl7.pid(), *segments))
    assert isinstance(record, LabReport), record
    return record


def failure(*segments: str) -> Failure:
    (record,) = read_hl7v2(hl7.message(hl7.pid(), *segments))
    assert isinstance(record, Failure), record
    return record


def one_order(*results: str) -> list[str]:
    return [hl7.obr(), *results, hl7.spm()]


def linked(found: LabReport) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Organism, and antibiotic, category and MIC of its tests."""
    return [
        (
            finding.organisms[0].text or finding.organisms[0].code,
            [(s.antibiotics[0].text.split()[0], s.sir, s.mic) for s in finding.susceptibilities],
        )
        for finding in found.findings
    ]


def read_test(result: str) -> Susceptibility:
    (finding,) = report(*one_order(hl7.organism(), result)).findings
    (found,) = finding.susceptibilities
    return found


# Organisms


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("112283007^Escherichia coli^SCT", "CE", (ECOLI,)),
        ("112283007^Escherichia coli^SCT^ECO^E.coli^L", "CWE",
         (ECOLI, Code(system="L", code="ECO", text="E.coli"))),
        ("112283007^Escherichia coli^SCT^^^^1^^E. coli (ESBL)", "CWE",
         (ECOLI, Code(text="E. coli (ESBL)"))),
        ("112283007^Escherichia coli^SCT^^^^1^^Escherichia coli", "CNE", (ECOLI,)),
        ("^Escherichia coli", "CE", (Code(text="Escherichia coli"),)),
        ("ECO", "IS", (Code(code="ECO"),)),
        ("Escherichia coli", "ST", (Code(text="Escherichia coli"),)),
        ("Escherichia  coli ", "TX", (Code(text="Escherichia coli"),)),
        (r"Escherichia\.br\coli", "FT", (Code(text="Escherichia coli"),)),
        ("Escherichia~coli", "TX", (Code(text="Escherichia coli"),)),
        ("112283007^Escherichia coli^SCT", "ST", (ECOLI,)),
        ("Escherichia coli", "", (Code(text="Escherichia coli"),)),
        ("Staphylococcus aureus", "CE", (Code(code="Staphylococcus aureus"),)),
        (r"^A \T\ B\F\C", "CE", (Code(text="A & B|C"),)),
        ("^A & B", "CE", (Code(text="A & B"),)),
    ],
)  # fmt: skip
def test_organisms(value: str, kind: str, expected: tuple[Code, ...]) -> None:
    found = report(*one_order(hl7.obx(hl7.CULTURE, value, kind)))
    assert [finding.organisms for finding in found.findings] == [expected]


@pytest.mark.parametrize(
    "name",
    [
        ("600-7", "", "LN"), ("X", "Bacteria identified", "L"), ("ORG", "Organism", "L"),
        ("", "Isolate 1", ""), ("NPU06073", "U-Bakterier dyrkning", "NPU"),
        ("IDENT", "", "L"), ("ODL", "Odling, urin", "L"), ("634-6", "Gram method", "LN"),
    ],
)  # fmt: skip
def test_names_of_cultures(name: tuple[str, str, str]) -> None:
    assert report(*one_order(hl7.obx(name, hl7.comps(*hl7.ECOLI)))).findings


@pytest.mark.parametrize(
    "name",
    [
        ("664-3", "Gram stain", "LN"), ("X", "Culture comment", "L"), ("X", "Culture method", "L"),
        ("X", "Culture status", "L"), ("11475-2", "Toxin of organism", "L"), ("GLU", "Glucose", "L"),
    ],
)  # fmt: skip
def test_other_results_name_no_organism(name: tuple[str, str, str]) -> None:
    assert not report(*one_order(hl7.obx(name, "Gram-negative rods", "ST"))).findings


def test_several_organisms_in_one_result_are_several_findings() -> None:
    value = "~".join([hl7.comps(*hl7.ECOLI), hl7.comps(*hl7.AUREUS), "264868006^No growth^SCT"])
    found = report(*one_order(hl7.obx(hl7.CULTURE, value)))
    assert [f.organisms[0].code for f in found.findings] == ["112283007", "3092008"]
    assert [f.number for f in found.findings] == [1, 2]


@pytest.mark.parametrize("status", ["D", "X", "W", "N", "O", "d"])
def test_void_results_are_left_out_with_their_tests(status: str) -> None:
    found = report(
        *one_order(
            hl7.organism(f11=status), hl7.test(),
            hl7.organism(KLEB, "2"), hl7.test(sub="2"), hl7.test(sub="2", f11=status),
        )
    )  # fmt: skip
    assert linked(found) == [("Klebsiella pneumoniae", [("Ampicillin", "R", "")])]


# Nothing found


@pytest.mark.parametrize(
    ("value", "negative"),
    [
        ("264868006^No growth^SCT", True), ("^No growth", True), ("NG^No growth after 5 days.^L", True),
        ("^Ingen vekst", True), ("STER^Sterile^L", True), ("260415000^ikke her^SCT", True),
        ("X^klar^L^264868006^No growth^SCT", True), ("^Ingen växt", True),
        ("^Mixed flora", False), ("^No Salmonella isolated", True), ("^See comment", False),
        ("^Normal skin flora", True),
    ],
)  # fmt: skip
def test_words_are_no_organisms(value: str, negative: bool) -> None:
    found = report(*one_order(hl7.obx(hl7.CULTURE, value)))
    assert not found.findings
    assert found.negative is negative


def test_growth_and_no_growth_are_not_negative() -> None:
    found = report(*one_order(hl7.organism(("", "No growth")), hl7.organism(("", "Growth"))))
    assert not found.negative


def test_a_finding_is_not_negative() -> None:
    found = report(*one_order(hl7.organism(("", "No growth")), hl7.organism()))
    assert found.findings and not found.negative


# Categories


@pytest.mark.parametrize(
    ("value", "kind", "flag", "sir"),
    [
        ("R^Resistant^HL70078", "CE", None, "R"), ("S", "ST", None, "S"), ("I", "IS", None, "I"),
        ("Resistant", "ST", None, "R"), ("^Susceptible", "CWE", None, "S"),
        ("131196009^Susceptible^SCT", "CE", None, "S"), ("30714006^^SCT", "CE", None, "R"),
        ("^Sensitiv, økt eksponering", "CE", None, "I"), ("^Susceptible, increased exposure", "CE", None, "I"),
        (None, "CE", "R", "R"), (None, "ST", "MS", "I"), (None, "ST", "VS", "S"), (None, "ST", "R~A", "R"),
        (None, "ST", "S^Susceptible^HL70078", "S"), ("S", "ST", "S", "S"), ("<=^1", "SN", "I", "I"),
        (None, "ST", "30714006^Resistant^SCT", "R"), (None, "ST", "^Resistant", "R"), ("R", "ST", "*", "R"),
        ("LA1^Resistant^L", "CWE", "R", "R"), ("SDD", "ST", None, "I"), ("R^R^L", "CE", None, "R"),
    ],
)  # fmt: skip
def test_categories(value: str | None, kind: str, flag: str | None, sir: str) -> None:
    assert read_test(hl7.obx(DRUG, value, kind, f8=flag)).sir == sir


@pytest.mark.parametrize(
    ("value", "flag"), [("R", "S"), ("^Susceptible", "R"), ("R^Susceptible^L", None)]
)
def test_contradictions_are_refused(value: str, flag: str | None) -> None:
    found = failure(*one_order(hl7.organism(), hl7.obx(DRUG, value, "CE", f8=flag)))
    assert (found.reason, found.place) == ("contradictory-susceptibility", "OBX[2]-5")
    assert found.detail == "R ≠ S"


@pytest.mark.parametrize("value", ["R^Reactive^L", "^Pending", "NS^Not susceptible^L", "", "^K"])
def test_what_is_no_category(value: str) -> None:
    (finding,) = report(*one_order(hl7.organism(), hl7.obx(DRUG, value, "CE"))).findings
    assert not finding.susceptibilities


@pytest.mark.parametrize("name", [("18769-0", "Microbial susceptibility tests Set", "LN")])
def test_a_list_of_tests_as_text_is_no_test(name: tuple[str, str, str]) -> None:
    found = report(*one_order(hl7.organism(), hl7.obx(name, "Oxacillin: Resistant", "ST")))
    assert linked(found) == [("Escherichia coli", [])]


def test_a_panels_code_with_a_category_is_a_test_by_its_name() -> None:
    name = ("18769-0", "Ampicillin susceptibility", "LN")
    found = report(*one_order(hl7.organism(), hl7.test(name)))
    assert linked(found) == [("Escherichia coli", [("Ampicillin", "R", "")])]


@pytest.mark.parametrize(
    ("value", "flag", "field", "detail"),
    [
        ("Q^^HL70078", None, 5, "Q"), ("Q^Quite^HL70078", None, 5, "Q"), ("Q^^HL70078", "R", 5, "Q"),
        ("Q^^2.16.840.1.113883.5.83^R^Resistant^L", None, 5, "Q"), ("Q^^8271", None, 5, "Q"),
        ("R^^HL70078~Q^^HL70078", None, 5, "Q"), ("R^^HL70078", "Q", 8, "Q"), ("R^^HL70078", "A~Q", 8, "Q"),
    ],
)  # fmt: skip
def test_what_stands_for_a_category_and_is_none_is_refused(
    value: str, flag: str | None, field: int, detail: str
) -> None:
    cipro = ("18906-8", "Ciprofloxacin", "LN")
    found = failure(*one_order(hl7.organism(), hl7.obx(cipro, value, "CWE", f8=flag)))
    assert (found.reason, found.place) == ("bad-susceptibility", f"OBX[2]-{field}")
    assert found.detail == detail


@pytest.mark.parametrize("value", ["Q", "^Quite", "Q^^L"])
@pytest.mark.parametrize("kind", ["CWE", "ST", "IS"])
def test_whatever_a_named_test_says_must_be_understood(value: str, kind: str) -> None:
    named = hl7.obx(hl7.AMPICILLIN, value, kind)
    found = failure(*one_order(hl7.organism(), named))
    assert (found.reason, found.place) == ("bad-susceptibility", "OBX[2]-5")


def test_a_flag_that_is_no_category_is_refused_at_a_measured_test() -> None:
    found = failure(*one_order(hl7.organism(), hl7.mic(hl7.AMPICILLIN, "^8", "Q")))
    assert (found.reason, found.place) == ("bad-susceptibility", "OBX[2]-8")
    found = failure(*one_order(hl7.organism(), hl7.obx(hl7.AMPICILLIN, None, "CWE", f8="Q")))
    assert (found.reason, found.place) == ("bad-susceptibility", "OBX[2]-8")


@pytest.mark.parametrize("value", ["Q", "Q^^L", "^Q"])
def test_in_an_order_for_tests_all_short_values_stand_for_a_category(value: str) -> None:
    panel = [hl7.obr("R2", hl7.PANEL, **hl7.child(sub="2")), hl7.obx(DRUG, value, "CWE")]
    found = failure(*culture(*panel))
    assert (found.reason, found.place) == ("bad-susceptibility", "OBX[3]-5")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (DRUG, "K"), (DRUG, "^Not tested"), (DRUG, "Se vedlegg til prøvesvaret"),
        (("X", "Panel comment", "L"), "Q"), (("SCM", "Susceptibility comment", "L"), "Q"),
    ],
)  # fmt: skip
def test_remarks_in_an_order_for_tests(name: tuple[str, str, str], value: str) -> None:
    panel = [hl7.obr("R2", hl7.PANEL, **hl7.child(sub="2")), hl7.obx(name, value, "ST")]
    assert linked(report(*culture(*panel)))[1] == ("Klebsiella pneumoniae", [])


@pytest.mark.parametrize("code", INTERPRETATIONS)
def test_every_code_of_the_tables_gives_a_category_or_is_known_to_give_none(code: str) -> None:
    own = {"S": "S", "VS": "S", "I": "I", "MS": "I", "SDD": "I", "R": "R"}.get(code)
    for result in (hl7.obx(DRUG, f"{code}^^HL70078", "CWE"), hl7.obx(hl7.AMPICILLIN, code, "IS")):
        (finding,) = report(*one_order(hl7.organism(), result)).findings
        assert [s.sir for s in finding.susceptibilities] == ([own] if own else [])


# Measurements


@pytest.mark.parametrize(
    ("value", "kind", "unit", "mic", "zone"),
    [
        ("<=^0.5", "SN", "mg/L", "<=0.5", 0), (">^256", "SN", "ug/mL", ">256", 0),
        ("^2", "SN", None, "2", 0), ("0.125", "NM", "mg/L^milligram per litre^UCUM", "0.125", 0),
        ("<=^2^/^38", "SN", "mg/L", "<=2", 0),
        ("≥32", "ST", "µg/mL", ">=32", 0), ("0,25", "ST", "mg/L", "0.25", 0),
        ("<=2/38", "ST", "mg/L", "<=2", 0), ("> 8", "NM", "mcg/mL", ">8", 0),
        ("0.5 mg/L", "ST", None, "0.5", 0), ("4 ug/mL", "ST", None, "4", 0),
        ("22", "NM", "mm", "", 22), ("^17", "SN", "mm", "", 17), ("22 mm", "ST", None, "", 22),
        ("See comment", "ST", "mg/L", "", 0), ("pending", "NM", "mg/L", "", 0), ("<", "SN", "mg/L", "", 0),
        ("S", "ST", "mg/L", "", 0), ("rare isolate", "ST", None, "", 0), ("", "NM", "mg/L", "", 0),
    ],
)  # fmt: skip
def test_measurements(value: str, kind: str, unit: str | None, mic: str, zone: int) -> None:
    found = read_test(hl7.obx(DRUG, value, kind, f6=unit, f8="S"))
    assert (found.mic, found.zone, found.sir) == (mic, zone, "S")


@pytest.mark.parametrize("sir", ["R", None])
@pytest.mark.parametrize(
    ("value", "kind", "unit"),
    [
        ("^2^-^4", "SN", "mg/L"), ("8", "NM", "g/L"), ("many", "ST", "mg/L"), ("1e5", "NM", "mg/L"),
        ("NaN", "NM", "mg/L"), ("1e400", "NM", "mg/L"), ("^1e400", "SN", "mg/L"), ("NaN", "NM", None),
        ("NaN", "ST", None), ("-1", "ST", None), ("1234", "NM", "mm"), ("Resistant (MIC >1e9)", "ST", None),
    ],
)  # fmt: skip
def test_a_measurement_that_is_none_is_refused(
    value: str, kind: str, unit: str | None, sir: str | None
) -> None:
    for name in [DRUG] * bool(sir) + [("28-1", "Ampicillin Islt MIC", "LN")]:
        result = hl7.obx(name, value, kind, f4="1", f6=unit, f8=sir)
        found = failure(*one_order(hl7.organism(), result))
        assert (found.reason, found.place) == ("bad-quantity", "OBX[2]-5")
        assert found.detail.startswith(value.replace("^", ""))


def test_a_number_that_is_of_no_test_is_left_out() -> None:
    other = [
        hl7.mic(("PH", "pH", "L"), "^NaN", unit=None),
        hl7.mic(("WBC", "Leukocytes", "L"), "^1234567", unit="10*9/L"),
    ]
    (finding,) = report(*one_order(hl7.organism(), *other)).findings
    assert not finding.susceptibilities


def test_a_zone_by_the_name_of_the_test() -> None:
    name = ("18866-4", "Ampicillin [Susceptibility] by Disk diffusion (KB)", "LN")
    assert read_test(hl7.obx(name, "22", "NM")).zone == 22


@pytest.mark.parametrize(
    ("text", "sir", "mic"),
    [
        ("Susceptible (MIC 1.0 mcg/mL)", "S", "1.0"), ("Resistant (MIC >32)", "R", ">32"),
        ("S (<=0.25)", "S", "<=0.25"), ("Resistant (see note)", "R", ""),
    ],
)  # fmt: skip
def test_a_category_with_its_measurement_in_words(text: str, sir: str, mic: str) -> None:
    found = read_test(hl7.obx(("18907-6", "Ampicillin susceptibility", "LN"), text, "ST"))
    assert (found.sir, found.mic) == (sir, mic)


def test_category_and_measurement_sent_apart_are_one_test() -> None:
    found = report(
        *one_order(
            hl7.organism(), hl7.mic(DRUG, "^8"), hl7.mic(DRUG, "14", kind="NM", unit="mm"),
            hl7.test(DRUG, "R"), hl7.test(DRUG, "S"),
        )
    )  # fmt: skip
    (finding,) = found.findings
    assert [(s.sir, s.mic, s.zone) for s in finding.susceptibilities] == [
        ("R", "8", 14),
        ("S", "", 0),
    ]


def test_two_categories_for_one_antibiotic_are_refused() -> None:
    cipro = [hl7.test(hl7.CIPROFLOXACIN, "R"), hl7.test(hl7.CIPROFLOXACIN, "S")]
    found = failure(*one_order(hl7.organism(), *cipro))
    assert (found.reason, found.place) == ("contradictory-susceptibility", "OBX[3]-5")
    assert found.detail == "R ≠ S"
    measured = [hl7.mic(DRUG, "^8", "R"), hl7.mic(DRUG, "^0.5", "S")]
    assert failure(*one_order(hl7.organism(), *measured)).reason == "contradictory-susceptibility"


def test_a_measured_category_and_another_one_are_two_tests() -> None:
    found = report(*one_order(hl7.organism(), hl7.test(DRUG, "S"), hl7.mic(DRUG, "^8", "R")))
    assert linked(found) == [("Escherichia coli", [("Ampicillin", "S", ""), ("Ampicillin", "R", "8")])]  # fmt: skip


def test_antibiotics_have_their_alternates() -> None:
    name = ("18864-9", "Ampicillin Susc Islt", "LN", "AMP", "Ampicillin", "L")
    assert read_test(hl7.test(name)).antibiotics == (
        Code(system="LN", code="18864-9", text="Ampicillin Susc Islt"),
        Code(system="L", code="AMP", text="Ampicillin"),
    )


def test_a_test_without_antibiotic_is_refused() -> None:
    found = failure(*one_order(hl7.organism(), hl7.test(("", "", ""))))
    assert (found.reason, found.place) == ("missing-antibiotic", "OBX[2]-3")


# Amounts


@pytest.mark.parametrize(
    ("value", "kind", "unit", "expected"),
    [
        (">^100000", "SN", "CFU/mL", ">100000 CFU/mL"), ("100000", "NM", None, "100000"),
        (">100,000 CFU/ml", "ST", None, ">100,000 CFU/ml"), ("3+^Rich^L", "CE", None, "Rich"),
        ("^10000^-^100000", "SN", "{CFU}/mL", "10000-100000 {CFU}/mL"),
    ],
)  # fmt: skip
def test_amounts(value: str, kind: str, unit: str | None, expected: str) -> None:
    name = ("564-5", "Colony count", "LN")
    found = report(*one_order(hl7.organism(), hl7.obx(name, value, kind, f6=unit)))
    assert [finding.quantity for finding in found.findings] == [expected]


def test_an_amount_of_no_certain_organism_is_left_out() -> None:
    count = hl7.obx(("564-5", "Colony count", "LN"), "10", "NM")
    found = report(*one_order(hl7.organism(), hl7.organism(KLEB, "2"), count))
    assert [finding.quantity for finding in found.findings] == ["", ""]


# Whose a susceptibility is


def test_by_sub_id() -> None:
    found = report(
        *one_order(
            hl7.organism(), hl7.organism(KLEB, "2"),
            hl7.test(sub="2"), hl7.test(hl7.CIPROFLOXACIN, "S", "1.1"), hl7.test(sub="1-2"),
        )
    )  # fmt: skip
    assert linked(found) == [
        ("Escherichia coli", [("Ciprofloxacin", "S", ""), ("Ampicillin", "R", "")]),
        ("Klebsiella pneumoniae", [("Ampicillin", "R", "")]),
    ]


def test_one_organism_has_all_whatever_the_sub_ids_count() -> None:
    results = [hl7.test(sub=str(n)) for n in range(2, 6)]
    found = report(*one_order(hl7.organism(), *results))
    assert len(found.findings[0].susceptibilities) == 4


@pytest.mark.parametrize("sub", [None, "3"])
def test_of_two_organisms_none_is_guessed(sub: str | None) -> None:
    found = failure(
        *one_order(hl7.organism(), hl7.test(), hl7.organism(KLEB, "2"), hl7.test(sub=sub))
    )
    assert (found.reason, found.place, found.detail) == (
        "unattached-susceptibility", "OBX[4]", "2"
    )  # fmt: skip


def test_a_test_without_organism_is_refused() -> None:
    found = failure(*one_order(hl7.test()))
    assert (found.reason, found.detail) == ("unattached-susceptibility", "0")


def culture(*after: str) -> list[str]:
    return [hl7.obr(), hl7.organism(), hl7.organism(KLEB, "2"), hl7.spm(), *after]


TWO = [("Escherichia coli", []), ("Klebsiella pneumoniae", [("Ampicillin", "R", "")])]


@pytest.mark.parametrize(
    "panel",
    [
        hl7.child(sub="2"),
        hl7.child(sub="2", f29=None),
        hl7.child(sub="2", f29="R1"),
        hl7.child(sub="2", f29="P1"),
        {"f26": "630-4&x&LN^2", "f29": "^R1&LAB"},
        {"f26": "^^Klebsiella pneumoniae", "f29": "P1^R1"},
        {"f26": "630-4^^Klebsiella pneumoniae", "f29": "P1^R1"},
    ],
)
def test_by_parent_result(panel: dict[str, str | None]) -> None:
    for sub in (None, "1", "7"):
        found = report(*culture(hl7.obr("R2", hl7.PANEL, **panel), hl7.test(sub=sub)))
        assert linked(found) == TWO


def test_by_the_parents_number_in_the_control_segment() -> None:
    control = hl7.segment("ORC", f1="RE", f3="R2", f8="P1^R1")
    panel = hl7.obr("R2", hl7.PANEL, f26="630-4^2")
    assert linked(report(*culture(control, panel, hl7.test(sub=None)))) == TWO


def test_by_parent_order_and_one_sub_id() -> None:
    panel = hl7.obr("R2", hl7.PANEL, f29="P1^R1")
    found = report(*culture(panel, hl7.test(sub="2"), hl7.test(hl7.CIPROFLOXACIN, sub="2.1")))
    assert linked(found)[1] == (
        "Klebsiella pneumoniae",
        [("Ampicillin", "R", ""), ("Ciprofloxacin", "R", "")],
    )


def test_sub_ids_that_count_the_tests_are_no_link() -> None:
    panel = hl7.obr("R2", hl7.PANEL, f29="P1^R1")
    found = failure(*culture(panel, hl7.test(sub="1"), hl7.test(hl7.CIPROFLOXACIN, sub="2")))
    assert found.reason == "unattached-susceptibility"


def test_a_panel_before_its_culture() -> None:
    panel = hl7.obr("R2", hl7.PANEL, **hl7.child(sub="2"))
    found = report(panel, hl7.test(), *culture())
    assert found.report_id == "R1" and linked(found) == TWO


def test_measurements_alone_in_a_panel_count() -> None:
    plain = ("AMP", "Ampicillin", "L")
    panel = hl7.obr("R2", hl7.PANEL, **hl7.child(sub="2"))
    found = report(*culture(panel, hl7.mic(plain, "<=^2", sub=None)))
    assert linked(found)[1] == ("Klebsiella pneumoniae", [("Ampicillin", "", "<=2")])


def test_measurements_alone_in_a_culture_need_their_name() -> None:
    plain = hl7.mic(("PH", "pH", "L"), "^7", sub=None, unit=None)
    named = hl7.mic(("28-1", "Ampicillin Islt MIC", "LN"), "^8", sub=None)
    assert linked(report(*one_order(hl7.organism(), plain, named))) == [
        ("Escherichia coli", [("Ampicillin", "", "8")])
    ]


def test_a_panel_that_repeats_its_organism() -> None:
    panel = [hl7.obr("R2", hl7.PANEL, **hl7.child(sub="2")), hl7.organism(KLEB, "1"), hl7.test()]
    assert linked(report(*culture(*panel))) == TWO


def test_a_panel_with_an_organism_of_its_own() -> None:
    root = [hl7.obr(), hl7.obx(hl7.CULTURE, "^Growth"), hl7.spm()]
    panels = [
        hl7.obr("R2", hl7.PANEL, f29="P1^R1"), hl7.organism(), hl7.test(sub=None),
        hl7.obr("R3", hl7.PANEL, f29="P1^R1"), hl7.organism(KLEB), hl7.test(sub=None, sir="S"),
    ]  # fmt: skip
    assert linked(report(*root, *panels)) == [
        ("Escherichia coli", [("Ampicillin", "R", "")]),
        ("Klebsiella pneumoniae", [("Ampicillin", "S", "")]),
    ]


def test_what_a_panel_was_made_for_is_an_organism() -> None:
    name = ("KEIM", "Befund", "L")
    root = [hl7.obr(), hl7.obx(name, hl7.comps(*hl7.ECOLI), f4="1"), hl7.spm()]
    panel = [hl7.obr("R2", hl7.PANEL, **hl7.child(name=name)), hl7.test()]
    assert linked(report(*root, *panel)) == [("Escherichia coli", [("Ampicillin", "R", "")])]


def test_a_panel_of_a_deleted_organism_is_left_out() -> None:
    root = [hl7.obr(), hl7.organism(f11="D"), hl7.organism(KLEB, "2"), hl7.spm()]
    panel = [hl7.obr("R2", hl7.PANEL, **hl7.child(sub="1")), hl7.test()]
    assert linked(report(*root, *panel)) == [("Klebsiella pneumoniae", [])]


def test_an_unlinked_panel_under_the_placers_number() -> None:
    found = report(*one_order(hl7.organism()), hl7.obr("R2", hl7.PANEL), hl7.test())
    assert linked(found) == [("Escherichia coli", [("Ampicillin", "R", "")])]


def test_a_panel_whose_culture_is_elsewhere_is_refused() -> None:
    panel = hl7.obr("R2", hl7.PANEL, **hl7.child(parent="R9"), f2=None)
    found = failure(panel, hl7.test(), hl7.spm())
    assert (found.reason, found.report_id) == ("unattached-susceptibility", "R2")


def test_grandchildren() -> None:
    panel = hl7.obr("R2", hl7.PANEL, **hl7.child(sub="2"))
    more = hl7.obr("R3", hl7.PANEL, f29="P1^R2")
    found = report(*culture(panel, hl7.test(), more, hl7.test(hl7.CIPROFLOXACIN, sub=None)))
    assert linked(found)[1][1] == [("Ampicillin", "R", ""), ("Ciprofloxacin", "R", "")]


def test_parents_in_a_ring_are_refused() -> None:
    one = hl7.obr("R1", f29="^R2", f2=None)
    two = hl7.obr("R2", f29="^R1", f2=None)
    found = failure(one, hl7.organism(), two, hl7.organism(), hl7.spm())
    assert (found.reason, found.place) == ("cyclic-reference", "OBR[1]-29")


def test_parents_are_of_the_same_patient() -> None:
    data = hl7.message(
        hl7.pid("1"), hl7.obr("R1", f2=None), hl7.organism(), hl7.spm(),
        hl7.pid("2"), hl7.obr("R2", hl7.PANEL, f2=None, **hl7.child()), hl7.test(), hl7.spm(),
    )  # fmt: skip
    first, second = read_hl7v2(data)
    assert isinstance(first, LabReport) and linked(first) == [("Escherichia coli", [])]
    assert isinstance(second, Failure) and second.reason == "unattached-susceptibility"


# Bounds


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ([hl7.organism(sub=None)] * 901, "too-many-findings"),
        ([hl7.organism(), *[hl7.test()] * 201], "too-many-susceptibilities"),
    ],
)
def test_too_much_is_refused(results: list[str], reason: str) -> None:
    assert failure(*one_order(*results)).reason == reason


def test_too_many_orders_are_refused() -> None:
    assert failure(*[hl7.obr()] * 501).reason == "too-large"


def test_a_finding_is_as_a_record() -> None:
    found = report(*one_order(hl7.organism(), hl7.mic(hl7.AMPICILLIN, "<=^2", "S")))
    assert found.findings == (
        Finding(
            number=1,
            specimen=1,
            organisms=(ECOLI,),
            susceptibilities=(
                Susceptibility(
                    antibiotics=(
                        Code(system="LN", code="18864-9", text="Ampicillin [Susceptibility]"),
                    ),
                    sir="S",
                    mic="<=2",
                ),
            ),
            method="culture",
        ),
    )
