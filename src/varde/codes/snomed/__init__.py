"""SNOMED CT: which concept is above which, what it is called, and what is in a medicine.

In: the unpacked folders of RF2 releases, the international one and extensions. `load_release` merges
them once and writes a store. Out: a `Terminology` over that store, opened in milliseconds, which
answers by code.

Pure: no clock, no environment, no database. The room `codes` does not open this door, so that whoever
needs no SNOMED CT does not pay for it. No release is part of the project: a site brings its own, under
its own licence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from varde.codes.errors import (
    CodeFileError,
    CodesError,
    HierarchyCycle,
    ReleaseMissing,
    TerminologyDamaged,
    TerminologyMissing,
    UnknownConcept,
)
from varde.codes.snomed.identifiers import check_digit, is_sctid, make_sctid
from varde.codes.snomed.release import (
    Counts,
    InputFile,
    LeftOut,
    ModuleVersion,
    Properties,
    PropertyChain,
    Release,
)
from varde.codes.snomed.store import check_store
from varde.codes.snomed.terminology import (
    Attribute,
    Ingredient,
    Step,
    Terminology,
    open_terminology,
)

__all__ = [
    "Attribute",
    "CodeFileError",
    "CodesError",
    "Counts",
    "HierarchyCycle",
    "Ingredient",
    "InputFile",
    "LeftOut",
    "ModuleVersion",
    "Properties",
    "PropertyChain",
    "Release",
    "ReleaseMissing",
    "Step",
    "Terminology",
    "TerminologyDamaged",
    "TerminologyMissing",
    "UnknownConcept",
    "check_digit",
    "check_store",
    "is_sctid",
    "load_release",
    "make_sctid",
    "open_terminology",
]


def _stay_silent(stage: str, name: str) -> None:
    """Nobody watches."""


def load_release(
    folders: Sequence[Path],
    store_folder: Path,
    progress: Callable[[str, str], None] | None = None,
    *,
    whole: bool = False,
) -> Release:
    """Merge the RF2 releases below the folders into one store, in place of what was there.

    Each folder gives its Snapshot files, or its Delta files when it has no Snapshot. Of a component
    that several files have, the newest version counts; inactive components are left out. Only
    relationships that the classifier worked out (inferred) are used: *stated* ones are contained in
    them, and *additional* ones are not part of what a concept means.

    Args:
        folders: unpacked releases; order does not matter.
        store_folder: made if it is not there; nothing but the store may be in it.
        progress: told what begins: ``read`` with the name of a file, ``close`` (the hierarchy),
            ``choose`` (terms) or ``save``, these with an empty name.
        whole: refuse what has concepts and no hierarchy: half a release must not take the place of
            a good one.

    Raises:
        ReleaseMissing: there is no release below one of the folders, or only a part of one.
        CodeFileError: a file breaks a rule: encoding, header, number of cells, a cell.
        HierarchyCycle: concepts that are below themselves.
        OSError: the store cannot be written. As with all the others, the old store is whole.
    """
    # Reading needs pyarrow, which takes longer to import than a store takes to open.
    from varde.codes.snomed.building import build_release

    return build_release(folders, store_folder, progress or _stay_silent, whole)
