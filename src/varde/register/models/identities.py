"""Who is the same person: descriptions without anything that is in them, and what is asked and decided about them.

A description lies sealed in the vault (`varde.identity`) under the hash that its node has here.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Node(models.Model):
    """One description of somebody in a report that counts, or the same in several.

    Attributes:
        hash: keyed hash of the description; of one that says too little to be told from another's, of its report
            too.
        number: the pseudonym of the number that it counts by; null without number.
        rank: of such a number: 0 national, 1 D number, 2 others.
        person: whose it is (`Person`).
        large: it hangs together with so many others that nothing but numbers is looked at.
    """

    id = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(unique=True, max_length=16)
    number = models.BinaryField(null=True, max_length=32)
    rank = models.SmallIntegerField()
    person = models.BigIntegerField()
    large = models.BooleanField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person"], name="node_person"),
            models.Index(
                fields=["number"], condition=models.Q(number__isnull=False), name="node_number"
            ),
            models.Index(fields=["id"], condition=models.Q(large=True), name="node_large"),
        ]


class NodeKey(models.Model):
    """One blocking key of a node: those with one in common are compared.

    Attributes:
        id: node and number of the key (`ids.node_key_id`).
        key: keyed hash, cut to eight bytes.
    """

    id = models.BigIntegerField(primary_key=True)
    key = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["key"], name="nodekey_key")]


class CommonKey(models.Model):
    """A blocking key that too many nodes have: it brings none together."""

    id = models.BigIntegerField(primary_key=True)


class NodeLink(models.Model):
    """That two nodes may be of one person; each is there in both directions.

    Attributes:
        kind: 0 a person must be asked, 1 evidence says so, 2 a person has decided something about them.
    """

    id = models.BigIntegerField(primary_key=True)
    node = models.BigIntegerField()
    other = models.BigIntegerField()
    kind = models.SmallIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["node"], name="nodelink_node")]


class Question(models.Model):
    """Are two persons one? Asked about a description of each.

    Attributes:
        id: its number, from the two hashes: the same for as long as these two are asked about.
        one, other: hashes of the two nodes, in order.
        cause: as of `varde.linkage.Question`.
        weight: of the evidence that they are one, in thousandths of a bit.
        reason: as of `varde.linkage.Decision`.
        version: of the weights.
        why: JSON, a list of field, level and weight (thousandths of a bit).
    """

    id = models.BigIntegerField(primary_key=True)
    one = models.BinaryField(max_length=16)
    other = models.BinaryField(max_length=16)
    cause = models.CharField(max_length=12)
    weight = models.IntegerField()
    reason = models.CharField(max_length=24)
    version = models.CharField(max_length=24)
    why = models.TextField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["one"], name="question_one"),
            models.Index(fields=["other"], name="question_other"),
        ]


class Ruling(models.Model):
    """What a person has decided about two descriptions, or that such a decision is undone. Only ever added to.

    Attributes:
        one, other: hashes of the two nodes, in order; they need not be there now.
        verdict: "same", "different" or "undone".
        undoes: of one that undoes another, its id; else null.
        decided_by: the user, or the operator at the command line.
        purpose: a key of `varde.access.purposes`.
        reason: in the words of whoever decided.
        weight, version: of the question that was answered, where there was one.
    """

    id = models.BigIntegerField(primary_key=True)
    one = models.BinaryField(max_length=16)
    other = models.BinaryField(max_length=16)
    verdict = models.CharField(max_length=10)
    undoes = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=64)
    purpose = models.CharField(max_length=40)
    reason = models.TextField()
    at = models.DateTimeField()
    weight = models.IntegerField(null=True)
    version = models.CharField(max_length=24)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["one"], name="ruling_one"),
            models.Index(fields=["other"], name="ruling_other"),
        ]


class NumberChange(models.Model):
    """That somebody's number became another, that this was wrong, or that somebody died. Only ever added to; the
    numbers themselves lie in the vault.

    Attributes:
        entry: keyed hash of all it says; the vault has it under this.
        what: "changed", "split", "died" or "not-died".
        earlier, later: keyed hashes of the numbers; `later` empty for a death.
        day: when it was so.
        source: who says so.
        at: when it was taken in.
    """

    id = models.BigIntegerField(primary_key=True)
    entry = models.BinaryField(unique=True, max_length=16)
    what = models.CharField(max_length=8)
    earlier = models.BinaryField(max_length=16)
    later = models.BinaryField(max_length=16)
    day = models.DateField()
    source = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["earlier"], name="numberchange_earlier"),
            models.Index(fields=["later"], name="numberchange_later"),
        ]
