"""What a laboratory answer holds: specimens, findings, susceptibilities, and findings that are one."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Specimen(models.Model):
    """One specimen of a current report.

    Attributes:
        reference: keyed hash of the specimen's number; of one that means something outside its laboratory
            (`sameness.comparable_number`) the same whoever sends it.
        material: a key of `varde.codes.materials()`; null when unmapped or not given.
        collected_on: the Norwegian calendar day; `second_of_day` the time on it.
        period: its month, "2026-01".
        age: whole years at collection, null when unknown.
        looked_for: what was looked for in it, and what came of that, as `varde.register.searches` writes it; empty when
            nothing says.
    """

    id = models.BigIntegerField(primary_key=True)
    report = models.BigIntegerField()
    reference = models.BinaryField(max_length=16, null=True)
    material = models.CharField(max_length=60, null=True)
    collected_on = models.DateField()
    second_of_day = models.IntegerField()
    period = models.CharField(max_length=7)
    age = models.SmallIntegerField(null=True)
    ward = models.CharField(max_length=80)
    looked_for = models.TextField(default="", db_default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["period"], name="specimen_period")]


class Finding(models.Model):
    """One organism found in one specimen.

    Attributes:
        organism: a key of `varde.codes.organisms()`; null when unmapped.
        tie: order among one patient's findings of one day, from the content alone.
        method: how it was found (`varde.messages.records.Method`); empty when nothing says.
        markers: the resistances that its name says it has (`varde.codes.resistance_markers`), by commas: "mrsa". No test
            against an antibiotic, and counted as none.
    """

    id = models.BigIntegerField(primary_key=True)
    specimen = models.BigIntegerField()
    organism = models.CharField(max_length=80, null=True)
    tie = models.BigIntegerField()
    method = models.CharField(max_length=16, default="", db_default="")
    markers = models.CharField(max_length=40, default="", db_default="")


class Susceptibility(models.Model):
    """One finding against one antibiotic, at most once each.

    Attributes:
        antibiotic: a key of `varde.codes.antibiotics()`; null when unmapped.
        sir: S, I, R or empty.
        mic: as sent, with decimal point; empty when not given.
    """

    id = models.BigIntegerField(primary_key=True)
    antibiotic = models.CharField(max_length=8, null=True)
    sir = models.CharField(max_length=1)
    mic = models.CharField(max_length=16)


class Joined(models.Model):
    """A finding that another laboratory has reported too: it is not counted beside that one.

    Attributes:
        id: the finding that is not counted by itself.
        counted: the finding that is.
        person: whose both are.
        place: 1 for the one that would count if `counted` were not there, and so on.
        reason: what made them one (as of `sameness.Joined`).
        disagrees: the antibiotics with two different categories, "CIP S/R, MEM S/I", that of `counted` first.
    """

    id = models.BigIntegerField(primary_key=True)
    counted = models.BigIntegerField()
    person = models.BigIntegerField()
    place = models.SmallIntegerField(default=1, db_default=1)
    reason = models.CharField(max_length=40)
    disagrees = models.TextField(default="", db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person"], name="joined_person"),
            models.Index(fields=["counted"], name="joined_counted"),
        ]
