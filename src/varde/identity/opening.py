"""Opening the vault: its keys, made on first use and never anew.

They lie in ``VARDE_HOME/identity/keys``, or in ``VARDE_IDENTITY_STORAGE_KEYS`` and ``VARDE_IDENTITY_PSEUDONYM_KEY``; the
latter is there because every set of keys has one, and seals nothing.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connections

from varde.access.key_files import KeySource
from varde.access.keys import KeyProblem, load_keys
from varde.access.sealing import Sealer
from varde.identity import DATABASE
from varde.identity.vault import Vault


def open_vault(home: Path) -> Vault:
    """The vault of the register in a home folder; its table is there.

    Raises:
        KeyProblem: the keys are missing although something is sealed, or malformed.
    """
    source = KeySource(home, DATABASE)
    missing = source.missing_files
    if missing and any_sealed():
        raise KeyProblem(
            f"the keys of the identity vault are not there ({missing[0]} is missing): put the folder "
            f"{source.folder} back from its backup. Make no new ones"
        )
    return Vault(Sealer(load_keys(home, DATABASE), source))


def any_sealed() -> bool:
    """Whether anything lies in the vault."""
    with connections[DATABASE].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM identity_entry)")
        return bool(cursor.fetchone()[0])
