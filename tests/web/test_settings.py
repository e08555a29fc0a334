"""What the environment decides: the database, the key, the secrecy of cookies."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection

from varde.access.keys import read_or_make
from varde.web.database import choose
from varde.web.senders import read_base_address, read_proxy_secret

SOURCE = Path(__file__).resolve().parents[2] / "src"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "postgres://kari:h%40st@db.example:5433/varde",
            {
                "USER": "kari",
                "PASSWORD": "h@st",
                "HOST": "db.example",
                "PORT": "5433",
                "NAME": "varde",
            },
        ),
        (
            "postgresql://postgres@/varde?host=/var/run/pg%20socket&sslmode=require",
            {
                "USER": "postgres",
                "PASSWORD": "",
                "HOST": "/var/run/pg socket",
                "PORT": "",
                "OPTIONS": {"sslmode": "require"},
            },
        ),
        ("postgres:///varde", {"USER": "", "HOST": "", "NAME": "varde"}),
    ],
)
def test_a_postgresql_address_is_read(address: str, expected: dict[str, object]) -> None:
    found = choose(address, Path("unused"))
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("address", ["mysql://a@b/c", "postgres://host-without-name", "varde"])
def test_an_address_of_something_else_is_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="postgres://"):
        choose(address, Path("unused"))


def test_without_an_address_the_register_is_a_file_that_survives_a_power_cut() -> None:
    found = choose("", Path("/home"))
    assert found["NAME"] == "/home/varde.sqlite3"
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "web.key"
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(lambda _: read_or_make(path), range(8)))
    assert len(set(keys)) == 1 and len(keys[0]) > 60
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["web.key"]


def test_debugging_is_off_and_cookies_are_closed_to_scripts() -> None:
    assert settings.DEBUG is False
    assert settings.SESSION_COOKIE_HTTPONLY and settings.CSRF_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ""),
        ("https://varde.example.org", "https://varde.example.org"),
        (" https://varde.example.org:8443/ ", "https://varde.example.org:8443"),
    ],
)
def test_the_address_of_the_service_is_read(text: str, address: str) -> None:
    assert read_base_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "varde.example.org",
        "ftp://a",
        "https://a/b",
        "https://a?b",
        "https://",
        "https://a:b",
        "https://u:p@a",
    ],
)
def test_what_is_no_address_of_a_service_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="VARDE_BASE_URL must read"):
        read_base_address(text)


def test_a_proxys_secret_is_none_or_long() -> None:
    assert read_proxy_secret("") == ""
    assert read_proxy_secret("x" * 32) == "x" * 32
    with pytest.raises(ImproperlyConfigured, match="at least 32"):
        read_proxy_secret("x" * 31)


def test_behind_https_the_framework_finds_nothing_to_warn_of(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "VARDE_HTTPS": "1",
        "VARDE_HOME": str(tmp_path),
        "VARDE_SECRET_KEY": "",
        "DJANGO_SETTINGS_MODULE": "varde.web.settings",
        "PYTHONPATH": str(SOURCE),
    }
    command = [sys.executable, "-W", "error", "-m", "django", "check", "--deploy"]
    command += ["--fail-level", "WARNING"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db(databases=["default", "ravn", "norm"])
def test_every_model_has_its_migration() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_sqlite_is_opened_as_the_settings_say() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no such settings")
    with connection.cursor() as cursor:
        for pragma, expected in (("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30000)):
            cursor.execute(f"PRAGMA {pragma}")
            assert cursor.fetchone()[0] == expected
