"""The values of a web form to the bytes of a table, so that a form comes in by the door of all others.

A form knows when it was sent, so every row has a time: sent again after a correction, with the same
number, it replaces what was there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from varde.messages.surveys.prevalence import TREATMENTS, WARDS
from varde.messages.surveys.surgery import SURGERY
from varde.messages.tables.definition import tables
from varde.messages.tables.writing import Value, write_table

Values = Mapping[str, Value]
"""Column name → what was filled in, as text or as what the column holds."""

SHARED = (
    "sender",
    "sender_name",
    "surveyed",
    "institution_kind",
    "round",
    "county",
    "municipality",
    "trust",
    "institution",
    "institution_name",
    "ward",
    "ward_type",
    "specialty",
)
"""What a ward's form says once, and its counts and prescriptions both hold."""


def write_ward(values: Values, generated: datetime, service_type: str = "N") -> bytes:
    """A submission of one ward's counts.

    Args:
        values: of the columns of the table ``nois-piah-avdeling``, with ``report_id``.
        generated: when the form was sent (aware).
        service_type: N, M for a correction, C to withdraw it.

    Raises:
        KeyError: a name that is no column.
        ValueError: a time without zone.
    """
    return write_table(tables()[WARDS], [_version(values, generated, service_type)])


def write_treatments(
    ward: Values,
    treatments: Sequence[Values],
    generated: datetime,
    withdrawn: Sequence[Values] = (),
) -> bytes:
    """A submission of one ward's prescriptions, one row each.

    Args:
        ward: what the ward's form says, with its ``report_id``.
        treatments: one for each prescription. One without a ``report_id`` is numbered after the
            ward's number and its position, from 1: a form that is corrected must keep its order, or
            give the numbers.
        generated: when the form was sent (aware).
        withdrawn: prescriptions that were sent before and are wrong, with their ``report_id``.

    Raises:
        KeyError: a name that is no column.
        ValueError: a time without zone.
    """
    shared = {name: ward[name] for name in SHARED if name in ward}
    rows = [
        _version({"report_id": f"{ward['report_id']}-{n}", **shared, **values}, generated, "N")
        for n, values in enumerate(treatments, 1)
    ]
    rows += [_version({**shared, **values}, generated, "C") for values in withdrawn]
    return write_table(tables()[TREATMENTS], rows)


def write_surgery(values: Values, generated: datetime, service_type: str = "N") -> bytes:
    """A submission of one operation, or of its follow-up: the same ``report_id``, later.

    Args:
        values: of the columns of the table ``nois-posi``, with ``report_id``.
        generated: when the form was sent (aware).
        service_type: N, M for a correction or follow-up, C to withdraw it.

    Raises:
        KeyError: a name that is no column.
        ValueError: a time without zone.
    """
    return write_table(tables()[SURGERY], [_version(values, generated, service_type)])


def _version(values: Values, generated: datetime, service_type: str) -> dict[str, Value]:
    return {**values, "generated": generated, "service_type": service_type}
