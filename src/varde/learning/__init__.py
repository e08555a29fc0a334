"""What to do about it: reports as their readers see them, goals picked from them, consent to be a dot in a group's.

In: `Report` objects, a user's choice of indicator and target, a doctor's consent, a reader's remark.
Out: the report of one reader and year, the goal that the next report opens with, who has agreed to be shown.
All of it lies sealed in tables of its own, in the register's database.

Some of the modules hold tables, and Django asks for this package before it can have any: names are fetched when they
are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from varde.learning.consents import (
        consenting,
        give_consent,
        has_consented,
        withdraw_consent,
    )
    from varde.learning.goals import GoalProblem, Picked, goal_for, latest_goal, pick_goal, scale_of
    from varde.learning.groups import is_group, members_of, out_of_hours_unit
    from varde.learning.keeping import (
        keep_reports,
        list_variants,
        list_years,
        made_at,
        read_report,
    )
    from varde.learning.remarks import (
        Remarked,
        RemarkProblem,
        keep_remark,
        list_remarks,
        settle_remark,
    )
    from varde.learning.sealed_rows import alone, seal_anew, storage_keys_used
    from varde.learning.settling import (
        count_moved,
        settle_registers,
        settled_register,
        settled_tables,
    )
    from varde.learning.showing import show_agreed

_HOMES = {
    "consents": (
        "consenting",
        "give_consent",
        "has_consented",
        "withdraw_consent",
    ),
    "goals": ("GoalProblem", "Picked", "goal_for", "latest_goal", "pick_goal", "scale_of"),
    "groups": ("is_group", "members_of", "out_of_hours_unit"),
    "keeping": ("keep_reports", "list_variants", "list_years", "made_at", "read_report"),
    "remarks": ("RemarkProblem", "Remarked", "keep_remark", "list_remarks", "settle_remark"),
    "sealed_rows": ("alone", "seal_anew", "storage_keys_used"),
    "settling": ("count_moved", "settle_registers", "settled_register", "settled_tables"),
    "showing": ("show_agreed",),
    "versions": (),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "GoalProblem",
    "Picked",
    "RemarkProblem",
    "Remarked",
    "alone",
    "consenting",
    "count_moved",
    "give_consent",
    "goal_for",
    "has_consented",
    "is_group",
    "keep_remark",
    "keep_reports",
    "latest_goal",
    "list_remarks",
    "list_variants",
    "list_years",
    "load",
    "made_at",
    "members_of",
    "out_of_hours_unit",
    "pick_goal",
    "read_report",
    "scale_of",
    "seal_anew",
    "settle_registers",
    "settle_remark",
    "settled_register",
    "settled_tables",
    "show_agreed",
    "storage_keys_used",
    "withdraw_consent",
]


def load() -> None:
    """Fetch all modules, and with them all structures that they read: before a service starts its threads."""
    for module in _HOMES:
        import_module(f"{__name__}.{module}")


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
