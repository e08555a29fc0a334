"""What can be wrong with what this room is given to work by.

The whole tree::

    LinkageError
    ├── LinkageFileError    a data file breaks a rule: nothing of it is used
    └── RulingError         a person's decision that cannot be used
"""

from __future__ import annotations


class LinkageError(Exception):
    """Anything wrong in this room."""


class LinkageFileError(LinkageError):
    """A data file that breaks a rule.

    Args:
        file: its name.
        problem: the rule that is broken, with the offending value.
    """

    def __init__(self, file: str, problem: str) -> None:
        self.file = file
        self.problem = problem
        super().__init__(f"{file}: {problem}")


class RulingError(LinkageError):
    """A decision about descriptions that do not exist, or about one and itself."""
