"""Files of prescribing read: bytes in, typed columns and the errors of rows out.

Input: a CSV or Parquet file whose columns Varde publishes (`varde.prescribing.layouts`).
Output: batches of accepted rows and of rejected ones with reasons; `FileRefused` when nothing of a file can be used.
No clock, and nothing is kept.
"""

from __future__ import annotations

from varde.prescribing.reading.batches import REJECTED, ROW, Batch, accepted_schema
from varde.prescribing.reading.duplicates import Duplicates, find_duplicates
from varde.prescribing.reading.errors import FileRefused
from varde.prescribing.reading.finding import ANSWERS, answering, match_columns
from varde.prescribing.reading.lines import Damaged, Lines
from varde.prescribing.reading.opening import OpenFile, find_table, open_file
from varde.prescribing.reading.reasons import reasons
from varde.prescribing.reading.writing import write_template

__all__ = [
    "ANSWERS",
    "REJECTED",
    "ROW",
    "Batch",
    "Damaged",
    "Duplicates",
    "FileRefused",
    "Lines",
    "OpenFile",
    "accepted_schema",
    "answering",
    "find_duplicates",
    "find_table",
    "match_columns",
    "open_file",
    "reasons",
    "write_template",
]
