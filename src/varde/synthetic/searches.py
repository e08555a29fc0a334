"""Invented answers to searches for an organism (PCR, antigen, antibodies), and the truth behind them.

What is asked for, how and of whom is data: ``data/searches.csv``. An answer says that it was found, that it
was not, or now and then neither; some come first without a result. The laboratories are those of the invented
country, in whichever format is asked for; these answers stand apart from its isolates, so that its counts stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np

from .arrivals import OSLO, Arrival
from .chains import Delivery, Searched, Version
from .draws import Floats, Ints, pick, uniform
from .isolates import Patient, Report
from .kith import write_message
from .knowledge import rows
from .laboratories import Laboratory, as_xml, laboratories
from .persons import Population
from .wires import write_fhir, write_hl7v2

EPOCH = date(1970, 1, 1)
TRIES = 32
"""Persons looked at to find one of the right age."""

INCONCLUSIVE, PRELIMINARY, WITHOUT_NUMBER = 0.02, 0.08, 0.02
"""Assumptions: shares of answers that say neither, that come first without a result, and of patients without a
national number."""

PURPOSES = ("search", "day", "minute", "found", "doubt", "first", "numberless", "laboratory")
WARD = "Syntetisk legekontor"

WRITERS: Mapping[str, tuple[str, Callable[[Delivery], bytes]]] = {
    "kith": ("xml", write_message),
    "fhir": ("json", write_fhir),
    "hl7v2": ("hl7", write_hl7v2),
}
"""Wire → the end of a file's name, and what writes it."""


class Analysis(NamedTuple):
    """A row of ``searches.csv``: what is asked for and how, and of whom.

    Attributes:
        code: of Norsk laboratoriekodeverk; empty where it is not known here.
        name, foreign_name: as a Norwegian laboratory and as one abroad calls it.
        positive: share in which the organism is found.
    """

    organism: str
    method: str
    code: str
    name: str
    foreign_name: str
    material: str
    from_age: int
    to_age: int
    positive: float
    weight: float


class TruthSearch(NamedTuple):
    """One answer that counts in the end.

    Attributes:
        sender, report_id: what identifies it.
        person: the patient's position in the population; `number` is the national number, or empty.
        organism, method: what was asked for, and how.
        said: positive, negative or inconclusive; only a positive one is a finding.
    """

    sender: str
    report_id: str
    person: int
    number: str
    organism: str
    method: str
    material: str
    collected: date
    said: str


