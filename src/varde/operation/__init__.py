"""An operator's work: backup and restore, change of keys, retention, and how the service fares.

Input: the home folder, the databases of the registers in it, the time. Output: archives, rotated keys, what is due and
was erased, checks and figures. Everything here works while the service goes on, and tells nothing of what is in a message.
"""

from varde.operation.archive import open_archive
from varde.operation.backup import BackupResult, backup, count_all
from varde.operation.databases import (
    DATABASES,
    HELD,
    exists,
    need_register,
    say_gone,
    state_of,
    was_made,
)
from varde.operation.errors import (
    ArchiveInvalid,
    NotEmpty,
    NothingThere,
    NotRestored,
    NotWritten,
    OperationError,
    RetentionInvalid,
    RotationError,
)
from varde.operation.figures import Figures, read_figures
from varde.operation.health import Check, Doors, check_readiness
from varde.operation.operators import record, this_operator
from varde.operation.restore import RestoreResult, restore
from varde.operation.retention import Due, apply_retention, find_due
from varde.operation.retention_rules import Period, Rule, shipped_rules, site_rules
from varde.operation.rotation import (
    KeyState,
    RotationResult,
    count_older,
    list_keys,
    retire_keys,
    rotate,
)
from varde.operation.structures import prepare_structures

__all__ = [
    "DATABASES",
    "HELD",
    "ArchiveInvalid",
    "BackupResult",
    "Check",
    "Doors",
    "Due",
    "Figures",
    "KeyState",
    "NotEmpty",
    "NotRestored",
    "NotWritten",
    "NothingThere",
    "OperationError",
    "Period",
    "RestoreResult",
    "RetentionInvalid",
    "RotationError",
    "RotationResult",
    "Rule",
    "apply_retention",
    "backup",
    "check_readiness",
    "count_all",
    "count_older",
    "exists",
    "find_due",
    "list_keys",
    "need_register",
    "open_archive",
    "prepare_structures",
    "read_figures",
    "record",
    "restore",
    "retire_keys",
    "rotate",
    "say_gone",
    "shipped_rules",
    "site_rules",
    "state_of",
    "this_operator",
    "was_made",
]
