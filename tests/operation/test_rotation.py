"""Storage keys are changed while the intake goes on: nothing is lost, and nothing stays under the old key."""

from __future__ import annotations

import os
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import connections

from operation.sites import (
    ALIASES,
    at,
    clock,
    copy,
    database_file,
    fill,
    killed,
    messages,
)
from varde.access.key_files import KeySource, add_storage_key, retire_storage_keys, retired_keys
from varde.access.keys import KeyProblem, load_keys
from varde.access.sealing import Sealer
from varde.operation import RotationError, count_older, list_keys, rotate
from varde.operation import rotation as rotating
from varde.register import Door, alone, open_register, replay, using
from varde.register import log as message_log

BOUND = b"hash"


@pytest.fixture
def site(filled_site: Path, tmp_path: Path) -> Path:
    return copy(filled_site, tmp_path / "site")


def key_ids(home: Path, alias: str = "default") -> set[str]:
    import sqlite3

    with closing(sqlite3.connect(database_file(home, alias))) as database:
        return {row[0] for row in database.execute("SELECT key_id FROM register_message")}


def contents(home: Path, alias: str = "default") -> dict[int, bytes]:
    """Every message, opened with the keys that lie in the home folder now."""
    register = open_register(home, alias)
    with using(alias), connections[alias].cursor() as cursor:
        cursor.execute("SELECT id FROM register_message ORDER BY id")
        numbers = [row[0] for row in cursor.fetchall()]
        names = message_log.read_names(numbers, register.sealer)
        stored = message_log.read(numbers, register.sealer)
        return {each.message: each.data + names[each.message].encode() for each in stored}


# --- key files ----------------------------------------------------------------------------------


def test_a_new_key_is_first_and_the_older_stay(tmp_path: Path) -> None:
    load_keys(tmp_path)
    source = KeySource(tmp_path)
    assert add_storage_key(source, ["k7"]) == "k8"
    assert add_storage_key(source, []) == "k9"
    assert list(source.read().storage) == ["k9", "k8", "k1"]
    assert stat.S_IMODE(source.file.stat().st_mode) == 0o600
    assert retire_storage_keys(source) == ("k8", "k1")
    assert list(source.read().storage) == ["k9"]
    assert retired_keys(source) == ("k1", "k8")
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in source.retired.iterdir())
    assert add_storage_key(source, []) == "k10", "ids of retired keys are not used again"


def test_keys_are_not_made_by_looking_for_them(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match=r"pseudonym\.key"):
        KeySource(tmp_path).read()
    assert not list(tmp_path.iterdir())


def test_a_running_sealer_takes_a_new_key_up(tmp_path: Path) -> None:
    source = KeySource(tmp_path)
    running = Sealer(load_keys(tmp_path), source)
    assert running.current().key_id == "k1"
    old = running.current().close(b"old", BOUND)
    add_storage_key(source, [])
    seal = running.current()
    assert seal.key_id == "k2"
    assert running.open(seal.close(b"new", BOUND), BOUND, "k2") == b"new"
    assert running.open(old, BOUND, "k1") == b"old"


def test_a_running_sealer_opens_what_a_key_sealed_that_it_has_not_seen(tmp_path: Path) -> None:
    source = KeySource(tmp_path)
    running = Sealer(load_keys(tmp_path), source)
    add_storage_key(source, [])
    sealed = Sealer(source.read()).current().close(b"new", BOUND)
    assert running.open(sealed, BOUND, "k2") == b"new"
    with pytest.raises(KeyProblem, match="k3 is missing"):
        running.open(sealed, BOUND, "k3")


def test_a_key_file_that_cannot_be_read_leaves_the_earlier_keys_in_use(tmp_path: Path) -> None:
    source = KeySource(tmp_path)
    running = Sealer(load_keys(tmp_path), source)
    sealed = running.current().close(b"old", BOUND)
    source.file.write_text("nonsense")
    assert running.current().key_id == "k1"
    assert running.open(sealed, BOUND, "k1") == b"old"


