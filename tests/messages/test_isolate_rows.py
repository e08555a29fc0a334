"""A damaged row takes no other row with it."""

from __future__ import annotations

import csv
import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import gallery
from varde.messages import Failure, LabReport, read

MAPPING = gallery.MAPPING.replace(b'order = "order"', b'order = "order"\nward = "ward"')
HEADER = ["id", "date", "organism", "patient", "age", "sex", "order", "ward", "AMP", "CIP"]


def row(number: int, ward: str = "") -> list[str]:
    return [str(number), "2026-01-05", "Escherichia coli", f"P{number}", "65", "F", "3", ward, "R", "S"]  # fmt: skip


def written(cells: list[str], quoting: int = csv.QUOTE_MINIMAL, end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, quoting=quoting, lineterminator="\r\n").writerow(cells)  # type: ignore[call-overload]
    return out.getvalue().removesuffix("\r\n") + end


def records(lines: list[str]) -> list[LabReport | Failure]:
    return list(read("".join([written(HEADER), *lines]).encode(), MAPPING))


def good(found: list[LabReport | Failure]) -> list[LabReport]:
    return [record for record in found if isinstance(record, LabReport)]


DAMAGED = {
    "unclosed quote": '99,2026-01-05,"Escherichia coli,P99,65,F,3,,R,S\n',
    "unclosed first cell": '"99,2026-01-05,Escherichia coli,P99,65,F,3,,R,S\n',
    "unclosed last cell": '99,2026-01-05,Escherichia coli,P99,65,F,3,,R,"S\n',
    "a quote alone": '"\n',
    "quote inside a quoted cell": '99,2026-01-05,"Esch"erichia",P99,65,F,3,,R,S\n',
    "too few cells": "99,2026-01-05\n",
    "too few cells and a quote": '99,2026-01-05,"Esch\n',
    "too many cells": "99,2026-01-05,Escherichia, coli,P99,65,F,3,,R,S\n",
    "huge cell": "99,2026-01-05," + "x" * 500_000 + ",P99,65,F,3,,R,S\n",
    "huge quoted cell": '99,2026-01-05,"' + "x" * 500_000 + '",P99,65,F,3,,R,S\n',
    "huge unclosed cell": '99,2026-01-05,"' + "x" * 500_000 + ",P99,65,F,3,,R,S\n",
    "NUL": "99,2026-01-05,Esch\0erichia,P99,65,F,3,,R,S\n",
    "NUL and a quote": '99,2026-01-05,"Esch\0erichia,P99,65,F,3,,R,S\n',
}
WARDS = ["", "Post 2", 'Post "2"', "Post, 2", "Post\n2", '"', ",x", "1,2,3,4,5,6,7,8,9,10"]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("at", [0, 3, 8])
@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_row_takes_no_other_with_it(case: str, at: int, quoting: int) -> None:
    lines = [written(row(n, ward), quoting) for n, ward in enumerate(WARDS)]
    expected = good(records(lines))
    assert len(expected) == len(WARDS)
    found = records([*lines[:at], DAMAGED[case], *lines[at:]])
    assert good(found) == expected
    (failure,) = (record for record in found if isinstance(record, Failure))
    first = sum(line.count("\n") for line in lines[:at]) + 2
    assert failure.place.partition(",")[0] == f"line {first}"
    assert (failure.item, failure.sender) == (at, "LAB-A")


@pytest.mark.parametrize(
    ("case", "reason", "isolate"),
    [
        ("unclosed quote", "malformed-list", "99"),
        ("unclosed first cell", "malformed-list", ""),
        ("too few cells", "wrong-cell-count", "99"),
        ("huge cell", "too-large", "99"),
        ("NUL", "bad-value", "99"),
    ],
)
def test_the_damage_and_the_isolate_are_named(case: str, reason: str, isolate: str) -> None:
    (failure,) = records([DAMAGED[case]])
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.report_id, failure.message_id) == (reason, isolate, isolate)


def test_an_isolate_id_behind_a_missing_cell_is_not_believed() -> None:
    mapping = b'sender = "L"\n[columns]\ncollected = "d"\norganism = "o"\nisolate_id = "id"\n'
    (failure,) = read(b"d,o,id,AMP\n2026-01-05,17,S\n", mapping)
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.report_id) == ("wrong-cell-count", "")
    assert failure.detail == "3 ≠ 4"


