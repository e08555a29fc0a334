"""What has happened: message log, the fold, persons, laboratory answers, notifications, vaccinations, surveys.

Input: files of any format that `varde.messages` reads, at the `Door` or as files. Output: the register's tables, the quarantine
with reasons, and the register as columns for the warehouse. The only room that writes health data.
"""

from varde.register.columns import RegisterSource, read_register
from varde.register.door import Door, DoorClosed, DoorError, DoorFull, NotDurable, Ticket
from varde.register.erasure import erase, folded_messages, unusable_messages
from varde.register.files import open_file, read_mapping_beside
from varde.register.fold import Counts, let_in
from varde.register.intake import IntakeResult, ingest, list_files, resume
from varde.register.log import Incoming, Newest, newest, read_names
from varde.register.opening import Register, make_tables, open_register
from varde.register.quarantine import (
    QuarantineItem,
    UnmappedCode,
    quarantine_counts,
    quarantine_items,
    unmapped_codes,
)
from varde.register.receipts import ItemReceipt, MessageReceipt, read_receipts
from varde.register.replay import ReplayResult, replay, replay_quarantined
from varde.register.status import register_status
from varde.register.store import APART, alone, using
from varde.register.tally import Arrived, oldest_waiting, read_tally
from varde.register.validation import validate

__all__ = [
    "APART",
    "Arrived",
    "Counts",
    "Door",
    "DoorClosed",
    "DoorError",
    "DoorFull",
    "Incoming",
    "IntakeResult",
    "ItemReceipt",
    "MessageReceipt",
    "Newest",
    "NotDurable",
    "QuarantineItem",
    "Register",
    "RegisterSource",
    "ReplayResult",
    "Ticket",
    "UnmappedCode",
    "alone",
    "erase",
    "folded_messages",
    "ingest",
    "let_in",
    "list_files",
    "make_tables",
    "newest",
    "oldest_waiting",
    "open_file",
    "open_register",
    "quarantine_counts",
    "quarantine_items",
    "read_mapping_beside",
    "read_names",
    "read_receipts",
    "read_register",
    "read_tally",
    "register_status",
    "replay",
    "replay_quarantined",
    "resume",
    "unmapped_codes",
    "unusable_messages",
    "using",
    "validate",
]
