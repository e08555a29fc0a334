"""The invented nursing homes and home-care districts: their beds, what they buy, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from varde.synthetic.draws import Floats, Ints, pick
from varde.synthetic.survey_settings import institution_number
from varde.synthetic.survey_settings import institutions as surveyed

from .calendar import Month, number_of
from .columns import chosen, dates, decimal_text, decimals, generator, table
from .drugs import Product, index_version, pack_doses, products
from .places import Places, apportion
from .settings import Size, settings

FOREVER = 10**6
NAMES = (
    "Bjørkelia",
    "Åsgården",
    "Fjordgløtt",
    "Solbakken",
    "Furuheimen",
    "Elvebredden",
    "Tunet",
    "Lyngmoen",
    "Havutsikt",
    "Granlia",
    "Bekkefaret",
    "Rognhaugen",
)


@dataclass(frozen=True, eq=False)
class Homes:
    """Nursing homes, then home-care districts, then the homes that came of merged ones.

    Attributes:
        care: whether it is a home-care district.
        place: its municipality, a position in `Places`.
        beds: 0 for a district.
        profile: "long", "mixed" or "short" as a position among the profiles; -1 for a district.
        short: share of its bed days that are short stays.
        since, until: months, both included; `FOREVER` when it goes on.
        successor: what took over; -1 for nothing.
        renamed: the month from which it has another name; -1 for never.
        names: as it is called.
        surveyed: the organisation number by which the surveys know the same home; empty for most.
        rate: DDD for 100 bed days without methenamine, home × month; DDD a month for a district.
    """

    care: NDArray[np.bool_]
    place: Ints
    beds: Ints
    profile: Ints
    short: Floats
    since: Ints
    until: Ints
    successor: Ints
    renamed: Ints
    names: tuple[str, ...]
    surveyed: tuple[str, ...]
    rate: Floats

    def open_in(self, month: int) -> NDArray[np.bool_]:
        """Which are there in a month."""
        return (self.since <= month) & (month <= self.until)


def found_homes(places: Places, size: Size, months: int, seed: int) -> Homes:
    """All of them, with what becomes of them."""
    draw = generator(seed, "homes")
    known = settings().homes
    old = places.bands[:, -4:].sum(axis=1)
    homes = np.repeat(np.arange(len(old)), apportion(old, size.homes))
    districts = np.repeat(np.arange(len(old)), apportion(old, size.home_care))
    pairs = _pairs(draw, homes, max(1, round(size.homes * known.merged)))
    place = np.concatenate([homes, districts, homes[pairs[:, 0]]])
    count, kept = len(place), len(homes) + len(districts)
    care = (np.arange(count) >= len(homes)) & (np.arange(count) < kept)
    beds = np.rint(known.beds * np.exp(draw.normal(-0.1, known.beds_spread, count))).astype(int)
    beds = np.where(care, 0, np.clip(beds, 8, 150))
    beds[kept:] = beds[pairs].sum(axis=1)
    profile = pick(np.array([each.weight for each in known.profile]), draw.random(count))
    low, high = np.array([each.short for each in known.profile])[profile].T
    short = low + (high - low) * draw.random(count)
    profile[kept:] = profile[pairs[:, 0]]
    since, until = np.zeros(count, np.int64), np.full(count, FOREVER)
    successor, renamed = np.full(count, -1), np.full(count, -1)
    when = draw.integers(min(6, months - 1), months - 3, len(pairs))
    since[kept:], until[pairs] = when, when[:, None] - 1
    short[kept:] = (short[pairs] * beds[pairs]).sum(axis=1) / beds[kept:]
    rate = _rates(draw, care, np.where(np.arange(count) < kept, beds, 0), short, months)
    # What came of two homes goes on as both did.
    rate[kept:] = (rate[pairs] * beds[pairs][:, :, None]).sum(axis=1) / beds[kept:, None]
    successor[pairs] = np.arange(kept, count)[:, None]
    alone = draw.permutation(np.setdiff1d(np.arange(len(homes)), pairs))
    closing = max(1, round(size.homes * known.closed))
    until[alone[:closing]] = draw.integers(min(6, months - 1), months - 3, closing)
    naming = alone[closing : closing + max(1, round(size.homes * known.renamed))]
    renamed[naming] = draw.integers(min(4, months - 1), months - 2, len(naming))
    names, known_as = _name(places, place, care)
    return Homes(
        care=care,
        place=place,
        beds=beds,
        profile=np.where(care, -1, profile),
        short=np.where(care, 0.0, short),
        since=since,
        until=until,
        successor=successor,
        renamed=renamed,
        names=names,
        surveyed=known_as,
        rate=rate,
    )


def _pairs(draw: np.random.Generator, homes: Ints, wanted: int) -> Ints:
    """Pairs of homes of one municipality, no home twice; the first home of a municipality is left alone."""
    found: list[tuple[int, int]] = []
    for place in draw.permutation(np.unique(homes)).tolist():
        mine = np.flatnonzero(homes == place)
        if len(mine) >= 3 and len(found) < wanted:
            found.append((int(mine[1]), int(mine[2])))
    return np.array(found, np.int64).reshape(-1, 2)


def _name(
    places: Places, place: Ints, care: NDArray[np.bool_]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The homes of the surveys stand first in their municipalities; no name is twice in one."""
    surveys = {each["municipality"]: each for each in surveyed() if each["kind"] == "nursing-home"}
    names: list[str] = []
    known_as: list[str] = []
    told: dict[tuple[int, bool], int] = {}
    for at, district in zip(place.tolist(), care.tolist(), strict=True):
        number = told[at, district] = told.get((at, district), -1) + 1
        survey = surveys.get(places.numbers[at])
        if district:
            names.append(f"Syntetisk hjemmetjeneste {places.numbers[at]}-{number + 1}")
            known_as.append("")
        elif number == 0 and survey is not None:
            names.append(survey["name"])
            known_as.append(institution_number(survey))
        else:
            taken = "" if survey is None else survey["name"].rsplit(" ", 1)[1]
            free = [name for name in NAMES if name != taken]
            again = number // len(free)
            names.append(
                f"Syntetisk sykehjem {free[number % len(free)]}"
                + (f" {again + 1}" if again else "")
            )
            known_as.append("")
    return tuple(names), tuple(known_as)


