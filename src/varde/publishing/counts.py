"""Disclosure control of counts of persons, cases, doses and operations: the only way from a table of
`varde.statistics` to something that is shown.

A cell has one of these statuses, and each is another answer:

    ok              the number, nought among them
    suppressed      1 up to the limit: only that it is fewer than the limit
    protected       it would give away a suppressed one: they add up to a number that is shown. Mostly a large one;
                    where there is none, all noughts and small ones, so that not even that there is somebody is told
    too-few         of a share: too few for a percentage
    not-computable  there is nothing to work it out from: nobody was asked, nobody knows how many live there
    not-published   of so small an area nothing is published of this disease

A share is hidden with its count, and a rate with the cases that it is of: inhabitants are known, so it would give them
away. A part is hidden too when what is left of the whole is small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from varde.publishing.disclosure import Disclosed, Rules, Status, disclose_row, rules
from varde.publishing.protection import Mark, protect
from varde.publishing.related import Relation, protect_related

if TYPE_CHECKING:
    import pyarrow as pa

State = Literal["ok", "suppressed", "protected", "too-few", "not-computable", "not-published"]
HIDDEN: frozenset[State] = frozenset({"suppressed", "protected"})


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number that may be shown; None unless its status is "ok".

    Attributes:
        limit: for "suppressed", the number that the count is below.
    """

    status: State
    value: float | int | None = None
    limit: int = 0


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """What the numbers of a table are.

    Attributes:
        counts: columns that count persons, or what leads to them; each for itself.
        parts: a count → the count that it is part of.
        rates: a number → the count that it is worked out from, beside what everybody knows.
        shares: a percentage or an end of its interval → the count it is of, and the whole.
        open: numbers that say nothing of persons: inhabitants, wards.
        unseen: a count that is not shown → the two of which it is the difference.
        relations: how the counts of a row hang together, the unseen ones among them (`publishing.related`).
        may_hide: counts in the order in which they are hidden, so that those that are related give none away.
    """

    counts: tuple[str, ...] = ()
    parts: Mapping[str, str] = {}
    rates: Mapping[str, str] = {}
    shares: Mapping[str, tuple[str, str]] = {}
    open: tuple[str, ...] = ()
    unseen: Mapping[str, tuple[str, str]] = {}
    relations: tuple[Relation, ...] = ()
    may_hide: tuple[str, ...] = ()

    def columns(self) -> tuple[str, ...]:
        """All of them, in the order in which they are shown."""
        return (*self.counts, *self.parts, *self.rates, *self.shares, *self.open)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row that may be shown.

    Attributes:
        key: what it is about: column → value, None for unknown.
        figures: measure → what may be known of it.
    """

    key: Mapping[str, Any]
    figures: Mapping[str, Figure]

    def value(self, name: str) -> float | int | None:
        """The number, or None when it is not shown."""
        return self.figures[name].value


def disclose_counts(
    table: pa.Table,
    by: Sequence[str],
    measures: Measures,
    *,
    adds_up: Sequence[str] = (),
    withheld: Callable[[Mapping[str, Any]], bool] | None = None,
    elsewhere: Callable[[Mapping[str, Any]], Collection[str]] | None = None,
    limits: Rules | None = None,
) -> list[Row]:
    """What may be shown of a table, row by row in the same order.

    Args:
        by: its columns that say what a row is about.
        adds_up: columns of `by` over which rows add up to a number that is shown too: so many are hidden that none
            of them can be worked out from it (`publishing.protection`).
        withheld: whether nothing of a row may be published, told from its key.
        elsewhere: which numbers of a row another table hides, or would give away here, told from the row.
        limits: the shipped ones by default.
    """
    applied = limits or rules()
    raw = table.to_pylist()
    shown = [
        _withhold(measures)
        if withheld and withheld({name: row[name] for name in by})
        else _disclose(row, measures, applied)
        for row in raw
    ]
    counted = (*measures.counts, *measures.parts)
    more = True
    while more:  # what is hidden along one column may be alone along another
        more = False
        for column in adds_up:
            within = [name for name in by if name != column]
            for name in counted:
                more |= _protect(raw, shown, within, name, applied)
    for row, figures in zip(raw, shown, strict=True):
        for name in elsewhere(row) if elsewhere else ():
            if figures[name].status == "ok":
                figures[name] = Figure(status="protected")
        if measures.relations:
            _follow(row, figures, measures, applied)
            _relate(row, figures, measures, applied)
        _follow(row, figures, measures, applied)
    return [
        Row(key={name: row[name] for name in by}, figures=figures)
        for row, figures in zip(raw, shown, strict=True)
    ]


def disclose_parts(
    counts: Mapping[str, int], whole: Figure, limits: Rules | None = None
) -> dict[str, Figure]:
    """What may be shown of the parts of a whole whose own figure is shown in another table.

    They add nothing to what that table says: where it hides the whole, nothing is told of any part, not even which are
    nought; else they are protected by the sum of them, which a reader knows, be it small.

    Args:
        counts: name → number of each part that the reader does not know as it is.
        whole: what is shown of all of them, and of the parts that the reader knows.
    """
    if whole.status != "ok":
        hidden: State = "protected" if whole.status in HIDDEN else whole.status
        return dict.fromkeys(counts, Figure(status=hidden))
    below = (limits or rules()).small_cell.below
    first = {name: _count(number, limits or rules()) for name, number in counts.items()}
    marks = [_MARKS[figure.status] for figure in first.values()]
    after = protect(list(counts.values()), marks, below, sum_told=True)
    return {
        name: Figure(status="protected") if mark == "protected" else first[name]
        for name, mark in zip(counts, after, strict=True)
    }


def conceal(row: Row, names: Collection[str], measures: Measures) -> Row:
    """A row without counts that another table protects, and without what would give them away."""
    figures = dict(row.figures)
    covered = set(names)
    for name, whole in (*measures.parts.items(), *measures.rates.items()):
        if whole in names:
            covered.add(name)
    for name in covered:
        if figures[name].status in ("ok", "suppressed"):
            figures[name] = Figure(status="protected")
    return Row(key=row.key, figures=figures)


def _withhold(measures: Measures) -> dict[str, Figure]:
    return {name: Figure(status="not-published") for name in measures.columns()}


def _disclose(row: Mapping[str, Any], measures: Measures, by: Rules) -> dict[str, Figure]:
    found = {name: _count(row[name], by) for name in measures.counts}
    for name, whole in measures.parts.items():
        found[name] = _count(row[name], by)
        left = None if row[name] is None or row[whole] is None else row[whole] - row[name]
        if found[name].status == "ok" and left is not None and 0 < left < by.small_cell.below:
            found[name] = Figure(status="protected")
    for name in (*measures.rates, *measures.shares):
        found[name] = _number(row[name])
    for name in measures.open:
        found[name] = _number(row[name])
    return found


def _count(value: int | None, by: Rules) -> Figure:
    if value is not None and 0 < value < by.small_cell.below:
        return Figure(status="suppressed", limit=by.small_cell.below)
    return _number(value)


def _number(value: float | int | None) -> Figure:
    return Figure(status="not-computable") if value is None else Figure(status="ok", value=value)


def _protect(
    raw: Sequence[Mapping[str, Any]],
    shown: Sequence[dict[str, Figure]],
    within: Sequence[str],
    name: str,
    by: Rules,
) -> bool:
    """Hide more in each group whose sum would give away what is hidden in it; whether anything was."""
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place, row in enumerate(raw):
        if row[name] is not None and shown[place][name].status != "not-published":
            groups[tuple(row[column] for column in within)].append(place)
    more = False
    for places in groups.values():
        marks = [_MARKS[shown[place][name].status] for place in places]
        counts = [int(raw[place][name]) for place in places]
        for place, before, after in zip(
            places, marks, protect(counts, marks, by.small_cell.below), strict=True
        ):
            if after != before:
                shown[place][name] = Figure(status="protected")
                more = True
    return more


def _relate(
    row: Mapping[str, Any], figures: dict[str, Figure], measures: Measures, by: Rules
) -> None:
    """Hide more of a row where what is shown of it would give away what is hidden."""
    names = (*measures.counts, *measures.parts)
    marks = {name: _MARKS[figures[name].status] for name in names if figures[name].status in _MARKS}
    counts = {name: int(row[name]) for name in marks}
    counts |= {
        name: counts[whole] - counts[part]
        for name, (whole, part) in measures.unseen.items()
        if whole in counts and part in counts and counts[whole] >= counts[part]
    }
    after = protect_related(
        counts, marks, measures.relations, measures.may_hide, by.small_cell.below
    )
    for name, mark in after.items():
        if mark != marks[name]:
            figures[name] = Figure(status="protected")


_MARKS: Mapping[State, Mark] = {
    "ok": "shown",
    "suppressed": "suppressed",
    "protected": "protected",
}


def _follow(
    row: Mapping[str, Any], figures: dict[str, Figure], measures: Measures, by: Rules
) -> None:
    """Hide what would give away what is hidden."""
    for name, whole in measures.parts.items():
        if figures[whole].status in HIDDEN and figures[name].status == "ok":
            figures[name] = Figure(status="protected")
        if figures[whole].status == "protected" and figures[name].status == "suppressed":
            figures[name] = figures[whole]  # that there is somebody is hidden of the whole
    for name, count in measures.rates.items():
        if figures[count].status in HIDDEN and figures[name].status == "ok":
            figures[name] = figures[count]
    for name, (count, whole) in measures.shares.items():
        for one in (whole, count):
            if figures[one].status in HIDDEN and figures[name].status == "ok":
                figures[name] = figures[one]
        if figures[name].status == "ok" and row[whole] < by.percentage.least:
            figures[name] = Figure(status="too-few")
    for count, whole in measures.shares.values():
        few = figures[whole].status == "ok" and 0 < row[whole] < by.percentage.least
        if few and count != whole and figures[count].status == "ok" and row[count]:
            # A few of a few say who: only how many there are.
            figures[count] = Figure(status="protected")


_STATES: Mapping[Status, State] = {
    "ok": "ok",
    "too-few": "too-few",
    "suppressed": "suppressed",
    "not-tested": "not-computable",
}


def disclose_resistance(
    table: pa.Table, by: Sequence[str], limits: Rules | None = None
) -> list[Row]:
    """A table of S, I and R with the columns of `varde.resistance.antibiogram`, row by row as `disclose` lets it
    through: ``n``, ``S``, ``I``, ``R``, ``pct`` (percent resistant), ``low`` and ``high``. Of registers in which nobody can
    be told from another: however few are resistant is shown."""
    applied = limits or rules()
    found = []
    for row in table.to_pylist():
        one = disclose_row("", row, applied, of_persons=False)
        status = _STATES.get(one.status, "protected")
        values = (one.n, one.s, one.i, one.r, one.percent_r, one.low, one.high)
        figures = {
            name: Figure(status="ok", value=value)
            if value is not None
            else Figure(status=status, limit=one.limit)
            for name, value in zip(("n", "S", "I", "R", "pct", "low", "high"), values, strict=True)
        }
        found.append(Row(key={name: row[name] for name in by}, figures=figures))
    return found


def as_share(row: Row, key: str, count: str = "count", whole: str = "n") -> Disclosed:
    """A row with a share as charts of shares take it (`draw_resistance`, `draw_trend`).

    Args:
        key: what the row is called by.
    """
    n, share = row.figures[whole], row.figures["pct"]
    if share.status == "ok":
        return Disclosed(
            key=key,
            status="ok",
            n=int(n.value or 0),
            r=int(row.figures[count].value or 0),
            percent_r=row.value("pct"),
            low=row.value("low"),
            high=row.value("high"),
        )
    if share.status == "too-few":
        return Disclosed(key=key, status="too-few", n=int(n.value or 0))
    if share.status in HIDDEN:
        return Disclosed(key=key, status="suppressed", limit=rules().small_cell.below)
    return Disclosed(key=key, status="not-tested", n=0)
