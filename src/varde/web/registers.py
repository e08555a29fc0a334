"""The register as the pages use it: opened once in a process, and asked for by every page that writes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock

from django.conf import settings

from varde.register import Register, open_register

_lock = Lock()


def the_register() -> Register:
    """The register of persons in the service's home."""
    with _lock:  # two first requests must not make the tables twice
        return _open(Path(settings.VARDE_HOME))


@lru_cache(maxsize=4)
def _open(home: Path) -> Register:
    return open_register(home)
