"""The register's tables. `store.py` writes them in batches; the models are their definition.

Two kinds:

- **kept**: `Mapping`, `Message` (the log), `Erasure`. Only ever added to; the database itself refuses a
  change, except that a message is sealed under another key, and that one is removed by an `Erasure`.
- **derived**: everything else, a pure function of the log, the code maps and the keys. `varde replay`
  makes all of it anew.

Ids of derived rows are composed, so that a report's rows lie together, are found without an index
and are removed by a range: see `ids.py`. There are therefore no foreign-key columns beside them.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Mapping(models.Model):
    """A column mapping that some line list was read with: kept, because a replay needs it.

    Attributes:
        sha256: over the file's bytes.
        content: the TOML text. It describes columns and holds no personal data.
    """

    sha256 = models.BinaryField(unique=True, max_length=32)
    content = models.BinaryField()


class Message(models.Model):
    """The log: every file that ever arrived, byte for byte, sealed. Append-only.

    Who sent it and under which message id stands inside, and is read when the message is folded:
    see `Item`.

    Attributes:
        received_at: when it became durable here, UTC.
        sha256: over the raw bytes.
        mapping: the column mapping it is read with; 0 for none.
        submitter: the sender key of whoever was let in at the door with it, and for whom alone it may
            speak; empty when the operator took it in.
        kind: what it was handed in as (`varde.messages.Kind`); empty when nobody said.
        door: the way it came: "file", "api", "fhir", "mllp", "form".
        size: of the raw bytes.
        key_id: the storage key that sealed it.
        sealed: AES-256-GCM of the raw bytes, bound to `sha256`.
        sealed_name: AES-256-GCM of the file name (a name may say who the patient is).
    """

    received_at = models.DateTimeField()
    sha256 = models.BinaryField(max_length=32)
    mapping = models.BigIntegerField(default=0)
    submitter = models.CharField(max_length=80, default="")
    kind = models.CharField(max_length=16, default="")
    door = models.CharField(max_length=8, default="file")
    size = models.BigIntegerField()
    key_id = models.CharField(max_length=16)
    sealed = models.BinaryField()
    sealed_name = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sha256", "mapping", "submitter", "kind"], name="message_content"
            )
        ]


class Receipt(models.Model):
    """What became of one message: written in the same transaction as the last of its items.

    A message without a receipt is unfinished and is folded by the next run.
    """

    message = models.BigIntegerField(primary_key=True)
    folded_at = models.DateTimeField()
    items = models.IntegerField()
    accepted = models.IntegerField()
    duplicate = models.IntegerField()
    quarantined = models.IntegerField()
    unmapped = models.IntegerField()


class Item(models.Model):
    """One answer in one message: a version of a report, a repetition, or something unusable.

    Attributes:
        id: message and position (`ids.item_id`).
        state: "A" accepted (a version of its report, current or not); "R" the same version again
            under another message id, and "D" the same message again, both counted as duplicates;
            "Q" quarantined.
        kind: what is stated (`varde.messages.Kind`); empty when it could not be read.
        sender: "HER:91843"; empty when it could not be read.
        message_ref: the sender's message id, empty when it could not be read.
        report: the report this is a version of; 0 for none.
        version_key: sorts a report's versions from oldest to newest (`versions.py`).
        fingerprint: keyed hash of the content: the same answer sent again is recognised.
        service_type: N, M, C, H, A; empty when quarantined unread.
    """

    id = models.BigIntegerField(primary_key=True)
    state = models.CharField(max_length=1)
    kind = models.CharField(max_length=16, default="laboratory")
    sender = models.CharField(max_length=80)
    message_ref = models.CharField(max_length=120)
    report = models.BigIntegerField(default=0)
    version_key = models.CharField(max_length=80)
    fingerprint = models.BinaryField(max_length=16)
    service_type = models.CharField(max_length=1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["message_ref", "sender"], name="item_reference"),
            models.Index(fields=["report"], name="item_report"),
            models.Index(fields=["sender", "kind", "id"], name="item_sender"),
        ]


class QuarantineEntry(models.Model):
    """One item that waits for a person: why, where in the message, and whether it is settled.

    Attributes:
        id: the item's id.
        message_ref, report_ref: the sender's message id and number of the answer, as far as they could
            be read: a later, usable message with one of them settles this.
        reason: a key of `varde.messages.reasons()`.
        place, detail: as in `MessageError`, identifiers masked.
        resolved_at: when a later message or a replay settled it, or a person closed it; null while it
            waits.
        closed_by, closed_reason: the user who closed it by hand, and why; empty for the others. A replay
            leaves such an entry closed.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=16, default="laboratory")
    sender = models.CharField(max_length=80)
    reason = models.CharField(max_length=60)
    place = models.CharField(max_length=200)
    detail = models.CharField(max_length=200)
    message_ref = models.CharField(max_length=120)
    report_ref = models.CharField(max_length=120)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, default="", db_default="")
    closed_reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["sender", "resolved_at"], name="quarantine_sender"),
            models.Index(fields=["message_ref"], name="quarantine_message"),
            models.Index(fields=["report_ref"], name="quarantine_report"),
            models.Index(
                fields=["reason"],
                condition=models.Q(resolved_at__isnull=True),
                name="quarantine_open",
            ),
        ]


