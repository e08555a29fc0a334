"""Links that people state: where an infection is from, as far as somebody knows more than the reports say."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Link(models.Model):
    """A link between a case and where its infection is from. Kept: a replay leaves it. It is withdrawn, and not removed,
    but when the reports that it is about are removed by an order (`Erasure`).

    Attributes:
        of_case: number of the case that it was stated of, as it was then.
        disease: a key of `varde.cases.diseases()`.
        kind: as of `varde.cases.LinkKind`.
        day: of the exposure, as far as known.
        to_case: number of the case at the other end, as it was then; null when it is an event.
        to_event: number of the event at the other end; null when it is a case.
        basis: what it was stated by: "hand", "event" (the case was joined to it) or "contact" (a contact became a case).
        contact: number of that contact; null for others.
        stated_by: the user; empty when a round of the follow-up found that a contact has become a case.
        purpose: a key of `varde.access.purposes`; empty for such a round, and for the command line.
        withdrawn_by, withdrawn_at: null time as long as it stands.
    """

    id = models.BigIntegerField(primary_key=True)
    of_case = models.BigIntegerField()
    disease = models.CharField(max_length=60)
    kind = models.CharField(max_length=16)
    day = models.DateField()
    to_case = models.BigIntegerField(null=True)
    to_event = models.BigIntegerField(null=True)
    basis = models.CharField(max_length=8)
    contact = models.BigIntegerField(null=True)
    stated_by = models.CharField(max_length=64)
    stated_at = models.DateTimeField()
    purpose = models.CharField(max_length=40)
    withdrawn_by = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["of_case"], name="link_of_case"),
            models.Index(fields=["to_case"], name="link_to_case"),
            models.Index(fields=["to_event"], name="link_to_event"),
            models.Index(fields=["contact"], name="link_contact"),
        ]


class LinkAnchor(models.Model):
    """What one end of a link hangs on: a report by what its sender calls it, or a pseudonym of the person. An end is
    whose the first report is that stands, else of the person: so it follows what joins and parts persons.

    Attributes:
        side: "of": the case that the link was stated of; "to": the case at the other end.
        place: their order, from 0: forms, then answers, then pseudonyms.
        kind, sender, report_ref: of the report; of a pseudonym "person", nothing, and its hexadecimal digits.
    """

    id = models.BigIntegerField(primary_key=True)
    link = models.BigIntegerField()
    side = models.CharField(max_length=2)
    place = models.IntegerField()
    kind = models.CharField(max_length=16)
    sender = models.CharField(max_length=80)
    report_ref = models.CharField(max_length=120)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["link"], name="linkanchor_link"),
            models.Index(fields=["report_ref"], name="linkanchor_report"),
        ]
