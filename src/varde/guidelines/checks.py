"""What an editor should know about a folder of content: rules beyond a single file's shape.

An error stops publishing; a remark is for a person to look at. Nothing here judges medicine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from varde.guidelines.amounts import Amount
from varde.guidelines.errors import ContentError
from varde.guidelines.files import LEDGER, StoredVersion, read_folder, read_version
from varde.guidelines.library import Edition, Entry, Library
from varde.guidelines.matching import Terminology
from varde.guidelines.model import (
    SNOMED,
    AnbefalingData,
    Doseringsregime,
    Kode,
    KontraindikasjonData,
)
from varde.guidelines.treatments import iterate_doses, iterate_regimens
from varde.guidelines.units import unit_named


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        level: ``error`` or ``remark``.
        file: the content file.
        path: where in it.
        text: what, and what to do.
    """

    level: Literal["error", "remark"]
    file: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    Attributes:
        objects, versions, drafts: how many there are; drafts are versions not yet published.
    """

    objects: int
    versions: int
    drafts: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many stop publishing."""
        return sum(finding.level == "error" for finding in self.findings)


def check_folders(folders: list[Path], terminology: Terminology | None = None) -> CheckResult:
    """Read every file and apply every rule; all that is wrong is found, not only the first.

    Args:
        terminology: when given, codes that it does not hold are remarked on.
    """
    findings: list[Finding] = []
    stored: list[StoredVersion] = []
    for folder in folders:
        findings += _check_names(folder)
        try:
            stored += read_folder(folder)
        except ContentError as error:
            findings += _broken_files(folder, error)
    if any(finding.level == "error" for finding in findings):
        return CheckResult(0, len(stored), (), tuple(findings))
    try:
        library = Library(stored)
    except ContentError as error:
        found = Finding("error", error.file, error.path, error.rule)
        return CheckResult(0, len(stored), (), (found,))
    for entry in library.entries():
        findings += _check_entry(entry)
        findings += _check_place(library, entry)
    for day in library.change_days:
        findings += _check_edition(library.edition(day))
    if terminology is not None:
        findings += _check_codes(library, terminology)
    drafts = tuple(one.name for one in stored if not one.published)
    return CheckResult(len(library), len(stored), drafts, tuple(dict.fromkeys(findings)))


def _check_names(folder: Path) -> Iterator[Finding]:
    """Files that nobody reads, and a folder without content or without ledger."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")}
    content = {name for name in names if name.count("/") == 2}
    for name in sorted(names - content - {LEDGER}):
        yield Finding("remark", name, "$", "is not read: content lies in <kind>/<name>/<day>.json")
    if not content:
        yield Finding("error", str(folder), "$", "there is no content file below this folder")
    elif LEDGER not in names:
        yield Finding(
            "remark", LEDGER, "$", "is not there: nothing of this folder is served before --publish"
        )


def _broken_files(folder: Path, first: ContentError) -> Iterator[Finding]:
    """Every file's own first error: an editor mends a folder in one round."""
    reported = False
    for path in sorted(folder.glob("*/*/*.json")):
        name = path.relative_to(folder).as_posix()
        try:
            read_version(path.read_bytes(), name)
        except ContentError as error:
            reported = reported or str(error) == str(first)
            yield Finding("error", error.file, error.path, error.rule)
    if not reported:
        yield Finding("error", first.file, first.path, first.rule)


def _check_entry(entry: Entry) -> Iterator[Finding]:
    file, innhold = entry.stored.name, entry.innhold
    if not entry.sources:
        yield Finding(
            "remark", file, "$.kilder", "no source is given: say where the content is from"
        )
    if innhold.sistFagligOppdatert and innhold.sistFagligOppdatert.day > entry.first_day:
        yield Finding(
            "remark",
            file,
            "$.innhold.sistFagligOppdatert",
            f"{innhold.sistFagligOppdatert.day} is after gyldigFra {entry.first_day}",
        )
    if isinstance(innhold.data, AnbefalingData):
        if innhold.status == "Gjeldende" and not innhold.data.behandlinger:
            yield Finding("error", file, "$.innhold.data", "a recommendation has behandlinger")
        if not innhold.koder:
            yield Finding(
                "remark", file, "$.innhold.koder", "no diagnosis code: found by words only"
            )
        for placed in iterate_regimens(innhold.data):
            for dose in placed.regimen.doseringregimer:
                yield from _check_dose(entry, dose)


