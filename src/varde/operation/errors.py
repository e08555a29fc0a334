"""What can keep an operator's work from being done.

The whole tree::

    OperationError
    ├── ArchiveInvalid       a backup that is damaged, cut short, or none
    ├── NothingThere         there is no register to work on
    ├── NotEmpty             there is something already where a backup was to go
    ├── NotWritten           the file of a backup cannot be written
    ├── NotRestored          the database does not hold what the backup does
    ├── RetentionInvalid     retention rules that contradict themselves or the project's
    └── RotationError        storage keys that cannot be changed
"""

from __future__ import annotations


class OperationError(Exception):
    """Something was not done; the message says why, and what to do."""


class ArchiveInvalid(OperationError):
    """A file that is no whole backup. Nothing was changed."""


class NothingThere(OperationError):
    """There is no register to work on. Nothing was made."""


class NotEmpty(OperationError):
    """There is something already where a backup was to go. Nothing was changed."""


class NotWritten(OperationError):
    """The file of a backup cannot be written. Nothing is left of it."""


class NotRestored(OperationError):
    """What was put back differs from the backup, or cannot be put back. Nothing was changed."""


class RetentionInvalid(OperationError):
    """Retention rules that cannot be followed."""


class RotationError(OperationError):
    """Storage keys that cannot be changed."""
