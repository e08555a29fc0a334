"""Which files of an RF2 release are read, what their columns are, and where they lie.

Source: SNOMED CT Release File Specifications, chapters "Release File Naming Convention" and
"Component Release Files Specification".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from varde.codes.errors import CodeFileError, ReleaseMissing

COMMON: Final = ("id", "effectiveTime", "active", "moduleId")
REFSET: Final = (*COMMON, "refsetId", "referencedComponentId")

DAY: Final = r"[12]\d{3}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
SCTID: Final = r"[1-9]\d{0,17}"
RULES: Final[Mapping[str, str]] = {
    "id": SCTID,
    "effectiveTime": DAY,
    "active": "[01]",
    "relationshipGroup": r"\d{1,9}",
    "languageCode": "[a-z]{2,8}(-[A-Za-z0-9]{2,8})*",
    "term": ".+",
    "owlExpression": ".+",
}
"""What a cell of the column must match in full; any other column is an SCTID."""

UUID: Final = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"


@dataclass(frozen=True)
class Layout:
    """One kind of file.

    Attributes:
        file: what its name begins with, up to the kind of release (Snapshot or Delta).
        columns: its header.
        used: the columns that are read.
        member: a file of reference set members, whose ids are UUIDs.
    """

    file: str
    columns: tuple[str, ...]
    used: tuple[str, ...]
    member: bool = False

    def rule(self, column: str) -> str:
        """The regular expression for a cell of the column."""
        return UUID if self.member and column == "id" else RULES.get(column, SCTID)


CONCEPTS: Final = Layout("sct2_Concept_", (*COMMON, "definitionStatusId"), COMMON)
DESCRIPTIONS: Final = Layout(
    "sct2_Description_",
    (*COMMON, "conceptId", "languageCode", "typeId", "term", "caseSignificanceId"),
    ("id", "effectiveTime", "active", "conceptId", "languageCode", "typeId", "term"),
)
RELATIONSHIPS: Final = Layout(
    "sct2_Relationship_",
    (
        *COMMON,
        *("sourceId", "destinationId", "relationshipGroup"),
        *("typeId", "characteristicTypeId", "modifierId"),
    ),
    (
        *("id", "effectiveTime", "active", "sourceId", "destinationId"),
        *("relationshipGroup", "typeId", "characteristicTypeId"),
    ),
)
LANGUAGE_MEMBERS: Final = Layout(
    "der2_cRefset_Language",
    (*REFSET, "acceptabilityId"),
    ("id", "effectiveTime", "active", "refsetId", "referencedComponentId", "acceptabilityId"),
    member=True,
)
AXIOMS: Final = Layout(
    "sct2_sRefset_OWL",
    (*REFSET, "owlExpression"),
    ("id", "effectiveTime", "active", "owlExpression"),
    member=True,
)
LAYOUTS: Final = (CONCEPTS, DESCRIPTIONS, RELATIONSHIPS, LANGUAGE_MEMBERS, AXIOMS)

RELEASE_KINDS: Final = ("Snapshot", "Delta")
"""In this order: the changes alone are read only where there is no state of everything."""

Files = Mapping[Layout, tuple[Path, ...]]


def find_files(folders: Sequence[Path]) -> Files:
    """The files to read, anywhere below the folders, by layout.

    Each folder gives its Snapshot files; its Delta files when it has no Snapshot file at all. Files
    are in the order of their names, so that the result does not depend on where they lie.

    Raises:
        ReleaseMissing: a folder has no file of a release, or none of them has a concept file.
        CodeFileError: a folder cannot be read.
    """
    found: dict[Layout, dict[Path, Path]] = {layout: {} for layout in LAYOUTS}
    for folder in folders:
        for layout, path in _find_below(folder):
            found[layout].setdefault(path.resolve(), path)
    if not found[CONCEPTS]:
        names = ", ".join(str(folder) for folder in folders) or "no folder"
        raise ReleaseMissing(
            f"no concept file ({CONCEPTS.file}Snapshot…txt) below {names}: "
            "give the folder of an unpacked RF2 release"
        )
    return {
        layout: tuple(sorted(paths.values(), key=lambda path: (path.name, str(path))))
        for layout, paths in found.items()
    }


def _find_below(folder: Path) -> list[tuple[Layout, Path]]:
    if not folder.is_dir():
        raise ReleaseMissing(
            f"{folder} is not a folder: give the folder of an unpacked RF2 release"
        )
    try:
        paths = sorted(path for path in folder.rglob("*.txt") if path.is_file())
    except OSError as error:
        raise CodeFileError(folder, 0, f"cannot be read: {error.strerror}") from error
    for kind in RELEASE_KINDS:
        found = [
            (layout, path)
            for path in paths
            for layout in LAYOUTS
            if re.match(rf"x?{layout.file}[^_]*{kind}", path.name)
        ]
        if found:
            return found
    raise ReleaseMissing(
        f"no RF2 file ({', '.join(f'{layout.file}Snapshot…txt' for layout in LAYOUTS[:3])}) below "
        f"{folder}: give the folder of an unpacked RF2 release"
    )


def name_release(files: Sequence[Path]) -> str:
    """What the concept files call their release: ``INT 2025-01-01``; several with a plus sign."""
    return " + ".join(dict.fromkeys(_name_file(path) for path in files))


def _name_file(path: Path) -> str:
    found = re.search(r"_([A-Za-z0-9]+)_(\d{4})(\d{2})(\d{2})$", path.stem)
    if not found:
        return path.stem
    owner, *day = found.groups()
    return f"{owner} {'-'.join(day)}"
