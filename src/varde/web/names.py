"""What things are called on the page, in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from varde import cases, codes
from varde.access.roles import role_of

MATERIAL_GROUPS: Mapping[str, object] = {
    "urine": _("Urine"),
    "blood": _("Blood"),
    "csf": _("Cerebrospinal fluid"),
    "airways": _("Airways"),
    "wound": _("Wound and tissue"),
    "stool": _("Stool"),
    "genital": _("Genital samples"),
    "other": _("Other materials"),
}

METHODS: Mapping[str, object] = {
    "episode:365": _("One per person and species in 365 days"),
    "episode:90": _("One per person and species in 90 days"),
    "patient": _("One per person and species, ever"),
    "none": _("Every isolate"),
}

CODE_KINDS: Mapping[str, object] = {
    "organism": _("Organism"),
    "antibiotic": _("Antibiotic"),
    "material": _("Material"),
    "sir": _("S/I/R category"),
    "vaccine": _("Vaccine"),
    "disease": _("Disease"),
}

MESSAGE_KINDS: Mapping[str, object] = {
    "laboratory": _("Laboratory answers"),
    "notification": _("Clinicians' notifications"),
    "vaccination": _("Vaccinations"),
    "prevalence": _("Prevalence surveys"),
    "surgery": _("Surgical site infections"),
    "ravn": _("RAVN"),
    "norm": _("NORM"),
    "": _("Not known what it is"),
}
"""What an item is; "" for one of which not even that could be seen."""


def organism_name(key: str) -> str:
    """The scientific name, or the key itself for one that is no longer known."""
    found = codes.organisms().get(key)
    return found.name if found else key


def organism_words(key: str) -> str:
    """What an organism is called in the reader's language: species and genera by their scientific name, what
    has none (a virus, a group) in Norwegian where there is a Norwegian one."""
    found = codes.organisms().get(key)
    if found is None or get_language() == "en" or not found.name_nb:
        return organism_name(key)
    if found.species or found.name == found.genus:
        return found.name
    return found.name_nb[0].upper() + found.name_nb[1:]


def is_latin(key: str) -> bool:
    """Whether `organism_words` shows a scientific name, which is set in italics: of no virus, and of no Norwegian name."""
    found = codes.organisms().get(key)
    if found is None or not found.genus or found.kind == "virus":
        return False
    scientific = bool(found.species) or found.name == found.genus
    return scientific and organism_words(key) == found.name


def antibiotic_name(code: str) -> str:
    """The name of an antibiotic or antiviral in the reader's language, or its code."""
    found = codes.antibiotics().get(code) or codes.antivirals().get(code)
    if found is None:
        return code
    return found.name_en if get_language() == "en" else found.name_nb


def concept_name(kind: str, key: str) -> str:
    """What a code can be mapped to, in the reader's language; the key itself where it is not known."""
    if kind == "organism":
        return organism_words(key)
    if kind == "antibiotic":
        return antibiotic_name(key)
    if kind == "disease":
        disease = cases.diseases().get(key)
        return key if disease is None else disease.en if get_language() == "en" else disease.nb
    found = codes.materials().get(key) if kind == "material" else codes.vaccines().get(key)
    if found is None:
        return key
    return found.name_en if get_language() == "en" else found.name_nb


def concept_choices(kind: str) -> list[tuple[str, str]]:
    """(key, name) of everything that a code of a kind can be mapped to, by name; no two names are alike.
    What only says that nobody knows which organism it is, is nothing to map to."""
    keys: Mapping[str, Iterable[str]] = {
        "organism": codes.organisms(),
        "antibiotic": (*codes.antibiotics(), *codes.antivirals()),
        "material": codes.materials(),
        "vaccine": codes.vaccines(),
        "disease": cases.diseases(),
    }
    found = [
        (key, concept_name(kind, key))
        for key in keys.get(kind, ())
        if kind != "organism" or not codes.is_catch_all(kind, key)
    ]
    times = Counter(name.casefold() for _, name in found)
    found = [
        (key, name if times[name.casefold()] == 1 else f"{name} ({key})") for key, name in found
    ]
    return sorted(found, key=lambda pair: (pair[1].casefold(), pair[0]))


def county_names(on: date) -> dict[str, str]:
    """Names of the counties that existed on that day, by number."""
    return {number: county.name for number, county in codes.counties(on).items()}


def own_county(user: object, on: date) -> str:
    """The number of the county that is the user's, or that the user's municipality lies in; empty for any other user."""
    role = role_of(user)
    if role is not None and role.area_kind == "county":
        return str(getattr(user, "area", ""))
    if role is None or role.area_kind != "municipality":
        return ""
    number = codes.successor(getattr(user, "area", ""), on)
    return codes.municipalities(on)[number].county if number else ""


def material_group_name(key: str) -> str:
    """The material group in the reader's language."""
    return str(MATERIAL_GROUPS.get(key, key))
