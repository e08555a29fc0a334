"""People who do not exist, how they are described at different places, and who they really are.

For measuring linkage: every description comes with the person it is of. Twins, newborns without name
or number, changed numbers, people without Norwegian number, married names, namesakes, wrong numbers,
and the slips that people make. Shares are assumptions (``data/identities.toml``); birth dates, sexes and
municipalities are those of `Population`. Every number has 80 added to its month.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

import numpy as np

from varde.linkage import Description, NumberChange
from varde.messages import PersonId

from .identity_descriptions import Person, describe
from .identity_names import (
    chance,
    draw_common,
    draw_family,
    draw_given,
    draw_phone,
    draw_postal_code,
    draw_twin_given,
    settings,
)
from .persons import Population, number_of

SENDERS = tuple(f"HER:99001{number:02}" for number in range(1, 13))
COUNTRIES = ("SE", "PL", "DE", "LT", "GB", "ES")


class Told(NamedTuple):
    """One description, and the truth about it.

    Attributes:
        key: unique among the descriptions.
        person: who it is of.
        group: as in ``data/identities.toml``.
    """

    key: str
    person: str
    group: str
    description: Description


class Identities:
    """An invented set of people and everything that is said of them.

    Args:
        people: how many people or households there are; about 2.3 descriptions each.
        seed: another seed, other people. The same arguments give the same.

    Attributes:
        told: every description, in no order that means anything.
        changes: the changes of number that somebody knows of.
    """

    def __init__(self, people: int = 10_000, seed: int = 1) -> None:
        self._random = Random(f"identities/{seed}")
        self._issued: Counter[tuple[date, bool, bool]] = Counter()
        self._given_out = 0
        self.told: list[Told] = []
        self.changes: list[NumberChange] = []
        population = Population(seed)
        index = np.sort(self._sample(len(population), people))
        found = population.people(index)
        days = [date.fromordinal(int(day) + date(1970, 1, 1).toordinal()) for day in found.born]
        groups = settings()["groups"]
        names, shares = list(groups), list(groups.values())
        for at in range(people):
            group = self._random.choices(names, shares)[0]
            person = self._person(
                f"p{at}",
                bool(found.female[at]),
                days[at],
                str(found.municipality[at]),
                foreign=group in ("tourist", "asylum") or chance(self._random, "foreign"),
            )
            getattr(self, f"_tell_{group}")(person, group)
        self._random.shuffle(self.told)

    def _sample(self, size: int, count: int) -> Any:
        return np.array([int(self._random.random() * size) for _ in range(count)], np.int64)

    def _person(
        self, key: str, female: bool, born: date, municipality: str, *, foreign: bool
    ) -> Person:
        random = self._random
        if foreign and chance(random, "first_of_january"):
            born = born.replace(month=1, day=1)
        return Person(
            key=key,
            female=female,
            born=born,
            family=draw_family(random, foreign=foreign),
            given=draw_given(random, female=female, foreign=foreign),
            municipality=municipality,
            postal_code=draw_postal_code(random, municipality),
            phone=draw_phone(random, foreign=False),
            foreign=foreign,
        )

    def _number(self, person: Person, kind: str = "FNR") -> PersonId:
        """A number that nobody else has."""
        if kind == "DUF":
            self._given_out += 1
            return PersonId(kind="DUF", value=f"2024{self._given_out:08}")
        cell = (person.born, person.female, kind == "DNR")
        serial = self._issued[cell]
        self._issued[cell] += 1
        temporary = kind == "DNR"
        return PersonId(
            kind=kind, value=number_of(person.born, person.female, serial, temporary=temporary)
        )

    def _numbered(self, person: Person, kind: str = "FNR") -> Person:
        return replace(person, number=self._number(person, kind))

    # Each group: who there is, and what is said of them.

    def _tell_settled(self, person: Person, group: str) -> None:
        kind = "DNR" if person.foreign and self._random.random() < 0.3 else "FNR"
        self._tell(self._numbered(person, kind), group, self._count())

    def _tell_household(self, person: Person, group: str) -> None:
        random = self._random
        self._tell(self._numbered(person), group, self._count())
        for number in range(1, 2 + int(random.random() * 3)):
            child = number > 1
            years = 20 + int(random.random() * 18) if child else int(random.random() * 6)
            female = random.random() < 0.5
            born = _some_day(random, min(person.born.year + years, 2025))
            other = replace(
                person,
                key=f"{person.key}/{number}",
                female=female,
                born=born,
                given=draw_given(random, female=female, foreign=person.foreign),
            )
            self._tell(self._numbered(other), group, self._count())

    def _tell_twins(self, person: Person, group: str) -> None:
        for twin in self._twins(person):
            self._tell(self._numbered(twin), group, self._count())

    def _tell_newborn(self, person: Person, group: str) -> None:
        self._tell_child(self._as_newborn(person), group)

    def _tell_newborn_twins(self, person: Person, group: str) -> None:
        for twin in self._twins(self._as_newborn(person)):
            self._tell_child(twin, group)

    def _tell_changed_number(self, person: Person, group: str) -> None:
        before, after = self._numbered(person, "DNR"), self._numbered(person)
        self._tell(before, group, 1 + self._count() // 2)
        self._tell(after, group, 1 + self._count() // 2)
        self._change(before, after)

    def _tell_asylum(self, person: Person, group: str) -> None:
        before, after = self._numbered(person, "DUF"), self._numbered(person, "DNR")
        self._tell(before, group, self._count())
        self._tell(after, group, self._count())
        self._change(before, after)

    def _tell_tourist(self, person: Person, group: str) -> None:
        random = self._random
        passport = None
        if random.random() < 0.5:
            self._given_out += 1
            country = COUNTRIES[int(random.random() * len(COUNTRIES))]
            passport = PersonId(kind="PASSPORT", value=f"X{self._given_out:07}", issuer=country)
        visitor = replace(
            person,
            municipality="",
            postal_code="",
            phone=draw_phone(random, foreign=True),
            passport=passport,
        )
        self._tell(visitor, group, self._count())

    def _tell_married(self, person: Person, group: str) -> None:
        before = self._numbered(person)
        name = draw_family(self._random, foreign=person.foreign)
        both = self._random.random() < 0.4
        self._tell(before, group, 1 + self._count() // 2)
        after = replace(before, family=f"{person.family} {name}" if both else name)
        self._tell(after, group, 1 + self._count() // 2)

    def _tell_namesake(self, person: Person, group: str) -> None:
        self._tell(self._numbered(person), group, self._count())
        random = self._random
        other = replace(
            person,
            key=f"{person.key}/1",
            postal_code=draw_postal_code(random, person.municipality),
            phone=draw_phone(random, foreign=False),
        )
        if random.random() < 0.6:
            other = replace(
                other, municipality="0301", postal_code=draw_postal_code(random, "0301")
            )
        self._tell(self._numbered(other), group, self._count())

    def _tell_wrong_number(self, person: Person, group: str) -> None:
        """Once with a number that is somebody else's: who filled in the form had two before them."""
        random = self._random
        born = _some_day(random, 1940 + int(random.random() * 80))
        female = random.random() < 0.5
        other = self._person(
            f"{person.key}/1", female, born, person.municipality, foreign=person.foreign
        )
        other = self._numbered(other)
        self._tell(other, group, 1 + self._count() // 2)
        self._tell(self._numbered(person), group, self._count())
        self._tell(replace(person, number=other.number), group, 1, sure=True)

    def _tell_unregistered(self, person: Person, group: str) -> None:
        self._tell(person, group, self._count())

    def _tell_assumed_birthday(self, person: Person, group: str) -> None:
        """With a name, a day of birth and a city that many others have too."""
        random, rules = self._random, settings()["assumed_birthday"]
        years = rules["last_year"] - rules["first_year"] + 1
        year = rules["first_year"] + int(random.random() * years)
        draw = random.random()
        born = _some_day(random, year)
        if draw < rules["january"] + rules["july"]:
            born = date(year, 1 if draw < rules["january"] else 7, 1)
        place = "0301" if random.random() < rules["capital"] else person.municipality
        known = replace(
            person,
            born=born,
            family=draw_common(random, rules["family"]),
            given=draw_common(random, rules["female" if person.female else "male"]),
            municipality=place,
            postal_code=draw_postal_code(random, place),
            foreign=True,
        )
        if random.random() >= rules["numberless"]:
            known = self._numbered(known)
        self._tell(known, group, self._count())

    # What the groups are made of.

    def _twins(self, person: Person) -> tuple[Person, Person]:
        random = self._random
        female = person.female if random.random() < 0.65 else not person.female
        given = draw_twin_given(random, female=female, foreign=person.foreign, other=person.given)
        other = replace(person, key=f"{person.key}/1", female=female, given=given, order=2)
        return replace(person, order=1), other

    def _as_newborn(self, person: Person) -> Person:
        first, last = settings()["first_day"], settings()["last_day"]
        day = first + timedelta(days=int(self._random.random() * (last - first).days))
        return replace(person, born=day)

    def _tell_child(self, child: Person, group: str) -> None:
        """First without name and number, then with both, sometimes under the other parent's name."""
        random = self._random
        words = ("Nyfødt", "Jente" if child.female else "Gutt", "Baby", "")
        word = words[int(random.random() * len(words))]
        if child.order and random.random() < 0.5:
            word = f"Tvilling {'AB'[child.order - 1]}"
        self._tell(replace(child, given=word), group, 1, sure=True)
        if random.random() < 0.3:
            child = replace(child, family=draw_family(random, foreign=child.foreign))
        self._tell(self._numbered(child), group, self._count())

    def _change(self, before: Person, after: Person) -> None:
        if before.number and after.number and chance(self._random, "known_change"):
            last = settings()["last_day"]
            change = NumberChange(old=before.number, new=after.number, source="SYNTETISK", day=last)
            self.changes.append(change)

    def _count(self) -> int:
        weights = settings()["descriptions"]["weights"]
        return int(self._random.choices(range(1, len(weights) + 1), weights)[0])

    def _tell(self, person: Person, group: str, count: int, *, sure: bool = False) -> None:
        for _ in range(count):
            sender = SENDERS[int(self._random.random() * len(SENDERS))]
            description = describe(self._random, person, sender, sure=sure)
            self.told.append(Told(f"d{len(self.told)}", person.key, group, description))


def _some_day(random: Random, year: int) -> date:
    return date(year, 1, 1) + timedelta(days=int(random.random() * 365))
