"""What lies in the vault and that no current report says any more is taken away."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS

from varde.identity.vault import list_hashes, remove
from varde.register import store

BATCH = 2_000


def sweep_vault() -> int:
    """Remove descriptions from the vault that no report has: left by work that did not commit, by corrections, and by
    messages that were erased. A few at a time, so that the intake goes on meanwhile.

    Returns:
        How many they were.
    """
    swept, last = 0, b""
    with store.using(DEFAULT_DB_ALIAS):
        while True:
            with store.alone():
                hashes = list_hashes("description", last, BATCH)
                known = {bytes(row[0]) for row in store.select_in("node", "hash", "hash", hashes)}
                gone = [hash_ for hash_ in hashes if hash_ not in known]
                remove(gone)
            swept += len(gone)
            if len(hashes) < BATCH:
                return swept
            last = hashes[-1]
