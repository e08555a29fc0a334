"""Invented prescribing reports, as comparison would find them: for measuring, tests and pictures, never for conclusions.

Levels follow what is published of Norwegian general practice and nursing homes (antibiotic in about a quarter of airway
contacts, phenoxymethylpenicillin half of airway antibiotics, 7 to 10 daily doses per 100 bed days); the spread is a
guess. The verdicts are short forms of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import msgspec

from varde.guidelines import Edition
from varde.prescribing.layout import Words
from varde.prescribing.reports import (
    Comparator,
    Described,
    DrugChoice,
    DrugShare,
    Good,
    Kind,
    Known,
    Measured,
    Missing,
    Nearby,
    PickedGoal,
    Quarter,
    Reader,
    Report,
    Tested,
    Tone,
    Verdict,
    compose,
    kinds,
    read_advice,
)
from varde.resistance import wilson


class Level(msgspec.Struct, frozen=True):
    """Where an indicator usually lies, per how many, which way is better, and how large its denominator is."""

    usual: float
    per: int
    good: Good
    size: int
    proportion: bool = True


LEVELS = {
    "ab3": Level(0.26, 100, "lower", 420),
    "ab3-0-9": Level(0.17, 100, "lower", 90),
    "ab4": Level(0.53, 100, "higher", 110),
    "airways-choice-macrolides": Level(0.12, 100, "lower", 110),
    "cystitis-choice-first-line": Level(0.87, 100, "higher", 75),
    "urinary-fluoroquinolones": Level(0.042, 100, "lower", 120),
    "broad-spectrum": Level(0.08, 100, "lower", 300),
    "course-within": Level(0.61, 100, "higher", 180),
    "concordance": Level(0.68, 100, "higher", 190),
    "ab2": Level(0.06, 100, "higher", 300),
    "ab1": Level(0.09, 100, "lower", 3000, False),
    "j01-per-1000": Level(0.28, 1000, "lower", 40_000, False),
    "home-ddd": Level(0.073, 100, "lower", 18_000, False),
    "home-ddd-with-methenamine": Level(0.12, 100, "lower", 18_000, False),
    "home-urinary-ddd": Level(0.027, 100, "lower", 18_000, False),
    "home-uti-prophylaxis": Level(0.031, 100, "none", 18_000, False),
    "home-parenteral-share": Level(0.17, 100, "none", 1300),
    "home-broad-spectrum-share": Level(0.14, 100, "lower", 1300),
    "care-parenteral-share": Level(0.17, 100, "none", 1300),
    "care-broad-spectrum-share": Level(0.14, 100, "lower", 1300),
    "care-urinary-share": Level(0.35, 100, "lower", 1300),
    "care-quinolones-share": Level(0.04, 100, "lower", 1300),
    "care-methenamine-share": Level(0.3, 100, "none", 1900),
    "inhabitants-with-j01": Level(0.17, 100, "lower", 40_000),
    "children-airways": Level(0.12, 1000, "lower", 6000, False),
    "j01-per-shift-hours": Level(0.35, 100, "none", 400, False),
    "residents-on-antibiotics": Level(0.05, 100, "lower", 60),
}

VERDICTS: dict[Tone, Words] = {
    "strength": Words(
        "På nivå med de beste som ligner ({benchmark}): hold dette nivået.",
        "Level with the best of the similar ({benchmark}): hold this level.",
    ),
    "room": Words(
        "De beste som ligner, har {benchmark}: her er det noe å hente. Det var {before} {earlier}.",
        "The best of the similar have {benchmark}: there is something to gain. It was {before} {earlier}.",
    ),
    "unsure": Words(
        "Innenfor det vanlige spriket mellom lignende, der {typical} er vanlig.",
        "Within the usual spread among the similar, where {typical} is usual.",
    ),
    "silent": Words("", ""),
}
PLACES: dict[Tone, Words] = {
    "strength": Words(
        "Blant lignende: innenfor det vanlige.", "Among similar ones: within the usual."
    ),
    "room": Words(
        "Blant lignende: utenfor 95\u00a0%-grensen.", "Among similar ones: outside the 95% limit."
    ),
    "unsure": Words(
        "Blant lignende: innenfor det vanlige.", "Among similar ones: within the usual."
    ),
    "silent": Words("", ""),
}
FACT: dict[Kind, Words] = {
    "rask": Words("Liggedøgn", "Bed days"),
    "home-care": Words("Brukere", "People"),
}
FEW = Words(
    "Gruppen er ikke vist: den har færre enn ti.",
    "The group is not shown: it has fewer than ten.",
)
NAMES = ("Kari Nordmann", "Ola Fjordby", "Ingrid Øvrebø", "Håkon Sæther", "Siri Åsen")
DRUGS = (
    (Words("Fenoksymetylpenicillin", "Phenoxymethylpenicillin"), 0.5),
    (Words("Amoksicillin", "Amoxicillin"), 0.16),
    (Words("Doksysyklin", "Doxycycline"), 0.15),
    (Words("Makrolid", "Macrolide"), 0.12),
    (Words("Andre", "Others"), 0.07),
)
CHOOSING = {"cystitis-choice-first-line", "home-urinary-ddd"}


def invent_report(
    kind: Kind, variant: str, year: int, draw: Random, edition: Edition, number: int = 0
) -> Report:
    """One report of a year. The same draw gives the same."""
    return compose(
        kind,
        variant,
        **invent_findings(kind, variant, year, draw, number),
        advice=read_advice(edition, kind),
    )


def invent_findings(
    kind: Kind, variant: str, year: int, draw: Random, number: int = 0
) -> dict[str, Any]:
    """What comparison would find for one reader: all that `compose` needs but the guideline's advice."""
    form = kinds()[kind]
    since = date(year, 13 - form.variants[variant].months, 1)
    measured = [
        _measure(
            key,
            draw,
            _quarters(year, form.variants[variant].months),
            dots=form.dots,
            own_dot=form.variants[variant].own_dot,
            country=kind == "county",
        )
        for key in form.table
    ]
    goal = None
    if draw.random() < 0.7:
        one = measured[0]
        level = LEVELS[one.described.key]
        goal = PickedGoal(
            indicator=one.described.key,
            target=round(level.usual * 0.9, 2),
            picked=date(year, 2, 12),
        )
    return {
        "reader": _reader(kind, variant, draw, number),
        "measured": measured,
        "since": since,
        "until": date(year, 12, 31),
        "as_of": date(year + 1, 1, 20),
        "nearby": {key: _nearby(year) for key in form.first_page if key in CHOOSING},
        "choices": (_choose(draw),) if "ab4" in form.table else (),
        "goal": goal,
        "contact": Words(
            "Kontakt: Antibiotikasenteret i regionen, rapport@varde.example.",
            "Contact: the region's antibiotic centre, rapport@varde.example.",
        ),
    }


