"""What can be wrong with a question about a register's figures.

The whole tree::

    StatisticsError
    └── InvalidQuestion     a column or value that cannot be asked for
        └── UnknownValue    there is no such disease, county, organism …
"""

from __future__ import annotations


class StatisticsError(ValueError):
    """The question cannot be answered as put; the message says what to change."""


class InvalidQuestion(StatisticsError):
    """Use the columns that the table names, each once."""


class UnknownValue(InvalidQuestion):
    """Choose by something that there is."""
