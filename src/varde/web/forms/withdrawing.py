"""To take back what a form stated: the same number, a later time, and the type for cancelled.

What else a withdrawal must hold, stands in for what was stated: nobody reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from secrets import token_hex

from varde.messages import NotificationEnvelope, published_tables, write_notification
from varde.messages.tables.writing import write_table
from varde.register import Standing, standing_numbers
from varde.web.forms import notification, prevalence, surgery
from varde.web.forms.handing_in import Sender

MOST = 500
"""Statements that are withdrawn at once: of a longer table, the table is sent again."""


def numbers_of(kind: str, stated: Iterable[Standing], sender: Sender) -> list[str]:
    """The numbers that are to be withdrawn: those that stand, and all prescriptions of their wards."""
    found = [each.number for each in stated if not each.withdrawn]
    if kind != "prevalence":
        return found
    wards, treatments = prevalence.wards().prefix, prevalence.treatments().prefix
    for number in tuple(found):
        if number.startswith(wards):
            beginning = f"{treatments}{number.removeprefix(wards)}-"
            found += standing_numbers(kind, sender.key, beginning)
    return list(dict.fromkeys(found))


def write_withdrawals(
    kind: str, numbers: Sequence[str], sender: Sender, now: datetime
) -> list[bytes]:
    """The messages that withdraw what has these numbers."""
    if kind == "notification":
        return [_notification(number, sender, now) for number in numbers]
    found = []
    for key, blank in _blanks().items():
        table = published_tables()[key]
        own = [n.removeprefix(table.prefix) for n in numbers if n.startswith(table.prefix)]
        if table.kind == kind and own:
            rows = [{**blank, **_version(number, sender, now)} for number in own]
            found.append(write_table(table, rows))
    return found


def _version(number: str, sender: Sender, now: datetime) -> Mapping[str, str | datetime]:
    return {
        "report_id": number,
        "sender": sender.key,
        "sender_name": sender.name,
        "generated": now,
        "service_type": "C",
    }


def _blanks() -> Mapping[str, Mapping[str, str]]:
    """Key of a table → what its rows must hold."""
    ward = {**prevalence.STAND_INS, "institution_kind": "hospital"}
    shared = {name: ward[name] for name in ("surveyed", "institution_kind", "institution", "ward")}
    return {
        prevalence.wards().key: ward,
        prevalence.treatments().key: {**shared, **prevalence.ROW_STAND_INS},
        surgery.operations().key: surgery.STAND_INS,
    }


def _notification(number: str, sender: Sender, now: datetime) -> bytes:
    envelope = NotificationEnvelope(
        sender=sender.key,
        sender_name=sender.name,
        message_id=f"{number}-{token_hex(4).upper()}",
        report_id=number,
        generated=now,
        service_type="C",
    )
    disease = notification.STAND_INS[notification.DISEASE]
    return write_notification(envelope, {notification.DISEASE: disease, notification.SEX: "9"})
