"""What can be wrong with writing and signing the access log.

The whole tree::

    AuditError
    ├── LogNotWritten       the log does not take what is written into it
    ├── LogDoesNotFit       the log is not what its signed heads say
    ├── HeadsDoNotFit       heads that were signed are not in the file
    └── NoSigningKey        the key that signs is not at hand
"""

from __future__ import annotations

from django.db import DatabaseError


class AuditError(Exception):
    """Nothing was written or signed; the message says why, and what to do."""


class LogNotWritten(AuditError, DatabaseError):
    """The log does not take what is written into it."""


class LogDoesNotFit(AuditError):
    """The log is not what its signed heads say."""


class HeadsDoNotFit(AuditError):
    """Heads that were signed are not in the file."""


class NoSigningKey(AuditError):
    """The key that signs is not at hand."""
