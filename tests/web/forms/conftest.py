"""The forms in front of the real door: a register in a file, which the door's own thread can open too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from empty_tables import lay_tables
from own_vault import vault_in
from varde.register import open_register
from varde.web.intake import doors
from web.forms.pages import Site

POSTGRES = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Site]:
    """A site whose database several threads can open."""
    if POSTGRES:
        pytest.skip("the database of the tests must be empty for those that come after")
    home = tmp_path_factory.mktemp("forms") / "home"
    home.mkdir()
    described, usual = connection.settings_dict, connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), override_settings(VARDE_HOME=home):
        # A database in memory is gone when its connection closes: it is laid aside.
        memory, connection.connection = connection.connection, None
        described["NAME"] = str(home / "varde.sqlite3")
        others = doors._all
        doors._all = cache(others.__wrapped__)
        try:
            with vault_in(home):
                lay_tables(home)
                open_register(home)
                yield Site(home)
                for door in doors.doors():
                    assert door.close(30)
        finally:
            doors._all = others
            connection.close()
            described["NAME"], connection.connection = usual, memory
