"""What answers in words come to, row by row of `answers.csv` and alike in KITH, FHIR and HL7 v2.

A row is a text (``\\n`` ends a line), the analysis that it answers, and what must come of it: the organisms of its
findings, whether the report is negative, or whether it is noted for a person under the name of the analysis. And
whatever is put together of statements whose meaning is known must come to what they mean.
"""

from __future__ import annotations

import csv
import unicodedata
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from messages.test_answers_found import only
from varde.messages import Failure, LabReport
from varde.messages.answers.said import read_words

with (Path(__file__).parent / "answers.csv").open(encoding="utf-8", newline="") as rows:
    ROWS = [
        (r["text"].replace("\\n", "\n"), r["analysis"], r["organisms"], r["negative"] == "1", r["noted"] == "1")
        for r in csv.DictReader(rows)
    ]  # fmt: skip


def in_every_format(name: str, said: str) -> dict[str, LabReport | Failure]:
    """One answer in each format; lines as each of them writes them, and once in the decomposed form."""
    lines = said.split("\n")
    apart = unicodedata.normalize("NFD", said)
    return {
        "kith": only(kith.simple(kith.search(said, name))),
        "kith, decomposed": only(kith.simple(kith.search(apart, name))),
        "fhir": only(fhir.write(fhir.simple(fhir.observation("o", {"text": name}, said)))),
        "fhir, concept": only(fhir.write(fhir.simple(fhir.observation("o", {"text": name}, {"text": said})))),
        "hl7": only(hl7.simple(hl7.obx(("", name), "\\.br\\".join(map(hl7.escape, lines)), "TX"))),
        "hl7, repeated": only(hl7.simple(hl7.obx(("", name), "~".join(map(hl7.escape, lines)), "ST"))),
    }  # fmt: skip


@pytest.mark.parametrize(("text", "name", "organisms", "negative", "noted"), ROWS)
def test_every_row_comes_to_what_it_means(
    text: str, name: str, organisms: str, negative: bool, noted: bool
) -> None:
    for written, report in in_every_format(name, text).items():
        assert isinstance(report, LabReport), (written, report)
        said = [finding.organisms[0].text for finding in report.findings]
        assert report.negative is negative, (written, said)
        if noted:
            assert len(said) == 1 and said[0].startswith(f"{name}: "), (written, said)
        else:
            assert "|".join(said) == organisms, (written, said)


def test_the_table_says_each_thing_once() -> None:
    keys = [row[:2] for row in ROWS]
    assert len(keys) == len(set(keys)) > 150
    kinds = {(bool(row[2]), row[3], row[4]) for row in ROWS}
    assert kinds == {(True, False, False), (False, True, False), (False, False, True)}


def test_different_texts_are_noted_apart() -> None:
    texts = [row[0] for row in ROWS if row[4] and row[1] == "Bakterier dyrkning"]
    noted = [only(kith.simple(kith.search(text, "Bakterier dyrkning"))) for text in texts]
    expressions = [r.findings[0].organisms[0].text for r in noted if isinstance(r, LabReport)]
    assert len(set(expressions)) == len(texts)
    assert any("Brucella" in each for each in expressions)


POSITIVE = [
    "Influensa A påvist",
    "Salmonella: positiv",
    "Positiv RSV",
    "Påvist Norovirus",
    "Vekst av E. coli",
    "Growth of Klebsiella pneumoniae",
    "Positiv",
    "Påvist i hals",
    "Legionella: 2+",
    "Syrefaste staver (1+)",
]
NEGATIVE = ["Influensa B ikke påvist", "Campylobacter: negativ", "Ikke påvist Shigella", "Ingen vekst", "No growth", "Negativ", "Ikke påvist i urin", "Yersinia not detected", "Parvovirus B19: 0", "Norovirus: -"]  # fmt: skip
JOINERS = [". ", "; ", ", ", "\n", " - ", " og ", " and ", ", men ", " but "]
FORMS = [str, str.lower, str.upper, lambda text: unicodedata.normalize("NFD", text)]


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.sampled_from(JOINERS)), min_size=1, max_size=5),
    st.sampled_from(FORMS),
)  # fmt: skip
def test_what_is_put_together_comes_to_what_its_statements_mean(
    parts: list[tuple[bool, int, str]], form: object
) -> None:
    text = ""
    for found, number, joiner in parts:
        text += (joiner if text else "") + (POSITIVE if found else NEGATIVE)[number]
    said = read_words(form(text))  # type: ignore[operator]
    kinds = {found for found, _, _ in parts}
    if kinds == {False}:
        assert said.kind != "growth" and not said.name, text
    else:
        assert said.kind != "no_growth", text
        assert said.kind == "growth" or said.name or said.doubtful, text
    if len(kinds) == 2:
        assert said.kind == "", text


CAMPYLOBACTER = ("66543000", "Campylobacter jejuni")


def flagged(
    value: tuple[str, str], flag: str, name: str = "F-Salmonella PCR"
) -> dict[str, LabReport | Failure]:
    """A search with a value beside what says positive or negative: a flag, in KITH a code of list 8340."""
    code, text = value
    shown = (
        {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": text}]}
        if code
        else {"text": text}
    )
    sign = fhir.concept((fhir.V3, flag, ""))
    written = hl7.comps(code, text, "SCT") if code else text
    sign_8340 = (
        (kith.OID + "8340", "1", "Påvist")
        if flag == "POS"
        else (kith.OID + "8340", "2", "Ikke påvist")
    )
    codes = [(kith.LOCAL, code, text), sign_8340] if code else [sign_8340]
    return {
        "kith": only(kith.simple(kith.search(None if code else text, name, codes=codes))),
        "fhir": only(fhir.write(fhir.simple(fhir.observation("o", {"text": name}, shown, interpretation=[sign])))),
        "hl7": only(hl7.simple(hl7.obx(("", name), written, "CWE" if code else "ST", f8=flag))),
    }  # fmt: skip


def test_a_coded_organism_that_is_flagged_is_what_was_found() -> None:
    """Also where another was looked for; words alone may be a slip, and a person looks."""
    for written, report in flagged(CAMPYLOBACTER, "POS").items():
        assert isinstance(report, LabReport), written
        assert [f.organisms[0].code for f in report.findings] == ["66543000"], written
        assert [one.answer for one in report.looked_for] == ["inconclusive"], written
    for written, report in flagged(("", "Campylobacter jejuni"), "POS").items():
        assert isinstance(report, LabReport), written
        assert [f.organisms[0].text for f in report.findings] == [
            "F-Salmonella PCR: Campylobacter jejuni"
        ]
    for value in (
        CAMPYLOBACTER,
        ("", "Campylobacter jejuni"),
        ("", "Campylobacter jejuni + Shigella"),
    ):
        for written, report in flagged(value, "NEG").items():
            assert isinstance(report, LabReport) and not report.findings and report.negative, (
                written,
                value,
            )


def test_the_rows_stand_by_analysis() -> None:
    """So that a reader of the table finds them; an analysis may come back with another meaning."""
    assert len([name for name, _ in groupby(row[1] for row in ROWS)]) < len(ROWS) / 2
