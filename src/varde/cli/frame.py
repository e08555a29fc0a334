"""What every command needs: the home folder, the clock, the register, and how to fail."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from varde.terminal import console

if TYPE_CHECKING:
    from varde.register import Register

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


def fail(sentence: str) -> NoReturn:
    """Say what is wrong, and end with exit status 1."""
    console.print(f"varde: {sentence}", markup=False, style="red", soft_wrap=True)
    raise typer.Exit(1)


def home() -> Path:
    """The folder of all state."""
    return Path(os.environ.get("VARDE_HOME") or "var").resolve()


def now() -> datetime:
    """The clock of the shell; every room below is told the time."""
    from django.utils import timezone

    return timezone.now()


def today() -> date:
    """The day in Norway."""
    from django.utils import timezone

    return timezone.localdate()


def start_django() -> None:
    """Load Django's settings once; commands that need no database do without."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varde.web.settings")
    import django

    django.setup()


RegisterName = Annotated[
    str,
    typer.Option(
        "--register", help="Which register: persons, ravn or norm. They are never joined."
    ),
]


def open_home(name: str = "persons") -> Register:
    """A register under ``VARDE_HOME``, made on first use; one of `varde.register.REGISTERS`."""
    start_django()
    from varde.register import REGISTERS, open_register

    if name not in REGISTERS:
        fail(f"there is no register {name!r}: give one of {', '.join(REGISTERS)}")
    return open_register(home(), REGISTERS[name])
