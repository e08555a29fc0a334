"""What arrives: one module per wire format; bytes in, typed immutable records or typed errors out.

Input: the bytes of one file or transmission, when they arrived, and for line lists a column mapping.
Output: an iterator of `LabReport | Failure`, in the order of the file: one bad item is a `Failure`
among good ones and never stops the rest; it names its sender, message and report as far as they can
be seen, so that a correction can settle it. Submissions to NORM and RAVN have doors of their own:
`minimise` makes what is kept of them, `read_minimised` reads that. No database, no web, no clock.
"""

from varde.messages.deidentified import minimise, read_minimised
from varde.messages.detect import detect
from varde.messages.errors import (
    InvalidContent,
    MessageError,
    UnreadableMessage,
    mask_digits,
)
from varde.messages.file_kinds import FileKind, find_kind
from varde.messages.identifiers import Identity, control_remainder, identify
from varde.messages.isolate_list.mapping import find_mapping
from varde.messages.klinikermelding.writing import (
    NotificationEnvelope,
    list_notification_choices,
    read_notification_values,
    write_notification,
)
from varde.messages.masking import mask_identities
from varde.messages.packing import is_archive, unpack
from varde.messages.reading import READER_VERSION, read
from varde.messages.reasons import Reason, reason_at, reasons
from varde.messages.records import (
    Code,
    Described,
    Failure,
    Finding,
    LabReport,
    Patient,
    PersonId,
    ServiceType,
    Sex,
    Sir,
    Specimen,
    Statement,
    Status,
    Surgery,
    Susceptibility,
    WardPrevalence,
)
from varde.messages.requesters import Requester, read_requester
from varde.messages.surveys.forms import write_surgery, write_treatments, write_ward
from varde.messages.tables.cells import holds_identity
from varde.messages.tables.definition import Table
from varde.messages.tables.definition import tables as published_tables
from varde.messages.tables.description import describe_columns
from varde.messages.tables.layout import find_column, find_table
from varde.messages.tables.refilling import read_cells
from varde.messages.tables.writing import write_template
from varde.messages.typed_text import clean_line, clean_lines, tidy_lines

__all__ = [
    "READER_VERSION",
    "Code",
    "Described",
    "Failure",
    "FileKind",
    "Finding",
    "Identity",
    "InvalidContent",
    "LabReport",
    "MessageError",
    "NotificationEnvelope",
    "Patient",
    "PersonId",
    "Reason",
    "Requester",
    "ServiceType",
    "Sex",
    "Sir",
    "Specimen",
    "Statement",
    "Status",
    "Surgery",
    "Susceptibility",
    "Table",
    "UnreadableMessage",
    "WardPrevalence",
    "clean_line",
    "clean_lines",
    "control_remainder",
    "describe_columns",
    "detect",
    "find_column",
    "find_kind",
    "find_mapping",
    "find_table",
    "holds_identity",
    "identify",
    "is_archive",
    "list_notification_choices",
    "mask_digits",
    "mask_identities",
    "minimise",
    "published_tables",
    "read",
    "read_cells",
    "read_minimised",
    "read_notification_values",
    "read_requester",
    "reason_at",
    "reasons",
    "tidy_lines",
    "unpack",
    "write_notification",
    "write_surgery",
    "write_template",
    "write_treatments",
    "write_ward",
]
