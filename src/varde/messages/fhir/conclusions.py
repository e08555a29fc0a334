"""What a FHIR answer concludes (conclusionCode, conclusion), where none of its results found anything.

A conclusion repeats what the results say, so it counts where they say nothing: in an answer without Observations it is
the answer. Where results were given and found nothing, a conclusion that names an organism contradicts them or says more
than they do: a person decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from varde.messages.answers.found import read_answers
from varde.messages.answers.known_names import is_known
from varde.messages.answers.notes import Noted, note
from varde.messages.answers.said import show, speaks
from varde.messages.answers.searches import Search, method_of
from varde.messages.errors import InvalidContent
from varde.messages.fhir.detections import meaning_of
from varde.messages.fhir.items import Item
from varde.messages.fhir.names import codes_of
from varde.messages.fhir.references import Held
from varde.messages.fhir.resources import DiagnosticReport
from varde.messages.fhir.words import FhirWords, as_oid, fhir_words, said_in
from varde.messages.kith.results import Results, marked
from varde.messages.records import Code, Finding

DENIED = "-"
"""A conclusion that says that nothing was found."""

Concluded = Search | str


def conclude(
    report: DiagnosticReport,
    held: Held,
    items: Sequence[Item],
    specimens: Collection[int],
    results: Results,
    mark: str,
) -> Results:
    """The results of a report with what it concludes, where they found nothing of their own.

    Args:
        items: as `collect_items` gives them.
        specimens: the numbers of its specimens.
        mark: the code by which the report is notifiable.

    Raises:
        InvalidContent: ``missing-specimen``.
    """
    if not (report.conclusion_code or report.conclusion):
        return results
    if results.findings and results.findings != (marked(mark, specimens),):
        return results
    known = fhir_words()
    said = list(dict.fromkeys(_read(report, known, any(item.has_result(known) for item in items))))
    found = [each for each in said if isinstance(each, Search)]
    if not found:
        return results._replace(negative=results.negative or (not items and DENIED in said))
    if DENIED in said and (doubts := _note(report, _both(found[0], report.conclusion))):
        found = [doubts]
    if not specimens:
        raise InvalidContent("missing-specimen", held.at("conclusion"))
    findings = tuple(
        Finding(
            number=number,
            specimen=next(iter(specimens)),
            organisms=each.organisms,
            method=each.method,
        )
        for number, each in enumerate(found, 1)
    )
    agents = any(is_known(each.organisms) for each in findings)
    return results._replace(
        findings=findings, microbiology=results.microbiology or agents, negative=False
    )


def _both(found: Search, text: str) -> str:
    """What a conclusion names with what it says against it."""
    named = found.organisms[0].text or found.organisms[0].code
    return ", ".join(filter(None, (named, text)))


def _read(report: DiagnosticReport, known: FhirWords, told: bool) -> Iterator[Concluded]:
    """What its codes and its words conclude.

    Args:
        told: results were given.
    """
    concepts: list[tuple[Code, ...]] = []
    for concept in report.conclusion_code:
        codes = tuple(code for code in codes_of(concept) if not _is_mark(code, known))
        kinds = {kind for code in codes if (kind := meaning_of(code, known))}
        if "no_growth" in kinds:
            yield DENIED
        elif "growth" in kinds:
            yield from _positive(report, told)
        elif codes and not kinds:
            if any(code.code for code in codes):
                concepts.append(codes)
                yield from _named(report, codes, told)
            else:
                yield from _worded(report, codes[0].text, told)
    text = report.conclusion.strip()
    if text and not any(is_known((*codes, Code(text=text))) for codes in concepts):
        yield from _worded(report, text, told)
    elif text and said_in(text).kind == "no_growth":
        yield DENIED


def _is_mark(code: Code, known: FhirWords) -> bool:
    """Whether a code says that the answer is notifiable, and not what it found."""
    return as_oid(code.system).endswith(".8269") or code.code.strip().upper() in known.notifiable


def _positive(report: DiagnosticReport, told: bool) -> Iterator[Search]:
    """What the report's own name looks for."""
    for found in read_answers(codes_of(report.code), (), {"growth"}, ()):
        if found is not None and not told:
            yield found
        elif found is not None and (doubts := _note(report, "positiv")):
            yield doubts


def _named(report: DiagnosticReport, codes: tuple[Code, ...], told: bool) -> Iterator[Search]:
    if not told:
        yield Search(method_of(codes_of(report.code)), codes)
    elif is_known(codes) and (doubts := _note(report, codes[0].text or codes[0].code)):
        yield doubts


def _worded(report: DiagnosticReport, text: str, told: bool) -> Iterator[Concluded]:
    said = said_in(text)
    names = [(Code(text=name),) for name in said.names]
    if not (said.kind or said.name or said.doubtful) and is_known((Code(text=text),)):
        names = [(Code(text=text),)]
    if names and not told and all(map(is_known, names)):
        for name in names:
            yield Search(method_of(codes_of(report.code)), name)
    elif said.kind == "growth" and not names:
        yield from _positive(report, told)
    elif said.kind == "no_growth":
        yield DENIED
    elif any(map(is_known, names)) or not told:
        spoken = said.doubtful or names or (not said.kind and speaks(text, False, True))
        if spoken and (doubts := _note(report, text)):
            yield doubts


def _note(report: DiagnosticReport, text: str) -> Noted | None:
    return note(codes_of(report.code), (), (), show(text) or "positiv")
