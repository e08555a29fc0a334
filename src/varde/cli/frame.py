"""What every command needs: the home folder, the clock, the register, and how to fail."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
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


def start_django(make: bool = False, waits: bool = False) -> None:
    """Load Django's settings once; commands that need no database do without.

    Args:
        make: what a service needs may be made in the home folder: the key that signs sessions.
        waits: the command goes on until it is stopped, and its log is all that is seen of it. Of others
            somebody at a terminal reads the sentences, and the log tells only what went wrong.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varde.web.settings")
    import django
    from django.apps import apps

    if apps.ready:
        return
    with nullcontext() if make else _no_key_made():
        django.setup()
    if not waits and sys.stderr.isatty() and not os.environ.get("VARDE_LOG_LEVEL"):
        logging.getLogger().setLevel(logging.WARNING)
        for name in (
            "varde.operation",
            "varde.register.reclassification",
            "varde.register.replay",
        ):  # the command says it in a sentence
            logging.getLogger(name).setLevel(logging.CRITICAL)


@contextmanager
def _no_key_made() -> Iterator[None]:
    """Commands sign nothing: while settings are read, a key of this process's own is enough for them."""
    name = "VARDE_SECRET_KEY"
    if os.environ.get(name) or (home() / "keys" / "web.key").exists():
        yield
        return
    os.environ[name] = secrets.token_hex(32)
    try:
        yield
    finally:
        del os.environ[name]


RegisterName = Annotated[
    str,
    typer.Option(
        "--register", help="Which register: persons, ravn or norm. They are never joined."
    ),
]


def open_home(name: str = "persons", *, make: bool = True, waits: bool = False) -> Register:
    """A register under ``VARDE_HOME``; one of `varde.register.REGISTERS`.

    Args:
        make: make it on first use. Where there was one and its database is gone, none is made in its
            place. False: fail where there is no register at all.
        waits: as of `start_django`.
    """
    start_django(make=make, waits=waits)
    from varde.operation import exists, need_register, say_gone, was_made
    from varde.operation.errors import NothingThere
    from varde.register import REGISTERS, open_register

    if name not in REGISTERS:
        fail(f"there is no register {name!r}: give one of {', '.join(REGISTERS)}")
    alias = REGISTERS[name]
    try:
        if not make:
            need_register(home())
    except NothingThere as error:
        fail(str(error))
    for database in {"default", "identity", alias}:
        if was_made(home(), database) and not exists(database):
            fail(f"register {database}: {say_gone(database)}")
    return open_register(home(), alias)
