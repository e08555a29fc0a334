"""The identity vault: what is put in comes out, under its hash alone, and nothing of it lies there in clear."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connections

from register.told import VAULT_KEYS
from varde.access.keys import KeyProblem, Keys
from varde.access.sealing import Sealer
from varde.identity.opening import open_vault
from varde.identity.vault import Vault, list_hashes, read_older, remove, replace

pytestmark = pytest.mark.django_db

ONE, OTHER = b"1" * 16, b"2" * 16


def test_what_is_kept_is_found_again_and_never_replaced() -> None:
    vault = Vault(Sealer(VAULT_KEYS))
    vault.put("description", {ONE: b"Kari Hansen", OTHER: b"Ole"})
    vault.put("description", {ONE: b"somebody else"})
    assert vault.get([ONE, OTHER, b"3" * 16]) == {ONE: b"Kari Hansen", OTHER: b"Ole"}
    assert list_hashes("description", b"", 9) == [ONE, OTHER]
    assert list_hashes("description", ONE, 9) == [OTHER]
    assert list_hashes("change", b"", 9) == []
    remove([ONE])
    assert vault.get([ONE]) == {}


def test_nothing_lies_there_in_clear_or_under_another_hash() -> None:
    vault = Vault(Sealer(VAULT_KEYS))
    vault.put("description", {ONE: b"Kari Hansen"})
    with connections["identity"].cursor() as cursor:
        cursor.execute("SELECT sealed FROM identity_entry")
        sealed = bytes(cursor.fetchone()[0])
        assert b"Kari" not in sealed
        cursor.execute("UPDATE identity_entry SET hash = %s", [OTHER])
    with pytest.raises(KeyProblem):
        vault.get([OTHER])


def test_entries_are_sealed_anew_with_another_key() -> None:
    Vault(Sealer(VAULT_KEYS)).put("description", {ONE: b"Kari"})
    newer = Keys(VAULT_KEYS.pseudonym, {"v2": bytes(32), **VAULT_KEYS.storage})
    sealer = Sealer(newer)
    [entry] = read_older("v2", 9)
    content = sealer.open(entry.sealed, entry.hash, entry.key_id)
    replace([entry._replace(key_id="v2", sealed=sealer.current().close(content, entry.hash))])
    assert read_older("v2", 9) == []
    assert Vault(Sealer(Keys(newer.pseudonym, {"v2": bytes(32)}))).get([ONE]) == {ONE: b"Kari"}


def test_keys_that_are_lost_are_not_made_anew(tmp_path: Path) -> None:
    open_vault(tmp_path).put("description", {ONE: b"Kari"})
    (tmp_path / "identity" / "keys" / "storage.keys").unlink()
    with pytest.raises(KeyProblem, match="are not there"):
        open_vault(tmp_path)
