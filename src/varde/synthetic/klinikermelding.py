"""Invented clinicians' notifications of infectious disease, and the truth behind them.

Each case has a story: notified once; notified before the answer is final, and then finally; changed later; taken back; or
notified with a fault, and half of those again as they should be. Which diseases are notified is data
(``data/notified_diseases.csv``); only for one is the code of MSIS known here, the others are notified in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from typing import NamedTuple

import numpy as np

from varde.codes import counties

from .arrivals import OSLO, Arrival
from .draws import Floats, Ints, pick, uniform
from .klinikermelding_format import Layout, Office, SentNotification, write_file, write_form
from .knowledge import rows
from .persons import Population

EPOCH = date(1970, 1, 1)
FIRST_HER = 9900501
"""HER-ids of the invented offices, one for each county; see ``data/README.md``."""
BLOCK = 4096
ON_ITS_WAY = timedelta(minutes=2)
TRIES = 32
"""Persons looked at to find one of the right age."""

LAYOUTS: tuple[Layout, ...] = ("file", "array", "lines", "file", "bare")
"""How the systems of one office after the other send."""

PRELIMINARY, CHANGED, WITHDRAWN, WITHOUT_NUMBER = 0.06, 0.04, 0.02, 0.03
"""Assumptions: shares of cases that are notified first before the answer is final, changed, taken back, and of
patients without a number."""

COUNTRIES = (("137", 619), ("568", 471), ("143", 410), ("131", 150), ("101", 120), ("534", 60))
"""Countries of infection by number; the first three by cases in 2014 (MSIS), the others assumed."""

OCCUPATIONS = ("01", "02", "03", "10", "98", "99")
PICTURES, EXPOSURES = ("00", "21", "90", "99"), ("01", "04", "05", "12", "15", "99")
CONDITIONS = ("02", "04", "05", "15")
PURPOSES = (
    *("numberless", "delay", "fate", "fault", "minute", "occupation", "picture", "place"),
    *("country", "hospital", "death", "exposure", "contact", "condition"),
)
"""What is drawn for each case."""

ONSET, SAMPLED = "diagnoseforhold.innsykningsdato", "diagnoseforhold.provedato"
DIED, RETURNED = "diagnoseforhold.dodsdato", "smitteforhold.datoForHjemkomst"
IN_HOSPITAL, PLACE = "diagnoseforhold.erInnlagtPaaSykehus", "smitteforhold.smittested"

FAULTS: tuple[str, ...] = (
    "invalid-identity-number",
    "contradictory-sex",
    "unknown-code",
    "contradictory-code",
    "contradictory-values",
    "missing-diagnosis",
    "duplicate-key",
    "truncated",
)
NEEDS_NUMBER = frozenset({"invalid-identity-number", "contradictory-sex"})
NEEDS_OWN_LINE = frozenset({"truncated"})
"""Broken JSON in an array takes all others of the array with it."""


class Disease(NamedTuple):
    """A row of ``notified_diseases.csv``: what is notified, and of whom."""

    diagnosis: tuple[str, str]
    agent: tuple[str, str]
    from_age: int
    to_age: int
    abroad: float
    weight: float


class TruthNotification(NamedTuple):
    """One case that counts in the end.

    Attributes:
        sender: the office, as the reader names it.
        report_id: its number; empty where an office sends none, and the reader makes one.
        number: the national number as sent; empty for one of the few without.
        diagnosis: code, else the words.
        infected_in: number of a country or municipality, or what is said for unknown.
    """

    sender: str
    report_id: str
    person: int
    number: str
    sex: str
    born: date
    municipality: str
    diagnosis: str
    agent: str
    status: str
    onset: date
    sampled: date
    in_hospital: bool
    died: date | None
    infected_in: str


class NotificationSummary(NamedTuple):
    """Counts of what is sent, and of what a register must end with.

    Attributes:
        cases: things notified; sent: versions of them.
        standing, withdrawn: cases that count in the end, and those that were taken back.
        refused: cases of which nothing can be used.
        quarantined: versions that must be refused, by reason.
    """

    cases: int
    sent: int
    standing: int
    withdrawn: int
    refused: int
    quarantined: Mapping[str, int]


class Told(NamedTuple):
    """What a clinician says of an illness; as `SentNotification` has it."""

    codes: Mapping[str, str]
    underlying: tuple[str, ...]
    days: Mapping[str, date]
    hospital: str


class Story(NamedTuple):
    """One case with everything that is ever sent of it, oldest first."""

    versions: tuple[SentNotification, ...]

    def standing(self) -> SentNotification | None:
        """The version that counts; None when it is taken back or none can be used."""
        good = [version for version in self.versions if not version.fault]
        return good[-1] if good and good[-1].service_type != "C" else None


@dataclass(frozen=True, slots=True)
class Notifications:
    """What decides every byte.

    Attributes:
        cases: cases of illness.
        seed: another seed, other cases.
        start, end: first and last day of illness.
        bad_share: share of cases whose first version is faulty.
    """

    cases: int = 500
    seed: int = 2026
    start: date = date(2023, 1, 1)
    end: date = date(2025, 10, 31)
    bad_share: float = 0.03

    def stories(self) -> Iterator[Story]:
        """Every case, in the order of its number."""
        population = Population(self.seed)
        for first in range(0, self.cases, BLOCK):
            index = np.arange(first, min(first + BLOCK, self.cases), dtype=np.int64)
            yield from _block(self, population, index)

    def messages(self) -> Iterator[tuple[str, bytes]]:
        """File name and bytes of what `arrivals` gives."""
        return ((name, data) for _, name, data in self.arrivals())

    def arrivals(self) -> Iterator[Arrival]:
        """Every file; those of one office in the order they are sent, each when its last form is made."""
        sent: dict[str, list[SentNotification]] = {}
        for story in self.stories():
            for version in story.versions:
                sent.setdefault(version.office.code, []).append(version)
        for code in sorted(sent):
            ordered = sorted(sent[code], key=lambda each: (each.generated, each.report_id))
            yield from _write_office(ordered)

    def truth(self) -> Iterator[TruthNotification]:
        """The cases that a register holds when it has taken in all files, in any order."""
        for story in self.stories():
            last = story.standing()
            if last is not None:
                yield _tell_truth(last)

    def summary(self) -> NotificationSummary:
        """What is sent, and what must come of it."""
        stories = list(self.stories())
        good = [[v for v in story.versions if not v.fault] for story in stories]
        return NotificationSummary(
            cases=len(stories),
            sent=sum(len(story.versions) for story in stories),
            standing=sum(1 for story in stories if story.standing() is not None),
            withdrawn=sum(1 for versions in good if versions and versions[-1].service_type == "C"),
            refused=sum(1 for versions in good if not versions),
            quarantined=dict(Counter(v.fault for s in stories for v in s.versions if v.fault)),
        )


@cache
def offices() -> Mapping[str, Office]:
    """County number → the invented office there."""
    known = sorted(counties(date(2026, 1, 1)).values(), key=lambda county: county.number)
    return {
        county.number: Office(
            code=f"KLM{county.number}",
            name=f"Syntetisk smittevernlege {county.name}",
            her=FIRST_HER + place,
            layout=LAYOUTS[place % len(LAYOUTS)],
        )
        for place, county in enumerate(known)
    }


@cache
def diseases() -> tuple[Disease, ...]:
    """What is notified, as the file says."""
    return tuple(
        Disease(
            diagnosis=(row["diagnosis"], row["name"]),
            agent=(row["agent"], row["agent_name"]),
            from_age=int(row["from_age"]),
            to_age=int(row["to_age"]),
            abroad=float(row["abroad"]),
            weight=float(row["weight"]),
        )
        for row in rows("notified_diseases.csv")
    )


def _write_office(ordered: list[SentNotification]) -> Iterator[Arrival]:
    office = ordered[0].office
    if office.layout in ("file", "bare"):
        for number, each in enumerate(ordered, 1):
            name, at = f"{office.code}/{each.generated:%Y-%m}/{number:05}.json", each.generated
            yield Arrival(at + ON_ITS_WAY, name, write_form(each))
        return
    ending = "json" if office.layout == "array" else "ndjson"
    for month, group in groupby(ordered, key=lambda each: f"{each.generated:%Y-%m}"):
        found, name = list(group), f"{office.code}/{month}.{ending}"
        yield Arrival(found[-1].generated + ON_ITS_WAY, name, write_file(found, office.layout))


def _block(plan: Notifications, population: Population, index: Ints) -> Iterator[Story]:
    def draw(purpose: str) -> Floats:
        return uniform(plan.seed, f"notification {purpose}", index)

    kinds = pick(np.array([disease.weight for disease in diseases()]), draw("disease"))
    days = (plan.end - plan.start).days + 1
    onsets = (plan.start - EPOCH).days + (draw("day") * days).astype(np.int64)
    persons = [
        _find_person(plan, population, int(case), diseases()[kind], int(day))
        for case, kind, day in zip(index, kinds, onsets, strict=True)
    ]
    people = population.settle(population.people(np.array(persons, np.int64)), onsets)
    drawn = {purpose: draw(purpose) for purpose in PURPOSES}
    for place, case in enumerate(index.tolist()):
        chance = {purpose: float(values[place]) for purpose, values in drawn.items()}
        onset = EPOCH + timedelta(days=int(onsets[place]))
        sampled = onset + timedelta(days=1 + int(chance["delay"] * 5))
        hour = time(8 + int(chance["minute"] * 9), int(chance["minute"] * 540) % 60, place % 60)
        disease = diseases()[int(kinds[place])]
        municipality = str(people.municipality[place])
        known = chance["numberless"] >= WITHOUT_NUMBER
        told = _tell(disease, onset, sampled, municipality, chance)
        first = SentNotification(
            office=offices()[municipality[:2]],
            report_id=f"KM{case + 1:08}",
            version=1,
            service_type="N",
            status="F",
            generated=datetime.combine(sampled + timedelta(days=2), hour, OSLO),
            person=int(people.index[place]),
            number=f"{int(people.number[place]):011}" if known else "",
            sex="F" if people.female[place] else "M",
            born=EPOCH + timedelta(days=int(people.born[place])),
            municipality=municipality,
            diagnosis=disease.diagnosis,
            agent=disease.agent,
            codes=told.codes,
            underlying=told.underlying,
            days=told.days,
            hospital=told.hospital,
        )
        yield Story(tuple(_versions(first, chance, plan.bad_share)))


def _find_person(
    plan: Notifications, population: Population, case: int, disease: Disease, day: int
) -> int:
    """Someone of the right age who was born before the day; else the oldest among those looked at."""
    tries = np.arange(case * TRIES, (case + 1) * TRIES, dtype=np.int64)
    persons = (uniform(plan.seed, "notification person", tries) * len(population)).astype(np.int64)
    persons = population.gather(persons, uniform(plan.seed, "notification often ill", tries))
    born = population.born(persons)
    ages = (day - born) / 365.25
    fits = np.flatnonzero((day > born) & (ages >= disease.from_age) & (ages <= disease.to_age))
    return int(persons[fits[0]] if len(fits) else persons[np.argmin(born)])


def _tell(
    disease: Disease, onset: date, sampled: date, home: str, chance: Mapping[str, float]
) -> Told:
    """What the clinician says of the illness."""

    def among(values: tuple[str, ...], purpose: str) -> str:
        return values[int(chance[purpose] * len(values))]

    codes = {
        "pasient.yrkesgruppe": among(OCCUPATIONS, "occupation"),
        "diagnoseforhold.indikasjon": "10" if chance["contact"] < 0.7 else "20",
        IN_HOSPITAL: "1" if chance["hospital"] < 0.08 else "2",
    }
    days = {ONSET: onset, SAMPLED: sampled}
    if disease.diagnosis[0]:
        codes["diagnoseforhold.sykdomsbilde"] = among(PICTURES, "picture")
        codes["antattSmittemate.smittemate"] = "70"
        codes["smitteforhold.eksponeringssted"] = among(EXPOSURES, "exposure")
        codes["smitteforhold.harBekreftetNarkontakt"] = among(("1", "2", "3"), "contact")
    if chance["place"] < disease.abroad:
        weights = np.array([weight for _, weight in COUNTRIES], np.float64)
        country = COUNTRIES[int(pick(weights, np.array([chance["country"]]))[0])][0]
        codes[PLACE] = f"80007:{country}"
        codes["smitteforhold.arsakTilUtenlandsopphold"] = "2"
        days[RETURNED] = onset - timedelta(days=1)
    else:
        codes[PLACE] = f"80006:{home}" if chance["place"] < 0.8 else "80022:1UK"
    if chance["death"] < 0.01:
        days[DIED] = sampled + timedelta(days=1)
    return Told(
        codes=codes,
        underlying=(among(CONDITIONS, "condition"),) if chance["death"] < 0.3 else (),
        days=days,
        hospital="Syntetisk sykehus" if codes[IN_HOSPITAL] == "1" else "",
    )


def _versions(
    first: SentNotification, chance: Mapping[str, float], bad_share: float
) -> Iterator[SentNotification]:
    """What is sent of a case, as its fate has it. A bare form can be sent again only, never changed."""
    fate, layout = chance["fate"], first.office.layout
    if fate < bad_share:
        possible = [
            fault
            for fault in FAULTS
            if (first.number or fault not in NEEDS_NUMBER)
            and (layout != "array" or fault not in NEEDS_OWN_LINE)
        ]
        yield replace(first, fault=possible[int(chance["fault"] * len(possible))])
        if fate < bad_share / 2:
            yield _later(first, 3)
        return
    fate -= bad_share
    if layout == "bare" or fate >= PRELIMINARY + CHANGED + WITHDRAWN:
        yield first
    elif fate < PRELIMINARY:
        yield replace(first, status="P")
        yield _later(first, 4, service_type="M")
    elif fate < PRELIMINARY + CHANGED:
        yield first
        yield _later(first, 6, service_type="M", days={**first.days, SAMPLED: first.days[ONSET]})
    else:
        yield first
        yield _later(first, 9, service_type="C")


def _later(first: SentNotification, wait: int, **changes: object) -> SentNotification:
    generated = first.generated + timedelta(days=wait)
    return replace(first, version=2, generated=generated, **changes)  # type: ignore[arg-type]


def _tell_truth(sent: SentNotification) -> TruthNotification:
    return TruthNotification(
        sender=f"HER:{sent.office.her}",
        report_id="" if sent.office.layout == "bare" else sent.report_id,
        person=sent.person,
        number=sent.number,
        sex=sent.sex,
        born=sent.born,
        municipality=sent.municipality,
        diagnosis=sent.diagnosis[0] or sent.diagnosis[1],
        agent=sent.agent[0],
        status=sent.status,
        onset=sent.days[ONSET],
        sampled=sent.days[SAMPLED],
        in_hospital=sent.codes[IN_HOSPITAL] == "1",
        died=sent.days.get(DIED),
        infected_in=sent.codes[PLACE].rpartition(":")[2],
    )
