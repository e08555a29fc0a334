"""What is stated, in its current version, and whom it is about."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Person(models.Model):
    """Someone with at least one current report: a pseudonym and nothing more."""

    pseudonym = models.BinaryField(unique=True, max_length=32)


class Report(models.Model):
    """One statement in its newest version: a laboratory answer, a notification, a vaccination …

    Attributes:
        kind, sender, report_ref: its natural key.
        item: the item that is the current version; 0 when additions alone are known.
        version_key: of the current version.
        cancelled: the newest version withdraws it: it has no specimens or findings.
        status: P preliminary, S partial, F final.
        person: null when nobody can say who.
        sex, municipality: of the patient as the report gives them.
        periods: the months that it stands in ("2026-01,2026-02"): what to refresh when it changes.
        digest: keyed hash of everything the current version means under the present code maps.
        begins: whether it may begin a case by itself: a notification, or an answer with a finding that meets
            a criterion of some disease.
        node: how it describes the person (`Node`); null where nobody can be told by it.
        notices: what a person should look at (`versions.notices_of`), by commas.
        accession: of a laboratory answer with a test in its name, the number that it stands under with others; else empty.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=16, default="laboratory")
    sender = models.CharField(max_length=80)
    report_ref = models.CharField(max_length=120)
    item = models.BigIntegerField()
    version_key = models.CharField(max_length=80)
    cancelled = models.BooleanField(default=False)
    status = models.CharField(max_length=1)
    notifiable = models.CharField(max_length=8)
    negative = models.BooleanField(default=False)
    generated_at = models.DateTimeField()
    person = models.BigIntegerField(null=True)
    sex = models.CharField(max_length=1)
    municipality = models.CharField(max_length=4)
    periods = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=16)
    begins = models.BooleanField(default=False, db_default=False)
    node = models.BigIntegerField(null=True)
    notices = models.CharField(max_length=120, default="", db_default="")
    accession = models.CharField(max_length=120, default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report_ref", "sender", "kind"], name="report_reference"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], name="report_person"),
            models.Index(
                fields=["person", "id"], condition=models.Q(begins=True), name="report_begins"
            ),
            models.Index(fields=["sender"], condition=~models.Q(notices=""), name="report_notices"),
            models.Index(
                fields=["accession", "sender"],
                condition=~models.Q(accession=""),
                name="report_accession",
            ),
        ]


class Notification(models.Model):
    """A clinician's notification; codes as sent, of the lists that `varde.messages.Notification` names.

    Attributes:
        id: of its `Report`, as for every kind that has one row.
        diagnosis_name, infected_in_name: the words beside the code, where there are both.
        infected_in: of a city district, the number of its municipality.
        underlying: codes by comma.
        disease: a key of `varde.cases`, of an expression that a person has confirmed to mean it; empty where the
            disease files know the diagnosis themselves, or nobody does.
        stay: municipality where the person stays when not at home, as sent.
    """

    id = models.BigIntegerField(primary_key=True)
    diagnosis = models.CharField(max_length=60)
    agent = models.CharField(max_length=60)
    onset = models.DateField(null=True)
    sampled = models.DateField(null=True)
    age = models.SmallIntegerField(null=True)
    born_in = models.CharField(max_length=60)
    occupation = models.CharField(max_length=60)
    workplace = models.CharField(max_length=60)
    indication = models.CharField(max_length=60)
    clinical_picture = models.CharField(max_length=60)
    underlying = models.CharField(max_length=200)
    in_hospital = models.CharField(max_length=8)
    hospital = models.CharField(max_length=80)
    in_nursing_home = models.CharField(max_length=8)
    outcome = models.CharField(max_length=60)
    died = models.DateField(null=True)
    sequelae = models.CharField(max_length=60)
    transmission = models.CharField(max_length=60)
    infected_in = models.CharField(max_length=60)
    travel_reason = models.CharField(max_length=60)
    returned = models.DateField(null=True)
    close_contact = models.CharField(max_length=8)
    exposure = models.CharField(max_length=60)
    diagnosis_name = models.CharField(max_length=80, default="", db_default="")
    infected_in_name = models.CharField(max_length=80, default="", db_default="")
    disease = models.CharField(max_length=60, default="", db_default="")
    stay = models.CharField(max_length=4, default="", db_default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["diagnosis"], name="notification_diagnosis")]


class Vaccination(models.Model):
    """One dose given to one person.

    Attributes:
        vaccine: a key of `varde.codes.vaccines()`; null when unmapped.
        sent: the code or words it came with.
    """

    id = models.BigIntegerField(primary_key=True)
    vaccine = models.CharField(max_length=20, null=True)
    sent = models.CharField(max_length=60)
    given = models.DateField()
    age = models.SmallIntegerField(null=True)
    dose = models.SmallIntegerField(null=True)
    batch = models.CharField(max_length=40)
    programme = models.CharField(max_length=60)
    given_at = models.CharField(max_length=4)


class WardPrevalence(models.Model):
    """One ward on the day of a prevalence survey (NOIS-PIAH)."""

    id = models.BigIntegerField(primary_key=True)
    institution = models.CharField(max_length=80)
    institution_kind = models.CharField(max_length=16)
    ward = models.CharField(max_length=80)
    ward_type = models.CharField(max_length=80)
    specialty = models.CharField(max_length=40)
    surveyed = models.DateField()
    present = models.IntegerField()
    with_infection = models.IntegerField(null=True)
    on_antibiotics = models.IntegerField(null=True)


class InfectionCount(models.Model):
    """How many on a surveyed ward had one kind of infection, by where it was acquired."""

    id = models.BigIntegerField(primary_key=True)
    infection = models.CharField(max_length=60)
    origin = models.CharField(max_length=40)
    count = models.IntegerField()


class Treatment(models.Model):
    """One prescription of an antibiotic on a surveyed ward.

    Attributes:
        antibiotic: a key of `varde.codes.antibiotics()`; null when unmapped.
    """

    id = models.BigIntegerField(primary_key=True)
    antibiotic = models.CharField(max_length=8, null=True)
    sent = models.CharField(max_length=60)
    indication = models.CharField(max_length=80)
    classification = models.CharField(max_length=60)
    route = models.CharField(max_length=40)
    age = models.SmallIntegerField(null=True)
    sex = models.CharField(max_length=1)


class Surgery(models.Model):
    """One operation under surveillance of surgical site infections (NOIS-POSI), and its follow-up."""

    id = models.BigIntegerField(primary_key=True)
    hospital = models.CharField(max_length=80)
    department = models.CharField(max_length=80)
    procedure = models.CharField(max_length=20)
    procedure_group = models.CharField(max_length=40)
    operated = models.DateField()
    discharged = models.DateField(null=True)
    age = models.SmallIntegerField(null=True)
    urgent = models.BooleanField(null=True)
    asa = models.SmallIntegerField(null=True)
    wound_class = models.SmallIntegerField(null=True)
    minutes = models.IntegerField(null=True)
    prophylaxis = models.BooleanField(null=True)
    implant = models.BooleanField(null=True)
    at_discharge = models.CharField(max_length=12)
    at_follow_up = models.CharField(max_length=12)
    infected = models.DateField(null=True)
    follow_up = models.DateField(null=True)
    reoperated = models.BooleanField(null=True)
    died = models.DateField(null=True)
