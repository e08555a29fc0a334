"""Sites that are made once for all tests, and copied by those that change them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from operation.sites import at, copy, database_file, fill_site
from varde.register import APART, make_tables, open_register


@pytest.fixture(autouse=True)
def unblocked(django_db_blocker) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """These tests have databases of their own."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="session")
def empty_site(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker,  # type: ignore[no-untyped-def]
) -> Path:
    """A site with tables and keys, and nothing else: copy it."""
    home = tmp_path_factory.mktemp("empty-site")
    first, *others = APART
    with django_db_blocker.unblock():
        with at(home):
            open_register(home)
            make_tables(home, first)
        for alias in others:
            (home / alias).mkdir()
            shutil.copy(database_file(home, first), database_file(home, alias))
        with at(home):
            for alias in APART:
                open_register(home, alias)
    return home


@pytest.fixture(scope="session")
def filled_site(
    tmp_path_factory: pytest.TempPathFactory,
    empty_site: Path,
    django_db_blocker,  # type: ignore[no-untyped-def]
) -> Path:
    """A site with a small register of every kind: copy it."""
    home = copy(empty_site, tmp_path_factory.mktemp("filled") / "site")
    with django_db_blocker.unblock(), at(home):
        fill_site(home)
    return home
