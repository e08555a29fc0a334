"""Connections that outlive a request see when their SQLite file is not the one that lies there any more."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.core.signals import request_started
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3.base import DatabaseWrapper
from pytest_django.plugin import DjangoDbBlocker

from varde.web.database import sqlite
from varde.web.database_files import follow_files
from web.intake.service import Service


@pytest.fixture
def connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> Iterator[BaseDatabaseWrapper]:
    """An open connection to a file of its own, the only one there is."""
    settings = connections["default"].settings_dict | sqlite(tmp_path / "register.sqlite3")
    wrapper = DatabaseWrapper(settings, alias="moved")
    monkeypatch.setattr(connections, "all", lambda initialized_only=False: [wrapper])
    follow_files()
    with django_db_blocker.unblock():
        wrapper.ensure_connection()
        yield wrapper
    for signal in (connection_created, request_started):
        signal.disconnect(dispatch_uid="varde-files")
    wrapper.close()


def _is_kept(connection: BaseDatabaseWrapper) -> bool:
    before = connection.connection
    request_started.send(sender=None)
    return connection.connection is not None and connection.connection is before


def test_a_connection_is_kept_from_request_to_request(connection: BaseDatabaseWrapper) -> None:
    assert _is_kept(connection)
    assert _is_kept(connection)


def test_a_file_that_was_removed_is_let_go(connection: BaseDatabaseWrapper) -> None:
    Path(connection.settings_dict["NAME"]).unlink()
    assert not _is_kept(connection)


def test_a_file_that_was_put_back_from_a_backup_is_opened_anew(
    connection: BaseDatabaseWrapper, tmp_path: Path
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (number INTEGER)")
    copy = tmp_path / "copy.sqlite3"
    copy.write_bytes(Path(connection.settings_dict["NAME"]).read_bytes())
    copy.replace(connection.settings_dict["NAME"])
    assert not _is_kept(connection)


def test_nobody_who_looks_at_a_page_makes_a_register_that_is_gone(tmp_path: Path) -> None:
    service = Service(tmp_path / "home", {"DATABASE_URL": ""})
    service.start()
    try:
        for file in service.home.glob("varde.sqlite3*"):
            file.rename(tmp_path / file.name)
        cookie = {"Cookie": f"varde_session={'a' * 32}"}
        assert _ask(service.port, cookie) >= 500
        assert not list(service.home.glob("varde.sqlite3*"))
        for file in tmp_path.glob("varde.sqlite3*"):
            file.rename(service.home / file.name)
        assert _ask(service.port, cookie) < 500
    finally:
        service.stop()


def _ask(port: int, headers: dict[str, str]) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/karantene/", headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status
