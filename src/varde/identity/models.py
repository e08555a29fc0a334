"""The vault's only table."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """Something that says who somebody is, sealed.

    Attributes:
        hash: keyed hash of what it is kept under: the register knows it by that.
        kind: "description" or "change" (of a number).
        key_id: the storage key of the vault that sealed it.
        sealed: AES-256-GCM, bound to `hash`.
    """

    hash = models.BinaryField(primary_key=True, max_length=16)
    kind = models.CharField(max_length=12)
    key_id = models.CharField(max_length=16)
    sealed = models.BinaryField()