def _rates(
    draw: np.random.Generator,
    care: NDArray[np.bool_],
    beds: Ints,
    short: Floats,
    months: int,
) -> Floats:
    known = settings().homes
    factor = np.exp(draw.normal(0, known.spread, len(care))) * known.seldom_short ** (short - 0.2)
    weight = np.where(care, 0, beds)
    for _ in range(
        20
    ):  # the bounds move the mean a little, and moving it back moves homes to the bounds
        mean = np.average(
            np.clip(factor * known.first, known.lowest, known.highest), weights=weight
        )
        factor *= known.first / mean
    when = np.array([_progress(month, months) for month in range(months)])
    # Homes differ in how fast they change; the mean of the change is that of the levels.
    speed = np.clip(draw.normal(1, 0.8, len(care)), -1.5, 3.5)
    speed /= (speed * factor * weight).sum() / (factor * weight).sum()
    level = known.first + (known.last - known.first) * when * speed[:, None]
    rate = np.clip(factor[:, None] * level, known.lowest, known.highest)
    district = settings().home_care.ddd * np.exp(draw.normal(0, 0.4, len(care)))
    return np.where(care[:, None], district[:, None], rate)


def _progress(month: int, months: int) -> float:
    """How far from the levels of the first year to those of the last: all of these two years have theirs."""
    return float(np.clip((month - 11.5) / max(1, months - 24), 0, 1))


def parts_of(month: int, months: int) -> dict[str, float]:
    """The shares of the rate by part: oral against urinary infections, other oral, parenteral."""
    known = settings().homes
    when = _progress(month, months)
    total = known.first + (known.last - known.first) * when
    urinary = (known.urinary_first + (known.urinary_last - known.urinary_first) * when) / total
    return {
        "urinary": urinary,
        "oral": 1 - urinary - known.parenteral,
        "parenteral": known.parenteral,
    }


