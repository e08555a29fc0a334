"""The access log: who did what, when, for which purpose; about whom only as a keyed hash.

Entries are only added, each hashed with the one before (`encoding`), which `verify` finds broken. What a chain alone
cannot show, that the newest entries were cut off or that all of it was rewritten, is shown by signed heads outside the
database (`heads`, `signing`): `verify_log` compares the two. docs/audit.md says how others can.
"""

from varde.access.audit.encoding import START
from varde.access.audit.errors import (
    AuditError,
    HeadsDoNotFit,
    LogDoesNotFit,
    LogNotWritten,
    NoSigningKey,
)
from varde.access.audit.glance import Glance, Verified, glance, last_seen, remember
from varde.access.audit.head_check import Fault
from varde.access.audit.heads import Head, place_of
from varde.access.audit.keys import (
    PERSONS,
    SIGNING,
    AuditKeys,
    key_id_of,
    own_public_keys,
    read_public_keys,
    write_pem,
)
from varde.access.audit.persons import Look, list_looks
from varde.access.audit.recording import PurposeMissing, record, record_looks
from varde.access.audit.signing import (
    change_keys,
    finish,
    keep_signed,
    sign,
    sign_restored,
    what_is_wrong,
)
from varde.access.audit.verification import Report, verify_log
from varde.access.audit.verification import verify_chain as verify

__all__ = [
    "PERSONS",
    "SIGNING",
    "START",
    "AuditError",
    "AuditKeys",
    "Fault",
    "Glance",
    "Head",
    "HeadsDoNotFit",
    "LogDoesNotFit",
    "LogNotWritten",
    "Look",
    "NoSigningKey",
    "PurposeMissing",
    "Report",
    "Verified",
    "change_keys",
    "finish",
    "glance",
    "keep_signed",
    "key_id_of",
    "last_seen",
    "list_looks",
    "own_public_keys",
    "place_of",
    "read_public_keys",
    "record",
    "record_looks",
    "remember",
    "sign",
    "sign_restored",
    "verify",
    "verify_log",
    "what_is_wrong",
    "write_pem",
]
