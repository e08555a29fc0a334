"""Reports as documents: two tagged pages in every kind and language, with the figures of the report, always the same bytes."""

from __future__ import annotations

import io
import re
from datetime import date
from functools import cache
from random import Random
from typing import Any

import msgspec
import pytest

from learning.some_reports import a_bare_report, with_goal
from varde.guidelines import SHIPPED, read_library
from varde.prescribing.layout import Words
from varde.prescribing.reports import Report, kinds
from varde.publishing.documents import LAYOUTS, DocumentTooLong, Press, count_pages, lay_out
from varde.synthetic.reports import invent_report

page = pytest.importorskip("page", reason="the checker of PDF/UA is not installed")
pypdf = pytest.importorskip("pypdf", reason="the reader of PDF is not installed")

CASES = [
    (kind, variant, language)
    for kind, form in kinds().items()
    for variant in form.variants
    for language in ("nb", "en")
]
LONG = "Nordre og Søndre Kristiansandsfjordens interkommunale bo- og behandlingssenter for eldre"


@cache
def press() -> Press:
    return Press()


@cache
def report_of(kind: Any, variant: str) -> Report:
    edition = read_library(SHIPPED).edition(date(2025, 12, 31))
    return invent_report(kind, variant, 2025, Random(7), edition)


@cache
def document_of(kind: str, variant: str, language: Any) -> bytes:
    return press().set(report_of(kind, variant), language)


def text_of(document: bytes) -> str:
    """All that is said."""
    reader = pypdf.PdfReader(io.BytesIO(document))
    return plain(" ".join(one.extract_text() for one in reader.pages))


def plain(words: str) -> str:
    """Blanks and ends of lines as one blank, and none where a line ended in a word's hyphen."""
    return re.sub(r"-\s", "-", re.sub(r"\s+", " ", words))


def stretch(report: Report) -> Report:
    """The same report where everything that may be long is long: names, places, notes, comparators, resistance."""
    note = Words(
        "Kommunen er ikke vist: den har færre enn ti, og fylket er vist i stedet.",
        "The municipality is not shown: it has fewer than ten, and the county is shown instead.",
    )
    earlier = kinds()[report.kind].earlier(report.variant)
    panels = []
    for panel in report.panels:
        marks = tuple(
            msgspec.structs.replace(
                mark, name=Words(f"{mark.name.nb} {LONG}", f"{mark.name.en} {LONG}")
            )
            for mark in panel.marks
        )
        message = Words(
            f"{panel.message.nb} Men avstanden til målet var mindre {earlier.nb} (99,9\u00a0%): følg med.",
            f"{panel.message.en} But it was nearer the aim {earlier.en} (99.9%): keep an eye on it.",
        )
        resistance = panel.resistance or next(
            (one.resistance for one in report.panels if one.resistance), None
        )
        panels.append(
            msgspec.structs.replace(
                panel, marks=marks, message=message, notes=(note, note), resistance=resistance
            )
        )
    return msgspec.structs.replace(
        report,
        name=LONG,
        subtitle=Words(f"{LONG}. {report.subtitle.nb}", f"{LONG}. {report.subtitle.en}"),
        panels=tuple(panels),
        table=msgspec.structs.replace(report.table, notes=(note, note)),
    )


@pytest.mark.parametrize(("kind", "variant", "language"), CASES)
def test_a_document_is_pdf_ua_and_has_two_pages(kind: str, variant: str, language: str) -> None:
    document = document_of(kind, variant, language)
    found = page.validate_pdf_bytes(document, profile="pdf-ua-1")
    assert found.is_compliant, [str(one.message) for one in found.failures]
    reader = pypdf.PdfReader(io.BytesIO(document))
    assert len(reader.pages) == count_pages(document) == 2
    assert all(one.mediabox.width == pytest.approx(595.28, abs=0.1) for one in reader.pages)
    assert reader.trailer["/Root"]["/Lang"] == language
    report = report_of(kind, variant)
    assert reader.metadata.title == f"{getattr(report.title, language)}, {report.name}"
    assert reader.metadata.creation_date is None


@pytest.mark.parametrize(("kind", "variant", "language"), CASES)
def test_a_document_without_figures_or_with_a_goal_is_pdf_ua_and_has_no_empty_chart(
    kind: Any, variant: str, language: Any
) -> None:
    bare = a_bare_report(kind, variant, "u")
    for report in (bare, with_goal(report_of(kind, variant)), with_goal(bare)):
        document = press().set(report, language)
        found = page.validate_pdf_bytes(document, profile="pdf-ua-1")
        assert found.is_compliant, [str(one.message) for one in found.failures]
        assert count_pages(document) == 2
        if report.goal:
            # A line may end within an interval.
            goal = plain(getattr(report.goal.said, language)).replace(" ", "")
            assert goal in text_of(document).replace(" ", "")
    said = text_of(press().set(bare, language))
    view = lay_out(bare, language)
    for panel, laid in zip(bare.panels, view["panels"], strict=True):
        assert laid["chart"] == laid["trend"] == ""
        assert plain(getattr(panel.headline, language)) in said
        assert plain(getattr(panel.description, language)) in said