def _check_place(library: Library, entry: Entry) -> Iterator[Finding]:
    """A recommendation always belongs to a guideline, and a parent is there when its child is."""
    file, parents = entry.stored.name, entry.innhold.parents
    if entry.innhold.info_type == "anbefaling" and not parents:
        yield Finding(
            "remark",
            file,
            "$.innhold.links",
            "a recommendation belongs to a guideline: link forelder",
        )
    for parent in parents:
        if not library.has(parent):
            yield Finding(
                "remark",
                file,
                "$.innhold.links",
                f"its parent {parent or 'without id'} is not there",
            )
        elif library.versions(parent)[0].first_day > entry.first_day:
            first = library.versions(parent)[0].first_day
            yield Finding(
                "remark", file, "$.innhold.links", f"its parent is valid only from {first}"
            )


def _check_dose(entry: Entry, dose: Doseringsregime) -> Iterator[Finding]:
    file = entry.stored.name
    drug = dose.data.legemiddeldoseringsregime.koder[0].display
    dosering = dose.data.dosering
    if not dose.data.varde or not dose.data.varde.virkestoff:
        yield Finding(
            "remark",
            file,
            drug,
            "no varde.virkestoff: without a terminology no contra-indication is listed here",
        )
    if dosering and isinstance(dosering.dose, Amount) and dosering.styrkeEnhetDosering:
        unit = unit_named(dosering.styrkeEnhetDosering.display)
        if dosering.dose.low <= 0:
            yield Finding("error", file, drug, "a dose must be more than 0")
        if unit.per_kg and dosering.dose.most > 200:
            yield Finding(
                "remark", file, drug, f"{dosering.dose.most} per kg: is it mg, not mg/kg?"
            )
        if unit.name == "mg" and dosering.dose.most > 6000:
            yield Finding(
                "remark", file, drug, f"{dosering.dose.most} mg in one dose: is it right?"
            )
    if dosering and dosering.dose and not dose.data.frekvensdoseringsregimePerDogn:
        yield Finding("remark", file, drug, "a dose without frequency")


def _check_edition(edition: Edition) -> Iterator[Finding]:
    """A parent that is withdrawn leaves its children without a place on the page."""
    for entry in edition.current():
        parents = edition.parents(entry.innhold.id)
        if parents and all(up.innhold.status != "Gjeldende" for up in parents):
            yield Finding(
                "error",
                entry.stored.name,
                "$.innhold.links",
                f"all that it hangs below is withdrawn from {edition.begins}",
            )


def _check_codes(library: Library, terminology: Terminology) -> Iterator[Finding]:
    for entry in library.entries():
        data = entry.innhold.data
        if isinstance(data, KontraindikasjonData):
            for code in data.virkestoff.koder:
                yield from _check_code(entry, code, terminology)
        if isinstance(data, AnbefalingData):
            for dose in iterate_doses(data):
                for code in dose.data.legemiddeldoseringsregime.koder:
                    yield from _check_code(entry, code, terminology)
                yield from _check_ingredients(entry, dose, terminology)


def _check_code(entry: Entry, code: Kode, terminology: Terminology) -> Iterator[Finding]:
    if code.system == SNOMED and code.code not in terminology:
        yield Finding(
            "remark",
            entry.stored.name,
            code.code,
            f"{code.display}: the loaded terminology does not hold this code",
        )


def _check_ingredients(
    entry: Entry, dose: Doseringsregime, terminology: Terminology
) -> Iterator[Finding]:
    """Ingredients that the content gives should be those that the terminology finds."""
    drugs = dose.data.legemiddeldoseringsregime.koder
    given = dose.data.varde.virkestoff if dose.data.varde else None
    if not given or not all(code.code in terminology for code in drugs):
        return
    for code in given.koder:
        if code.code in terminology and all(
            terminology.correspondence(drug.code, code.code) is None for drug in drugs
        ):
            yield Finding(
                "remark",
                entry.stored.name,
                code.code,
                f"the terminology does not find {code.display} in {drugs[0].display}",
            )