# --- rotation -----------------------------------------------------------------------------------


def test_every_message_of_every_register_is_sealed_anew(site: Path) -> None:
    with at(site):
        for alias in ALIASES:
            before = contents(site, alias)
            advanced: list[int] = []
            expected = count_older(site, alias)
            result = rotate(site, alias, progress=advanced.append)
            assert (result.key_id, result.new, result.remaining) == ("k2", True, 0)
            assert result.sealed == len(before) == sum(advanced) == expected
            assert key_ids(site, alias) == {"k2"}
            assert contents(site, alias) == before
            assert list(KeySource(site, "" if alias == "default" else alias).read().storage) == [
                "k2",
                "k1",
            ]
        register = open_register(site)
        assert not replay(register, clock).changed


def test_old_keys_go_out_of_use_only_when_asked(site: Path) -> None:
    with at(site):
        before = contents(site)
        checks = KeySource(site).read().storage_checks()
        result = rotate(site, "default", retire=True)
        assert result.retired == ("k1",)
        assert list(KeySource(site).read().storage) == ["k2"]
        assert contents(site) == before
        [default, norm, *_] = list_keys(site)
        [(key_id, check)] = default.retired
        assert (key_id, check) == ("k1", checks["k1"]) and len(check) == 16
        assert [(key, count) for key, _, count in default.storage] == [("k2", len(before))]
        assert norm.retired == () and norm.pseudonym_check != default.pseudonym_check


def test_keys_are_listed_by_their_check_values_alone(site: Path) -> None:
    with at(site):
        rotate(site, "default")
        shown = repr(list_keys(site))
    for path in site.rglob("storage.keys"):
        for line in path.read_text().split():
            assert line.partition(":")[2] not in shown


@contextmanager
def dying_at(moment: str, count: int) -> Iterator[None]:
    """Let this process die at the `count`th transaction of a rotation: before or after its commit."""
    left = count

    @contextmanager
    def dying_alone() -> Iterator[None]:
        nonlocal left
        left -= 1
        with alone():
            yield
            if left == 0 and moment == "before-commit":
                os.kill(os.getpid(), signal.SIGKILL)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rotating, "alone", dying_alone)
        patch.setattr(rotating, "BATCH_MESSAGES", 7)
        yield


@pytest.mark.parametrize("moment", ["before-commit", "after-commit"])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_killed_rotation_goes_on_with_the_key_that_it_made(
    moment: str, count: int, site: Path
) -> None:
    def work() -> None:
        with at(site), dying_at(moment, count):
            rotate(site, "default")

    with at(site):
        before = contents(site)
    assert killed(work)
    sealed = 7 * (count - 1 if moment == "after-commit" else max(count - 2, 0))
    assert key_ids(site) == ({"k1", "k2"} if sealed else {"k1"})
    with at(site):
        assert count_older(site, "default") == len(before) - sealed
        result = rotate(site, "default", retire=True)
        assert (result.key_id, result.new) == ("k2", False)
        assert (result.sealed, result.retired) == (len(before) - sealed, ("k1",))
        assert key_ids(site) == {"k2"}
        assert contents(site) == before


def test_half_a_rotation_is_finished_and_no_third_key_is_made(site: Path) -> None:
    with at(site):
        before = contents(site)
        add_storage_key(KeySource(site), [])
        fill(open_register(site), messages(3, first=900))
        assert key_ids(site) == {"k1", "k2"}
        result = rotate(site, "default")
        assert (result.key_id, result.new, result.sealed) == ("k2", False, len(before))
        assert key_ids(site) == {"k2"}


