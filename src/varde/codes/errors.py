"""What can be wrong with the files that say what things are called.

The whole tree::

    CodesError
    ├── CodeFileError           a data file breaks a rule: nothing of that file is used
    │   └── HierarchyCycle      concepts of a SNOMED CT release that are below themselves
    ├── ReleaseMissing          a folder without a SNOMED CT release in it
    ├── TerminologyMissing      no SNOMED CT store where one is asked for: nothing was loaded yet
    ├── TerminologyDamaged      a SNOMED CT store of another version, or not whole
    └── UnknownConcept          a code that the loaded SNOMED CT release does not hold

All but the last mean that somebody who maintains the files must act. No input from a laboratory
raises any of them but the last, and that one only where a SNOMED CT code is looked up.
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


class HierarchyCycle(CodeFileError):
    """Concepts that are below themselves: an order must have a top.

    Args:
        concepts: the codes on the way round, each a child of the next, the last of the first.
    """

    def __init__(self, file: Path | str, row: int, concepts: tuple[str, ...]) -> None:
        self.concepts = concepts
        way = " is-a ".join((*concepts, concepts[0]))
        super().__init__(file, row, f"a concept cannot be below itself: {way}")


class ReleaseMissing(CodesError):
    """A folder in which there is no SNOMED CT release."""


class TerminologyMissing(CodesError):
    """There is no SNOMED CT store in the folder."""


class TerminologyDamaged(CodesError):
    """A SNOMED CT store that this program cannot use; loading the release again makes it anew."""


class UnknownConcept(CodesError):
    """A code that no active concept of the loaded SNOMED CT release has.

    Args:
        code: the code asked for.
        release: what was loaded.
    """

    def __init__(self, code: str, release: str) -> None:
        self.code = code
        super().__init__(
            f"SNOMED CT {release} has no active concept {code!r}: "
            "check the code, or load a release that has it with 'varde snomed load'"
        )
