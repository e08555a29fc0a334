"""The surveys of the invented homes on the days of NOIS-PIAH, as tables of the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa

from varde.codes import CodeMap, municipalities
from varde.synthetic.draws import Ints, pick
from varde.warehouse import TABLES

from .calendar import Month, number_of
from .columns import chosen, dates, decimal_text, generator
from .homes import Homes, parts_of, stock
from .places import Places, numbers_over
from .settings import settings

ATC = "http://www.whocc.no/atc"
METHENAMINE = "J01XX05"
INDICATIONS = {
    "urinary": "Nedre urinveisinfeksjon",
    "oral": "Nedre luftveisinfeksjon",
    "parenteral": "Nedre luftveisinfeksjon",
    "methenamine": "Nedre urinveisinfeksjon",
}
CLASSES = ("Helsetjenesteassosiert infeksjon", "Samfunnservervet infeksjon", "Medpro")
ROUTES = {"O": "1", "P": "3"}


def survey_homes(
    homes: Homes, numbers: Ints, places: Places, months: tuple[Month, ...], seed: int
) -> Mapping[str, pa.Table]:
    """All rounds that are within the months.

    A home on more antibiotics than others has more residents on them, too: their mean is that of the level.
    """
    rounds = settings().prevalence.rounds
    days = [
        date(year, *when) for year in sorted({month.year for month in months}) for when in rounds
    ]
    wards, treatments = [], []
    for turn, day in enumerate(days):
        month = next(month for month in months if month.first <= day <= month.last)
        ward, treatment = _round(homes, numbers, places, months, month, day, turn, seed)
        wards.append(ward)
        treatments.append(treatment)
    return {"wards": pa.concat_tables(wards), "treatments": pa.concat_tables(treatments)}


def _round(
    homes: Homes,
    numbers: Ints,
    places: Places,
    months: tuple[Month, ...],
    month: Month,
    day: date,
    turn: int,
    seed: int,
) -> tuple[pa.Table, pa.Table]:
    known, draw = settings().prevalence, generator(seed, "prevalence", turn)
    there = homes.open_in(month.at) & ~homes.care
    there &= draw.random(len(there)) < known.taking_part
    # Those that the surveys know always take part.
    there |= np.array([bool(name) for name in homes.surveyed])
    home = np.flatnonzero(there)
    size = np.maximum(1, np.rint(homes.beds[home] / known.ward).astype(np.int64))
    home, beds = np.repeat(home, size), np.repeat(homes.beds[home] / size, size)
    number = turn * 100_000 + np.arange(len(home))
    present = np.maximum(1, np.rint(beds * draw.uniform(0.9, 1.0, len(home))).astype(np.int64))
    open_now = homes.open_in(month.at) & ~homes.care
    mean = np.average(homes.rate[open_now, month.at], weights=homes.beds[open_now])
    share = np.clip(known.treated * homes.rate[home, month.at] / mean, 0, 0.4)
    treated = draw.binomial(present, share)
    steady = draw.binomial(present - treated, known.methenamine)
    place = homes.place[home]
    municipality = [next(numbers_over(name, day, day))[0] for name in places.numbers]
    county = [municipalities(day)[each].county for each in municipality]
    year = np.full(len(home), day.year, np.int16)
    ward = {
        "ward_id": number,
        "institution": decimal_text(numbers[home], 9),
        "institution_kind": chosen(["nursing-home"], np.zeros(len(home), np.int64)),
        "ward_type": chosen(
            ["Langtid", "Kombinert kort- og langtids", "Korttid"], homes.profile[home]
        ),
        "specialty": chosen([None], np.zeros(len(home), np.int64)),
        "surveyed": dates(np.full(len(home), number_of(day))),
        "year": year,
        "county": chosen(county, place),
        "municipality": chosen(municipality, place),
        "present": present.astype(np.int32),
        "with_infection": draw.binomial(present, known.infected).astype(np.int32),
        "on_antibiotics": (treated + steady).astype(np.int32),
    }
    return _table("wards", ward, day), _treatments(
        draw, number, treated, steady, parts_of(month.at, len(months)), day
    )


def _treatments(
    draw: np.random.Generator,
    ward: Ints,
    treated: Ints,
    steady: Ints,
    parts: Mapping[str, float],
    day: date,
) -> pa.Table:
    goods = stock()
    weights = np.array([parts.get(part, 0.0) * share for _, _, part, share in goods])
    owner = np.repeat(np.arange(len(ward)), treated)
    always = np.repeat(np.arange(len(ward)), steady)
    item = np.concatenate(
        [
            pick(weights, draw.random(len(owner))),
            np.full(len(always), [product.atc for product, *_ in goods].index(METHENAMINE)),
        ]
    )
    owner = np.concatenate([owner, always])
    order = np.argsort(owner, kind="stable")
    owner, item = owner[order], item[order]
    prophylaxis = np.array([product.atc == METHENAMINE for product, *_ in goods])[item]
    kind = np.where(prophylaxis, 2, (draw.random(len(item)) < 0.3).astype(np.int64))
    return _table(
        "treatments",
        {
            "ward_id": ward[owner],
            "antibiotic": chosen([_code(product.atc) for product, *_ in goods], item),
            "indication": chosen([INDICATIONS[part] for _, _, part, _ in goods], item),
            "classification": chosen(CLASSES, kind),
            "route": chosen([ROUTES[product.route] for product, *_ in goods], item),
            "age": draw.integers(65, 101, len(item)).astype(np.int16),
            "sex": chosen("FM", (draw.random(len(item)) > 0.68).astype(np.int64)),
        },
        day,
    )


@cache
def _code(atc: str) -> str | None:
    return CodeMap.load().find("antibiotic", [(ATC, atc, "")])


def _table(name: str, columns: Mapping[str, object], day: date) -> pa.Table:
    schema = TABLES[name].append(pa.field("period", pa.string()))
    rows = len(columns["ward_id"])  # type: ignore[arg-type]
    whole = dict(columns) | {"period": [f"{day:%Y-%m}"] * rows}
    return pa.table({field.name: whole[field.name] for field in schema}, schema=schema)
