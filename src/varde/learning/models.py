"""Reports as their readers see them, goals, consents, and what readers say is wrong. What they hold is sealed.

A reader is a unit: a prescriber's number in the register of health personnel, an organisation's, a group's, a county's.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class KeptReport(models.Model):
    """One report of one reader; made anew, it takes the place of the one before.

    Attributes:
        year: of the last day of its period.
        key_id: the storage key that it is sealed with.
        sealed: the report as JSON, compressed, sealed, bound to whose it is.
        made_at: when it last became another.
    """

    kind = models.CharField(max_length=12)
    variant = models.CharField(max_length=16)
    unit = models.CharField(max_length=64)
    year = models.IntegerField()
    key_id = models.CharField(max_length=64)
    sealed = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "unit", "year", "variant"], name="kept_report_once"
            )
        ]


class SettledRegister(models.Model):
    """Who belonged where on the last day of a period, as it was known when the first of its reports were kept.

    Attributes:
        day: the last one of the period.
        table: the key of a delivered table.
        key_id: the storage key that it is sealed with.
        sealed: its rows as Parquet, sealed, bound to day and table.
    """

    day = models.DateField()
    table = models.CharField(max_length=24)
    key_id = models.CharField(max_length=64)
    sealed = models.BinaryField()
    settled_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "table"], name="register_settled_once")
        ]


class Goal(models.Model):
    """A goal that a reader picked; only added to, and the one picked last counts.

    Attributes:
        year: of the report that it was picked from.
        indicator: a key of `varde.prescribing.indicators`.
        target: as the numerator over the denominator, in figures: "0.2" for 20 %.
        by: the day that the reader wants to be there.
        key_id, sealed: what stands in the way, in the reader's own words, sealed; empty and null where nothing was
            said.
    """

    kind = models.CharField(max_length=12)
    unit = models.CharField(max_length=64)
    year = models.IntegerField()
    indicator = models.CharField(max_length=60)
    target = models.CharField(max_length=32)
    by = models.DateField()
    picked_at = models.DateTimeField()
    picked_by = models.CharField(max_length=64)
    key_id = models.CharField(max_length=64, default="")
    sealed = models.BinaryField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "unit", "year"], name="goal_reader")]


class Consent(models.Model):
    """A doctor lets own figures be a dot in what the leader of the peer group sees, from a moment until another.

    Attributes:
        unit: the doctor.
        withdrawn_at: null so long as it holds.
    """

    unit = models.CharField(max_length=64)
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=64, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="consent_holds_once",
            )
        ]


class ShownDots(models.Model):
    """Of whom the dots were that the leader of a group has seen, of one indicator of one year's report; only added to.

    Attributes:
        group: whose report.
        members: the doctors' numbers, in order, with a blank between.
    """

    group = models.CharField(max_length=64)
    year = models.IntegerField()
    indicator = models.CharField(max_length=60)
    members = models.TextField()
    shown_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["group", "year"], name="shown_dots_report")]


class Remark(models.Model):
    """What a reader says is wrong with a report, for whoever runs the service.

    Attributes:
        key_id, sealed: the words, sealed.
        settled_at: when it was dealt with; null until it is.
    """

    kind = models.CharField(max_length=12)
    variant = models.CharField(max_length=16)
    unit = models.CharField(max_length=64)
    year = models.IntegerField()
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=64)
    key_id = models.CharField(max_length=64)
    sealed = models.BinaryField()
    settled_at = models.DateTimeField(null=True)