@pytest.mark.parametrize(("kind", "variant", "language"), CASES)
def test_a_document_says_what_the_report_says(kind: str, variant: str, language: str) -> None:
    report = report_of(kind, variant)
    said = text_of(document_of(kind, variant, language))
    for panel in report.panels:
        assert plain(getattr(panel.headline, language)) in said
        assert plain(getattr(panel.message, language)) in said
        assert plain(getattr(panel.good_words, language)) in said
        for mark in panel.marks[: 4 if panel.dots is None else 1]:
            assert plain(getattr(mark.figure.shown, language)) in said
        assert panel.advice is not None and plain(getattr(panel.advice.text, language)) in said
        if panel.resistance:
            assert plain(getattr(panel.resistance.said, language)) in said
    for row in report.table.rows:
        cells = [plain(getattr(cell.shown, language)) for cell in row.cells]
        interval = getattr(row.cells[0].interval, language)
        told = " ".join([cells[0], interval, *cells[1:]] if interval else cells)
        assert told in said, told
    for section in report.sections:
        for line in section.lines:
            assert plain(getattr(line, language)) in said
    assert plain(getattr(report.lead, language)) in said
    assert report.name in said and plain(getattr(report.made_of, language)) in said


@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_follow_up_speaks_of_months_and_of_no_year_before(language: str) -> None:
    """In words, charts and what charts say to those who do not see them."""
    document = document_of("rak", "follow-up", language)
    said = " ".join([text_of(document), *(plain(alt) for _, alt in structure(document))])
    said = said.lower()
    months = r"samme måneder |samme månedene |same months |same months of "
    found = re.findall(rf"({months})?(?:året før|the year before)", said)
    assert len(found) > 3 and all(found), found


def structure(document: bytes) -> list[tuple[str, str]]:
    """The tags in order, with their alternative texts."""
    reader = pypdf.PdfReader(io.BytesIO(document))
    found: list[tuple[str, str]] = []

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            if ("/S" in node and "/Type" not in node) or node.get("/Type") == "/StructElem":
                found.append((str(node["/S"]), str(node.get("/Alt", ""))))
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return found


def test_headings_tables_and_pictures_are_tagged() -> None:
    report = report_of("rak", "year")
    tags = structure(document_of("rak", "year", "nb"))
    names = [name for name, _ in tags]
    assert names.count("/H1") == 1
    assert names.count("/H2") == len(report.panels) + 1 + len(report.choices) + len(report.sections)
    assert names.count("/Table") == 1
    assert names.count("/TH") == len(report.table.columns)
    assert names.count("/TD") == len(report.table.columns) * len(report.table.rows)
    assert names.count("/L") == len(report.sections)
    advised = sum(panel.advice is not None for panel in report.panels)
    assert names.count("/Link") == advised + 1  # and the contact's address
    told = [alt for name, alt in tags if name == "/Figure"]
    assert told == [
        words.nb
        for panel in report.panels
        for words in (panel.description, panel.trend_description)
    ] + [choice.description.nb for choice in report.choices]


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize(
    ("kind", "variant"),
    [*((kind, next(iter(form.variants))) for kind, form in kinds().items()), ("rak", "follow-up")],
)
def test_long_names_and_all_notes_still_fit(kind: Any, variant: str, language: Any) -> None:
    report = stretch(report_of(kind, variant))
    document = press().set(report, language)
    assert count_pages(document) == 2
    assert page.is_pdf_compliant_bytes(document, profile="pdf-ua-1")
    assert plain(LONG) in text_of(document)


@pytest.mark.parametrize("language", ["nb", "en"])
def test_five_indicators_fit(language: Any) -> None:
    report = report_of("rak", "year")
    five = (*report.panels, *report.panels[:2])
    document = press().set(msgspec.structs.replace(report, panels=five), language)
    assert count_pages(document) == 2 and structure(document).count(("/H1", "")) == 1


def test_what_cannot_fit_is_refused() -> None:
    report = report_of("rak", "year")
    endless = Words("Ord " * 6000, "Word " * 6000)
    with pytest.raises(DocumentTooLong, match="2 pages"):
        press().set(msgspec.structs.replace(report, lead=endless), "nb")


def test_the_same_report_gives_the_same_bytes() -> None:
    one = document_of("rask", "mixed", "nb")
    press().set(report_of("rak", "year"), "nb")
    assert press().set(report_of("rask", "mixed"), "nb") == one
    assert Press().set(report_of("rask", "mixed"), "nb") == one


def test_signs_of_the_layout_language_are_only_words() -> None:
    odd = '#panic() $x$ *b* _i_ @ref <l> `c` \\ // "q" {own} [a]'
    report = msgspec.structs.replace(report_of("rak", "year"), name=odd)
    assert odd in text_of(press().set(report, "nb"))


def test_no_figure_is_worked_out_by_the_layout() -> None:
    source = (LAYOUTS / "report.typ").read_text("utf-8")
    assert not re.search(r"\bcalc\.(?!max)|\bstr\(|\bfloat\(|\bint\(", source)
    view = lay_out(report_of("rak", "year"), "nb")
    assert set(re.findall(r"\br\.(\w+)", source)) - {"density", "table"} <= set(view)


def test_text_of_the_layout_has_contrast() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
        linear = [
            one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    source = (LAYOUTS / "report.typ").read_text("utf-8")
    colours = dict(re.findall(r'#let ([\w-]+) = rgb\("(#\w{6})"\)', source))
    for name in ("ink", "accent", "quiet"):
        for ground in (colours["wash"], "#ffffff"):
            assert (luminance(ground) + 0.05) / (luminance(colours[name]) + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Nguyễn Thị Lệ", "Nguyễn Thị Lệ"),
        ("Máret Ánne Čálliid", "Máret Ánne Čálliid"),
        ("Li \u674e\nTab\tend", "Li ? Tab end"),
        ("\U0001f642 Kari", "? Kari"),
        ("\ufb01n", "fin"),
    ],
)
def test_a_name_in_any_letters_gives_a_document(name: str, said: str) -> None:
    report = msgspec.structs.replace(report_of("rak", "year"), name=name)
    document = press().set(report, "nb")
    assert said in text_of(document)
    assert page.is_pdf_compliant_bytes(document, profile="pdf-ua-1")
