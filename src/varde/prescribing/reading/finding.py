"""Which published table a file is, by its headings, what it is said to be, or its name; and which column is which."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from varde.messages import mask_digits
from varde.prescribing.layout import Column, Layout, layouts
from varde.prescribing.reading.errors import FileRefused

ANSWERS = ("rejected_in", "rejected_row")
"""Two columns that a correction may have beside those of its table: which rejected row of which delivery it is for."""

LEAST_ALIKE = 3
"""With fewer headings in common two tables are not alike."""
MOST_TOLD = 8
"""So many headings are named when a file is refused."""


def plain(name: str) -> str:
    """A heading without case, blanks, hyphens and underscores."""
    return re.sub(r"[\s_\-\u2010-\u2015]+", "", name).casefold()


def answering(names: Sequence[str]) -> frozenset[int]:
    """Which headings, from 0, are those of `ANSWERS`."""
    known = {plain(name) for name in ANSWERS}
    return frozenset(place for place, name in enumerate(names) if plain(name) in known)


def find_layout(names: Sequence[str], table: str = "", file_name: str = "") -> Layout | None:
    """The table that headings are of.

    Args:
        table: what somebody says it is; believed.
        file_name: of two tables that the headings fit, the one that it begins with.

    Raises:
        FileRefused: ``unknown-table``: nobody publishes a table of the name `table`.
    """
    known = layouts()
    if table:
        if table not in known:
            raise FileRefused("unknown-table", shown=mask_digits(table))
        return known[table]
    written = {plain(name) for name in names} - {plain(name) for name in ANSWERS} - {""}
    fits = [layout for layout in known.values() if _fits(layout, written)]
    named = [layout for layout in known.values() if _is_named(file_name, layout.key)]
    for layout in named:
        if layout in fits or not fits:
            return layout
    if fits:
        return fits[0] if len(fits) == 1 else None
    return _nearest(written) if written else None


def _nearest(written: set[str]) -> Layout | None:
    """The table that at least half of the headings are of, and that has at least half of what must be there, so that what
    is wrong with the others can be told: of several the one of which least is missing."""
    liked = {}
    for layout in layouts().values():
        may = {plain(column.name) for column in layout.columns}
        must = {plain(column.name) for column in layout.columns if column.required}
        enough = max(LEAST_ALIKE, len(written) / 2)
        if len(written & may) >= enough and 2 * len(written & must) >= len(must):
            liked[layout.key] = (-len(written & may), len(must - written))
    best = min(liked.values(), default=None)
    keys = [key for key, rank in liked.items() if rank == best]
    return layouts()[keys[0]] if len(keys) == 1 else None


def _fits(layout: Layout, written: set[str]) -> bool:
    must = {plain(column.name) for column in layout.columns if column.required}
    may = {plain(column.name) for column in layout.columns}
    return must <= written <= may


def _is_named(file_name: str, key: str) -> bool:
    return plain(file_name).startswith(plain(key))


def match_columns(layout: Layout, names: Sequence[str]) -> list[Column | str | None]:
    """What each heading is: a column, one of `ANSWERS`, or None where it is empty, as spreadsheets leave it.

    Raises:
        FileRefused: ``unknown-column``: nobody has said what may stand there, it might be a name;
            ``repeated-column``; ``missing-column``. All that are too many, and after a minus all that are missing, are
            told at once.
    """
    known: Mapping[str, Column | str] = {
        **{plain(name): name for name in ANSWERS},
        **{plain(column.name): column for column in layout.columns},
    }
    found = [known.get(plain(name)) if name else None for name in names]
    pairs = list(zip(names, found, strict=True))
    unknown = [name for name, column in pairs if name and column is None]
    missing = [each.name for each in layout.columns if each.required and each not in found]
    if unknown:
        lacking = f" − {_named(missing)}" if missing else ""
        raise FileRefused("unknown-column", "", _named(unknown) + lacking, layout.key)
    if twice := [name for n, (name, each) in enumerate(pairs) if each and each in found[:n]]:
        raise FileRefused("repeated-column", "", _named(twice), layout.key)
    if missing:
        raise FileRefused("missing-column", _named(missing), "", layout.key)
    return found


def _named(names: Sequence[str]) -> str:
    more = "" if len(names) <= MOST_TOLD else ", …"
    return ", ".join(mask_digits(name[:40]) for name in names[:MOST_TOLD]) + more
