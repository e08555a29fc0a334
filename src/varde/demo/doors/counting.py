"""What the register holds in the end, by sender; read from its tables when every process has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from varde.demo.doors.errands import Key, Thing
from varde.register import APART, ids
from varde.register.models import (
    Finding,
    Message,
    Notification,
    Receipt,
    Report,
    Surgery,
    Treatment,
    Vaccination,
    WardPrevalence,
)

WARD = Q(present__gt=0) | Q(with_infection__isnull=False)
"""A ward that was counted. One that is known by its prescriptions alone has a row too."""


def count_things(register: str) -> Counter[Key]:
    """How many of each thing each sender has in a register."""
    senders = dict(Report.objects.using(register).values_list("id", "sender"))
    return Counter(Key(register, thing, senders[report]) for thing, report in _things(register))


def _things(register: str) -> Iterator[tuple[Thing, int]]:
    """Each thing with its report."""
    for part in Finding.objects.using(register).values_list("id", flat=True):
        yield "finding", part // ids.PARTS
    if register in APART:
        return
    for part in Treatment.objects.using(register).values_list("id", flat=True):
        yield "prescription", part // ids.PARTS
    wards = WardPrevalence.objects.using(register).filter(WARD)
    tables: tuple[tuple[Thing, QuerySet[Any]], ...] = (
        ("ward", wards),
        ("notification", Notification.objects.using(register)),
        ("vaccination", Vaccination.objects.using(register)),
        ("operation", Surgery.objects.using(register)),
    )
    for thing, rows in tables:
        for report in rows.values_list("id", flat=True):
            yield thing, report


def count_messages(register: str) -> tuple[int, int]:
    """Messages in the log that came by anything but a form, and all messages that are not read yet."""
    messages = Message.objects.using(register)
    read = Receipt.objects.using(register).count()
    return messages.exclude(door="form").count(), messages.count() - read
