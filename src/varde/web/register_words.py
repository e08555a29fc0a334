"""What columns, values and tables of the registers' figures are called on the page, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from varde.cases import diseases
from varde.codes import antivirals, vaccine_diseases
from varde.messages.surveys.procedures import procedures
from varde.web.names import (
    antibiotic_name,
    concept_name,
    county_names,
    material_group_name,
    organism_words,
)

COLUMNS: Mapping[str, object] = {
    "disease": gettext_lazy("Disease"),
    "year": gettext_lazy("Year"),
    "month": gettext_lazy("Month"),
    "county": gettext_lazy("County"),
    "age_group": gettext_lazy("Age"),
    "sex": gettext_lazy("Sex"),
    "infected": gettext_lazy("Where infected"),
    "classification": gettext_lazy("Class of case"),
    "vaccine": gettext_lazy("Vaccine"),
    "dose_number": gettext_lazy("Which of the person's doses"),
    "interval": gettext_lazy("Days since the dose before"),
    "surveyed": gettext_lazy("Survey day"),
    "institution_kind": gettext_lazy("Kind of institution"),
    "ward_type": gettext_lazy("Kind of ward"),
    "specialty": gettext_lazy("Specialty"),
    "procedure_group": gettext_lazy("Operation"),
    "risk": gettext_lazy("Risk index"),
    "urgent": gettext_lazy("Urgency"),
    "infection": gettext_lazy("Kind of infection"),
    "organism": gettext_lazy("Organism"),
    "antibiotic": gettext_lazy("Drug"),
    "drug_class": gettext_lazy("Class of drugs"),
    "material_group": gettext_lazy("Material"),
}

TABLES: Mapping[str, Mapping[str, object]] = {
    "msis": {"cases": gettext_lazy("Cases")},
    "sysvak": {
        "doses": gettext_lazy("Doses given"),
        "numbers": gettext_lazy("Doses by number in the person's series"),
        "coverage": gettext_lazy("Vaccinated in the year"),
    },
    "nois": {
        "infection": gettext_lazy("PIAH: healthcare-associated infection"),
        "antibiotics": gettext_lazy("PIAH: given antibiotics"),
        "kinds": gettext_lazy("PIAH: kinds of infection"),
        "any": gettext_lazy("POSI: surgical site infection"),
        "superficial": gettext_lazy("POSI: superficial infection"),
        "deep": gettext_lazy("POSI: deep infection"),
        "organ": gettext_lazy("POSI: infection of organ or space"),
    },
    "ravn": {
        "drugs": gettext_lazy("Resistance by drug"),
        "classes": gettext_lazy("Resistance by class of drugs"),
    },
    "norm": {"drugs": gettext_lazy("Resistance by drug")},
}

TITLES: Mapping[str, object] = {
    "msis": gettext_lazy("MSIS: notifiable diseases"),
    "sysvak": gettext_lazy("SYSVAK: vaccinations"),
    "nois": gettext_lazy("NOIS: healthcare-associated infections"),
    "ravn": gettext_lazy("RAVN: resistance in viruses"),
    "norm": gettext_lazy("NORM: resistance in bacteria"),
}

DESCRIPTIONS: Mapping[str, object] = {
    "msis": gettext_lazy(
        "Cases by disease, time, place, age, sex and where people were infected. A case is not a person: one who "
        "falls ill twice is two cases."
    ),
    "sysvak": gettext_lazy(
        "Doses by vaccine and disease, which of a person's doses they are, and how many were reached."
    ),
    "nois": gettext_lazy(
        "How many had a healthcare-associated infection on the days of the surveys, and how many got an infection "
        "after an operation."
    ),
    "ravn": gettext_lazy(
        "What viruses are resistant to, by drug, class of drugs and year. De-identified: nothing here can be put "
        "together with persons, or with the other registers."
    ),
    "norm": gettext_lazy(
        "What bacteria are resistant to, by drug, material and year. De-identified: nothing here can be put "
        "together with persons, or with the other registers."
    ),
}

_VALUES: Mapping[str, Mapping[Any, object]] = {
    "sex": {"F": gettext_lazy("Women"), "M": gettext_lazy("Men")},
    "infected": {"norway": gettext_lazy("In Norway"), "abroad": gettext_lazy("Abroad")},
    "classification": {
        "confirmed": gettext_lazy("Confirmed"),
        "probable": gettext_lazy("Probable"),
        "suspected": gettext_lazy("Suspected"),
    },
    "institution_kind": {
        "hospital": gettext_lazy("Hospitals"),
        "nursing-home": gettext_lazy("Nursing homes"),
    },
    "urgent": {True: gettext_lazy("Urgent"), False: gettext_lazy("Planned")},
    "infection": {
        "uti": gettext_lazy("Urinary tract"),
        "uti-no-catheter": gettext_lazy("Urinary tract, no catheter"),
        "uti-catheter": gettext_lazy("Urinary tract, with catheter"),
        "lower-airway": gettext_lazy("Lower airways"),
        "ssi-superficial": gettext_lazy("Surgical site, superficial"),
        "ssi-deep": gettext_lazy("Surgical site, deep"),
        "ssi-organ": gettext_lazy("Surgical site, organ or space"),
        "skin": gettext_lazy("Skin"),
        "bsi-primary": gettext_lazy("Bloodstream, primary"),
        "bsi-secondary": gettext_lazy("Bloodstream, secondary"),
    },
    "interval": {
        "0-27": gettext_lazy("under 4 weeks"),
        "28-55": gettext_lazy("4–7 weeks"),
        "56-179": gettext_lazy("8 weeks to 6 months"),
        "180-364": gettext_lazy("6–12 months"),
        "365-1824": gettext_lazy("1–4 years"),
        "1825+": gettext_lazy("5 years or more"),
    },
}

_UNKNOWN: Mapping[str, object] = {
    "interval": gettext_lazy("first dose, or person unknown"),
    "dose_number": gettext_lazy("person unknown"),
    "vaccine": gettext_lazy("unknown code"),
    "risk": gettext_lazy("not computable: something is missing"),
}


def language() -> str:
    """ "nb" or "en" """
    return "en" if get_language() == "en" else "nb"


def disease_name(key: str) -> str:
    """The name of a notifiable disease, or of one that a vaccine is against; the key where neither is known."""
    found = diseases().get(key)
    if found is not None:
        return first_up(getattr(found, language()))
    vaccine = vaccine_diseases().get(key)
    return first_up(getattr(vaccine, f"name_{language()}")) if vaccine else key


def first_up(words: str) -> str:
    """With a capital letter at the beginning, and the rest as it is."""
    return words[:1].upper() + words[1:]


def value_name(column: str, value: Any, view: str = "") -> str:
    """What a value of a column is called; None is unknown."""
    if value is None:
        return str(_UNKNOWN.get(column, _("unknown")))
    if column in _VALUES:
        return str(_VALUES[column].get(value, value))
    if column == "disease":
        return _vaccine_disease(value) if view == "sysvak" else disease_name(value)
    if column == "procedure_group":
        words = {group.key: group.text for group in procedures().groups}
        return getattr(words[value], language()) if value in words else str(value)
    if column == "surveyed":
        return _day(value)
    if column == "month":
        return f"{value[5:]}.{value[:4]}" if language() == "nb" else str(value)
    known = _NAMED.get(column)
    return known(value) if known else str(value)


def _vaccine_disease(key: str) -> str:
    found = vaccine_diseases().get(key)
    return first_up(getattr(found, f"name_{language()}")) if found else key


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}" if language() == "nb" else f"{day.day} {day:%b %Y}"


def _county(number: str) -> str:
    return county_names(timezone.localdate()).get(number, number)


def _drug_class(name: str) -> str:
    if language() == "en":
        return first_up(name)
    return next((first_up(a.class_nb) for a in antivirals().values() if a.drug_class == name), name)


def _vaccine(atc: str) -> str:
    return f"{first_up(concept_name('vaccine', atc))} ({atc})"


_NAMED: Mapping[str, Callable[[Any], str]] = {
    "county": _county,
    "organism": organism_words,
    "antibiotic": lambda code: first_up(antibiotic_name(code)),
    "drug_class": _drug_class,
    "material_group": material_group_name,
    "vaccine": _vaccine,
}


def measure_names(table: str) -> dict[str, str]:
    """What the numbers of a table are called, by their columns."""
    counted = {
        "cases": _("Confirmed and probable"),
        "coverage": _("Vaccinated"),
        "infection": _("Present"),
        "antibiotics": _("Present"),
        "kinds": _("Present"),
    }
    posi = table in ("any", "superficial", "deep", "organ")
    names = {
        "n": _("Followed up") if posi else counted.get(table, _("Doses")),
        "operations": _("Operations"),
        "suspected": _("Suspected cases"),
        "imported": _("Infected abroad"),
        "form_missing": _("Form missing"),
        "rate": _("Per 100,000"),
        "population": _("Inhabitants"),
        "count": _("With infection"),
        "pct": _("Per cent"),
        "wards": _("Wards"),
        "S": "S",
        "I": "I",
        "R": "R",
    }
    if table == "antibiotics":
        names["count"] = _("Given antibiotics")
    if table == "coverage":
        names["rate"] = _("Per cent")
    if table in ("drugs", "classes"):
        names |= {"n": _("Tested"), "pct": _("Per cent R")}
    return names
