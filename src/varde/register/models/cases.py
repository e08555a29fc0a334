"""Cases as the register makes them of all evidence about a person, and the numbers that they are known by."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Case(models.Model):
    """One person's case of one disease, as `varde.cases` makes it of what the register holds now.

    Attributes:
        id: its number, the same for as long as there is a case of that evidence (`CaseNumber`).
        person: whose it is; null when nobody knows.
        report: for a case of nobody known, the one report that it is of; else null.
        disease: a key of `varde.cases.diseases()`.
        episode: which of the person's episodes of the disease, from 1.
        classification: suspected, probable, confirmed, or discarded: suspected, and what was not found speaks against it.
        imported: yes, no or unknown.
        form_missing: a clinician's form is due, and there is none.
        definition: `valid_from` of the definition that it was made by.
        sex, age: of the person, the age at the first evidence that says one.
        residence: municipality of residence, four digits as sent; empty when nobody says.
        stay: municipality of the place of stay, likewise.
        infected_in: as of `varde.cases.Notified`; empty when nobody says, or when two contradict each other.
        period: the month of `first_day`.
        known_as: other numbers that its evidence has had, by comma: of cases that it was split from, or that
            are one with it now.
        trail: JSON of a `varde.register.Trail`: the whole case with its reasons, what was set aside, and which
            findings are one.
        digest: hash over all it means, the numbers of rows left out: replays compare by that.
    """

    id = models.BigIntegerField(primary_key=True)
    person = models.BigIntegerField(null=True)
    report = models.BigIntegerField(null=True)
    disease = models.CharField(max_length=60)
    episode = models.IntegerField()
    classification = models.CharField(max_length=12)
    presentation = models.CharField(max_length=60)
    first_day = models.DateField()
    onset = models.DateField(null=True)
    imported = models.CharField(max_length=8)
    form_missing = models.BooleanField()
    definition = models.DateField()
    sex = models.CharField(max_length=1)
    age = models.SmallIntegerField(null=True)
    residence = models.CharField(max_length=4)
    stay = models.CharField(max_length=4)
    infected_in = models.CharField(max_length=8)
    period = models.CharField(max_length=7)
    known_as = models.TextField()
    trail = models.TextField()
    digest = models.BinaryField(max_length=16)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person"], name="case_person"),
            models.Index(
                fields=["report"],
                condition=models.Q(report__isnull=False),
                name="case_report",
            ),
            models.Index(fields=["disease", "first_day"], name="case_disease"),
            models.Index(
                fields=["id"],
                condition=~models.Q(known_as=""),
                name="case_known_as",
            ),
        ]


class CaseNumber(models.Model):
    """A number that a piece of evidence has been a case under. Kept: a replay leaves it, and the cases that it
    makes anew get their numbers back from it.

    Attributes:
        id: in the order in which they were given.
        evidence: keyed hash of disease, kind, sender and the sender's number of the report.
        day: that the evidence is about.
        number: of the case.
        current: whether that is the number it has now, or had last.
    """

    id = models.BigIntegerField(primary_key=True)
    evidence = models.BinaryField(max_length=16)
    day = models.DateField()
    number = models.BigIntegerField()
    current = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["evidence", "day", "number"], name="casenumber_evidence"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["number"], name="casenumber_number")]


class CaseChange(models.Model):
    """A case that became another than it was: the outbox, only added to, for whoever acts on it.

    Attributes:
        id: in the order in which they were written.
        number: of the case.
        what: new, changed, gone or merged.
        other: of one that is merged, the case that its evidence is in now; of a new one, the one that it was split
            from, where there is one.
        at: when.
    """

    id = models.BigIntegerField(primary_key=True)
    number = models.BigIntegerField()
    disease = models.CharField(max_length=60)
    what = models.CharField(max_length=8)
    other = models.BigIntegerField(null=True)
    at = models.DateTimeField()
