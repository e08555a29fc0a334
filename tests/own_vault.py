"""An identity vault of its own for a register that lies in a file, where other threads and processes look for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections

from varde.web.database import choose


@contextmanager
def vault_in(home: Path) -> Iterator[None]:
    """The vault lies in the register's folder for as long as this lasts."""
    usual, described = connections["identity"], connections.settings["identity"]
    connections.settings["identity"] = connections.configure_settings(
        {"default": settings.DATABASES["default"], "identity": choose("", home / "identity")}
    )["identity"]
    connections["identity"] = connections.create_connection("identity")
    try:
        yield
    finally:
        connections["identity"].close()
        connections["identity"], connections.settings["identity"] = usual, described
