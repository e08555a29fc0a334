"""Which isolates a question is about: the same words for every question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, TypedDict

from varde.resistance.errors import InvalidSelection

if TYPE_CHECKING:
    import ibis

Choice = str | Sequence[str] | None
"""One value, several, or all."""


class Circumstances(TypedDict, total=False):
    """Where, when and from what isolates come. What is left out (or None) does not restrict.

    Attributes:
        material_group, county, municipality, laboratory: keys, one or several.
        date_from, date_to: first and last day of collection, both included.
        include_preliminary: False leaves out isolates of preliminary answers.
    """

    material_group: Choice
    county: Choice
    municipality: Choice
    laboratory: Choice
    date_from: date | None
    date_to: date | None
    include_preliminary: bool


class Selection(Circumstances, total=False):
    """Isolates to count: `Circumstances`, and which organisms (keys, one or several)."""

    organism: Choice


COLUMNS: Final = ("organism", "material_group", "county", "municipality", "laboratory")


def select_isolates(isolates: ibis.Table, selection: Selection) -> ibis.Table:
    """The isolates that the selection is about.

    Raises:
        InvalidSelection: an unknown word, or the days in the wrong order.
    """
    unknown = selection.keys() - Selection.__annotations__.keys()
    if unknown:
        raise InvalidSelection(f"cannot select by {', '.join(sorted(unknown))}")
    first, last = selection.get("date_from"), selection.get("date_to")
    if first is not None and last is not None and first > last:
        raise InvalidSelection(f"date_from {first} is after date_to {last}")
    conditions = []
    for column in COLUMNS:
        wanted: Choice = selection.get(column)  # type: ignore[assignment]
        if wanted is not None:
            values = [wanted] if isinstance(wanted, str) else list(wanted)
            conditions.append(isolates[column].isin(values))
    if first is not None:
        conditions.append(isolates.collected >= first)
    if last is not None:
        conditions.append(isolates.collected <= last)
    if selection.get("include_preliminary") not in (True, None):
        conditions.append(isolates.status.fill_null("") != "P")
    return isolates.filter(*conditions) if conditions else isolates
