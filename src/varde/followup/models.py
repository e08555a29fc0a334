"""What was told to whom, what became of it, events and contacts. Nothing here names a person: contacts are sealed.

A case is known by its number; there is no foreign key into the register, whose rows a replay makes anew.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Cursor(models.Model):
    """How far something has been read.

    Attributes:
        name: "cases": the outbox of the register.
        number: the last row that was read.
    """

    name = models.CharField(max_length=20, primary_key=True)
    number = models.BigIntegerField(default=0)


class Told(models.Model):
    """A case as it was last told, whoever was told.

    Attributes:
        case: its number.
        facts: JSON of `varde.followup.routing.Facts`.
        standing: False when there is no such case any more.
        first_at: when it was first routed.
        form_since: since when a clinician's form is missing; null when none is.
        specimen_at, result_at, intake_at: when the first specimen was taken, the first answer or form made, and
            received: the first that was known of each.
        about: the register's pseudonym of the person, 32 bytes, as when it was last told; null when nobody knows. By
            this a new case is found to be of the same person when there is no such case any more.
        evidence: JSON of kind, sender and number of each report that it rested on: what became of them says why it
            ceased.
        heir: of one that ceased, the case that its contacts, notes and events are with now; null when none is.
    """

    case = models.BigIntegerField(primary_key=True)
    disease = models.CharField(max_length=60)
    facts = models.TextField()
    standing = models.BooleanField(default=True)
    first_at = models.DateTimeField()
    form_since = models.DateTimeField(null=True)
    specimen_at = models.DateTimeField(null=True)
    result_at = models.DateTimeField(null=True)
    intake_at = models.DateTimeField(null=True)
    about = models.BinaryField(null=True, max_length=32)
    evidence = models.TextField(default="", db_default="")
    heir = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["about"], condition=models.Q(about__isnull=False), name="told_about"
            ),
            models.Index(fields=["heir"], condition=models.Q(heir__isnull=False), name="told_heir"),
            models.Index(
                fields=["form_since"],
                condition=models.Q(form_since__isnull=False),
                name="told_form_since",
            ),
        ]


class Delivery(models.Model):
    """Something that a unit is told: the thread of a case, of a missing form, or of an event.

    Attributes:
        kind: "case", "form" or "event".
        case, event: what it is about; 0 for none.
        unit: its name (`varde.followup.units`), as it was when it was told.
        receiver: the receiver of the tables for which it stands; "escalation" when another did not answer.
        reason: why it is told in another's place; empty where it is not.
        row: the row of the tables that asks for it.
        at_once: whether an answer is waited for, and others are told without one.
        due_at: when the unit was to know.
        told_at: when it was here to be seen.
        state: "standing"; "moved": it is another unit's now; "gone": there is no such case any more; "merged": it is
            one with another case; "settled": the form came, the event is over.
        into: the case that it is one with; of one that is gone, the case that took over what was done about it.
        news_at: when something was last told.
        seen_at, seen_by, receipted_at, receipted_by, done_at, done_by: what the unit has done, and who.
        reminders, steps: how many reminders were due and are given (one that comes late stands for all before it), and how
            many steps of escalation were taken.
    """

    kind = models.CharField(max_length=8)
    case = models.BigIntegerField(default=0)
    event = models.BigIntegerField(default=0)
    unit = models.CharField(max_length=40)
    disease = models.CharField(max_length=60)
    receiver = models.CharField(max_length=40)
    reason = models.CharField(max_length=40)
    row = models.CharField(max_length=80)
    at_once = models.BooleanField()
    due_at = models.DateTimeField()
    told_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="standing")
    into = models.BigIntegerField(null=True)
    news_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=64)
    receipted_at = models.DateTimeField(null=True)
    receipted_by = models.CharField(max_length=64)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=64)
    reminders = models.IntegerField(default=0)
    steps = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "event", "kind", "unit"], name="delivery_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "done_at"], name="delivery_unit"),
            models.Index(
                fields=["due_at"],
                condition=models.Q(receipted_at__isnull=True, state="standing"),
                name="delivery_waiting",
            ),
            models.Index(fields=["event"], condition=~models.Q(event=0), name="delivery_event"),
        ]


class Entry(models.Model):
    """One thing said in a delivery's thread; only added to.

    Attributes:
        what: told, told-again, changed, moved, gone, merged, settled, reminded, escalated, seen, receipted, done,
            reopened, note, took-over, followed, handover-asked, handover-taken.
        detail: JSON: of a change, the fields that changed, before and after.
        sealed: of a note, its words, sealed as contacts are (`varde.followup.notes`); null for all others.
        text: of a note from before notes were sealed, its words, with what may be an identity number masked.
        by: the user; empty when the tables did it.
        change: the row of the register's outbox that it follows from; 0 for none.
    """

    delivery = models.BigIntegerField()
    at = models.DateTimeField()
    what = models.CharField(max_length=16)
    detail = models.TextField(default="")
    text = models.TextField(default="")
    sealed = models.BinaryField(null=True)
    by = models.CharField(max_length=64, default="")
    change = models.BigIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["delivery", "id"], name="entry_delivery")]


class Event(models.Model):
    """An outbreak that somebody reported.

    Attributes:
        kind: food, institution, hospital, other.
        disease: a key of `varde.cases.diseases()`; empty when nobody knows yet.
        unit: whose it is: that of whoever opened it.
        place: words.
        description, conclusion: words without identity numbers.
    """

    kind = models.CharField(max_length=12)
    disease = models.CharField(max_length=60)
    unit = models.CharField(max_length=40)
    place = models.CharField(max_length=120)
    first_day = models.DateField()
    description = models.TextField()
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=64)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64)
    conclusion = models.TextField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["unit"], name="event_unit")]


class EventCase(models.Model):
    """A case in an event, from when it was joined until it left; both stay known, and why, where that was said."""

    event = models.BigIntegerField()
    case = models.BigIntegerField()
    joined_at = models.DateTimeField()
    joined_by = models.CharField(max_length=64)
    joined_why = models.CharField(max_length=200, default="", db_default="")
    left_at = models.DateTimeField(null=True)
    left_by = models.CharField(max_length=64)
    left_why = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["event"], name="event_case_event"),
            models.Index(fields=["case"], name="event_case_case"),
        ]


class EventStep(models.Model):
    """An event was closed or opened again, or its disease was said; only added to.

    Attributes:
        what: closed, reopened, disease.
        purpose: that was stated.
        text: of one that was closed, the conclusion; of a disease, its key.
    """

    event = models.BigIntegerField()
    at = models.DateTimeField()
    what = models.CharField(max_length=10)
    by = models.CharField(max_length=64)
    purpose = models.CharField(max_length=40)
    text = models.TextField(default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["event"], name="event_step_event")]


class EventExposure(models.Model):
    """Something that people at an event may have it from, with how many took it and fell ill.

    Attributes:
        what, place: words without identity numbers; place may be empty.
        day: when it was served; null when nobody knows.
        ate_ill, ate_well, not_ill, not_well: how many; null when nobody has counted.
    """

    event = models.BigIntegerField()
    what = models.CharField(max_length=120)
    place = models.CharField(max_length=120)
    day = models.DateField(null=True)
    ate_ill = models.IntegerField(null=True)
    ate_well = models.IntegerField(null=True)
    not_ill = models.IntegerField(null=True)
    not_well = models.IntegerField(null=True)
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["event"], name="event_exposure_event")]


class ExposureAnswer(models.Model):
    """Whether a case of an event took what may have made it ill. The last that was said counts.

    Attributes:
        answer: yes, no; empty: nobody knows.
    """

    exposure = models.BigIntegerField()
    case = models.BigIntegerField()
    answer = models.CharField(max_length=3)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["exposure"], name="exposure_answer_exposure"),
            models.Index(fields=["case"], name="exposure_answer_case"),
        ]


class EventSample(models.Model):
    """A sample of food or surroundings that was taken because of an event.

    Attributes:
        what, laboratory, answer: words without identity numbers; answer is empty until there is one.
        answered: the day of the answer; null until there is one.
    """

    event = models.BigIntegerField()
    what = models.CharField(max_length=120)
    taken = models.DateField()
    laboratory = models.CharField(max_length=120)
    answer = models.CharField(max_length=400)
    answered = models.DateField(null=True)
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["event"], name="event_sample_event")]


class Handover(models.Model):
    """A unit asks another to follow contacts that it has met, until that says that it does.

    Attributes:
        case: whose contacts.
        unit: that asks; it keeps them until they are taken over.
        taken_unit: that took them over; empty so long as none has.
        contacts: how many were taken over.
    """

    case = models.BigIntegerField()
    unit = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.CharField(max_length=64, default="")
    taken_unit = models.CharField(max_length=40, default="")
    contacts = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case"], name="handover_case")]


class Contact(models.Model):
    """Somebody who was near a case, or at an event.

    Attributes:
        sealed: JSON of name, telephone and national number, sealed under a key of this room alone.
        relation: words: household, colleague …
        first_exposure: the first day; null where the last was the only one.
        last_exposure: the last day; it is followed for `days` days after.
        about: the register's pseudonym of the person, 32 bytes; null without a national number.
        became: the number of the case that the person became; null when not.
        checked: whether that case was found to be of the person whose national number the contact has.
        unit: who follows it; empty of one from before that was kept: whoever has the case.
        ended_at, ended_by: the follow-up was ended before its last day.
    """

    case = models.BigIntegerField(default=0)
    event = models.BigIntegerField(default=0)
    sealed = models.BinaryField()
    relation = models.CharField(max_length=40)
    first_exposure = models.DateField(null=True)
    last_exposure = models.DateField()
    days = models.IntegerField()
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=64)
    became = models.BigIntegerField(null=True)
    checked = models.BooleanField(default=False, db_default=False)
    about = models.BinaryField(null=True, max_length=32)
    unit = models.CharField(max_length=40, default="", db_default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, default="", db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["case"], name="contact_case"),
            models.Index(fields=["event"], name="contact_event"),
            models.Index(
                fields=["about"], condition=models.Q(about__isnull=False), name="contact_about"
            ),
        ]


class ContactDay(models.Model):
    """How a contact was on a day: well, symptoms, tested, not-reached. The last that was said of a day counts, but that
    somebody was not reached takes nothing back that was said of it before."""

    contact = models.BigIntegerField()
    day = models.DateField()
    status = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["contact", "day"], name="contact_day")]
