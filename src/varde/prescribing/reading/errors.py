"""What can be wrong with a file as a whole, and with one cell of it."""

from __future__ import annotations


class FileRefused(Exception):
    """Nothing of a file can be used.

    Attributes:
        reason: a key of `reasons`.
        place: a column or a line; empty for all of it.
        shown: the offending value, masked; empty when there is none to show.
        table: the key of the table that its headings are most like; empty when they are like none.
    """

    def __init__(self, reason: str, place: str = "", shown: str = "", table: str = "") -> None:
        super().__init__(": ".join(filter(None, (reason, place, shown))))
        self.reason = reason
        self.place = place
        self.shown = shown
        self.table = table


class CellFault(Exception):
    """A cell is not what its column holds; `shown` None: the cell as it was written."""

    def __init__(self, reason: str, shown: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.shown = shown
