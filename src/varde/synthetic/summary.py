"""What was sent and what must come of it: the truth that a register's end state is held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from .chains import Story, Version
from .isolate_list import isolate_id
from .isolates import Result
from .kith import local_id


class TruthIsolate(NamedTuple):
    """One isolate that counts in the end.

    Attributes:
        sender, report_id, number: what identifies it: number is the finding's in its report.
        laboratory: key of the invented laboratory.
        person: the patient's position in the population, whatever the message tells of them.
        person_kind, person_value: the identifier sent: FNR, DNR or LOCAL; empty when none is.
        sex, born: as sent; a list tells the birth date by the national number alone.
        municipality: as sent; empty when the laboratory does not send it.
        organism, material: keys; empty when sent under a code that no map knows.
        collected: Norwegian day.
        status: "P" for a report that never became final, else "F".
        results: antibiotic, S/I/R, MIC; those under codes that no map knows are left out.
        strange: how many results are sent under codes that no map knows.
    """

    sender: str
    report_id: str
    number: int
    laboratory: str
    person: int
    person_kind: str
    person_value: str
    sex: str
    born: date | None
    municipality: str
    organism: str
    material: str
    collected: date
    ward: str
    status: str
    results: tuple[Result, ...]
    strange: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of what was written, and of what a register must end with.

    An *item* is a message in XML or a row of a list. items = accepted + copies + resends + the sum
    of `quarantined`.

    Attributes:
        files: XML files and lists, without mapping files.
        lists: how many of the files are lists.
        items: everything that can be accepted or refused alone.
        accepted: good items that say something new: every version counts.
        copies: items equal to an accepted one byte for byte.
        resends: items with the id and content of an accepted one in other bytes.
        reissued: accepted items with the content of the version before under a new id.
        quarantined: reason → items that cannot be used.
        final, preliminary: reports that count in the end, by status; a row of a list is a report.
        negative: those of them in which nothing grew.
        cancelled: reports whose last good version takes them back.
        lost: reports of which only bad messages came.
        isolates_drawn: organisms found, whatever became of their reports.
        isolates: isolates that count in the end: the rows of `truth`.
        unmapped_organisms, unmapped_materials: those of them without organism, without material.
        unmapped_results: their results under codes that no map knows.
        unmapped_codes: every such code → isolates (or results) that count in the end.
        unmapped_expressions: organisms, results and specimens (also those without growth) under
            such a code in the reports that count in the end: what waits for somebody to map it.
    """

    files: int
    lists: int
    items: int
    accepted: int
    copies: int
    resends: int
    reissued: int
    quarantined: Mapping[str, int]
    final: int
    preliminary: int
    negative: int
    cancelled: int
    lost: int
    isolates_drawn: int
    isolates: int
    unmapped_organisms: int
    unmapped_materials: int
    unmapped_results: int
    unmapped_codes: Mapping[str, int]
    unmapped_expressions: int


def true_isolates(story: Story) -> Iterator[TruthIsolate]:
    """The isolates of one report that count in the end."""
    version = story.current
    if version is None:
        return
    report = story.report
    lab, patient = report.laboratory, report.patient
    listed = lab.format == "list"
    local = "" if listed else local_id(patient)
    for number, isolate in enumerate(version.isolates, 1):
        yield TruthIsolate(
            sender=lab.sender,
            report_id=isolate_id(report.report_id, number) if listed else report.report_id,
            number=1 if listed else number,
            laboratory=lab.key,
            person=patient.person,
            person_kind=patient.kind if patient.number else "LOCAL" if local else "",
            person_value=patient.number or local,
            sex=patient.sex,
            born=None if listed and not patient.number else patient.born,
            municipality=patient.municipality if lab.municipality else "",
            organism=isolate.organism,
            material=report.material,
            collected=report.collected.date(),
            ward=report.ward,
            status=version.status,
            results=isolate.results,
            strange=int(isolate.extra is not None),
        )


class Tally:
    """Counts stories one by one, and then makes a `Summary`."""

    def __init__(self) -> None:
        self.isolates = 0
        self.count: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.months: set[tuple[str, str]] = set()

    def add(self, story: Story) -> None:
        """Count one report and everything that happens to it."""
        report, listed = story.report, story.report.laboratory.format == "list"
        self.isolates += len(report.isolates)
        for delivery in story.deliveries:
            items = _items(delivery.version, listed)
            if not items:
                continue
            self.count["items"] += items
            if listed:
                self.months.add((report.laboratory.key, f"{delivery.at:%Y%m}"))
            else:
                self.count["files"] += 1
            if delivery.version.fault:
                self.faults[delivery.version.fault] += items
            else:
                self.count[delivery.kind] += items
        self._add_versions(story, listed)
        self._add_current(story, listed)

    def _add_versions(self, story: Story, listed: bool) -> None:
        for before, version in zip(story.versions, story.versions[1:], strict=False):
            if version.reissue and not before.fault:
                self.count["reissued"] += _items(version, listed)
        size = _items(story.versions[-1], listed)
        good = [version for version in story.versions if not version.fault]
        if not good:
            self.count["lost"] += size
        elif good[-1].service_type == "C":
            self.count["cancelled"] += size
        else:
            self.count[good[-1].status] += size
            self.count["negative"] += size and not good[-1].isolates

    def _add_current(self, story: Story, listed: bool) -> None:
        version = story.current
        if version is None:
            return
        material = story.report.unmapped
        for isolate in version.isolates:
            self.count["isolates"] += 1
            codes = {"organisms": isolate.unmapped, "materials": material, "results": isolate.extra}
            for kind, code in codes.items():
                if code is not None:
                    self.count[kind] += 1
                    self.codes[code.code] += 1
                    self.count["expressions"] += kind != "materials"
        if material is not None:
            self.count["expressions"] += _items(version, listed)

    def summary(self) -> Summary:
        """What has been counted."""
        count = self.count
        return Summary(
            files=count["files"] + len(self.months),
            lists=len(self.months),
            items=count["items"],
            accepted=count["first"],
            copies=count["copy"],
            resends=count["resend"],
            reissued=count["reissued"],
            quarantined=dict(sorted(self.faults.items())),
            final=count["F"],
            preliminary=count["P"],
            negative=count["negative"],
            cancelled=count["cancelled"],
            lost=count["lost"],
            isolates_drawn=self.isolates,
            isolates=count["isolates"],
            unmapped_organisms=count["organisms"],
            unmapped_materials=count["materials"],
            unmapped_results=count["results"],
            unmapped_codes=dict(sorted(self.codes.items())),
            unmapped_expressions=count["expressions"],
        )


def _items(version: Version, listed: bool) -> int:
    return len(version.isolates) if listed else 1
