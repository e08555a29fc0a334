"""The identity vault in an operator's work: backed up and restored, its keys changed, swept of what nobody says any more."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.db import connections

from operation.sites import NOW, at, clock, copy, database_file, dump, put_back_keys
from register.told import linked_state, told
from varde.operation import apply_retention, backup, check_readiness, list_keys, restore, rotate
from varde.register import Incoming, alone, erase, open_register, replay
from varde.register.identities.sweeping import sweep_vault
from varde.register.intake import take_in


def told_site(empty_site: Path, home: Path) -> Path:
    """A site that knows two persons by their names."""
    copy(empty_site, home)
    with at(home):
        files = [told("R1"), told("R2", given="Ole", sex="1")]
        take_in(open_register(home), [Incoming("f.xml", data) for data in files], clock)
    return home


def test_backed_up_and_restored_persons_are_linked_on(empty_site: Path, tmp_path: Path) -> None:
    home, other = told_site(empty_site, tmp_path / "home"), tmp_path / "other"
    with at(home):
        result = backup(home, tmp_path / "b.zip", NOW)
        assert result.rows["identity"] == 2
        assert result.keys["identity"] == ("k1",)
        before = linked_state()
    with at(other):
        assert len(restore(other, tmp_path / "b.zip").warnings) == 4
        put_back_keys(home, other)
        assert restore(other, tmp_path / "b.zip").warnings == ()
        assert linked_state() == before
        take_in(open_register(other), [Incoming("f.xml", told("R3", postal="0150"))], clock)
        assert len(linked_state()["links"]) == 2
    assert dump(home)["identity/identity_entry"]


def test_a_change_of_keys_seals_the_vault_anew(empty_site: Path, tmp_path: Path) -> None:
    home = told_site(empty_site, tmp_path / "home")
    with at(home):
        before = linked_state()
        result = rotate(home, "identity", retire=True)
        assert (result.key_id, result.sealed, result.remaining) == ("k2", 2, 0)
        assert result.retired == ("k1",)
        [vault] = [state for state in list_keys(home) if state.database == "identity"]
        assert [(key, count) for key, _, count in vault.storage] == [("k2", 2)]
        register = open_register(home)
        replay(register, clock)
        assert linked_state() == before


def test_what_is_erased_by_order_leaves_the_vault(empty_site: Path, tmp_path: Path) -> None:
    home = told_site(empty_site, tmp_path / "home")
    with at(home):
        register = open_register(home)
        with alone():
            erase([1], "by-order", NOW)
            replay(register, clock)
        with connections["identity"].cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM identity_entry")
            assert cursor.fetchone()[0] == 1


def test_what_nobody_says_any_more_is_swept(empty_site: Path, tmp_path: Path) -> None:
    home = told_site(empty_site, tmp_path / "home")
    with at(home):
        take_in(open_register(home), [Incoming("f.xml", told("R1", given="Ida", made=2))], clock)
        assert len(dump(home)["identity/identity_entry"]) == 3
        apply_retention(home, clock)
        assert len(dump(home)["identity/identity_entry"]) == 2
        assert sweep_vault() == 0


def test_a_vault_that_is_gone_is_told(empty_site: Path, tmp_path: Path) -> None:
    home = told_site(empty_site, tmp_path / "home")
    database_file(home, "identity").unlink()
    with at(home):
        checks = check_readiness(home, list, datetime.now(UTC), 0)
    assert [check.name for check in checks if not check.ok] == ["database identity"]
