"""What may be used once only: ids of client assertions and DPoP proofs, remembered until they run out.

The table is the register's database, so that it holds for every process. What is kept is a hash: ids come
from outside and may be of any length.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import IntegrityError, transaction

from varde.access.models import UsedId


def use_once(purpose: str, owner: str, used_id: str, until: datetime, now: datetime) -> bool:
    """Whether the id is new; from now on it is not.

    Args:
        purpose: "assertion", "proof" or "cds": the same id may serve each.
        owner: whose id it is: two senders may come to the same.
        until: when the text that carries it is refused anyhow.
    """
    content = "\0".join((purpose, owner, used_id)).encode("utf-8", "surrogatepass")
    try:
        with transaction.atomic():
            UsedId.objects.filter(until__lt=now).delete()
            UsedId.objects.create(digest=hashlib.sha256(content).hexdigest(), until=until)
    except IntegrityError:
        return False
    return True
