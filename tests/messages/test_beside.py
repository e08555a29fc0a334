"""What stands beside a positive word: what no row of `tests/spec/answers.csv` can say."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from messages.test_answers_found import only
from spec.test_answers_spec import in_every_format
from varde.codes import markers_in, targets
from varde.messages import Code, LabReport
from varde.messages.answers.beside import read_beside
from varde.messages.answers.found import read_answer
from varde.messages.answers.known_names import find_named
from varde.messages.answers.notes import Noted
from varde.messages.answers.said import read_words
from varde.messages.answers.search_words import words as search_words
from varde.messages.answers.searches import analyse
from varde.messages.answers.words import result_words

MEASLES = (Code(text="Meslingvirus RNA"),)


def both(one: tuple[str, str], other: tuple[str, str]) -> list[LabReport]:
    """Two analyses of one specimen, in each format."""
    reports = [
        only(kith.simple(kith.search(one[1], one[0]), kith.search(other[1], other[0], item="2"))),
        only(
            fhir.write(
                fhir.simple(
                    fhir.observation("o", {"text": one[0]}, one[1]),
                    fhir.observation("p", {"text": other[0]}, other[1]),
                )
            )
        ),
        only(hl7.simple(hl7.obx(("", one[0]), one[1], "ST"), hl7.obx(("", other[0]), other[1], "ST"))),
    ]  # fmt: skip
    assert all(isinstance(report, LabReport) for report in reports)
    return [report for report in reports if isinstance(report, LabReport)]


@pytest.mark.parametrize("name", ["Influensa A H5", "Influensa A H5 RNA", "Influensa A H5 PCR"])
def test_a_subtype_beside_its_virus_is_the_one_infection(name: str) -> None:
    for order in (1, -1):
        pair = [("Influensa A RNA", "Påvist"), (name, "Påvist")][::order]
        for report in both(pair[0], pair[1]):
            (finding,) = report.findings
            assert finding.organisms[0].text == "Influensa A H5"
            assert finding.method == "nucleic-acid"


def test_a_subtype_that_was_not_found_leaves_the_virus() -> None:
    for report in both(("Influensa A RNA", "Påvist"), ("Influensa A H5", "Ikke påvist")):
        assert [finding.organisms[0].text for finding in report.findings] == ["Influensa A"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("MRSA PCR", "Staphylococcus aureus påvist"),
        ("MRSA PCR", "nuc påvist"),
        ("VRE PCR", "vanC påvist"),
        ("VRE dyrkning", "Vekst av Enterococcus gallinarum, vanC"),
    ],
)
def test_what_waits_does_not_carry_the_resistance_that_was_only_asked_for(
    name: str, said: str
) -> None:
    """A person who says which organism it is would else have said that it is resistant."""
    for report in in_every_format(name, said).values():
        assert isinstance(report, LabReport)
        (finding,) = report.findings
        assert finding.organisms[0].text.startswith(f"{name}: ")
        assert markers_in((code.code, code.text) for code in finding.organisms) == ()


@pytest.mark.parametrize(
    ("name", "said", "answer"),
    [
        ("Meslingvirus RNA", "Parvovirus påvist", "inconclusive"),
        ("MRSA PCR", "S. aureus påvist, mecA ikke påvist", "inconclusive"),
        ("MRSA PCR", "MRSA påvist", "found"),
        ("Mykobakterier dyrkning", "Vekst av Mycobacterium tuberculosis-komplekset", "found"),
        ("TB dyrkning", "Ingen vekst", "not-found"),
        ("Salmonella dyrkning", "Vekst av normal tarmflora", "not-found"),
        ("Bakteriologisk dyrkning", "Pasteurella multocida", "found"),
        ("MRSA dyrkning", "Vekst av S. aureus", "inconclusive"),
    ],
)
def test_what_came_of_the_search(name: str, said: str, answer: str) -> None:
    for written, report in in_every_format(name, said).items():
        assert isinstance(report, LabReport)
        assert [one.answer for one in report.looked_for] == [answer], written


def test_a_culture_for_tuberculosis_is_a_search_for_it() -> None:
    for report in in_every_format("TB dyrkning", "Ingen vekst").values():
        assert isinstance(report, LabReport)
        (one,) = report.looked_for
        assert one.organisms[0].text == "Mycobacterium tuberculosis-komplekset"


WORDS = st.text(alphabet="abcdefghijklmnoprstuvyæøå", min_size=4, max_size=14)


@given(
    WORDS, st.sampled_from(["{} påvist", "Påvist {}", "Påvist ({})", "Positiv: {}", "{} positiv"])
)
def test_a_word_that_nobody_knows_never_counts(word: str, form: str) -> None:
    known = result_words()
    assume(word not in known.harmless | known.accounted | known.introducing)
    seen = search_words()
    assume(word not in seen.seen | seen.amounts | seen.fields)
    assume(word not in known.sign_of and word not in known.plain and word not in targets())
    assume(find_named(word) is None and read_words(word).kind == "")
    text = form.format(word)
    said = read_words(text)
    values = tuple(Code(text=name) for name in said.names)
    kinds = {said.kind} - {""}
    found = read_answer(MEASLES, (), kinds, values, text, [text])
    assert found is None or isinstance(found, Noted), text
    if said.kind == "growth":
        assert found is not None, text


def test_the_verdict_of_each_kind() -> None:
    def verdict(name: str, text: str) -> str:
        names = (Code(text=name),)
        search = analyse(names).search
        assert search is not None
        return read_beside([text], names, (), search).verdict

    assert verdict("Meslingvirus RNA", "Meslingvirus påvist") == "its"
    assert verdict("Meslingvirus RNA", "Parvovirus påvist") == "another"
    assert verdict("MRSA PCR", "S. aureus påvist") == "plain"
    assert verdict("MRSA PCR", "S. aureus påvist, mecA ikke påvist") == "named"
    assert verdict("EHEC PCR", "EHEC påvist, stx ikke påvist") == "another"
