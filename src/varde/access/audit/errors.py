"""What can be wrong with signing the access log.

The whole tree::

    AuditError
    ├── LogDoesNotFit       the log is not what its signed heads say
    ├── HeadsDoNotFit       heads that were signed are not in the file
    └── NoSigningKey        the key that signs is not at hand
"""

from __future__ import annotations


class AuditError(Exception):
    """Nothing was signed; the message says why, and what to do."""


class LogDoesNotFit(AuditError):
    """The log is not what its signed heads say."""


class HeadsDoNotFit(AuditError):
    """Heads that were signed are not in the file."""


class NoSigningKey(AuditError):
    """The key that signs is not at hand."""