def test_a_row_of_several_lines_is_read_and_placed_at_its_first() -> None:
    lines = [written(row(1, "a\nb\n\nc")), written(row(2, "x\ny")).replace("2026", "year")]
    report, failure = records(lines)
    assert isinstance(report, LabReport) and report.specimens[0].ward == "a\nb\n\nc"
    assert isinstance(failure, Failure) and failure.place == "line 6, column date"


def test_the_rest_of_a_refused_row_is_no_row() -> None:
    """What stands after the line break would else be an isolate of its own."""
    many = "\n" * 60
    lines = [written(["a" + many + "b", *row(1)[1:]]), written(row(2))]
    found = records(lines)
    assert [report.report_id for report in good(found)] == ["2"]


def test_a_heading_over_two_lines_is_read() -> None:
    data = b'date,"bug\nname",AMP\n2026-01-05,a,S\n'
    mapping = b'sender = "L"\n[columns]\ncollected = "date"\norganism = "bug\\nname"\n'
    (report,) = read(data, mapping)
    assert isinstance(report, LabReport)


@pytest.mark.parametrize("heading", ['date,"bug,AMP', '"date"x,bug', "date,bug,\0"])
def test_a_damaged_heading_stops_the_list(heading: str) -> None:
    data = (heading + "\n2026-01-05,a,S\n" * 3).encode()
    mapping = b'sender = "L"\n[columns]\ncollected = "date"\norganism = "bug"\n'
    (failure,) = read(data, mapping)
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.place, failure.sender) == ("wrong-columns", "line 1", "L")


TEXT = st.text(st.sampled_from('ab ,"\n\r;æ'), max_size=6)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def damaged_rows(draw: st.DrawFn) -> str:
    """One line that is no row of the list, damaged in one of five ways."""
    cells = row(99, draw(st.text("ab ", max_size=4)))
    at = draw(st.integers(0, len(cells) - 1))
    kind = draw(st.sampled_from(["unclosed", "few", "many", "huge", "NUL", "stray"]))
    if kind == "unclosed":
        cells[at] = '"' + cells[at]
    elif kind == "few":
        cells = cells[: at or 1]
    elif kind == "many":
        cells[at:at] = ["x"] * draw(st.integers(1, 5))
    elif kind == "huge":
        cells[at] = "x" * 140_000
    elif kind == "NUL":
        cells[at] = "\0" + cells[at]
    else:
        cells[at] = f'"{cells[at]}"{cells[at]}"'
    return ",".join(cells)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(TEXT.filter(lambda ward: ward[:1] not in ("\n", "\r")), max_size=6),
    damaged_rows(),
    st.integers(0, 6),
    ENDS,
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_inserting_a_damaged_row_changes_no_other(
    wards: list[str], damaged: str, at: int, end: str, quoting: int
) -> None:
    if '"' in damaged:
        # A mark too many can find its partner in a row of several lines: see `varde.messages.rows`.
        wards = [ward.replace("\r", " ").replace("\n", " ") for ward in wards]
    lines = [written(row(n, ward), quoting, end) for n, ward in enumerate(wards)]
    before = records(lines)
    assert len(good(before)) == len(wards)
    after = records([*lines[:at], damaged + end, *lines[at:]])
    assert good(after) == good(before)
    assert len(after) == len(wards) + 1
    assert isinstance(after[min(at, len(wards))], Failure)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text(st.sampled_from('a,"\n\r\0'), max_size=30), min_size=1, max_size=8))
def test_every_line_is_accounted_for(lines: list[str]) -> None:
    """Whatever stands between them, two whole rows are read, and nothing is read twice."""
    middle = "\n".join(lines)
    found = records([written(row(1)), middle + "\n", written(row(2))])
    ids = [report.report_id for report in good(found)]
    assert (ids[0], ids[-1]) == ("1", "2")
    assert [r.item for r in found if isinstance(r, Failure)] == [
        n for n, r in enumerate(found) if isinstance(r, Failure)
    ]


@pytest.mark.parametrize("line", ['99,"', '"', 'a,"b', '"a"b', '"",' * 40 + '"'])
def test_many_damaged_rows_take_no_more_than_their_share(line: str) -> None:
    count = 20_000
    started = time.perf_counter()
    found = records([line + "\n"] * count + [written(row(1))])
    assert len(found) == count + 1 and isinstance(found[-1], LabReport)
    assert time.perf_counter() - started < 20
