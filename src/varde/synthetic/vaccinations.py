"""Invented vaccinations as FHIR bundles and as tables, and the truth behind both.

Each dose has a story: given and sent once; changed later (the batch was another one); entered in error
and withdrawn; or sent with a fault, and half of those are sent again as they should be. Which vaccine
is given at what age is data: ``data/vaccines.csv``. Both formats tell the same versions at the same
times, so a register must end with the same whichever it is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from typing import NamedTuple

import numpy as np

from varde.codes import CodeMap, counties
from varde.codes import population as counted

from .arrivals import OSLO, Arrival
from .draws import Floats, Ints, pick, uniform
from .kith import wrong_digit
from .knowledge import rows
from .persons import OLDEST, Population
from .vaccination_formats import SentVaccination, Site, write_bundle, write_table

EPOCH = date(1970, 1, 1)
COUNTED = date(2026, 1, 1)
"""The day on which the inhabitants were counted."""

FIRST_HER = 9900301
"""HER-ids of the invented places of vaccination, one for each county; see ``data/README.md``."""

TRIES = 192
"""Persons looked at to find one of the right age."""

BLOCK = 4096
IN_A_BUNDLE = 20
CHANGED, WITHDRAWN, WITHOUT_NUMBER = 0.04, 0.02, 0.02
"""Assumptions: shares of doses that are changed or withdrawn, and of persons without a number."""

FAULTS: tuple[str, ...] = (
    "invalid-identity-number",
    "contradictory-sex",
    "missing-vaccine",
    "born-after-vaccination",
    "future-date",
    "not-vaccinated",
)
"""What can be wrong with a dose that is sent, as the readers name it in either format."""

NEEDS_NUMBER = frozenset({"invalid-identity-number", "contradictory-sex"})


class VaccineKind(NamedTuple):
    """A row of ``vaccines.csv``: what is given, at which age in days, and why."""

    sysvak: str
    atc: str
    product: str
    dose: int | None
    from_days: int
    to_days: int
    programme: str
    indication: str
    weight: float


class TruthVaccination(NamedTuple):
    """One dose that counts in the end.

    Attributes:
        sender, report_id: what identifies it.
        person: the person's position in the population.
        number: the national number as sent; empty for one of the few without.
        vaccine: ATC code; empty when no map knows what was sent.
        given: the day.
        programme: programme or reason, as sent.
        given_at: municipality, four digits.
    """

    sender: str
    report_id: str
    person: int
    number: str
    sex: str
    born: date
    municipality: str
    vaccine: str
    given: date
    dose: int | None
    batch: str
    programme: str
    given_at: str


class VaccinationSummary(NamedTuple):
    """Counts of what is sent in either format, and of what a register must end with.

    Attributes:
        doses: things stated; sent: versions of them.
        standing, withdrawn: doses that count in the end, and those that were taken back.
        quarantined: versions that must be refused, by reason; `refused` doses have no other.
        unmapped: standing doses whose vaccine no map knows.
    """

    doses: int
    sent: int
    standing: int
    withdrawn: int
    refused: int
    unmapped: int
    quarantined: Mapping[str, int]


class Story(NamedTuple):
    """One dose with everything that is ever sent of it, oldest first."""

    person: int
    versions: tuple[SentVaccination, ...]

    def standing(self) -> SentVaccination | None:
        """The version that counts; None when it is withdrawn or none can be used."""
        good = [version for version in self.versions if not version.fault]
        return good[-1] if good and good[-1].service_type != "C" else None


@dataclass(frozen=True, slots=True)
class Vaccinations:
    """What decides every byte.

    Attributes:
        doses: doses given.
        seed: another seed, other doses.
        start, end: first and last day of vaccination; a few lie before, when nobody of the right age
            was found at once: they were entered afterwards.
        bad_share: share of doses whose first version is faulty.
    """

    doses: int = 500
    seed: int = 2026
    start: date = date(2023, 1, 1)
    end: date = date(2025, 10, 31)
    bad_share: float = 0.03

    def stories(self) -> Iterator[Story]:
        """Every dose, in the order of its number."""
        population = Population(self.seed)
        for first in range(0, self.doses, BLOCK):
            index = np.arange(first, min(first + BLOCK, self.doses), dtype=np.int64)
            yield from _block(self, population, index)

    def bundles(self) -> Iterator[tuple[str, bytes]]:
        """File name and bytes of every FHIR bundle; those of one place in the order they are sent."""
        return ((name, data) for _, name, data in self.arrivals(daily=False))

    def arrivals(self, daily: bool = True) -> Iterator[Arrival]:
        """The bundles with the time at which each comes.

        Args:
            daily: a bundle holds what a place recorded in a day, and comes in the evening; else it comes
                when there is enough for one.
        """
        for site, sent in self._by_site():
            days = [list(group) for _, group in groupby(sent, key=lambda v: v.recorded.date())]
            parts = [
                whole[start : start + IN_A_BUNDLE]
                for whole in (days if daily else [sent])
                for start in range(0, len(whole), IN_A_BUNDLE)
            ]
            for number, part in enumerate(parts, 1):
                at = part[-1].recorded.replace(hour=19)
                yield Arrival(at, f"{site.code}/{number:05}.json", write_bundle(site, number, part))

    def tables(self) -> Iterator[tuple[str, bytes]]:
        """File name and bytes of every table: one for a place and a month."""
        for site, sent in self._by_site():
            for month, group in groupby(sent, key=lambda each: f"{each.recorded:%Y-%m}"):
                yield f"{site.code}/{month}.csv", write_table(site, list(group))

    def truth(self) -> Iterator[TruthVaccination]:
        """The doses that a register holds when it has taken in one of the formats, in any order."""
        return _true_doses(self.stories())

    def summary(self) -> VaccinationSummary:
        """What is sent, and what must come of it."""
        stories = list(self.stories())
        truth = list(_true_doses(stories))
        quarantined = Counter(v.fault for story in stories for v in story.versions if v.fault)
        good = [[v for v in story.versions if not v.fault] for story in stories]
        return VaccinationSummary(
            doses=len(stories),
            sent=sum(len(story.versions) for story in stories),
            standing=len(truth),
            withdrawn=sum(1 for v in good if v and v[-1].service_type == "C"),
            refused=sum(1 for v in good if not v),
            unmapped=sum(1 for dose in truth if not dose.vaccine),
            quarantined=dict(quarantined),
        )

    def _by_site(self) -> Iterator[tuple[Site, list[SentVaccination]]]:
        sent: dict[str, list[SentVaccination]] = {}
        for story in self.stories():
            for version in story.versions:
                sent.setdefault(version.municipality[:2], []).append(version)
        for county, site in sites().items():
            if county in sent:
                yield site, sorted(sent[county], key=lambda v: (v.recorded, v.report_id))


@cache
def sites() -> Mapping[str, Site]:
    """County number → the invented place of vaccination there."""
    known = sorted(counties(date(2026, 1, 1)).values(), key=lambda county: county.number)
    return {
        county.number: Site(
            code=f"SVK{county.number}",
            name=f"Syntetisk vaksinasjonskontor {county.name}",
            her=FIRST_HER + place,
        )
        for place, county in enumerate(known)
    }


@cache
def vaccine_kinds() -> tuple[VaccineKind, ...]:
    """What is given, as the file says."""
    return tuple(
        VaccineKind(
            sysvak=row["sysvak"],
            atc=row["atc"],
            product=row["product"],
            dose=int(row["dose"]) if row["dose"] else None,
            from_days=int(row["from_days"]),
            to_days=int(row["to_days"]),
            programme=row["programme"],
            indication=row["indication"],
            weight=float(row["weight"]),
        )
        for row in rows("vaccines.csv")
    )


def _block(plan: Vaccinations, population: Population, index: Ints) -> Iterator[Story]:
    def draw(purpose: str) -> Floats:
        return uniform(plan.seed, f"vaccination {purpose}", index)

    kinds = pick(np.array([kind.weight for kind in vaccine_kinds()]), draw("kind"))
    days = (plan.end - plan.start).days + 1
    wished = (plan.start - EPOCH).days + (draw("day") * days).astype(np.int64)
    last = (plan.end - EPOCH).days
    found = [
        _find_person(plan, population, int(dose), vaccine_kinds()[kind], int(day), last)
        for dose, kind, day in zip(index, kinds, wished, strict=True)
    ]
    people = population.people(np.array([person for person, _ in found], np.int64))
    people = population.settle(people, np.array([day for _, day in found], np.int64))
    fate, delay, minute = draw("fate"), draw("delay"), draw("minute")
    fault, batch, numberless = draw("fault"), draw("batch"), draw("numberless")
    for place, dose in enumerate(index.tolist()):
        kind = vaccine_kinds()[int(kinds[place])]
        given = EPOCH + timedelta(days=found[place][1])
        hour = time(8 + int(minute[place] * 9), int(minute[place] * 540) % 60, place % 60)
        known = bool(numberless[place] >= WITHOUT_NUMBER)
        first = SentVaccination(
            report_id=f"SV{dose + 1:08}",
            version=1,
            service_type="N",
            recorded=datetime.combine(given + timedelta(days=int(delay[place] * 6)), hour, OSLO),
            person=int(people.index[place]),
            number=f"{int(people.number[place]):011}" if known else "",
            kind=str(people.kind[place]),
            sex="F" if people.female[place] else "M",
            born=EPOCH + timedelta(days=int(people.born[place])),
            municipality=str(people.municipality[place]),
            sysvak=kind.sysvak,
            atc=kind.atc,
            product=kind.product,
            given=given,
            dose=kind.dose,
            batch=f"SYN{int(batch[place] * 900) + 100}A",
            programme=kind.programme,
            indication=kind.indication,
        )
        versions = _versions(first, float(fate[place]), float(fault[place]), plan.bad_share)
        yield Story(first.person, tuple(versions))


def _find_person(
    plan: Vaccinations, population: Population, dose: int, kind: VaccineKind, day: int, last: int
) -> tuple[int, int]:
    """Someone who is of the right age on the day, and the day.

    When nobody among the tried is, someone who was of that age at some time before; that day then.
    """
    tries = np.arange(dose * TRIES, (dose + 1) * TRIES, dtype=np.int64)
    since = (COUNTED - EPOCH).days - day
    low, high = _positions(population, kind.from_days + since, kind.to_days + since)
    persons = low + (uniform(plan.seed, "vaccination person", tries) * (high - low)).astype(
        np.int64
    )
    persons = population.gather(persons, uniform(plan.seed, "vaccination often ill", tries))
    born = population.born(persons)
    fits = np.flatnonzero((day - born >= kind.from_days) & (day - born <= kind.to_days))
    if len(fits):
        return int(persons[fits[0]]), day
    oldest = int(np.argmin(born))
    age = (kind.from_days + kind.to_days) // 2
    return int(persons[oldest]), min(int(born[oldest]) + age, last)


def _positions(population: Population, youngest: int, oldest: int) -> tuple[int, int]:
    """First and last position of the age bands that hold someone between two ages, in days, when the
    inhabitants were counted. They lie in the order of the bands. Of those not born by then there are none:
    the youngest band stands for them."""
    ages = [
        (low + high) / 2
        for low, high in _bands()
        if low * 365.2 <= max(oldest, 0) and youngest < (high + 1) * 365.3
    ]
    inside = np.flatnonzero(np.isin(population.age, ages))
    return int(population.starts[inside[0]]), int(population.ends[inside[-1]])


@cache
def _bands() -> frozenset[tuple[int, int]]:
    """Youngest and oldest age of every age band of the population."""
    return frozenset((r.age_low, OLDEST if r.age_high is None else r.age_high) for r in counted())


def _versions(
    first: SentVaccination, fate: float, fault: float, bad_share: float
) -> Iterator[SentVaccination]:
    """What is sent of a dose, as its fate has it."""
    if fate < bad_share:
        possible = [f for f in FAULTS if first.number or f not in NEEDS_NUMBER]
        yield SPOILERS[possible[int(fault * len(possible))]](first)
        if fate < bad_share / 2:
            yield _later(first, 3, service_type="M")
        return
    yield first
    if fate < bad_share + CHANGED:
        yield _later(first, 5, service_type="M", batch=f"{first.batch[:-1]}B")
    elif fate < bad_share + CHANGED + WITHDRAWN:
        yield _later(first, 9, service_type="C")


def _later(first: SentVaccination, days: int, **changes: str) -> SentVaccination:
    recorded = first.recorded + timedelta(days=days)
    return replace(first, version=2, recorded=recorded, **changes)  # type: ignore[arg-type]


SPOILERS: dict[str, Callable[[SentVaccination], SentVaccination]] = {
    "invalid-identity-number": lambda v: replace(
        v, fault="invalid-identity-number", number=wrong_digit(v.number)
    ),
    "contradictory-sex": lambda v: replace(
        v, fault="contradictory-sex", sex="M" if v.sex == "F" else "F"
    ),
    "missing-vaccine": lambda v: replace(v, fault="missing-vaccine", sysvak="", atc="", product=""),
    "born-after-vaccination": lambda v: replace(
        v, fault="born-after-vaccination", given=v.born - timedelta(days=30)
    ),
    "future-date": lambda v: replace(
        v, fault="future-date", given=v.recorded.date() + timedelta(days=3)
    ),
    "not-vaccinated": lambda v: replace(v, fault="not-vaccinated"),
}


def _true_doses(stories: Iterable[Story]) -> Iterator[TruthVaccination]:
    known = CodeMap.load()
    for story in stories:
        last = story.standing()
        if last is not None:
            yield _true_dose(story.person, last, known)


def _true_dose(person: int, sent: SentVaccination, known: CodeMap) -> TruthVaccination:
    site = sites()[sent.municipality[:2]]
    said = [("SYSVAK", sent.sysvak, ""), ("ATC", sent.atc, ""), ("", "", sent.product)]
    return TruthVaccination(
        sender=f"HER:{site.her}",
        report_id=sent.report_id,
        person=person,
        number=sent.number,
        sex=sent.sex,
        born=sent.born,
        municipality=sent.municipality,
        vaccine=known.find("vaccine", said) or "",
        given=sent.given,
        dose=sent.dose,
        batch=sent.batch,
        programme=sent.programme or sent.indication,
        given_at=sent.municipality,
    )
