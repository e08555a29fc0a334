"""What can be wrong with a CDS Hooks request.

The whole tree::

    HookRefused
    ├── InvalidRequest      400: fields that break a rule, each with its path
    ├── UnknownService      404: no service with this id
    └── PrefetchMissing     412: not even the Patient is there

Messages name fields and rules, never what a field held: nothing of a request may reach a log.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from varde.guidelines.errors import GuidelineError


class Fault(NamedTuple):
    """One field that breaks a rule.

    Attributes:
        path: from the request's top: ``context.selections[0]``; ``$`` for the whole.
    """

    path: str
    rule: str


class HookRefused(GuidelineError):
    """A request that is refused.

    Attributes:
        status: of HTTP.
        title: what kind of refusal it is, in bokmål.
    """

    status = 400
    title = "Ugyldig forespørsel"


class InvalidRequest(HookRefused):
    """Fields that break a rule.

    Args:
        faults: each field once, in the order of the request.
    """

    status, title = 400, "Forespørselen følger ikke CDS Hooks 2.0"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.path}: {fault.rule}" for fault in self.faults))


class UnknownService(HookRefused):
    """No service with this id; the message names those there are."""

    status, title = 404, "Ukjent tjeneste"


class PrefetchMissing(HookRefused):
    """What is needed was not sent along, and is never fetched."""

    status, title = 412, "Nødvendig prefetch mangler"
