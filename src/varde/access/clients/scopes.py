"""What an access token is for: scopes asked, scopes granted, and the kinds that they let in.

``varde:ask/earlier-analyses`` names what a machine may ask. Two ways of writing what it may send: ``varde:intake/laboratory`` names a kind; ``system/DiagnosticReport.c`` is SMART's
(App Launch 2.2, section "Scopes for requesting FHIR Resources"), of which only *create* is given, since
senders read nothing here. The older ``system/*.write`` and ``system/*.*`` are taken as asking for it.
"""

from __future__ import annotations

import re

from varde.access.clients.refusals import ClientRefused
from varde.access.clients.rules import deliveries, kinds, rules, services

OWN = "varde:intake/"
ASK = "varde:ask/"
MOST = 50
_SMART = re.compile(r"system/(\*|[A-Za-z]{1,64})\.(c?r?u?d?s?|read|write|\*)", re.ASCII)


def known_scopes() -> tuple[str, ...]:
    """Every scope that can be granted."""
    own = tuple(map(_scope_of, (*kinds(), *services(), *deliveries())))
    return own + tuple(f"system/{resource}.c" for resource in rules().resources)


def grant_scopes(asked: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """The scopes that are granted, in the order asked; all that the client may when it asks for none.

    A SMART scope is narrowed to *create*, and one that would read is left out. Everything else that cannot
    be granted refuses the whole.

    Args:
        asked: scopes with blanks between, as in the form.
        allowed: the kinds that the client may send, and the services that it may ask.

    Raises:
        ClientRefused: ``scope-refused``: a scope is unknown or not the client's, or nothing is left.
    """
    wanted = asked.split(" ") if asked else list(map(_scope_of, allowed))
    if len(wanted) > MOST:
        raise ClientRefused("scope-refused")
    granted = [scope for one in wanted if one and (scope := _grant(one, allowed))]
    if not granted:
        raise ClientRefused("scope-refused")
    return tuple(dict.fromkeys(granted))


def kinds_within(scopes: tuple[str, ...], allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the allowed kinds that the scopes let in."""
    let_in = {kind for scope in scopes for kind in _kinds_of(scope)}
    return tuple(kind for kind in allowed if kind in let_in)


def _grant(scope: str, allowed: tuple[str, ...]) -> str:
    smart = _SMART.fullmatch(scope)
    if smart:
        resource, rights = smart.groups()
        if rights not in ("write", "*") and "c" not in rights:
            return ""
        scope = f"system/{resource}.c"
    if not kinds_within((scope,), allowed):
        raise ClientRefused("scope-refused")
    return scope


def _scope_of(kind: str) -> str:
    return f"{ASK if kind in services() else OWN}{kind}"


def _kinds_of(scope: str) -> tuple[str, ...]:
    if scope.startswith((OWN, ASK)):
        kind = scope.removeprefix(OWN).removeprefix(ASK)
        return (kind,) if scope == _scope_of(kind) else ()
    smart = _SMART.fullmatch(scope)
    return rules().resources.get(smart[1], ()) if smart else ()