def invent_reports(count: int, seed: int, edition: Edition, year: int = 2025) -> Iterator[Report]:
    """So many reports of general practitioners and nursing homes, seven to one, one at a time."""
    draw = Random(seed)
    for number in range(count):
        kind, variant = reader_of(number)
        yield invent_report(kind, variant, year, draw, edition, number)


def reader_of(number: int) -> tuple[Kind, str]:
    """Of each eight readers seven are general practitioners and one is a nursing home."""
    return ("rask", "mixed") if number % 8 == 7 else ("rak", "year")


def _reader(kind: Kind, variant: str, draw: Random, number: int) -> Reader:
    facts: tuple[tuple[Words, int], ...] = (
        (Words("Kontakter", "Contacts"), draw.randint(1500, 4200)),
        (Words("Luftveiskontakter", "Respiratory contacts"), draw.randint(200, 700)),
        (Words("Antibiotikaresepter", "Antibiotic prescriptions"), draw.randint(90, 500)),
    )
    if kind in FACT:
        facts = ((FACT[kind], draw.randint(900, 30_000)),)
    return Reader(
        unit=f"{kind}-{number}",
        name=_name(kind, number) if variant != "unit" else f"Fjordby legevakt {number + 1}",
        place="Fjordby kommune" if kind not in ("county", "peer-group") else "",
        facts=facts,
    )


def _name(kind: Kind, number: int) -> str:
    match kind:
        case "rak" | "legevakt":
            return NAMES[number % len(NAMES)]
        case "rask":
            return f"Fjordby sykehjem {number + 1}"
        case "home-care":
            return f"Fjordby hjemmetjeneste, sone {number + 1}"
        case "peer-group":
            return f"Kollegagruppe {number + 1}"
        case _:
            return "Vestland"


