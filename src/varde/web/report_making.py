"""Reports of prescribing made of what was delivered: the shell around `varde.prescribing.reports.measuring`.

It opens the tables, asks the warehouse for resistance nearby, and the readers' goals; what is made is kept for the pages.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from django.conf import settings
from django.utils import timezone

from varde import deliveries
from varde.codes import CodeFileError, antibiotics, counties, organisms
from varde.guidelines import Library
from varde.prescribing.layout import Words
from varde.prescribing.reports import (
    Kind,
    Nearby,
    PickedGoal,
    Report,
    Tested,
)
from varde.prescribing.reports.measuring import (
    Counting,
    Findings,
    Span,
    UnknownUnit,
    make_reports,
    months_of,
    plans_of,
    span_of,
)
from varde.publishing import Disclosed
from varde.warehouse import WarehouseError

NEARBY = Path(__file__).parent / "data" / "nearby.toml"


class _Beside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which resistance stands beside which indicators."""

    indicators: tuple[str, ...]
    organism: str
    material_group: str
    antibiotics: tuple[str, ...]
    specimens: Words = Words("", "")


class _Surrogate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is tested in place of a drug, and who says that it may be."""

    organism: str
    antibiotic: str
    tested: str
    source: str


class _NearbyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reviewed: date
    source: str
    all_specimens: Words
    beside: tuple[_Beside, ...]
    surrogate: tuple[_Surrogate, ...] = ()


@cache
def _nearby_file() -> _NearbyFile:
    try:
        found = msgspec.convert(tomllib.loads(NEARBY.read_text("utf-8")), _NearbyFile)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise CodeFileError(NEARBY, 0, str(error)) from None
    named = [(one.organism, one.antibiotics) for one in found.beside]
    named += [(one.organism, (one.antibiotic, one.tested)) for one in found.surrogate]
    for organism, drugs in named:
        if organism not in organisms() or set(drugs) - set(antibiotics()):
            raise CodeFileError(NEARBY, 0, f"an unknown organism or antibiotic: {organism}")
    return found


def read_nearby(county: str, year: int) -> dict[str, Nearby]:
    """Resistance near a reader in a year, by indicator, as the resistance page would show it.

    Of each drug the nearest that may be told: the county's, in the specimens that are asked for, then in all of them; then
    the whole country's, likewise. One cell that tells too much may hide the urine of a whole country, and no more than the
    page of resistance tells is told here. The country stands with the county's name and the reason why it is not that.
    Of a drug that nothing may be told of it is said why. None where there is no warehouse, or it has none of the organism
    in that year.

    Args:
        county: its number; blank or unknown: the country alone.
    """
    found: dict[str, Nearby] = {}
    area = counties(date(year, 12, 31)).get(county)
    named = Words(area.name, area.name) if area else None
    for beside in _nearby_file().beside:
        try:
            one = _near(beside, county if area else "", named, year)
        except WarehouseError:
            return {}
        if one is not None:
            found |= dict.fromkeys(beside.indicators, one)
    return found


WHOLE = Words("hele landet", "the whole country")


class _Rung(NamedTuple):
    """One place to look: a county or, with a blank, the country; a group of materials or, with a blank, all."""

    county: str
    material_group: str


def _near(beside: _Beside, county: str, named: Words | None, year: int) -> Nearby | None:
    """Each drug where it is told of first; None where nothing is known anywhere."""
    rungs = dict.fromkeys(
        _Rung(place, material)
        for place in dict.fromkeys((county, ""))
        for material in (beside.material_group, "")
    )
    asked: dict[_Rung, tuple[Tested, ...]] = {}
    at: dict[int, _Rung] = {}
    for rung in rungs:
        asked[rung] = _ask(beside, *rung, year)
        for place, one in enumerate(asked[rung]):
            if one.told:
                at.setdefault(place, rung)
        if len(at) == len(beside.antibiotics):
            break
    if all(one.tested is None and one.why is None for some in asked.values() for one in some):
        return None
    for place in range(len(beside.antibiotics)):
        # Why nothing is told of it, by the last that knows; what is not tested anywhere stands with the others.
        because = [rung for rung in asked if asked[rung][place].why is not None]
        at.setdefault(place, because[-1] if because else next(iter(at.values()), _Rung("", "")))
    parts: dict[_Rung, list[int]] = {}
    for place in sorted(at):
        parts.setdefault(at[place], []).append(place)
    # The first choices come first, wherever they are told of.
    said = [_part(beside, rung, places, asked, named, year) for rung, places in parts.items()]
    return msgspec.structs.replace(said[0], wider=tuple(said[1:]))


def _part(
    beside: _Beside,
    rung: _Rung,
    places: Sequence[int],
    asked: Mapping[_Rung, tuple[Tested, ...]],
    named: Words | None,
    year: int,
) -> Nearby:
    """Drugs that are told of in one place, and why not nearer."""
    away = named is not None and not rung.county
    near = [some[place].why for where, some in asked.items() if where.county for place in places]
    specimens = beside.specimens if rung.material_group else _nearby_file().all_specimens
    return Nearby(
        organism=organisms()[beside.organism].name,
        area=WHOLE if named is None or away else named,
        period=Words(str(year), str(year)),
        drugs=tuple(asked[rung][place] for place in places),
        instead=named if away else None,
        why="suppressed" if "suppressed" in near else "too-few",
        of=specimens if beside.material_group else Words("", ""),
    )


def _ask(beside: _Beside, county: str, material_group: str, year: int) -> tuple[Tested, ...]:
    """What may be told of each drug."""
    from varde.web.answers import Question, answer

    question = Question(
        organism=beside.organism,
        material_group=material_group,
        county=county,
        date_from=date(year, 1, 1),
        date_to=date(year, 12, 31),
    )
    rows = {row.key: row for row in answer(question).rows}
    return tuple(_tell(beside.organism, key, rows) for key in beside.antibiotics)


def _tell(organism: str, key: str, rows: Mapping[str, Disclosed]) -> Tested:
    """One drug, by what stands in for it where it was not tested itself."""
    drug = Words(antibiotics()[key].name_nb, antibiotics()[key].name_en)
    row = rows.get(key)
    if row is None or row.status == "not-tested":
        for one in _nearby_file().surrogate:
            if (one.organism, one.antibiotic) == (organism, key) and one.tested in rows:
                row, by = rows[one.tested], antibiotics()[one.tested]
                drug = Words(
                    f"{drug.nb} (målt med {by.name_nb})", f"{drug.en} (tested with {by.name_en})"
                )
                break
    if row is None:
        return Tested(drug=drug)
    match row.status:
        case "ok":
            return Tested(drug=drug, percent=row.percent_r, tested=row.n)
        case "few-resistant":
            return Tested(drug=drug, tested=row.n, few="resistant", below=row.limit)
        case "few-others":
            return Tested(drug=drug, tested=row.n, few="others", below=row.limit)
        case "protected":
            return Tested(drug=drug, tested=row.n, why="suppressed")
        case "too-few" | "suppressed":  # so few that not even how many is told
            return Tested(drug=drug, tested=row.n, why="too-few")
        case _:
            return Tested(drug=drug)


@contextmanager
def open_sources(home: Path) -> Iterator[Mapping[str, Any]]:
    """What was delivered, and the warehouse's surveys where there are any, on one engine.

    Raises:
        DeliveriesError: see `varde.deliveries.open_tables`.
    """
    from varde.warehouse import open_tables

    with deliveries.open_tables(home) as delivered:
        tables: dict[str, Any] = dict(delivered)
        try:
            with open_tables(home / "warehouse") as snapshot:
                for name in ("wards", "treatments"):
                    rows = snapshot.fetch(snapshot.table(name))
                    tables[name] = delivered.connection.create_table(
                        f"survey_{name}", rows, temp=True
                    )
        except WarehouseError:
            pass  # no surveys: what counts them is unknown
        yield tables


def delivered_as_of(home: Path) -> date | None:
    """The day of the last delivery: the data are as they were then. None where nothing was delivered."""
    found = [one.delivered_at for one in deliveries.list_deliveries(home)]
    return timezone.localdate(max(found)) if found else None


class Made(NamedTuple):
    """Reports about to be made.

    Attributes:
        expected: how many there will be.
        reports: one after the other.
        until: the last day of their period.
        settles: whether they say what several doctors did together.
    """

    expected: int
    reports: Iterator[Report]
    until: date
    settles: bool


class Making:
    """Makes reports of one home folder; several kinds of one year share what is counted.

    Who belongs where is as it was when the first reports of the period were made (`varde.learning.settling`).

    Args:
        tables: as `open_sources` gives them. as_of: see `delivered_as_of`.
        library: the guideline that is served.
        register_anew: whether who belongs where is as it is now, whatever was settled.
    """

    def __init__(
        self,
        tables: Mapping[str, Any],
        as_of: date,
        library: Library | None,
        *,
        register_anew: bool = False,
    ) -> None:
        self._tables, self._as_of, self._library = tables, as_of, library
        self.register_anew = register_anew
        self._counting: dict[tuple[int, int, int | None], Counting] = {}

    def make(
        self,
        kind: Kind,
        year: int,
        variant: str = "",
        first_month: int | None = None,
        units: Collection[str] | None = None,
    ) -> Made:
        """Count for all readers of a kind; the reports are composed when they are taken.

        Args:
            year: of a follow-up the one that it begins in.
            variant, first_month: as of `varde.prescribing.reports.measuring.count_for`.
            units: only these readers.

        Raises:
            ReportError: there is no such variant, year or reader, or nothing was delivered for it.
        """
        months = months_of(kind, variant)
        key = (year, months, first_month)
        if key not in self._counting:
            span = span_of(year, months, first_month)
            self._counting[key] = self._count(span)
        findings = Findings(self._counting[key], kind, variant)
        try:
            reports = make_reports(
                findings,
                as_of=self._as_of,
                units=units,
                library=self._library,
                nearby=lambda county: read_nearby(county, findings.until.year),
                goal_for=_goals(kind, findings.until.year),
            )
        except UnknownUnit as error:
            if self.register_anew or not self.moved_since(findings.until):
                raise
            raise UnknownUnit(
                f"{error}. The register has others now than when the first of these reports were made: with "
                "--register-anew it is taken as it is"
            ) from None
        expected = len(findings.units) if units is None else len(set(units))
        tells_of_several = any(plan.base == "prescriber" for plan in plans_of(kind, variant))
        return Made(expected, reports, findings.until, tells_of_several)

    def settle(self, made: Made) -> None:
        """Settle who belongs where in reports of a period: before anybody reads the first of them.

        Raises:
            KeyProblem: the keys cannot be read.
        """
        from varde import learning

        if made.settles:
            learning.settle_registers(made.until, self._tables, anew=self.register_anew)

    def moved_since(self, day: date) -> int:
        """How many doctors the register has elsewhere now than in the reports of a period ending on a day."""
        from varde import learning

        return learning.count_moved(day, self._tables)

    def _count(self, span: Span) -> Counting:
        from varde import learning

        now, before = span.now.until, span.before.until
        tables = self._tables if self.register_anew else learning.settled_tables(now, self._tables)
        return Counting(tables, span, self._library, learning.settled_tables(before, self._tables))


def _goals(kind: Kind, year: int) -> Callable[[str], PickedGoal | None]:
    from varde import learning

    return lambda unit: learning.goal_for(kind, unit, year)


def home() -> Path:
    """The folder of all state."""
    return Path(settings.VARDE_HOME)
