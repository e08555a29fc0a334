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
from varde.messages.identifiers import Identity, identify
from varde.messages.isolate_list.mapping import find_mapping
from varde.messages.packing import is_archive, unpack
from varde.messages.reading import READER_VERSION, read
from varde.messages.reasons import Reason, reasons
from varde.messages.records import (
    Code,
    Failure,
    Finding,
    LabReport,
    Patient,
    PersonId,
    ServiceType,
    Sex,
    Sir,
    Specimen,
    Status,
    Susceptibility,
)

__all__ = [
    "READER_VERSION",
    "Code",
    "Failure",
    "Finding",
    "Identity",
    "InvalidContent",
    "LabReport",
    "MessageError",
    "Patient",
    "PersonId",
    "Reason",
    "ServiceType",
    "Sex",
    "Sir",
    "Specimen",
    "Status",
    "Susceptibility",
    "UnreadableMessage",
    "detect",
    "find_mapping",
    "identify",
    "is_archive",
    "mask_digits",
    "minimise",
    "read",
    "read_minimised",
    "reasons",
    "unpack",
]
