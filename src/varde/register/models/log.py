"""The log and what came of it: messages, orders to erase, receipts, items, the quarantine, what has come."""

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
            "Q" quarantined; "P" put aside: an addition with which its report would hold more than a report
            can, also told as quarantined.
        kind: what is stated (`varde.messages.Kind`); empty when it could not be read.
        sender: "HER:91843"; empty when it could not be read.
        message_ref: the sender's message id, empty when it could not be read.
        report: the report this is a version of; 0 for none.
        version_key: sorts a report's versions from oldest to newest (`versions.py`).
        fingerprint: keyed hash of the content: the same answer sent again is recognised.
        service_type: N, M, C, H, A; empty when quarantined unread.
        patient: whom it is about (`versions.patient_mark`); 0 when it does not say, or was not asked yet.
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
    patient = models.BigIntegerField(default=0, db_default=0)

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
        marked: whether its content says that it is notifiable (`varde.messages.marks`), as far as could be seen.
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
    marked = models.BooleanField(default=False, db_default=False)

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
            models.Index(
                fields=["id"],
                condition=models.Q(resolved_at__isnull=True, marked=True),
                name="quarantine_notifiable",
            ),
        ]


class NoticeSeen(models.Model):
    """That a person has looked at what `Report.notices` says of a version of a report. Kept; a replay forgets it with
    the report.

    Attributes:
        kind, sender, report_ref: the report.
        what: one of `notices.WHATS`.
        version_key: of the version that counted then.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16)
    sender = models.CharField(max_length=80)
    report_ref = models.CharField(max_length=120)
    what = models.CharField(max_length=40)
    version_key = models.CharField(max_length=80)
    seen_by = models.CharField(max_length=64)
    reason = models.CharField(max_length=200)
    seen_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["report_ref", "sender"], name="noticeseen_report")
        ]


class Sender(models.Model):
    """Somebody who has sent something, with the name they gave themselves.

    Attributes:
        rank: of what it was said in (`sender_names.NAME_RANK`): a name is replaced by one of a higher rank alone.
    """

    key = models.CharField(primary_key=True, max_length=80)
    name = models.CharField(max_length=200)
    rank = models.SmallIntegerField(default=0, db_default=0)


class Tally(models.Model):
    """How many have ever come: counted as they come, so that nobody has to count the log (`tally.py`).
    Kept through a replay and an erasure.

    Attributes:
        name: "messages/api/laboratory" (door, kind), "items/api/laboratory/A" (and state), "folded".
    """

    name = models.CharField(primary_key=True, max_length=48)
    count = models.BigIntegerField()


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
