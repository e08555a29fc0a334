"""What can be wrong with a question about resistance.

The whole tree::

    ResistanceError
    ├── InvalidMethod       not a way to choose first isolates
    └── InvalidSelection    a column or value that cannot be asked for
"""

from __future__ import annotations


class ResistanceError(ValueError):
    """The question cannot be answered as put; the message says what to change."""


class InvalidMethod(ResistanceError):
    """Use ``none``, ``patient`` or ``episode:365`` (any number of days from 1)."""


class InvalidSelection(ResistanceError):
    """Use the columns of `DIMENSIONS`, each once, and dates in order."""
