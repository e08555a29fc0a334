"""Cases on a map: a municipal doctor's own municipality with those around it, a hospital trust's area, or the country.

Everything but the own municipality's number is what `varde.web.map_figures` lets through, but for who may say whose each
case of the country is: they have the numbers as they are. There are no borders of
municipalities in Varde: each is the point of its largest place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import hypot
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from varde.access import audit
from varde.access.areas import COUNTRY, area_of
from varde.access.gate import page
from varde.access.roles import may_do, may_open
from varde.cases import catalogue
from varde.codes import (
    catchment,
    counties,
    hospitals,
    municipalities,
    outline,
    places,
    population,
    successor,
)
from varde.followup.units import code_of, kind_of
from varde.publishing import Figure, MapWords, Spot, draw_map, rules, write_figure
from varde.warehouse import NoSnapshot
from varde.web.map_figures import MapAnswer, ask_map, ask_open_map, choices
from varde.web.pages.followup import words
from varde.web.pages.followup.inbox import own_unit
from varde.web.register_charts import bar_words

AROUND = 10
"""So many of the nearest municipalities are shown beside the county's: Oslo has a county of its own."""
WIDTHS = (("", 760.0), ("-narrow", 340.0))


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the country the map is of.

    Attributes:
        title: what it is called.
        shown: numbers of the municipalities.
        own: the one whose number the reader may know as it is; empty for none.
        guessed: whether the trust's area is not known, and is taken to be the counties of its hospitals.
    """

    title: str
    shown: frozenset[str]
    own: str = ""
    whole: bool = False
    guessed: bool = False


@require_safe
@page("map")
def show(request: HttpRequest) -> HttpResponse:
    """The map of one disease in one year, and its table."""
    today = timezone.localdate()
    place = place_of(own_unit(request), today)
    try:
        diseases, years = choices()
    except NoSnapshot:
        diseases, years = (), ()
    if not diseases or not years:
        return render(request, "web/no_snapshot.html")
    disease, year = _chosen(request.GET, diseases, years)
    offered = {*diseases, *([disease] if disease else [])}
    context: dict[str, Any] = {
        "place": place,
        "disease": disease,
        "diseases": sorted(((key, words.disease_words(key)) for key in offered), key=_by_name),
        "year": year,
        "years": years,
        "inbox": may_open(request.user, "inbox"),
    }
    if disease is None or year is None:
        return render(request, "web/map.html", context, status=422)
    is_open = place.whole and _may_know_each(request)
    answer = ask_open_map(disease, year) if is_open else ask_map(disease, year, place.own)
    audit.record(request.user, "view", "map", "case on map", len(place.shown))
    name = words.disease_words(disease)
    context |= {
        "heading": f"{name}, {year}",
        "answer": answer,
        "unfinished": year == today.year,
        "limit": rules().small_cell.below,
        "total": _said(answer.total),
        "elsewhere": [
            (words.place_words(number, today), _said(figure))
            for number, figure in answer.elsewhere.items()
            if figure.value != 0
        ],
        "unknown": _said(answer.unknown) if answer.unknown else None,
    }
    context |= _describe(answer, place, name, today)
    return render(request, "web/map.html", context)


def _chosen(
    given: Mapping[str, str], diseases: Sequence[str], years: Sequence[int]
) -> tuple[str | None, int | None]:
    """What is asked for, the first of what there is when nothing is; None for what there is not. Of a disease that may be
    notified there may be no cases."""
    disease, year = given.get("sykdom") or diseases[0], given.get("ar") or str(years[0])
    known = {str(one): one for one in years}
    there = disease in diseases or disease in catalogue().diseases
    return disease if there else None, known.get(year)


def _may_know_each(request: HttpRequest) -> bool:
    """Whether the reader may say whose each case of the whole country is."""
    user = request.user
    return may_do(user, "identify-case") and area_of(user) == COUNTRY


def place_of(unit: str, on: date) -> Place:
    """What a unit sees of the map."""
    code = code_of(unit)
    known = municipalities(on)
    if kind_of(unit) == "municipality" and code in known:
        return Place(title=known[code].name, shown=_around(code, on), own=code)
    if kind_of(unit) == "trust":
        served = catchment(code, on)
        guessed = not served
        if guessed:
            homes = {known[one].county for one in _homes(code, on) if one in known}
            served = frozenset(one for one in known if known[one].county in homes)
        if served:
            return Place(title=words.unit_words(unit, on), shown=served, guessed=guessed)
    return Place(title=_("The whole country"), shown=frozenset(known), whole=True)


def _homes(trust: str, on: date) -> set[str]:
    """The municipalities in which a trust has hospitals."""
    mine = [one for one in hospitals(on).values() if one.trust == trust]
    return {successor(one.municipality, on) or "" for one in mine}


def _around(code: str, on: date) -> frozenset[str]:
    """The municipalities of a county, and the nearest to one of them."""
    known, points = municipalities(on), places()
    mine = points[code]
    near = sorted(
        (one for one in known if one in points),
        key=lambda one: hypot(points[one].x - mine.x, points[one].y - mine.y),
    )
    county = {one for one in known if known[one].county == known[code].county}
    return frozenset({*county, *near[: AROUND + 1]})


def _describe(answer: MapAnswer, place: Place, disease: str, today: date) -> dict[str, Any]:
    if answer.level == "municipality":
        known = municipalities(today)
        shown = {
            number: answer.municipalities[number]
            for number in place.shown
            if number == place.own or known[number].county not in answer.closed
        }
        names = {number: one.name for number, one in known.items()}
        spots = [_spot(number, names[number], shown[number], place) for number in sorted(shown)]
        # Nothing is told of what is in these: they stand as one.
        for county in sorted({known[number].county for number in place.shown} & answer.closed):
            at = _largest(county, today, but=place.own)
            if at is not None:
                shown[county] = answer.counties[county]
                alone = sum(one.county == county for one in known.values()) == 1
                said = "{county}" if alone else _("{county}, the whole county")
                names[county] = said.format(county=_county(county, today))
                spots.append(_spot(at, names[county], shown[county], place, of_county=True))
    else:
        names = {number: one.name for number, one in counties(today).items()}
        held = {municipalities(today)[number].county for number in place.shown}
        shown = {number: answer.counties[number] for number in sorted(held)}
        spots = [
            _spot(at, names[number], figure, place, of_county=True)
            for number, figure in shown.items()
            if figure.status != "not-published" and (at := _largest(number, today)) is not None
        ]
        if place.own:
            names[place.own] = municipalities(today)[place.own].name
            shown[place.own] = answer.municipalities[place.own]
            spots.append(_spot(place.own, names[place.own], shown[place.own], place))
    return {
        "maps": _draw(spots, f"{disease}, {answer.year}", place),
        **_rows(shown, names, place, today),
    }


def _spot(number: str, name: str, figure: Figure, place: Place, of_county: bool = False) -> Spot:
    point = places()[number]
    own = number == place.own and not of_county
    return Spot(label=name, x=point.x, y=point.y, figure=figure, own=own)


def _largest(county: str, today: date, but: str = "") -> str | None:
    """The municipality at whose point a county stands: the one with most inhabitants.

    Args:
        but: the reader's own, which has a mark for itself.
    """
    people: dict[str, int] = {}
    for row in population():
        people[row.municipality] = people.get(row.municipality, 0) + row.count
    mine = [
        one for one, known in municipalities(today).items() if known.county == county and one != but
    ]
    return max(mine, key=lambda one: (people.get(one, 0), one), default=None)


def _draw(spots: Sequence[Spot], title: str, place: Place) -> list[str]:
    if not spots:
        return []
    map_words = MapWords(
        title=f"{title}, {place.title}",
        description=_(
            "Circles by number of cases, at the largest place. All numbers stand in the table."
        ),
        figures=msgspec.structs.replace(bar_words("", ""), axis=_("Cases, by area")),
        nought=_("none"),
        hidden=_("too few to show, or hidden"),
        inset=_("Where in the country"),
    )
    return [
        draw_map(
            spots,
            outline("coarse" if place.whole else "fine"),
            map_words,
            name=f"map{end}",
            width=width,
            inset=() if place.whole else _mainland(),
        )
        for end, width in WIDTHS
    ]


def _mainland() -> Sequence[Any]:
    """The outline without islands that lie far off, for the small map."""
    return [ring for ring in outline("coarse") if len(ring) > 8 and max(y for _x, y in ring) < 1800]


def _rows(
    shown: Mapping[str, Figure], names: Mapping[str, str], place: Place, today: date
) -> dict[str, Any]:
    """The table: the own municipality first, then by number; noughts are counted and not listed."""
    known = municipalities(today)

    def order(number: str) -> tuple[bool, float, str]:
        figure = shown[number]
        size = float(figure.value or 0) if figure.value is not None else 0.5
        return number != place.own, -size, names[number].casefold()

    listed = [number for number in sorted(shown, key=order) if shown[number].value != 0]
    if place.own and place.own not in listed:
        listed.insert(0, place.own)
    rows = [
        {
            "name": names[number],
            "county": _county(known[number].county, today) if number in known else "",
            "said": _said(shown[number]),
            "status": shown[number].status,
            "own": number == place.own,
        }
        for number in listed
    ]
    noughts = sorted((names[number] for number in shown if number not in listed), key=str.casefold)
    return {"rows": rows, "noughts": noughts}


def _county(number: str, today: date) -> str:
    return counties(today)[number].name


def _said(figure: Figure) -> str:
    if figure.status == "not-published":
        return _("not published")
    return write_figure(figure, bar_words("", ""))


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1].casefold()
