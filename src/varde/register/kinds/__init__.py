"""What each kind of statement means for the register's tables: a module for each.

`project` gives a statement's rows; `TABLES` says which tables hold the parts of each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from varde.messages.records import Statement
from varde.register.kinds import laboratory, notification, prevalence, surgery, vaccination
from varde.register.projection import Context, Projection, withdrawn

_PROJECT: Mapping[str, Callable[[Any, Context], Projection]] = {
    "laboratory": laboratory.project,
    "notification": notification.project,
    "vaccination": vaccination.project,
    "prevalence": prevalence.project,
    "surgery": surgery.project,
}
TABLES: Mapping[str, tuple[str, ...]] = {
    "laboratory": laboratory.TABLES,
    "notification": notification.TABLES,
    "vaccination": vaccination.TABLES,
    "prevalence": prevalence.TABLES,
    "surgery": surgery.TABLES,
}


def project(statement: Statement, context: Context) -> Projection:
    """The rows of a statement in its current version; a withdrawn one has none."""
    if statement.service_type == "C":
        return withdrawn(statement, context)
    return _PROJECT[statement.kind](statement, context)
