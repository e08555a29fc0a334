"""Invented reports of chosen readers, and the table of who works with whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from deliveries.given import deliver
from varde.guidelines import SHIPPED, read_library
from varde.prescribing.layout import Words
from varde.prescribing.reports import (
    Kind,
    Measured,
    Missing,
    PickedGoal,
    Report,
    Verdict,
    Why,
    compose,
    open_with,
    read_advice,
)
from varde.prescribing.reports.forms import kinds
from varde.synthetic.reports import invent_findings, invent_report

LIBRARY = read_library(SHIPPED)
DOCTOR, OTHER = "9900001", "9900002"
UNIT = "974760673"
GROUP = "gruppe-1"


def a_report(
    kind: Kind = "rak", variant: str = "year", unit: str = DOCTOR, year: int = 2025, seed: int = 1
) -> Report:
    """One report that opens with no goal."""
    edition = LIBRARY.edition(date(year, 12, 31))
    made = invent_report(kind, variant, year, Random(seed), edition)
    return msgspec.structs.replace(made, unit=unit, goal=None)


WHYS: tuple[Why, ...] = ("suppressed", "unknown", "not-computable", "absent", "too-few")


def a_bare_report(
    kind: Kind, variant: str, unit: str, year: int = 2025, whys: tuple[Why, ...] = WHYS
) -> Report:
    """One report in which nothing has a figure, each indicator for another reason."""
    found = invent_findings(kind, variant, year, Random(5)) | {"goal": None, "choices": ()}
    bare = [
        msgspec.structs.replace(
            without_own(one, whys[number % len(whys)], Words("", "")),
            comparators=(),
            dots=(),
            own_dot=None,
        )
        for number, one in enumerate(found["measured"])
    ]
    return _composed(kind, variant, unit, year, found | {"measured": bare})


def a_small_groups_report(year: int = 2025) -> Report:
    """A peer group's report whose own figures are of too few doctors."""
    kind, variant = "peer-group", "meeting"
    found = invent_findings(kind, variant, year, Random(5)) | {"goal": None, "choices": ()}
    why = kinds()[kind].counted[0].own_hidden
    assert why is not None
    hidden = [without_own(one, "suppressed", why) for one in found["measured"]]
    return _composed(kind, variant, GROUP, year, found | {"measured": hidden})


def without_own(one: Measured, why: Why, said: Words) -> Measured:
    none = Missing(why=why)
    return msgspec.structs.replace(
        one,
        own=none,
        before=none,
        quarters=tuple(
            msgspec.structs.replace(quarter, value=none, low=None, high=None)
            for quarter in one.quarters
        ),
        verdict=Verdict(key="too-few", tone="silent", sentence=said),
        expected=None,
    )


def _composed(kind: Kind, variant: str, unit: str, year: int, found: Mapping[str, Any]) -> Report:
    advice = read_advice(LIBRARY.edition(date(year, 12, 31)), kind)
    made = compose(kind, variant, **found, advice=advice)
    return msgspec.structs.replace(made, unit=unit)


def with_goal(report: Report) -> Report:
    """The report as it opens with a goal of its first indicator that has a better way."""
    [panel, *_] = [one for one in report.panels if one.good != "none"]
    share = 0.2 if panel.percent else 0.02
    picked = date(report.until.year, 2, 12)
    return open_with(report, PickedGoal(indicator=panel.indicator, target=share, picked=picked))


def write_prescribers(home: Path, doctors: list[str], role: str = "gp", group: str = GROUP) -> None:
    """Deliver who is in the group and at the unit."""
    lines = ["prescriber;since;until;role;unit;municipality;peer_group"]
    lines += [f"{one};2020-01-01;;{role};{UNIT};4601;{group}" for one in doctors]
    receipt = deliver(home, ("\n".join(lines) + "\n").encode())
    assert receipt.accepted == len(doctors), receipt
