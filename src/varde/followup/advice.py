"""What can be done for contacts of a disease, and how long after the exposure: dated rows, each with its source.

They are general advice in the project's own words, for whoever decides: `reviewed` says of each whether somebody who answers
for infection control has agreed it.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from varde.access.roles import Words
from varde.followup.tables import Row

DATA = Path(__file__).with_name("data") / "contact_advice.json"


class AdviceRow(Row, frozen=True, kw_only=True):
    """One thing to do for a contact.

    Attributes:
        key: by which later rows replace it.
        from_days, until_days: the days after the exposure on which it is done; none: at once, and whenever.
        counted_from: which exposure those days are counted from.
        name: in a few words.
        what: for whom, and how long after.
        origins: keys of the file's `origins`: where it is known from.
        reviewed: whether it has been agreed with those who answer for infection control.
    """

    key: str
    disease: str
    name: Words
    what: Words
    origins: Annotated[tuple[str, ...], Meta(min_length=1)]
    from_days: Annotated[int, Meta(ge=0, le=365)] = 0
    until_days: Annotated[int, Meta(ge=0, le=365)] | None = None
    counted_from: Literal["first", "last"] = "last"
    reviewed: bool = False


class AdviceFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file.

    Attributes:
        origins: what rows name as that from which they are known.
    """

    version: str
    source: str
    origins: dict[str, Words]
    rows: tuple[AdviceRow, ...]


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """A row for one contact.

    Attributes:
        first, last: the days between which it is done, by the exposure that the row counts from; None: no such limit.
        state: "open": now; "later": not yet; "over": too late.
    """

    row: AdviceRow
    first: date
    last: date | None
    state: str


@cache
def advice_file() -> AdviceFile:
    """The rows that are shipped.

    Raises:
        msgspec.ValidationError: the file does not have the shape of `AdviceFile`.
    """
    return msgspec.json.decode(DATA.read_bytes(), type=AdviceFile)


def advice_of(disease: str, day: date) -> list[AdviceRow]:
    """What holds on a day for contacts of a disease, in the file's order: of rows with one key, the last that has begun."""
    found = {
        row.key: row
        for row in advice_file().rows
        if row.disease == disease and row.valid_from <= day
    }
    return list(found.values())


def advise(
    disease: str, last_exposure: date, today: date, first_exposure: date | None = None
) -> list[Advice]:
    """What there is to do for a contact, and whether it is the time for it.

    Args:
        first_exposure: None where the last was the only one.
    """
    found = []
    for row in advice_of(disease, today):
        since = last_exposure
        if row.counted_from == "first" and first_exposure is not None:
            since = first_exposure
        first = since + timedelta(days=row.from_days)
        last = None if row.until_days is None else since + timedelta(days=row.until_days)
        state = "later" if today < first else "over" if last and today > last else "open"
        found.append(Advice(row=row, first=first, last=last, state=state))
    return found
