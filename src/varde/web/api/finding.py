"""Finding what an address names, and saying where it is when it is not there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from varde.guidelines import Entry, Library, NoSuchObject
from varde.guidelines.model import ID, InfoType
from varde.web.api.parameters import shorten
from varde.web.api.problems import Refusal

LONGEST_ID = 100

ADDRESSES: Mapping[InfoType, str] = MappingProxyType(
    {
        "retningslinje": "retningslinjer",
        "kapittel": "kapitler",
        "anbefaling": "anbefalinger",
        "kontraindikasjon": "kontraindikasjoner",
    }
)
"""Types that have an address of their own; the others are at /innhold alone."""

CALLED: Mapping[InfoType, str] = MappingProxyType(
    {
        "retningslinje": "en retningslinje",
        "kapittel": "et kapittel",
        "anbefaling": "en anbefaling",
        "kontraindikasjon": "en kontraindikasjon",
        "pico": "et PICO-spørsmål",
        "referanse": "en referanse",
    }
)


def find_versions(library: Library, id_: str) -> tuple[Entry, ...]:
    """Every version of the object with this id, the oldest first.

    Raises:
        Refusal: it is no id, or there is no such object.
    """
    if len(id_) > LONGEST_ID or not ID.fullmatch(id_):
        raise Refusal(
            "ugyldig-id",
            f"«{shorten(id_)}» er ikke en id. En id er skrevet slik: {ID.pattern}.",
            "id",
        )
    try:
        return library.versions(id_)
    except NoSuchObject:
        raise Refusal(
            "finnes-ikke",
            f"Ingen ting har id {id_}. Finn id-er i listene, for eksempel /anbefalinger.",
            "id",
        ) from None


def check_type(entry: Entry, wanted: InfoType | None) -> None:
    """Refuse an object of another type than the address, and say where it is.

    Raises:
        Refusal
    """
    found = entry.innhold.info_type
    if wanted and found != wanted:
        id_ = entry.innhold.id
        raise Refusal(
            "annen-type",
            f"{id_} er {CALLED[found]}, ikke {CALLED[wanted]}. "
            f"Den ligger på {address(found, id_)}.",
            "id",
        )


def find(library: Library, id_: str, day: date, wanted: InfoType | None = None) -> Entry:
    """The version of an object that was valid on a day.

    Raises:
        Refusal: no id, no such object, of another type, or not valid yet; the text says from when.
    """
    versions = find_versions(library, id_)
    check_type(versions[0], wanted)
    first = versions[0].first_day
    if day < first:
        raise Refusal(
            "ikke-gyldig-enna",
            f"{id_} var ikke gyldig ennå {day}: den gjelder fra {first}. "
            f"Spør med gyldigDato={first} eller senere.",
            "gyldigDato",
        )
    return library.edition(day).get(id_)


def find_version(library: Library, id_: str, first_day: date, day: date) -> Entry:
    """The version that begins on a day, if it was valid on another.

    Raises:
        Refusal: no id, no such object, no such version, or not valid on the day.
    """
    versions = find_versions(library, id_)
    for entry in versions:
        if entry.first_day == first_day:
            if entry.first_day <= day and (entry.end is None or day < entry.end):
                return entry
            until = f" til {entry.end}" if entry.end else ""
            raise Refusal(
                "versjon-finnes-ikke",
                f"Versjonen gjelder fra {first_day}{until}, og ikke {day}. "
                "Ta gyldigDato bort, eller gi en dag den gjaldt.",
                "gyldigDato",
            )
    days = ", ".join(entry.first_day.isoformat() for entry in versions)
    raise Refusal(
        "versjon-finnes-ikke",
        f"{id_} har ingen versjon fra {first_day}. Versjonene er fra: {days}.",
        "gyldigFra",
    )


def address(info_type: InfoType, id_: str) -> str:
    """Where an object is, below the address of its type where it has one."""
    return f"/{ADDRESSES.get(info_type, 'innhold')}/{id_}"
