"""What can be wrong with a question about indicators.

The whole tree::

    IndicatorError
    ├── UnknownIndicator    no indicator of that id on that day; the message names some
    ├── InvalidPeriod       a period that is not whole months, has one end, or ends before it begins
    └── InvalidQuestion     a unit kind that an indicator's tables do not know, a role nobody has, a table that is missing,
                            institutions that took over from themselves

A definition that breaks a rule is a `varde.codes.CodeFileError`: whoever maintains the files must act.
"""

from __future__ import annotations


class IndicatorError(Exception):
    """Anything wrong with a question about indicators."""


class UnknownIndicator(IndicatorError):
    """There is no indicator of that id on that day."""


class InvalidPeriod(IndicatorError):
    """A period that is not whole months, or is written in another way than the command takes."""


class InvalidQuestion(IndicatorError):
    """A question that the tables cannot answer."""
