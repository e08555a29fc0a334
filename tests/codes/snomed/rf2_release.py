"""Write small RF2 releases for the tests."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from varde.codes.snomed import make_sctid

IS_A = "116680003"
INGREDIENT, PRECISE, MODIFICATION = "127489000", "762949000", "738774007"
ROOT, SUBSTANCE = "138875005", "105590001"
INFERRED, STATED, ADDITIONAL = "900000000000011006", "900000000000010007", "900000000000227009"
FSN, SYNONYM = "900000000000003001", "900000000000013009"
PREFERRED, ACCEPTABLE = "900000000000548007", "900000000000549004"
US, GB, BOKMAL, NYNORSK = "900000000000509007", "900000000000508004", "61000202103", "91000202106"
MODULE = "900000000000207008"
DAY = "20250101"

HEADERS = {
    "sct2_Concept_{}": "id effectiveTime active moduleId definitionStatusId",
    "sct2_Description_{}-en": "id effectiveTime active moduleId conceptId languageCode typeId term "
    "caseSignificanceId",
    "sct2_Relationship_{}": "id effectiveTime active moduleId sourceId destinationId "
    "relationshipGroup typeId characteristicTypeId modifierId",
    "der2_cRefset_Language{}-en": "id effectiveTime active moduleId refsetId "
    "referencedComponentId acceptabilityId",
    "sct2_sRefset_OWLExpression{}": "id effectiveTime active moduleId refsetId "
    "referencedComponentId owlExpression",
}
CONCEPT, DESCRIPTION, RELATIONSHIP, MEMBER, AXIOM = HEADERS


def code(item: int) -> str:
    """A well-formed concept id of the international format."""
    return make_sctid(1000 + item, "", "00")


@dataclass(frozen=True)
class Row:
    """A row of one file: its kind, and the cells that differ from row to row."""

    kind: str
    id: str
    cells: tuple[str, ...]
    day: str = DAY
    active: str = "1"
    module: str = MODULE

    def line(self) -> str:
        return "\t".join((self.id, self.day, self.active, self.module, *self.cells))


def concept(id: str, day: str = DAY, active: str = "1", module: str = MODULE) -> Row:
    return Row(CONCEPT, id, ("900000000000074008",), day, active, module)


def relationship(
    source: str,
    type: str,
    target: str,
    group: int = 0,
    *,
    id: str = "",
    day: str = DAY,
    active: str = "1",
    characteristic: str = INFERRED,
) -> Row:
    digest = hashlib.sha256(f"{source} {type} {target} {group}".encode()).digest()
    made = make_sctid(10**3 + int.from_bytes(digest[:6], "big") % 10**14, "", "02")
    cells = (source, target, str(group), type, characteristic, "900000000000451002")
    return Row(RELATIONSHIP, id or made, cells, day, active)


def description(
    item: int,
    concept: str,
    term: str,
    language: str = "en",
    type: str = SYNONYM,
    *,
    day: str = DAY,
    active: str = "1",
) -> Row:
    cells = (concept, language, type, term, "900000000000448009")
    return Row(DESCRIPTION, described(item), cells, day, active)


def described(item: int) -> str:
    """The id of a description."""
    return make_sctid(1000 + item, "", "01")


def member(
    item: int,
    refset: str,
    acceptability: str = PREFERRED,
    *,
    uid: int = 0,
    day: str = DAY,
    active: str = "1",
) -> Row:
    id = uuid.UUID(int=uid or item * 10**18 + int(refset))
    return Row(MEMBER, str(id), (refset, described(item), acceptability), day, active)


def axiom(expression: str) -> Row:
    id = uuid.uuid5(uuid.NAMESPACE_OID, expression)
    return Row(AXIOM, str(id), ("733073007", INGREDIENT, expression))


def write_rf2(
    folder: Path,
    rows: Iterable[Row],
    kind: str = "Snapshot",
    owner: str = "INT",
    kinds: Sequence[str] = (CONCEPT, RELATIONSHIP),
) -> Path:
    """Write the rows into their files; the files of `kinds` also when they have no row."""
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[str]] = {name: [] for name in kinds}
    for row in rows:
        found.setdefault(row.kind, []).append(row.line())
    for name, lines in found.items():
        text = "\n".join(["\t".join(HEADERS[name].split()), *lines, ""])
        file = folder / f"{name.format(kind)}_{owner}_{DAY}.txt"
        file.write_text(text, "utf-8", newline="")
    return folder


def path_of(folder: Path, kind: str) -> Path:
    """The only file of the kind below the folder."""
    (path,) = folder.rglob(f"{kind.format('Snapshot')}_*.txt")
    return path
