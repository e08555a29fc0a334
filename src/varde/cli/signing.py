"""A user signs in at the command line: what is logged under a name, the one with that name must have done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from varde.cli.frame import fail

if TYPE_CHECKING:
    from varde.access.models import User


def sign_in(username: str) -> User:
    """The user, who types the password; tries that fail are logged, and too many are refused."""
    from django.contrib.auth import authenticate

    from varde.access import audit, throttle
    from varde.access.models import User

    if throttle.is_blocked(username):
        fail("too many attempts: wait a quarter of an hour")
    password = typer.prompt("Password", hide_input=True, err=True)
    found = authenticate(username=username, password=password)
    if not isinstance(found, User):
        throttle.note_failure(username)
        audit.record(None, "sign-in-failed", "command-line")
        fail("the user name or the password is wrong")
    throttle.clear(username)
    return found