def _quarters(year: int, months: int) -> list[date]:
    """The first days of three years' quarters, or of those in the last months of two years."""
    if months == 12:
        return [date(year - 2 + at // 4, 1 + 3 * (at % 4), 1) for at in range(12)]
    return [date(at, month, 1) for at in (year - 1, year) for month in range(13 - months, 13, 3)]


def _measure(
    key: str,
    draw: Random,
    firsts: Sequence[date],
    *,
    dots: bool,
    own_dot: bool,
    country: bool,
) -> Measured:
    level = LEVELS[key]
    usual, size = level.usual, max(int(level.size * draw.uniform(0.4, 1.6)), 8)
    true = min(usual * draw.lognormvariate(0, 0.3), 0.97)
    better = 0.72 if level.good == "lower" else min(1.18, 0.97 / usual)
    own = _estimate(true, size, draw, level)
    aim = usual * better
    tone: Tone = "unsure"
    if (own.value <= aim) if level.good == "lower" else (own.value >= aim):
        tone = "strength"
    elif own.low is None or own.high is None or not own.low <= aim <= own.high:
        tone = "room"
    comparators = [
        Comparator(role="benchmark", value=Known(value=aim)),
        Comparator(role="group", value=Missing(why="too-few"), why_not=FEW),
        Comparator(role="peers", value=Known(value=usual * 1.02)),
        Comparator(role="municipality", value=Known(value=usual * 1.04)),
        Comparator(role="county", value=Known(value=usual * 1.03)),
        Comparator(role="country", value=Known(value=usual)),
    ]
    if country:
        comparators = [comparators[0], comparators[2], comparators[-1]]
    quarters = []
    for since in firsts:
        part = max(size // 4, 3)
        value = _estimate(true * draw.uniform(0.85, 1.15), part, draw, level)
        half = (
            1.96 * (usual * (1 - min(usual, 0.9)) / part) ** 0.5
            if level.proportion
            else usual * 0.4
        )
        quarters.append(
            Quarter(
                since=since,
                value=value,
                low=max(usual - half, 0.0),
                high=min(usual + half, 1.0) if level.proportion else usual + half,
            )
        )
    return Measured(
        described=Described(
            key=key,
            good=level.good,
            per=level.per,
        ),
        own=own,
        before=_estimate(true * draw.uniform(0.9, 1.2), size, draw, level),
        comparators=tuple(comparators),
        quarters=tuple(quarters),
        alike="similar",
        verdict=Verdict(key=tone, tone=tone, sentence=VERDICTS[tone], place=PLACES[tone]),
        dots=tuple(min(usual * draw.lognormvariate(0, 0.3), 1.0) for _ in range(9 if dots else 0)),
        own_dot=4 if own_dot else None,
    )


def _estimate(true: float, size: int, draw: Random, level: Level) -> Known:
    true = min(true, 0.98) if level.proportion else true
    spread = (true * (1 - true if level.proportion else 1) / size) ** 0.5
    count = max(round(size * draw.gauss(true, spread)), 0)
    count = min(count, size) if level.proportion else count
    if level.proportion:
        low, high = (float(end) for end in wilson(count, size))
    else:
        half = 1.96 * max(count, 1) ** 0.5 / size
        low, high = max(count / size - half, 0.0), count / size + half
    return Known(
        value=count / size,
        low=low,
        high=high,
        numerator=Decimal(count),
        denominator=Decimal(size),
    )


def _nearby(year: int) -> Nearby:
    return Nearby(
        organism="E. coli",
        area=Words("Vestland", "Vestland"),
        period=Words(f"urinprøver {year}", f"urine {year}"),
        drugs=(
            Tested(drug=Words("pivmecillinam", "pivmecillinam"), percent=5.1, tested=2210),
            Tested(drug=Words("nitrofurantoin", "nitrofurantoin"), percent=1.2, tested=2204),
            Tested(drug=Words("trimetoprim", "trimethoprim"), percent=23.4, tested=2198),
            Tested(drug=Words("fosfomycin", "fosfomycin"), why="too-few"),
        ),
    )


def _choose(draw: Random) -> DrugChoice:
    raw = [share * draw.uniform(0.5, 1.6) for _, share in DRUGS]
    return DrugChoice(
        title=Words(
            "Middelvalg ved luftveisinfeksjon, andel av reseptene",
            "Drugs chosen for respiratory infection, share of prescriptions",
        ),
        other=Words("Landet", "Country"),
        parts=tuple(
            DrugShare(name=name, own=Known(value=one / sum(raw)), other=Known(value=share))
            for (name, share), one in zip(DRUGS, raw, strict=True)
        ),
    )