def test_the_intake_goes_on_meanwhile_and_nothing_is_left_under_the_old_key(
    empty_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotating, "BATCH_MESSAGES", 5)
    home = copy(empty_site, tmp_path / "site")
    with at(home):
        fill(open_register(home), messages(60))
        door = Door(open_register(home), clock)
        stop = threading.Event()
        tickets = []

        def hand_in() -> None:
            number = 1_000
            while not stop.is_set():
                ticket = door.submit(messages(1, first=number))
                ticket.wait(30)
                tickets.append(ticket)
                number += 1

        sender = threading.Thread(target=hand_in)
        sender.start()
        try:
            while len(tickets) < 2:
                pass
            before = len(tickets)
            first = rotate(home, "default")
            during = len(tickets) - before
            second = rotate(home, "default", retire=True)
            while len(tickets) < before + during + 3:
                pass
        finally:
            stop.set()
            sender.join()
            assert door.close()
        assert during > 0, "nothing came during the rotation"
        assert (first.key_id, first.remaining) == ("k2", 0)
        assert (second.key_id, second.remaining, second.retired) == ("k3", 0, ("k2", "k1"))
        assert key_ids(home) == {"k3"}
        assert len(contents(home)) == 60 + len(tickets)
        assert all(ticket.folded for ticket in tickets)


def test_what_does_not_open_is_left_and_the_old_key_kept(site: Path) -> None:
    with at(site):
        count = len(contents(site))
        with connections["default"].cursor() as cursor:
            cursor.execute("UPDATE register_message SET sealed = %s WHERE id = 3", [b"x" * 40])
            cursor.execute(
                "UPDATE register_message SET sealed = (SELECT sealed FROM register_message "
                "WHERE id = 1) WHERE id = 4"
            )
        result = rotate(site, "default", retire=True)
        assert result.unreadable == [3, 4]
        assert (result.sealed, result.remaining, result.retired) == (count - 2, 2, ())
        assert list(KeySource(site).read().storage) == ["k2", "k1"]
        assert key_ids(site) == {"k1", "k2"}


def test_a_message_that_is_not_what_its_hash_says_is_not_sealed_anew(site: Path) -> None:
    with at(site), connections["default"].cursor() as cursor:
        cursor.execute("SELECT sha256 FROM register_message WHERE id = 2")
        sha256 = bytes(cursor.fetchone()[0])
        forged = open_register(site).sealer.current().close(b"another text", sha256)
        cursor.execute("UPDATE register_message SET sealed = %s WHERE id = 2", [forged])
        assert rotate(site, "default").unreadable == [2]


def test_keys_from_the_environment_are_not_changed(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [old] = KeySource(site).file.read_text().split()
    monkeypatch.setenv("VARDE_STORAGE_KEYS", old)
    with at(site):
        before = contents(site)
        idle = rotate(site, "default", retire=True)
        assert (idle.from_environment, idle.sealed, idle.key_id) == (True, 0, "k1")
        monkeypatch.setenv("VARDE_STORAGE_KEYS", f"new:{os.urandom(32).hex()},{old}")
        done = rotate(site, "default", retire=True)
        assert (done.key_id, done.sealed, done.retired) == ("new", len(before), ())
        assert key_ids(site) == {"new"}
        assert contents(site) == before
    assert KeySource(site).file.read_text().split() == [old]


def test_without_a_key_that_is_needed_nothing_is_begun(site: Path) -> None:
    KeySource(site).file.write_text("k9:" + "33" * 32)
    with (
        at(site),
        pytest.raises(RotationError, match=r"k1 is missing: add it .* It sealed messages"),
    ):
        rotate(site, "default")
    assert key_ids(site) == {"k1"}


def test_two_rotations_do_not_run_at_once(site: Path) -> None:
    with (
        at(site),
        rotating._only_rotation(KeySource(site), "default"),
        pytest.raises(RotationError, match="already"),
    ):
        rotate(site, "default")


def test_a_service_that_has_been_open_all_along_reads_and_writes_on(site: Path) -> None:
    """As a server does: the register was opened before the keys changed, and is not opened again."""
    with at(site):
        register = open_register(site)
        rotate(site, "default", retire=True)
        fill(register, messages(2, first=500))
        assert key_ids(site) == {"k2"}
        names = message_log.read_names([1], register.sealer)
        assert names == {1: "1.xml"}
