"""What some homes and home-care districts say they gave: one row a dose."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from varde.synthetic.draws import Ints, uniform

from .calendar import Month
from .columns import chosen, dates, decimal_text, decimals, generator, pseudonyms, table
from .contacts import IDS
from .drugs import index_versions
from .homes import Homes, expected, stock
from .settings import settings

RESIDENTS = 10**9
"""Persons in homes are numbered from here, so that they are nobody on a list: another source has other pseudonyms."""

ROOMS = 1000
REASONS = {"urinary": "U71", "oral": "R81", "parenteral": "R81", "methenamine": "U71"}
DAYS = {"urinary": 5, "oral": 7, "parenteral": 5, "methenamine": 30}
"""Assumption: how long a course lasts."""


def delivering(homes: Homes) -> Ints:
    """Which send what they gave: those that the surveys know, and the first ones of each kind."""
    share = settings().homes.delivering
    named = [at for at, known_as in enumerate(homes.surveyed) if known_as]
    found = list(named)
    for care in (False, True):
        mine = np.flatnonzero((homes.care == care) & (homes.successor < 0) & (homes.since == 0))
        found += mine[: max(1, round(len(mine) * share))].tolist()
    return np.unique(np.array(found, np.int64))


def administration_table(
    homes: Homes, numbers: Ints, months: tuple[Month, ...], at: int, last_day: int, seed: int
) -> pa.Table:
    """The table ``administrations`` of the courses that began in a month."""
    month, known = months[at], settings().homes
    draw = generator(seed, "administrations", at)
    senders = delivering(homes)
    wanted = expected(homes, month, len(months), seed)[senders]
    parts = [part for _, _, part, _ in stock()]
    days = np.array([DAYS[part] for part in parts])
    # A day's dose is one daily dose and a half, but for methenamine: what is bought is then given.
    daily = np.array([1.0 if part == "methenamine" else 1.5 for part in parts])
    doses = np.array([int(known.doses[product.route]) for product, *_ in stock()])
    courses = draw.poisson(wanted / (days * daily))
    sender, item = np.nonzero(courses)
    count = courses[sender, item]
    sender, item = np.repeat(sender, count), np.repeat(item, count)
    begin = month.days[draw.integers(0, len(month.days), len(sender))]
    home = senders[sender]
    resident = draw.integers(0, np.where(homes.care[home], 200, np.maximum(homes.beds[home], 1)))
    person = RESIDENTS + home * ROOMS + resident
    times = days[item] * doses[item]
    course = np.repeat(np.arange(len(item)), times)
    step = np.arange(len(course)) - np.repeat(np.cumsum(times) - times, times)
    item = item[course]
    day = begin[course] + step // doses[item]
    amount = np.rint(daily[item] / doses[item] * 1000)
    kept = np.flatnonzero(day <= last_day)
    kept = kept[np.argsort(day[kept], kind="stable")]
    course, item, day, amount = course[kept], item[kept], day[kept], amount[kept]
    person = person[course]
    old = 62 + (uniform(seed, "prescribing/resident", person) * 38).astype(np.int64)
    return table(
        "administrations",
        {
            "administration_id": decimal_text(at * IDS + np.arange(len(kept)), 11, "G"),
            "institution": decimal_text(numbers[home[course]], 9),
            "given_on": dates(day),
            "patient": pseudonyms(seed, person),
            "age": old.astype(np.int32),
            "sex": chosen("FM", (uniform(seed, "prescribing/man", person) > 0.68).astype(int)),
            "atc": chosen([product.atc for product, *_ in stock()], item),
            "route": chosen([product.route for product, *_ in stock()], item),
            "ddd": decimals(amount, 3),
            "ddd_version": index_versions(day),
            "reason_system": chosen(["ICPC-2"], np.zeros(len(kept), np.int64)),
            "reason_code": chosen([REASONS[part] for part in parts], item),
        },
    )
