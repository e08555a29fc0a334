"""What reports say, over every reader of an invented country: sentences hold against their own numbers, those who are
compared with are called what they are, and a figure is written in one way wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import msgspec
import pytest

from prescribing.small_country import KINDS, YEAR, findings, small
from prescribing.test_report_words import words_in
from varde.guidelines import SHIPPED, read_library
from varde.prescribing.layout import Words
from varde.prescribing.reports import (
    Kind,
    Known,
    Measured,
    Panel,
    PickedGoal,
    Report,
    indicator_words,
    kinds,
)
from varde.prescribing.reports.forms import common
from varde.prescribing.reports.measuring import Findings, Found, count_for, make_reports
from varde.prescribing.reports.sections import compose_sections
from varde.prescribing.reports.wording import Text

pytestmark = pytest.mark.xdist_group("measuring")
LIBRARY = read_library(SHIPPED)
TARGET = 0.155
GOALS = {
    kind: PickedGoal(
        indicator=form.first_page[0],
        target=TARGET if kind != "county" else 0.2305,
        picked=date(2025, 2, 1),
    )
    for kind, form in kinds().items()
}


@pytest.fixture(scope="module")
def every() -> list[tuple[Found, Report]]:
    pairs = []
    for kind in KINDS:
        found = list(findings(kind).find())
        reports = make_reports(
            findings(kind),
            as_of=date(2026, 1, 20),
            library=LIBRARY,
            goal_for=lambda _, kind=kind: GOALS[kind],  # type: ignore[misc]
        )
        pairs += list(zip(found, reports, strict=True))
    return pairs


def panels(every: list[tuple[Found, Report]]) -> Iterator[tuple[Found, Report, Measured, Panel]]:
    for found, report in every:
        by_key = {one.described.key: one for one in found.measured}
        for panel in report.panels:
            yield found, report, by_key[panel.indicator], panel


def test_no_sentence_contradicts_its_own_numbers(every: list[tuple[Found, Report]]) -> None:
    seen = set()
    for _, report, _, panel in panels(every):
        figures = {mark.role: mark.figure for mark in panel.marks}
        own = figures["own"]
        message, verdict = panel.message.nb, panel.verdict
        seen.add(verdict)
        sign = 1 if panel.good == "lower" else -1
        told = "intervall" in message
        # An interval is a reason only for what it holds, or where nothing is compared.
        assert told == (verdict in ("near", "no-peers")), (report.unit, message)
        if "Innenfor det vanlige spriket" in message:
            assert verdict in ("unsure", "alike") and "peers" in figures
        if own.value is None:
            continue
        match verdict:
            case "hold":
                assert sign * own.value <= sign * (figures["benchmark"].value or 0) + 1e-9
            case "near":
                best = figures["benchmark"].value
                assert own.low is not None and own.high is not None and best is not None
                assert own.low <= best + 1e-9 and best <= own.high + 1e-9
            case "room":
                ends = (own.low, own.high) if panel.good == "lower" else (own.high, own.low)
                best = figures["benchmark"].value
                assert best is not None and ends[0] is not None
                assert sign * ends[0] > sign * best
            case "better" | "worse" | "much-worse":
                usual = figures["peers"].value
                assert usual is not None
                assert (sign * own.value < sign * usual) == (verdict == "better"), message
            case "above" | "far-above" | "below" | "far-below":
                usual = figures["peers"].value
                assert usual is not None and (own.value > usual) == ("above" in verdict)
        before = figures["before"].value
        for words, better in (("Det er bedre enn året før", True), ("Det er lenger fra", False)):
            if words in message:
                assert before is not None
                assert (sign * own.value < sign * before) == better
    assert {"hold", "better", "unsure", "no-peers"} <= seen


A_YEAR = re.compile(
    r"(?<!samme måneder )(?<!samme månedene )\båret før|\bfjor|\bårets", re.IGNORECASE
)
THE_YEAR = re.compile(
    r"(?<!same months )(?<!same months of )\bthe year before|\b(?:last|previous|past) year",
    re.IGNORECASE,
)
CHANGES = (
    "er bedre enn",
    "går rett vei",
    "avstanden til målet var mindre",
    "er lenger fra målet enn",
    "er også lenger fra målet enn",
)


def test_a_follow_up_says_nothing_of_a_year_where_it_has_months() -> None:
    """In no words of the whole report, of any reader, with a goal that the same months had reached already."""
    half = Findings(count_for(small().tables, "rak", YEAR, "follow-up", 7), "rak", "follow-up")
    goal = PickedGoal(indicator="ab3", target=0.99, picked=date(2025, 2, 1))
    said = set()
    moved = []
    reports = make_reports(half, as_of=date(2026, 1, 20), library=LIBRARY, goal_for=lambda _: goal)
    for report in reports:
        for words in words_in(report):
            assert not A_YEAR.search(words.nb), words.nb
            assert not THE_YEAR.search(words.en), words.en
        assert report.goal is not None
        said.add(report.goal.said.nb.rpartition(". ")[2])
        for panel in report.panels:
            before = {mark.role: mark.figure for mark in panel.marks}["before"].shown
            if any(change in panel.message.nb for change in CHANGES):
                moved.append(panel)
                assert "i samme måneder året før" in panel.message.nb
                assert "in the same months the year before" in panel.message.en
                assert before.nb in panel.message.nb and before.en in panel.message.en
    assert moved
    reached = "Målet er nådd, men det var det også i samme måneder året før: velg gjerne et nytt."
    assert reached in said


def test_where_nothing_is_said_of_change_the_report_says_what_that_may_mean(
    every: list[tuple[Found, Report]],
) -> None:
    silent = 0
    for _, report, _, panel in panels(every):
        figures = {mark.role: mark.figure for mark in panel.marks}
        both = figures["own"].value is not None and figures["before"].value is not None
        if both and figures["before"].shown.nb not in panel.message.nb:
            silent += 1
            lines = [line for section in report.sections for line in section.lines]
            assert any("Der ingenting er sagt" in line.nb for line in lines)
            assert any("Where nothing is said" in line.en for line in lines)
    assert silent


def test_enough_with_nobody_to_compare_with_is_not_too_little(
    every: list[tuple[Found, Report]],
) -> None:
    seen = 0
    for _, report, _, panel in panels(every):
        if panel.verdict == "no-peers":
            seen += 1
            said = report.lead.nb.split("For lite til å si noe")
            assert f"«{panel.title.nb}»" in said[0] and "Eget tall, ikke vurdert" in said[0]
    assert seen


def test_those_compared_with_are_called_what_they_are(every: list[tuple[Found, Report]]) -> None:
    circles = set()
    for found, report, measured, panel in panels(every):
        form = kinds()[report.kind]
        if measured.alike is None:
            assert not {"benchmark", "peers"} & {mark.role for mark in panel.marks}
            continue
        words = form.circle(found.variant, measured.alike)
        circles.add((report.kind, measured.alike))
        for mark in panel.marks:
            if mark.role in ("benchmark", "peers"):
                assert mark.name == getattr(words, mark.role)
        alike = {
            level: one.others
            for level, one in form.circles[form.variants[found.variant].circle].items()
        }
        for language in ("nb", "en"):
            said = getattr(panel.message, language)
            if panel.verdict not in ("no-peers", "too-few") and panel.place.nb:
                assert getattr(words.others, language) in said + getattr(panel.place, language)
            # None of the other circles' words, but where they are part of these.
            rest = f"{said} {getattr(panel.place, language)}".replace(
                getattr(words.others, language), ""
            )
            for level, others in alike.items():
                assert level == measured.alike or getattr(others, language) not in rest
        if any(mark.role == "benchmark" for mark in panel.marks):
            method = " ".join(line.nb for line in report.sections[0].lines)
            assert f"«{words.benchmark.nb}»" in method and words.others.nb in method
    assert len({alike for _, alike in circles}) > 2


def test_a_figure_is_written_in_one_way_wherever_it_stands(
    every: list[tuple[Found, Report]],
) -> None:
    goals = 0
    for found, report in every:
        rows = {row.indicator: row for row in report.table.rows}
        for panel in report.panels:
            own = panel.marks[0].figure
            cells = rows[panel.indicator].cells
            assert (own.shown, own.interval) == (cells[0].shown, cells[0].interval)
            assert panel.marks[1].figure.shown == cells[1].shown
        for choice, given in zip(report.choices, found.choices, strict=True):
            for part, raw in zip(choice.parts, given.parts, strict=True):
                if raw.indicator in rows:
                    assert part.own.shown == rows[raw.indicator].cells[0].shown
        if report.goal is not None:
            goals += 1
            own = report.panels[0].marks[0].figure
            if own.value is not None:
                assert f"Nå er tallet {own.shown.nb}." in report.goal.said.nb
            wanted = "230,5" if report.kind == "county" else None
            if wanted is None and report.panels[0].percent:
                wanted = "15,5\u00a0%"
            assert wanted is None or wanted in report.goal.said.nb
    assert goals


def test_a_choice_is_the_whole_and_says_of_what(every: list[tuple[Found, Report]]) -> None:
    seen = 0
    for _, report in every:
        for choice in report.choices:
            for whose in ("own", "other"):
                total = sum(getattr(part, whose).value for part in choice.parts)
                assert total == pytest.approx(100)
            assert "reseptene" in choice.title.nb and choice.parts[-1].name.nb == "Andre midler"
            assert choice.title not in [panel.title for panel in report.panels]
            seen += 1
    assert seen


def test_every_missing_comparator_is_explained_and_no_reason_is_said_twice_of_one_indicator(
    every: list[tuple[Found, Report]],
) -> None:
    for found, report in every:
        notes = [note.nb for note in report.table.notes]
        assert len(notes) == len(set(notes)) and not any("{" in note for note in notes)
        zero = common().sentences.reaches_zero  # a caution, and no reason
        assert all(panel.notes in ((), (zero,)) for panel in report.panels)
        form = kinds()[report.kind]
        for measured in found.measured:
            for one in measured.comparators:
                if one.role in form.columns and not isinstance(one.value, Known):
                    assert one.name is not None
                    assert any(note.startswith(f"«{one.name.nb}» er ikke vist") for note in notes)
        words = [cell.shown.nb for row in report.table.rows for cell in row.cells[:2]]
        for word in ("skjult", "for få"):
            assert word not in words or any(f"«{word.capitalize()}»" in note for note in notes)


def test_the_usual_spread_is_explained_where_somebody_is_compared_with_similar_ones(
    every: list[tuple[Found, Report]],
) -> None:
    seen = set()
    for _, report in every:
        lines = [line for section in report.sections for line in section.lines]
        told = any("vanlige spriket" in line.nb for line in lines)
        assert told == any("usual spread" in line.en for line in lines)
        said = " ".join(f"{panel.message.nb} {panel.place.nb}" for panel in report.panels)
        compared = any(mark.role == "peers" for panel in report.panels for mark in panel.marks)
        assert told or ("spriket" not in said and "Blant" not in said), report.unit
        assert compared or not told, (report.kind, report.unit)
        seen.add((report.kind, told))
    assert {("rak", True), ("rask", True), ("home-care", False)} <= seen, seen


SAME = {
    "for få": ("færre enn ti andre",),
    "skjult": ("ved å trekke fra", "mer enn halvparten"),
    "ikke beregnbar": ("ingen å regne blant", "levert tilbake"),
    "ikke vist": ("verken høyt eller lavt", "ikke bedre enn snittet", "sier ikke hvilken", "nok å"),
}


def test_a_comparators_cell_gives_the_reason_that_its_note_gives(
    every: list[tuple[Found, Report]],
) -> None:
    seen = set()
    for found, report in every:
        form = kinds()[report.kind]
        columns = [
            role
            for role in form.columns
            if role in ("own", "before")
            or any(isinstance(one.value_of(role), Known) for one in found.measured)
        ]
        measured = {one.described.key: one for one in found.measured}
        for row in report.table.rows:
            for role, cell in zip(columns[2:], row.cells[2:], strict=True):
                [one] = [each for each in measured[row.indicator].comparators if each.role == role]
                if isinstance(one.value, Known):
                    continue
                assert one.why_not is not None
                said = cell.shown.nb
                assert any(words in one.why_not.nb for words in SAME[said]), (said, one.why_not.nb)
                seen.add((said, one.why_not.en.rpartition(": ")[2]))
    words = {said for said, _ in seen}
    assert {"for få", "ikke vist"} <= words, seen


def test_groups_and_counties_say_what_their_figures_rest_on(
    every: list[tuple[Found, Report]],
) -> None:
    """All of it, wherever their own figures may be shown."""
    seen = 0
    for found, report in every:
        known = {one.described.key for one in found.measured if isinstance(one.own, Known)}
        if report.kind in ("peer-group", "county") and {"ab3", "broad-spectrum"} <= known:
            facts = {fact.name.nb for fact in report.facts}
            assert facts == {"Kontakter", "Luftveiskontakter", "Antibiotikaresepter, med metenamin"}
            seen += 1
    assert seen


def test_what_was_bought_is_not_said_to_be_used() -> None:
    for kind in ("rask", "home-care"):
        for key in kinds()[kind].table:
            says = indicator_words()[key].says
            if key != "residents-on-antibiotics":  # of whom wards answer what they are given
                assert not re.search(r"brukt|bruken| ga ", says.nb), says
                assert not re.search(r"\bused?\b|\bgave\b", says.en), says


def test_a_countys_figure_is_not_held_against_a_goal_counted_otherwise() -> None:
    form = kinds()["county"]
    said = " ".join(line.nb for line in form.method.lines)
    assert "skrev" in said and "bor i fylket, uten" not in said and "1. januar" not in said
    advice = indicator_words()["j01-per-1000"].advice
    assert isinstance(advice, Words) and "250" not in advice.nb + advice.en


USUAL = "2ad, 2ae, 11ad, 11ak"
OUT_OF_HOURS = "2ad, 2ak, 2ae, 2aek, 11ad, 11ak"


def test_out_of_hours_reports_name_the_codes_that_count_there(
    every: list[tuple[Found, Report]],
) -> None:
    seen = set()
    for _, report in every:
        if report.kind == "legevakt":
            seen.add(report.variant)
            first = report.sections[0].lines[0]
            assert f"(takst {OUT_OF_HOURS})" in first.nb
            assert f"(billing codes {OUT_OF_HOURS})" in first.en
    assert seen == {"doctor", "unit"}


@pytest.mark.parametrize(
    ("kind", "codes"), [("rak", USUAL), ("peer-group", USUAL), ("legevakt", OUT_OF_HOURS)]
)
def test_the_codes_that_a_method_names_are_of_the_reports_roles(kind: Kind, codes: str) -> None:
    form = kinds()[kind]
    line = Words("Kontakter: {billing}.", "Contacts: {billing}.")
    form = msgspec.structs.replace(form, method=Text(title=form.method.title, lines=(line,)))
    of_kind = next(iter(findings(kind).find()))
    found = {one.described.key: one for one in of_kind.measured}
    method, *_ = compose_sections(
        form, of_kind.variant, found, None, date(YEAR, 12, 31), None, panels=()
    )
    assert method.lines[0] == Words(f"Kontakter: {codes}.", f"Contacts: {codes}.")