def stock() -> tuple[tuple[Product, int, str, float], ...]:
    """What homes buy: product, its position, the part, and its share of the part; one pack a drug."""
    known = settings().homes
    found = []
    for part, weights, route in (
        ("urinary", known.urinary, "O"),
        ("oral", known.oral, "O"),
        ("parenteral", known.parenteral_drugs, "P"),
        ("methenamine", {"J01XX05": 1.0}, "O"),
    ):
        total = sum(weights.values())
        for atc, weight in weights.items():
            fits = [
                (product, at)
                for at, product in enumerate(products())
                if (product.atc, product.route, product.bottle) == (atc, route, False)
            ]
            product, at = fits[len(fits) // 2 if part != "methenamine" else 0]
            found.append((product, at, part, weight / total))
    return tuple(found)


def bed_days(homes: Homes, month: Month, seed: int) -> Floats:
    """Bed days × 10 by home and stay: short, long."""
    draw = generator(seed, "bed-days", month.at)
    filled = draw.uniform(0.91, 0.995, len(homes.beds))
    days = homes.beds * len(month.days) * filled * homes.open_in(month.at)
    return np.rint(np.column_stack([days * homes.short, days * (1 - homes.short)]) * 10)


def expected(homes: Homes, month: Month, months: int, seed: int) -> Floats:
    """DDD to expect by home and what is in `stock`."""
    parts, known = parts_of(month.at, months), settings().homes
    hundreds = bed_days(homes, month, seed).sum(axis=1) / 1000
    amount = np.where(homes.care, 1.0, hundreds) * homes.rate[:, month.at]
    steady = known.methenamine * np.where(homes.care, homes.rate[:, month.at] / 20, hundreds)
    columns = [
        (steady if part == "methenamine" else amount * parts[part]) * share
        for _, _, part, share in stock()
    ]
    return np.asarray(np.column_stack(columns) * homes.open_in(month.at)[:, None])


def bed_day_table(homes: Homes, numbers: Ints, month: Month, seed: int) -> pa.Table:
    """The table ``bed-days`` of a month: a row for each kind of stay that a home has."""
    days = bed_days(homes, month, seed)
    home, stay = np.nonzero(days > 0)
    return table(
        "bed-days",
        {
            "institution": decimal_text(numbers[home], 9),
            "month": dates(np.full(len(home), number_of(month.first))),
            "stay": chosen(("short", "long"), stay),
            "bed_days": decimals(days[home, stay], 1),
        },
    )


def sale_table(
    homes: Homes, numbers: Ints, months: tuple[Month, ...], at: int, seed: int
) -> pa.Table:
    """The table ``sales`` of a month: whole packs, and a few returns of what was bought the month before."""
    month = months[at]
    packs = _bought(homes, months, at, seed)
    if at:
        draw = generator(seed, "returns", at)
        back = (_bought(homes, months, at - 1, seed) > 0) & (packs == 0)
        back &= homes.open_in(at)[:, None]
        # Only where nothing was bought this month can a return be a row: it has the chance of all.
        chance = settings().homes.returned * (packs > 0).sum() / max(1, int(back.sum()))
        packs = packs - (back & (draw.random(packs.shape) < chance))
    home, item = np.nonzero(packs)
    position = np.array([place for _, place, _, _ in stock()])[item]
    count = packs[home, item]
    doses = np.rint(pack_doses(month.last)[position] * count * 1000)
    return table(
        "sales",
        {
            "institution": decimal_text(numbers[home], 9),
            "month": dates(np.full(len(home), number_of(month.first))),
            "atc": chosen([each.atc for each in products()], position),
            "product": chosen([each.number for each in products()], position),
            "route": chosen([each.route for each in products()], position),
            "packages": decimals(count * 100, 2),
            "ddd": decimals(doses, 3),
            "ddd_version": np.full(len(home), index_version(month.year), np.int32),
        },
    )


def _bought(homes: Homes, months: tuple[Month, ...], at: int, seed: int) -> Ints:
    month = months[at]
    size = pack_doses(month.last)[[place for _, place, _, _ in stock()]]
    wanted = expected(homes, month, len(months), seed) / size
    return np.asarray(generator(seed, "sales", at).poisson(wanted))


def home_truth(homes: Homes, numbers: Ints, months: tuple[Month, ...]) -> pa.Table:
    """One row for each home or district and month that it is open.

    Columns: `institution`, `month`, `kind`, `profile` (null for a district), `rate`: true DDD for 100 bed days without methenamine (DDD a month for a district), `urinary`: the part of
    it that is oral and against urinary infections.
    """
    count = len(homes.beds)
    home = np.repeat(np.arange(count), len(months))
    month = np.tile(np.arange(len(months)), count)
    kept = (homes.since[home] <= month) & (month <= homes.until[home])
    home, month = home[kept], month[kept]
    first = np.array([number_of(each.first) for each in months])
    urinary = np.array([parts_of(at, len(months))["urinary"] for at in range(len(months))])
    rate = homes.rate[home, month]
    return pa.table(
        {
            "institution": decimal_text(numbers[home], 9),
            "month": dates(first[month]),
            "kind": chosen(("nursing-home", "home-care"), homes.care[home].astype(int)),
            "profile": chosen([each.key for each in settings().homes.profile], homes.profile[home]),
            "rate": rate,
            "urinary": rate * urinary[month],
        }
    )
