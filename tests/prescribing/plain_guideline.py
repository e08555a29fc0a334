"""What the guideline says of one prescription, worked out for that prescription alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET

from varde.codes import daily_dose
from varde.guidelines import Entry, Library, iterate_regimens
from varde.guidelines.advice import Answer, Patient, ingredients_by_atc, judge, work_out
from varde.guidelines.model import Behandlingsregime

UNITS = {"mg": 1, "g": 1000}


def may_be_for(regimen: Behandlingsregime, patient: Patient) -> bool:
    """By age and sex: what else the content asks is not known of a prescription."""
    if regimen.limits:
        known = msgspec.structs.replace(
            regimen.limits, tilstander=UNSET, ikkeTilstander=UNSET, vektKg=UNSET
        )
        varde = msgspec.structs.replace(regimen.varde, gjelderFor=known)
        regimen = msgspec.structs.replace(regimen, varde=varde)
    return judge(regimen, patient, None).answer is not Answer.NO


def fits(entry: Entry, patient: Patient) -> bool:
    """Whether some regimen may be for the patient."""
    return any(may_be_for(p.regimen, patient) for p in iterate_regimens(entry.innhold.data))


@cache
def say(
    library: Library,
    day: date,
    diagnoses: tuple[tuple[str, str], ...],
    age: int,
    sex: str,
    atc: str,
) -> tuple[str, tuple[Decimal, Decimal, Decimal] | None]:
    """The choice, and the least, the most and a day's most in mg; None where that cannot be computed."""
    edition = library.edition(day)
    root = library.id_of_slug("retningslinje", "antibiotika-i-primaerhelsetjenesten")
    patient = Patient(
        age=Decimal(age),
        age_at_most=Decimal(age) + Decimal("0.99"),
        sex="kvinne" if sex == "F" else "mann",
    )
    uses = []
    there = False
    has_plain_standard = False
    wanted = {code.code for code in ingredients_by_atc().get(atc, ())}
    for system, code in diagnoses:
        if system == "ICD-10" and len(code) > 3 and "." not in code:
            code = code[:3] + "." + code[3:]
        candidates = edition.with_code(system, code)
        general = []
        for entry in candidates:
            varde = getattr(entry.innhold.data, "varde", None)
            for own in (varde.forstFor or ()) if varde else ():
                if own == code or (system == "ICD-10" and code[: len(own) + 1] == own + "."):
                    general.append(entry)
        general = [e for e in general if fits(e, patient)]
        for entry in candidates:
            if entry.innhold.info_type != "anbefaling" or root not in {
                one.innhold.id for one in edition.roots(entry.innhold.id)
            }:
                continue
            placed = list(iterate_regimens(entry.innhold.data))
            there = there or not placed
            open_to_all = any(
                may_be_for(each.regimen, patient)
                and not (each.regimen.limits and each.regimen.limits.tilstander)
                for each in placed
            )
            for one in placed:
                conditional = bool(one.regimen.limits and one.regimen.limits.tilstander)
                if not may_be_for(one.regimen, patient):
                    continue
                there = True
                if one.kind.startswith("overgang"):
                    continue
                standard = one.kind.startswith("standard") and (not general or entry in general)
                has_plain_standard = has_plain_standard or (standard and not conditional)
                for dose in one.regimen.doseringregimer:
                    if {code.code for code in dose.data.varde.virkestoff.koder} == wanted:
                        others = [
                            each.data.varde.virkestoff for each in one.regimen.doseringregimer
                        ]
                        alone = all({c.code for c in each.koder} == wanted for each in others)
                        uses.append(
                            (standard, conditional, dose, one, alone, entry.slug, open_to_all)
                        )
    if not there:
        return "none", None
    if not uses:
        return "unnamed", None
    first = any(s and not (c and has_plain_standard) for s, c, _, _, alone, *_ in uses if alone)
    choice = "first" if first else "alternative"
    if not any(use[4] for use in uses):
        choice = "combined"
    counted = []
    for slug in {use[5] for use in uses}:
        mine = [use for use in uses if use[5] == slug]
        counted += [use for use in mine if not use[1]] or [use for use in mine if use[6]]
    lengths = []
    for _, _, dose, one, *_ in counted or uses:
        done = work_out(dose, None)
        days = dose.data.varighetDoseringsregimeAntallDogn
        whole = one.treatment.behandling.data.varighetBehandlingAntallDogn
        if not (days or whole) or done.per_day is None or done.dose.unit not in UNITS:
            return choice, None
        unit = UNITS[done.dose.unit]
        first_days = [Decimal(0), Decimal(0)]  # with a loading dose: how many, and how much
        if done.load:
            often = dose.data.frekvensEventuellladningsdosePerDogn
            count = dose.data.varighetEventuellLadningsdoseAntallDogn
            if done.load.unit != done.dose.unit or not often or not count:
                return choice, None
            first_days = [count.low, done.load.amount.low * often.low * count.low]
        low, high = (days.low, days.most) if days else (whole.low, whole.most)
        if not days:
            low, high = low - first_days[0], high - first_days[0]
        lengths.append(
            (
                (done.per_day.low * low + first_days[1]) * unit,
                (done.per_day.most * high + first_days[1]) * unit,
                done.per_day.most * unit,
            )
        )
    least, most, day_most = zip(*lengths, strict=True)
    return choice, (min(least), max(most), max(day_most))


def milligrams(row: Mapping[str, Any]) -> Fraction | None:
    """What a dispensing comes to; None where nobody can say."""
    size = daily_dose(row["atc"], "O", date(row["ddd_version"], 7, 1))
    if size is None or size.unit not in UNITS:
        return None
    return Fraction(row["ddd"]) * Fraction(size.value) * UNITS[size.unit]


def length(
    limits: tuple[Decimal, Decimal, Decimal] | None, given: Fraction | None, slack: int
) -> str:
    """shorter, within, longer, or nothing."""
    if limits is None or given is None:
        return ""
    least, most, day = map(Fraction, limits)
    if given < least:
        return "shorter"
    return "within" if given <= most + slack * day else "longer"
