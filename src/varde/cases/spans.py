"""Pieces of evidence by their days, and days that are so much later."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

from varde.cases.evidence import Piece

_PieceT = TypeVar("_PieceT", bound=Piece)


def between(pieces: Sequence[_PieceT], first: date, last: date) -> Sequence[_PieceT]:
    """The pieces, which are by day, of these days and those between."""
    if len(pieces) < 2:
        return [one for one in pieces if first <= one.day <= last]
    return pieces[bisect_left(pieces, first, key=day_of) : bisect_right(pieces, last, key=day_of)]


def day_of(piece: Piece) -> date:
    return piece.day


def add_days(day: date, by: timedelta) -> date:
    """A day so much later, or the last that there is."""
    try:
        return day + by
    except OverflowError:
        return date.max if by > timedelta(0) else date.min
