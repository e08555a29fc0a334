"""Several processes write one chain, and one that is killed leaves a log that can be verified."""

from __future__ import annotations

import os
import random
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from access.audit.logs import both, fill, read_log
from operation.sites import at, copy, killed
from varde.access import audit
from varde.access.audit import signing

KILLS = int(os.environ.get("VARDE_KILLS", "6"))


@pytest.fixture
def home(empty_site: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    made = copy(empty_site, tmp_path / "site")
    with django_db_blocker.unblock(), at(made):
        yield made


def together(work: Callable[[int], None], writers: int) -> None:
    """Run something in processes of their own, at once."""
    connections.close_all()
    children = []
    for number in range(writers):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work(number)
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * writers


def write_and_sign(_: int) -> None:
    signing.EVERY_ENTRIES = 7
    for _round in range(6):
        fill(5)
    audit.finish()


def test_processes_that_write_at_once_give_one_chain(home: Path) -> None:
    together(write_and_sign, 4)
    log = read_log(home)
    report = both(log)
    assert report.whole, report
    assert (report.entries, report.last) == (120, 120)
    assert [row[0] for row in log.rows] == list(range(1, 121))
    assert report.signed == 120 and report.heads > 120 // 14


def test_the_first_heads_of_several_processes_are_of_one_key(home: Path) -> None:
    def begin(_: int) -> None:
        fill(1)
        audit.sign()

    together(begin, 4)
    report = both(read_log(home))
    assert report.whole and len(report.keys) == 1 and report.signed == 4


def test_keys_are_changed_while_others_sign(home: Path) -> None:
    def work(number: int) -> None:
        signing.EVERY_ENTRIES = 3
        for _ in range(4):
            fill(4)
            if number == 0:
                audit.change_keys()
        audit.finish()

    together(work, 3)
    report = both(read_log(home))
    assert report.whole and len(report.keys) >= 4 and report.signed == 48


def test_a_writer_that_is_killed_leaves_a_log_that_can_be_verified(home: Path) -> None:
    fill(1)
    audit.sign()

    def write() -> None:
        signing.EVERY_ENTRIES = 2
        while True:
            fill(1)
            audit.sign()

    chance = random.Random(7)
    before = 1
    for _ in range(KILLS):
        connections.close_all()
        assert killed(write, 0.05 + chance.random() * 0.2)
        report = both(read_log(home))
        assert report.whole, report
        assert report.last - report.signed <= 2
        before = report.last
    assert before > 1
    fill(1)
    audit.sign()
    assert both(read_log(home)).signed == before + 1
