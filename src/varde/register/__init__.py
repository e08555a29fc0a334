"""What has happened: message log, the fold, persons, specimens, findings, susceptibilities.

Input: files of any format that `varde.messages` reads. Output: the register's tables, the quarantine
with reasons, and the register as columns for the warehouse. The only room that writes health data.
"""

from varde.register.columns import RegisterSource, read_register
from varde.register.fold import Counts
from varde.register.intake import IntakeResult, ingest, list_files, resume
from varde.register.log import read_names
from varde.register.opening import Register, open_register
from varde.register.quarantine import (
    QuarantineItem,
    UnmappedCode,
    quarantine_counts,
    quarantine_items,
    unmapped_codes,
)
from varde.register.replay import ReplayResult, replay, replay_quarantined
from varde.register.status import register_status

__all__ = [
    "Counts",
    "IntakeResult",
    "QuarantineItem",
    "Register",
    "RegisterSource",
    "ReplayResult",
    "UnmappedCode",
    "ingest",
    "list_files",
    "open_register",
    "quarantine_counts",
    "quarantine_items",
    "read_names",
    "read_register",
    "register_status",
    "replay",
    "replay_quarantined",
    "resume",
    "unmapped_codes",
]
