"""Reports as documents: how many two-page reports one second of a processor makes, against Typst's own floor.

Every report is invented anew, composed, drawn and set; inventing it is not counted. The floor is the same two pages by
the same layout without data: the words of one report with every figure and chart left out, and one number that changes,
so that Typst cannot hand out the page before. A report has seven charts where three are asked for: it is also set with three. Resident memory is
told after each quarter: it must not grow with the number of reports (``VARDE_BENCH_REPORTS``). Beside it stands what it
takes from tables to reports before anything is drawn.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from varde.guidelines import SHIPPED, read_library
from varde.prescribing.reports import compose, read_advice
from varde.publishing.documents import Press, lay_out
from varde.synthetic.reports import invent_findings, reader_of

REPORTS = int(os.environ.get("VARDE_BENCH_REPORTS", "400"))
AIM = 30
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 90"/>'


def run(reports: int = REPORTS) -> dict[str, Any]:
    """Measure and print."""
    found = measure(reports)
    print(f"{reports} reports of two pages as PDF/UA-1, {found['bytes'] // 1000} kB each")
    print(
        f"  {found['rate']:.1f} reports a second of processor time (aim {AIM}): {found['each'] * 1000:.1f} ms each, "
        f"of which composing and drawing {found['python'] * 1000:.1f} ms"
    )
    print(f"  {found['three']:.1f} a second with three charts, all seven drawn")
    print(f"  over the floor of the same pages without data {found['ratio']:.2f}")
    print("  resident memory by quarter, MB: " + ", ".join(f"{one:.0f}" for one in found["memory"]))
    found |= measure_tables()
    print(
        f"  from tables to reports of {found['readers']} general practitioners: counting {found['counting']:.1f} s "
        f"together, then {found['made'] * 1000:.1f} ms each"
    )
    return found


def measure_tables() -> dict[str, Any]:
    """Processor time from tables to `Report` for all general practitioners of the small invented country: counting,
    which is once for all, and comparing and composing, which is by reader."""
    import ibis

    from varde.prescribing.reports.measuring import Findings, count_for, make_reports
    from varde.synthetic.prescribing import invent_prescribing

    connection = ibis.duckdb.connect()
    tables = {
        key: connection.create_table(f"t_{key.replace('-', '_')}", table)
        for key, table in invent_prescribing("small", first_year=2024, years=2).tables().items()
    }
    began = time.process_time()
    findings = Findings(count_for(tables, "rak", 2025), "rak")
    counted = time.process_time()
    readers = sum(1 for _ in make_reports(findings, as_of=date(2026, 1, 20)))
    ended = time.process_time()
    return {
        "readers": readers,
        "counting": counted - began,
        "made": (ended - counted) / readers,
    }


def measure(reports: int) -> dict[str, Any]:
    """Make so many reports in this process."""
    edition = read_library(SHIPPED).edition(date(2025, 12, 31))
    advice = {kind: read_advice(edition, kind) for kind in ("rak", "rask")}
    press, draw = Press(), Random(1)
    spent = python = floor = three = 0.0
    size = 0
    memory = []
    for number in range(reports + 1):
        kind, variant = reader_of(number)
        given = invent_findings(kind, variant, 2025, draw, number)
        began = time.process_time()
        report = compose(kind, variant, **given, advice=advice[kind])
        view = lay_out(report, "nb")
        drawn = time.process_time()
        document = press.press(view)
        ended = time.process_time()
        if number == 0:
            continue  # the first reads the typefaces
        spent, python = spent + ended - began, python + drawn - began
        size += len(document)
        three += drawn - began + _time(press.press, _with_three_charts(view, number))
        floor += _time(press.press, _empty(view, number))
        if number * 4 % reports < 4:
            memory.append(_resident())
    return {
        "rate": reports / spent,
        "each": spent / reports,
        "three": reports / three,
        "python": python / reports,
        "ratio": spent / floor,
        "bytes": size // reports,
        "memory": memory[-4:],
    }


def _time(work: Callable[[dict[str, Any]], bytes], view: dict[str, Any]) -> float:
    began = time.process_time()
    work(view)
    return time.process_time() - began


def _with_three_charts(view: dict[str, Any], number: int) -> dict[str, Any]:
    """The report with one chart for each of its indicators, and no others; another number, or the page before is handed out."""
    panels = [
        {key: BLANK if key == "trend" else value for key, value in panel.items()}
        for panel in view["panels"]
    ]
    choices = [{**choice, "chart": BLANK} for choice in view["choices"]]
    return view | {"name": f"{view['name']} {number}", "panels": panels, "choices": choices}


def _empty(view: dict[str, Any], number: int) -> dict[str, Any]:
    """The same pages with nothing measured in them."""
    panels = [
        {key: BLANK if key in ("chart", "trend") else _blank(value) for key, value in panel.items()}
        for panel in view["panels"]
    ]
    rows = [{**row, "cells": [["–", ""] for _ in row["cells"]]} for row in view["table"]["rows"]]
    return view | {
        "name": f"{number}",
        "lead": _blank(view["lead"]),
        "goal": _blank(view["goal"]),
        "facts": [[name, "–"] for name, _ in view["facts"]],
        "panels": panels,
        "choices": [{**choice, "chart": BLANK} for choice in view["choices"]],
        "table": view["table"] | {"rows": rows},
    }


def _blank(value: Any) -> Any:
    return re.sub(r"\d", "–", value) if isinstance(value, str) else value


def _resident() -> float:
    """What this process has in memory now, in MB."""
    fields = Path("/proc/self/statm").read_text("ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
