"""Whose report a user reads: the role says the kind, the user's area whose; an out-of-hours doctor's unit besides.

What is not the user's own looks as what there is not, and the attempt is in the access log.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from django.http import Http404, HttpRequest
from django.utils import timezone

from varde import learning
from varde.access import audit
from varde.access.decisions import AccessRefused, Refused
from varde.access.roles import role_of
from varde.deliveries import DeliveriesError
from varde.prescribing.reports import Kind, Report, open_with, redraw_dots

PAGE = "report"
PURPOSE = "quality"


class Reads(NamedTuple):
    """What a role reads.

    Attributes:
        variants: of the kind, in the order that they are offered in; empty: whichever there is.
        unit: the variants of the report of the unit that the reader works for.
    """

    kind: Kind
    variants: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()


READS: Mapping[str, Reads] = MappingProxyType(
    {
        "general-practitioner": Reads("rak", ("year", "follow-up")),
        "out-of-hours-doctor": Reads("legevakt", ("doctor",), ("unit",)),
        "nursing-home-leader": Reads("rask"),
        "nursing-home-nurse": Reads("rask"),
        "home-care-staff": Reads("home-care"),
        "peer-group-leader": Reads("peer-group", ("meeting",)),
        "county-coordinator": Reads("county"),
    }
)


class Whose(NamedTuple):
    """A report's reader, who may read it.

    Attributes:
        unit: an HPR number, an organisation's, a group's, a county's.
        variants: that are this reader's; empty: whichever there is.
        own: whether it is the user's own, not the unit's that the user works for.
    """

    kind: Kind
    unit: str
    variants: tuple[str, ...]
    own: bool


class Edition(NamedTuple):
    """One report that there is: whose, of which year, in which variant."""

    whose: Whose
    year: int
    variant: str


def own_of(request: HttpRequest) -> Whose:
    """The user's own.

    Raises:
        AccessRefused: the user has no area, so that nobody knows whose the reports would be.
    """
    role = role_of(request.user)
    if role is None or role.key not in READS:
        raise AccessRefused(Refused("page-not-for-role"))
    # Who hands in for an institution has the kind of number before it.
    unit = request.user.area.removeprefix("ENH:")
    if not unit:
        audit.record(request.user, "denied", page=PAGE)
        raise AccessRefused(Refused("area-missing", area_kind=role.area_kind))
    reads = READS[role.key]
    return Whose(reads.kind, unit, reads.variants, True)


def all_of(request: HttpRequest, on: date) -> list[Whose]:
    """The user's own, and that of the unit that the user works for on a day, where the role reads one.

    Raises:
        AccessRefused: as `own_of`.
    """
    own = own_of(request)
    role = role_of(request.user)
    variants = READS[role.key].unit if role is not None else ()
    if not variants:
        return [own]
    try:
        unit = learning.out_of_hours_unit(own.unit, on)
    except DeliveriesError:
        unit = ""
    return [own, Whose(own.kind, unit, variants, False)] if unit else [own]


def editions_of(request: HttpRequest, year: int) -> list[Edition]:
    """The reports of a year that are the user's to read, the user's own first.

    Raises:
        AccessRefused: as `own_of`.
    """
    found = []
    for whose in all_of(request, date(year, 12, 31)):
        there = learning.list_variants(whose.kind, whose.unit, year)
        wanted = [one for one in whose.variants if one in there] if whose.variants else there
        found += [Edition(whose, year, variant) for variant in wanted]
    return found


def years_of(request: HttpRequest) -> list[int]:
    """The years that the user has a report of, the newest first.

    Raises:
        AccessRefused: as `own_of`.
    """
    there = {
        year
        for whose in all_of(request, timezone.localdate())
        for year in learning.list_years(whose.kind, whose.unit)
    }
    return [year for year in sorted(there, reverse=True) if editions_of(request, year)]


def find_edition(request: HttpRequest, year: int, unit: str = "", variant: str = "") -> Edition:
    """The report that an address or a form names.

    Args:
        unit: whose; empty for the user's own, or the first there is.
        variant: empty for the first there is.

    Raises:
        AccessRefused: as `own_of`.
        Http404: there is none, or it is somebody else's; the latter is in the access log.
    """
    editions = editions_of(request, year)
    if unit and unit not in {one.unit for one in all_of(request, date(year, 12, 31))}:
        audit.record(request.user, "denied", page=PAGE)
        raise Http404("no report of the user's own")
    for one in editions:
        if unit in ("", one.whose.unit) and variant in ("", one.variant):
            return one
    raise Http404("no such report")


def open_report(edition: Edition) -> Report:
    """The report as its reader may see it now: with the goal that an earlier one's reader picked, whenever that was, and
    of a group with the dots of those who agree.

    Raises:
        Http404: there is none.
        KeyProblem: it does not open.
    """
    whose = edition.whose
    report = learning.read_report(whose.kind, whose.unit, edition.year, edition.variant)
    if report is None:
        raise Http404("no such report")
    report = open_with(report, learning.goal_for(whose.kind, whose.unit, edition.year))
    if whose.kind != "peer-group":
        return report
    try:
        return learning.show_agreed(report)
    except DeliveriesError:
        return redraw_dots(report, {})  # nobody knows who the members are


def note_look(request: HttpRequest, action: str, edition: Edition) -> None:
    """Put a look at a report, or its download, into the access log."""
    kind = f"prescribing report {edition.year}"
    area = None if edition.whose.own else edition.whose.unit
    audit.record(request.user, action, PAGE, kind, 1, PURPOSE, area=area)
