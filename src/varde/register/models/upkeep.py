"""What the register knows about itself: codes nobody knows and what was decided of them, months, settings."""

from __future__ import annotations

from django.db import models


class Unmapped(models.Model):
    """One expression in a current report that no code map knows: counted and shown, never guessed."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=12)
    system = models.CharField(max_length=80)
    code = models.CharField(max_length=120)
    text = models.CharField(max_length=200)


class Confirmed(models.Model):
    """One expression in a current report that no map knows and a person has confirmed the meaning of:
    what to look at again when that is withdrawn. Columns as in `Unmapped`."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=12)
    system = models.CharField(max_length=80)
    code = models.CharField(max_length=120)
    text = models.CharField(max_length=200)


class CodeDecision(models.Model):
    """What a person said about an expression that no map knows; only ever added to. The newest of an
    expression holds. What is confirmed stands in ``VARDE_HOME/maps/confirmed.csv`` too, which is read.

    Attributes:
        concept: what it means; empty for one that cannot be mapped.
        verdict: "proposed", "declined", "confirmed", "unmappable" or "withdrawn".
        sender: the laboratory whose contact said it; empty for the country's.
        changed: how many answers it changed.
    """

    kind = models.CharField(max_length=12)
    system = models.CharField(max_length=80)
    code = models.CharField(max_length=120)
    text = models.CharField(max_length=200)
    concept = models.CharField(max_length=80)
    verdict = models.CharField(max_length=12)
    sender = models.CharField(max_length=80)
    decided_by = models.CharField(max_length=64)
    decided_at = models.DateTimeField()
    changed = models.IntegerField(default=0)


class Period(models.Model):
    """A month of the register and how often it changed: tells the warehouse what to write anew."""

    period = models.CharField(primary_key=True, max_length=7)
    version = models.BigIntegerField()


class Setting(models.Model):
    """Facts about this register itself: which keys it was made with, which maps it was folded with."""

    name = models.CharField(primary_key=True, max_length=40)
    value = models.CharField(max_length=200)
