"""De-identified submissions to NORM and RAVN: what is kept of them, and what that says.

In: the CSV of a laboratory, in columns that Varde publishes (``data/norm.json``, ``data/ravn.json``).
`minimise` makes of it the bytes that are kept: nothing that links to a person or to the laboratory's
own records is in them (``data/kept.json`` says what is kept of each column, and why). `read_minimised`
turns those bytes into lab reports without a person, and into failures. The bytes as sent are never kept.

Published: the data files. Identity: what looks like an identity number. Vocabulary: the words that may
be kept. Headings: which column is what. Kept: the form that is kept. Minimising and reading: the doors.
"""

from varde.messages.deidentified.headings import find_register
from varde.messages.deidentified.minimising import minimise
from varde.messages.deidentified.reading import read_minimised

__all__ = ["find_register", "minimise", "read_minimised"]