class Sender(models.Model):
    """A laboratory that has sent something, with the name it last gave itself."""

    key = models.CharField(primary_key=True, max_length=80)
    name = models.CharField(max_length=200)


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
        person: null for a patient without number.
        sex, municipality: of the patient as the report gives them.
        periods: the months its specimens stand in ("2026-01,2026-02"): what to refresh when it changes.
        digest: keyed hash of everything the current version means under the present code maps.
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

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report_ref", "sender", "kind"], name="report_reference"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["person"], name="report_person")]


class Specimen(models.Model):
    """One specimen of a current report.

    Attributes:
        reference: keyed hash of the laboratory's own specimen number.
        material: a key of `varde.codes.materials()`; null when unmapped or not given.
        collected_on: the Norwegian calendar day; `second_of_day` the time on it.
        period: its month, "2026-01".
        age: whole years at collection, null when unknown.
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

    class Meta:
        indexes: ClassVar = [models.Index(fields=["period"], name="specimen_period")]


class Finding(models.Model):
    """One organism found in one specimen.

    Attributes:
        organism: a key of `varde.codes.organisms()`; null when unmapped.
        tie: order among one patient's findings of one day, from the content alone.
    """

    id = models.BigIntegerField(primary_key=True)
    specimen = models.BigIntegerField()
    organism = models.CharField(max_length=80, null=True)
    tie = models.BigIntegerField()


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


class Traffic(models.Model):
    """How many items of one kind came from one sender in one hour, and what became of them first: counted
    as they come (`traffic.py`). Kept through a replay and an erasure.

    Attributes:
        hour: since 1970-01-01T00 UTC, of the time the message became durable.
        state: of the items, as in `Item`.
        first_message: the first message of the log that they came in.
        last_at: when the last of them came.
    """

    sender = models.CharField(max_length=80)
    kind = models.CharField(max_length=16)
    hour = models.IntegerField()
    state = models.CharField(max_length=1)
    items = models.IntegerField()
    first_message = models.BigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sender", "kind", "hour", "state"], name="traffic_hour")
        ]


class Joined(models.Model):
    """A finding that another laboratory has reported too: it is not counted beside that one.

    Attributes:
        id: the finding that is not counted by itself.
        counted: the finding that is.
        person: whose both are.
        reason: what made them one (`joining.REASON`).
    """

    id = models.BigIntegerField(primary_key=True)
    counted = models.BigIntegerField()
    person = models.BigIntegerField()
    reason = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person"], name="joined_person"),
            models.Index(fields=["counted"], name="joined_counted"),
        ]


class Notification(models.Model):
    """A clinician's notification; codes as sent, of the lists that `varde.messages.Notification` names.

    Attributes:
        id: of its `Report`, as for every kind that has one row.
        underlying: codes by comma.
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


class Erasure(models.Model):
    """An order to remove a message from the log, by a retention rule. Kept; nothing may be removed
    without one.

    Attributes:
        id: the message.
        rule: a key of ``register/data/retention.json``.
        sha256: of the bytes that were removed.
    """

    id = models.BigIntegerField(primary_key=True)
    rule = models.CharField(max_length=40)
    ordered_at = models.DateTimeField()
    sha256 = models.BinaryField(max_length=32)


class Tally(models.Model):
    """How many have ever come: counted as they come, so that nobody has to count the log (`tally.py`).
    Kept through a replay and an erasure.

    Attributes:
        name: "messages/api/laboratory" (door, kind), "items/api/laboratory/A" (and state), "folded".
    """

    name = models.CharField(primary_key=True, max_length=48)
    count = models.BigIntegerField()


class Period(models.Model):
    """A month of the register and how often it changed: tells the warehouse what to write anew."""

    period = models.CharField(primary_key=True, max_length=7)
    version = models.BigIntegerField()


class Setting(models.Model):
    """Facts about this register itself: which keys it was made with, which maps it was folded with."""

    name = models.CharField(primary_key=True, max_length=40)
    value = models.CharField(max_length=200)
