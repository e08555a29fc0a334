"""Institutions that are part of themselves, or took over from themselves: told when a file is taken in that may say so.

No row of a longer circle can be said to be the wrong one, and its rows may come in several deliveries, in any order: so
they are kept, and whoever takes one in is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from varde.cli.frame import home
from varde.terminal import console

if TYPE_CHECKING:
    from varde.deliveries import Receipt
    from varde.prescribing.institutions import Circle

SAYING: Final = frozenset({"institutions", "administrations"})
"""Deliveries of these tables may say something of institutions."""
MEANING: Final = {
    "part_of": "is part of the next, and the last of the first",
    "successor": "was taken over by the next, and the last by the first: what counts them is refused",
}
"""Column → what a circle of it is."""


def find_circles(receipts: Iterable[Receipt]) -> tuple[Circle, ...]:
    """The circles that there are after files were taken in; none when no file said anything of institutions."""
    if not any(each.table in SAYING and each.state == "read" for each in receipts):
        return ()
    from varde.deliveries import open_tables
    from varde.prescribing.institutions import Institutions

    with open_tables(home()) as tables:
        return Institutions.of(tables.fetch(tables["institutions"])).circles()


def tell_circles(circles: Iterable[Circle]) -> None:
    """Say them, for people."""
    for each in circles:
        console.print(
            f"Institutions in a circle: each of {', '.join(each.numbers)} {MEANING[each.column]}. "
            f"Deliver the rows anew with the right {each.column}.",
            markup=False,
            style="red",
            soft_wrap=True,
        )


def as_plain(circles: Iterable[Circle]) -> list[dict[str, Any]]:
    """Circles as scripts see them."""
    return [msgspec.to_builtins(each) for each in circles]
