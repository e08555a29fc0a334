"""What can be wrong with what a report is composed of."""

from __future__ import annotations


class ReportError(Exception):
    """A report cannot be composed: what was given does not fit its kind, or contradicts itself."""
