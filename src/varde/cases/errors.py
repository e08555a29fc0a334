"""What can be wrong with the files that say what a case is.

The whole tree::

    CasesError
    └── DiseaseFileError    a file breaks a rule: nothing of that file is used
"""

from __future__ import annotations


class CasesError(Exception):
    """Anything wrong in this room."""


class DiseaseFileError(CasesError):
    """A data file that breaks a rule.

    Args:
        file: its name.
        field: where in it (``definition[0].laboratory[1].methods``); empty for the whole file.
        problem: the rule that is broken, with the offending value.
    """

    def __init__(self, file: str, field: str, problem: str) -> None:
        self.file = file
        self.field = field
        self.problem = problem
        super().__init__(": ".join(part for part in (file, field, problem) if part))