@dataclass(frozen=True, slots=True)
class Searches:
    """What decides every byte.

    Attributes:
        count: answers in all, each of one search.
        seed: another seed, other answers.
        start, end: first and last day on which specimens are taken.
    """

    count: int = 500
    seed: int = 2026
    start: date = date(2023, 1, 1)
    end: date = date(2025, 10, 31)

    def deliveries(self) -> Iterator[Delivery]:
        """Every message, an answer's own ones in order."""
        index = np.arange(self.count, dtype=np.int64)
        chance = {purpose: self._draw(purpose, index).tolist() for purpose in PURPOSES}
        population = Population(self.seed)
        for serial in range(self.count):
            mine = {purpose: float(values[serial]) for purpose, values in chance.items()}
            report, searched = self._tell(serial, mine, population)
            yield from _deliver(report, searched, mine["first"])

    def arrivals(self, wire: str = "kith") -> Iterator[Arrival]:
        """Every message as it comes, an answer's own ones in order.

        Args:
            wire: "kith", "fhir" or "hl7v2".
        """
        ending, write = WRITERS[wire]
        for delivery in self.deliveries():
            report, number = delivery.report, delivery.version.number
            name = f"{report.laboratory.key}/{report.report_id}-{number}.{ending}"
            yield Arrival(delivery.at.replace(tzinfo=OSLO), name, write(delivery))

    def messages(self, wire: str = "kith") -> Iterator[tuple[str, bytes]]:
        """File name and bytes of every message."""
        return ((each.name, each.data) for each in self.arrivals(wire))

    def truth(self) -> Iterator[TruthSearch]:
        """The answers that a register holds when it has taken in every message, in any order."""
        for delivery in self.deliveries():
            [searched] = delivery.version.searches
            if delivery.version.status != "F":
                continue
            report = delivery.report
            yield TruthSearch(
                sender=report.laboratory.sender,
                report_id=report.report_id,
                person=report.patient.person,
                number=report.patient.number,
                organism=searched.organism,
                method=searched.method,
                material=report.material,
                collected=report.collected.date(),
                said=searched.said,
            )

    def _draw(self, purpose: str, index: Ints) -> Floats:
        return uniform(self.seed, f"search {purpose}", index)

    def _tell(
        self, serial: int, chance: Mapping[str, float], population: Population
    ) -> tuple[Report, Searched]:
        weights = np.array([analysis.weight for analysis in analyses()])
        analysis = analyses()[int(pick(weights, np.array([chance["search"]]))[0])]
        day = self.start + timedelta(days=int(chance["day"] * ((self.end - self.start).days + 1)))
        patient = self._patient(serial, analysis, day, chance["numberless"], population)
        lab = _laboratory(patient.municipality, chance["laboratory"])
        taken = time() if lab.day_only else time(8 + int(chance["minute"] * 8), serial % 60)
        said = "positive" if chance["found"] < analysis.positive else "negative"
        report = Report(
            serial=serial,
            report_id=f"{lab.code}-{day.year % 100:02d}-V{serial:06d}",
            begun=day,
            laboratory=lab,
            patient=patient,
            material=analysis.material,
            unmapped=None,
            collected=datetime.combine(day, taken),
            ward=WARD,
            isolates=(),
        )
        searched = Searched(
            organism=analysis.organism,
            method=analysis.method,
            code=analysis.code,
            name=analysis.name,
            foreign_name=analysis.foreign_name,
            said="inconclusive" if chance["doubt"] < INCONCLUSIVE else said,
        )
        return report, searched

    def _patient(
        self, serial: int, analysis: Analysis, day: date, chance: float, population: Population
    ) -> Patient:
        """Someone of the right age; the oldest among those looked at when nobody is."""
        tries = np.arange(serial * TRIES, (serial + 1) * TRIES, dtype=np.int64)
        persons = (self._draw("person", tries) * len(population)).astype(np.int64)
        persons = population.gather(persons, self._draw("often ill", tries))
        born = population.born(persons)
        days = (day - EPOCH).days
        ages = (days - born) / 365.25
        fits = (days > born) & (ages >= analysis.from_age) & (ages <= analysis.to_age)
        chosen = int(np.flatnonzero(fits)[0]) if fits.any() else int(np.argmin(born))
        people = population.people(persons[chosen : chosen + 1])
        people = population.settle(people, np.array([days], np.int64))
        return Patient(
            person=int(people.index[0]),
            number="" if chance < WITHOUT_NUMBER else f"{int(people.number[0]):011d}",
            kind=str(people.kind[0]),
            sex="F" if people.female[0] else "M",
            born=EPOCH + timedelta(days=int(people.born[0])),
            municipality=str(people.municipality[0]),
        )


@cache
def analyses() -> tuple[Analysis, ...]:
    """What is asked for, as the file says."""
    return tuple(
        Analysis(
            organism=row["organism"],
            method=row["method"],
            code=row["code"],
            name=row["name"],
            foreign_name=row["foreign_name"],
            material=row["material"],
            from_age=int(row["from_age"]),
            to_age=int(row["to_age"]),
            positive=float(row["positive"]),
            weight=float(row["weight"]),
        )
        for row in rows("searches.csv")
    )


def _laboratory(municipality: str, chance: float) -> Laboratory:
    """One of those that serve the county, as it would send messages."""
    labs = laboratories()
    weights = np.array([lab.counties.get(municipality[:2], 0.0) for lab in labs], np.float64)
    if not weights.any():
        weights += 1
    return as_xml(labs[int(pick(weights, np.array([chance]))[0])])


def _deliver(report: Report, searched: Searched, chance: float) -> Iterator[Delivery]:
    day = report.collected.replace(hour=9, minute=report.serial % 60)
    first = chance < PRELIMINARY
    if first:
        pending = (searched._replace(said="pending"),)
        version = Version(1, "N", "P", day + timedelta(days=1), (), searches=pending)
        yield Delivery(version.generated + timedelta(minutes=5), report, version)
    final = Version(
        2 if first else 1,
        "M" if first else "N",
        "F",
        day + timedelta(days=2),
        (),
        searches=(searched,),
    )
    yield Delivery(final.generated + timedelta(minutes=5), report, final)
