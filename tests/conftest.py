"""Where tests keep state: a folder of their own, made before Django reads its settings."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

# Where compiled files are not to be written, the assertions of 70,000 lines would be rewritten by every worker of every
# run, and all of Varde compiled by each of the hundreds of programs that tests start.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Python looks for garbage after every 700 objects that came to be. Rewriting the assertions of the tests and drawing
# examples make millions, hardly any of them garbage that only this search finds.
gc.set_threshold(50_000, *gc.get_threshold()[1:])

_HOME = Path(tempfile.mkdtemp(prefix="varde-test-"))
os.environ["VARDE_HOME"] = str(_HOME)
os.environ.setdefault("VARDE_SECRET_KEY", "only-for-tests")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """See `spreading`; None: as pytest-xdist does it."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from spreading import Spreading

    return Spreading(config, log)


@pytest.fixture(scope="session", autouse=True)
def _remove_home() -> Iterator[None]:
    yield
    shutil.rmtree(_HOME, ignore_errors=True)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: it is left out of every later search for garbage."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever may use the register may use the identity vault, which belongs to it."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker is None:
            names = set(getattr(item, "fixturenames", ()))
            if not names & {"db", "transactional_db"}:
                continue
            marker = pytest.mark.django_db(transaction="transactional_db" in names).mark
        said = dict(marker.kwargs)
        databases = said.get("databases") or ["default"]
        if databases != "__all__" and "identity" not in databases:
            said["databases"] = [*databases, "identity"]
            item.add_marker(pytest.mark.django_db(*marker.args, **said), append=False)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The tests' vault is a file, so that threads can share it."""
    from django.db import connections

    vault = connections.settings["identity"]
    if vault["ENGINE"].endswith("sqlite3"):
        vault["TEST"]["NAME"] = str(_HOME / "vault.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """On PostgreSQL what a test leaves behind is truncated, which the logs refuse everywhere else.

    That they do is tested in `postgres/test_audit_on_postgres.py`, in a database of its own.
    """
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_no_truncate'"
        )
        for name, table in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name} ON {table}")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of oracles and facts beside the repository; skips where it is absent."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder ../shared with oracles is not beside the repository")
    return folder
