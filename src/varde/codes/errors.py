"""What can be wrong with the files that say what things are called.

The whole tree::

    CodesError
    └── CodeFileError       a data file breaks a rule: nothing of that file is used

Both mean that somebody who maintains the files must act; no input from a laboratory raises them.
"""

from __future__ import annotations

from pathlib import Path


class CodesError(Exception):
    """Anything wrong with the knowledge files of this room."""


class CodeFileError(CodesError):
    """A data file that breaks a rule.

    Args:
        file: the file.
        row: line number in the file as an editor counts it, 1 for the header; 0 for the whole file.
        rule: the rule that is broken, with the offending value.
    """

    def __init__(self, file: Path | str, row: int, rule: str) -> None:
        self.file = str(file)
        self.row = row
        self.rule = rule
        where = f"{Path(file).name}, line {row}" if row else Path(file).name
        super().__init__(f"{where}: {rule}")
