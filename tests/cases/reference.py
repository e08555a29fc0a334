"""The classifier once more, as plainly as it can be said: slow, and sharing no code with the fast one.

It walks over the calendar day by day. Each question about evidence goes through all of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec

from varde.cases import (
    Definition,
    Disease,
    Evidence,
    LaboratoryFinding,
    Linked,
    NotFound,
    Notified,
    Undecided,
)
from varde.codes import refines

DAY = timedelta(1)


def reference(disease: Disease, evidence: Iterable[Evidence], as_of: date) -> list[dict[str, Any]]:
    """Each case as a dictionary with the fields of `Case`; states by criterion in place of reasons."""
    known = [one for one in set(evidence) if one.day <= as_of]
    agents = set(disease.organisms)
    for row in disease.definition:
        for criterion in row.laboratory:
            agents |= criterion.organisms
    everything = [f for f in known if isinstance(f, LaboratoryFinding) and f.organism in agents]
    findings = [f for f in everything if f.notifiable != "MSIS-AV"]
    finer = {o for row in disease.definition for c in row.laboratory for o in c.unless_finer}
    finer_too = [f for f in known if isinstance(f, LaboratoryFinding) and f.organism in finer]
    forms = [n for n in known if isinstance(n, Notified) and n.disease == disease.key]
    links = [x for x in known if isinstance(x, Linked) and x.disease == disease.key]
    absent = [x for x in known if isinstance(x, NotFound)]
    open_answers = [x for x in known if isinstance(x, Undecided)]
    doses = {
        (v.day, v.key, v.live) for v in known if getattr(v, "diseases", set()) & disease.vaccine
    }
    doses |= {(n.vaccinated, n.key, None) for n in forms if n.vaccinated}

    asked = {
        marker
        for row in disease.definition
        for negative in row.negative
        for whole in (negative.markers, *negative.instead)
        for marker in whole
    }
    absent = [
        x
        for x in absent
        if not any(
            x.markers & asked and u.markers & asked and own_specimen(x, u) for u in open_answers
        )
    ]
    if not findings and not forms:
        return []
    elsewhere = [n for n in known if isinstance(n, Notified) and n.disease != disease.key]
    beside = (absent, elsewhere, [*everything, *finer_too])
    forms = [placed(disease, n, findings, doses, beside) for n in forms]
    day = min(one.day for one in (*findings, *forms))
    end = max(one.day for one in (*findings, *forms))
    cases: list[dict[str, Any]] = []
    while day <= end:
        row = in_force(disease, day)
        if row is None or not begins(row, day, findings, forms, links, doses, beside):
            day += DAY
            continue
        last = date.max if row.lifetime else day + timedelta(row.episode_days - 1)
        said = [n.onset for n in forms if day <= n.day <= last and n.onset]
        ill = min(said) if said else None
        first_window = look(row, day, last, findings, forms, links, doses, ill, beside)
        if first_window["class"] is None:
            day += DAY
            continue
        own_findings = [
            f
            for f in findings
            if day <= f.day <= last and bears(row, f, findings, forms, links, doses, beside)
        ]
        own_forms = [n for n in forms if day <= n.day <= last]
        aside_from = day - timedelta(row.window_days)
        near = [f for f in findings if aside_from <= f.day <= last]
        ills = illnesses(row, own_findings, own_forms)
        denied = against(row, [x for x in absent if aside_from <= x.day <= last], ills, near, doses)
        windows = [first_window]
        later = day + DAY
        while later <= min(last, end):
            if begins(row, later, findings, forms, links, doses, beside):
                windows.append(look(row, later, last, findings, forms, links, doses, ill, beside))
            later += DAY
        windows = [window for window in windows if window["class"]]
        best = next(
            window
            for wanted in ("confirmed", "probable", "suspected")
            for window in windows
            if window["class"] == wanted
        )
        keys = {one.key for one in (*own_findings, *own_forms)}
        for _, on in best["states"].values():
            keys |= on
        duty = valid(disease.duty, day)
        said = {f.notifiable for f in own_findings}
        waived = "MSIS-UM" in said and "MSIS-M" not in said
        onsets = [n.onset for n in own_forms if n.onset]
        onset = min(onsets) if onsets else None
        best["states"] = {**best["states"], **denied}
        if best["class"] == "suspected":
            true = best["true"] | {name for name, (state, _) in denied.items() if state == "met"}
            for alternative in row.rules.discarded:
                allowed = {i for c in row.negative if c.id in alternative for i in c.despite}
                stands = any(
                    fits(c, f, doses) != "unmet"
                    for f in near
                    for c in row.laboratory
                    if c.id not in allowed
                )
                if set(alternative) <= true and not stands:
                    unclear = {
                        x.key
                        for x in open_answers
                        if min(one for one, _ in ills) <= x.day <= last
                        and aside_from <= x.day
                        and not x.markers
                        and any(
                            fits(c, as_found(x), doses) != "unmet"
                            for c in row.laboratory
                            if c.id not in allowed
                        )
                    }
                    if unclear:
                        best["states"]["undecided"] = ("unknown", unclear)
                    else:
                        best.update({"class": "discarded", "rule": alternative})
                    break
        cases.append(
            {
                "disease": disease.key,
                "number": len(cases) + 1,
                "classification": best["class"],
                "presentation": shown(row, windows),
                "first_day": day,
                "onset": onset,
                "imported": imported(row, day, own_findings, own_forms),
                "definition": row.valid_from,
                "rule": best["rule"],
                "states": best["states"],
                "form_missing": bool(duty and duty.clinician_form and not own_forms and not waived)
                and best["class"] != "discarded",
                "evidence": keys,
                "set_aside": {
                    one
                    for one in aside(row, everything, doses, aside_from, last, beside)
                    if one[1] == "msis-av"
                    or not any(
                        f.key == one[0]
                        and f.notifiable != "MSIS-AV"
                        and bears(row, f, findings, forms, links, doses, beside)
                        for f in findings
                    )
                },
            }
        )
        if row.lifetime:
            break
        day = last + DAY
    return cases


def placed(disease: Disease, form: Notified, findings: list, doses: set, beside: tuple) -> Notified:
    """A form on a long illness stands on the first day, from the onset until it was made, of what was found of it."""
    row = in_force(disease, form.day)
    if row is None or not row.long_ill or form.onset is None or form.onset >= form.day:
        return form
    days = []
    for f in findings:
        then = in_force(disease, f.day)
        if then and form.onset <= f.day <= form.day:
            days += [f.day for c in then.laboratory if counts(then, c, f, doses, beside)]
    return msgspec.structs.replace(form, day=min(days)) if days else form


def in_force(disease: Disease, day: date) -> Definition | None:
    row = valid(disease.definition, day)
    known = disease.definition[0].known_from
    return disease.definition[0] if row is None and known and known <= day else row


def valid(rows: Iterable[Any], day: date) -> Any:
    begun = [row for row in rows if row.valid_from <= day]
    return max(begun, key=lambda row: row.valid_from) if begun else None


def begins(
    row: Definition,
    day: date,
    findings: list,
    forms: list,
    links: list,
    doses: set,
    beside: tuple,
) -> bool:
    return any(n.day == day for n in forms) or any(
        f.day == day and bears(row, f, findings, forms, links, doses, beside) for f in findings
    )


def bears(
    row: Definition,
    f: LaboratoryFinding,
    findings: list,
    forms: list,
    links: list,
    doses: set,
    beside: tuple,
) -> bool:
    """Whether a finding counts, or does in its window for a link."""
    if any(counts(row, c, f, doses, beside) for c in row.laboratory):
        return True
    if not any(
        c.though_linked and fits(c, f, doses) == "vaccinated" and not taken(row, c, f, beside)
        for c in row.laboratory
    ):
        return False
    until = f.day + timedelta(row.window_days)
    onsets = [n.onset for n in forms if f.day <= n.day <= until and n.onset]
    onset = min(onsets) if onsets else None
    seen = look(row, f.day, until, findings, forms, links, doses, onset, beside)
    return seen["ill and linked"]


def counts(row: Definition, c: Any, f: LaboratoryFinding, doses: set, beside: tuple) -> bool:
    met = fits(c, f, doses) == "met" or told(c, f, doses, beside)
    return met and not taken(row, c, f, beside)


def told(c: Any, f: LaboratoryFinding, doses: set, beside: tuple) -> bool:
    """Met by what was not found in its own specimen."""
    if not c.beside_denied:
        return False
    bare = msgspec.structs.replace(c, beside_denied=frozenset())
    near = [
        x
        for x in beside[0]
        if x.organism in c.beside_denied and x.method in c.methods and own_specimen(x, f)
    ]
    return fits(bare, f, doses) == "met" and any(not x.markers for x in near)


def own_specimen(x: Any, f: Any) -> bool:
    unsaid = {"", "other"} & {x.material, f.material}
    return x.day == f.day and (x.material == f.material or bool(unsaid))


def taken(row: Definition, c: Any, f: LaboratoryFinding, beside: tuple) -> bool:
    """Denied by its own specimen, or of another disease."""
    absent, elsewhere, everything = beside
    if any(x.organism in c.unless_found and own_specimen(x, f) for x in everything):
        return True
    for x in everything:
        near = abs((x.day - f.day).days) <= row.window_days
        if near and x.organism in c.unless_finer and refines(x.organism, f.organism):
            return True
    for n in elsewhere:
        told = n.clinical in ("met", "presumed") or n.linked == "met"
        if n.disease in c.unless_notified and told and abs((n.day - f.day).days) <= 366:
            return True
    return any(n.id in c.unless and denying(n, f, absent) for n in row.negative if n.same_specimen)


def denying(negative: Any, f: LaboratoryFinding, absent: list) -> set[str]:
    own = []
    wholes = [set(negative.markers), *map(set, negative.instead)] if negative.markers else []
    if any(whole & f.resistant for whole in wholes):
        return set()
    for x in absent:
        same = x.material == f.material or "" in (x.material, f.material)
        same = same or "other" in (x.material, f.material)
        right = not negative.materials or x.material in negative.materials
        how = x.method in negative.methods
        if x.organism == "":
            how = how and any(whole & x.markers for whole in wholes)
            how = how and f.organism in negative.organisms
        else:
            how = how and x.organism in negative.organisms
            if x.markers:
                kin = refines(x.organism, f.organism) or refines(f.organism, x.organism)
                how = how and (kin or x.organism == f.organism)
        if x.day == f.day and same and right and how:
            own.append(x)
    if not negative.markers:
        own = [x for x in own if not x.markers]
        looked_for = {x.organism for x in own}
        lacks = negative.every and any(o not in looked_for for o in negative.organisms)
        return set() if lacks else {x.key for x in own}
    denied = {marker for x in own for marker in x.markers}
    for whole in wholes:
        if all(marker in denied for marker in whole):
            return {x.key for x in own if x.markers & whole}
    return {x.key for x in own if not x.markers and x.organism != f.organism}


def fits(criterion: Any, f: LaboratoryFinding, doses: set) -> str:
    """Each requirement answers True, False, or None for "not said"."""
    answers = [
        f.organism in criterion.organisms,
        not criterion.resistant_to or bool(criterion.resistant_to & f.resistant),
        not criterion.unless_susceptible_to & f.susceptible,
        True if f.method in criterion.methods else (None if f.method == "unknown" else False),
        True
        if not criterion.materials or f.material in criterion.materials
        else (None if f.material in ("", "other") else False),
        True if not criterion.notifiable or f.notifiable in ("MSIS-M", "MSIS-UM") else None,
        True
        if criterion.younger_than is None
        else (None if f.age is None else f.age < criterion.younger_than),
        criterion.not_younger_than is None or f.age is None or f.age >= criterion.not_younger_than,
    ]
    if False in answers:
        return "unmet"
    if None in answers or criterion.beside_denied:
        return "unknown"
    return "vaccinated" if shortly_before(criterion, f, doses) else "met"


def shortly_before(criterion: Any, f: LaboratoryFinding, doses: set) -> set[str]:
    if criterion.unless_vaccinated_days is None:
        return set()
    limit = timedelta(criterion.unless_vaccinated_days)
    return {
        key
        for day, key, live in doses
        if f.day - limit <= day <= f.day and (live is not False or not criterion.only_live)
    }


def can_have_passed(row: Definition, link: Linked, day: date, onset: date | None) -> bool:
    """Each requirement by itself, for a link from person to person."""
    ill = min(onset, day) if onset else day
    exposed = min(link.day, ill)
    days = [row.window_days if row.imported_days is None else row.imported_days]
    if onset is None:
        days.append(row.window_days)
    if (ill - exposed).days > max(days):
        return False
    asked = row.epidemiological
    if link.source_day is None or asked is None or asked.carriers:
        return True
    if link.source_onset is None:
        before, source = max(asked.infectious_before_days, row.window_days), link.source_day
    else:
        before, source = asked.infectious_before_days, link.source_onset
        if source > (onset or day):
            return False
    after = row.window_days
    if link.source_onset is not None and asked.infectious_after_days is not None:
        after = asked.infectious_after_days
    return -before <= (exposed - source).days <= after


def look(
    row: Definition,
    day: date,
    last: date,
    findings: list,
    forms: list,
    links: list,
    doses: set,
    onset: date | None,
    beside: tuple,
) -> dict[str, Any]:
    absent = beside[0]
    reach = timedelta(row.window_days)
    until = min(day + reach, last)
    around = [f for f in findings if day - reach <= f.day <= day + reach]
    findings = [f for f in findings if day <= f.day <= until]
    forms = [n for n in forms if day <= n.day <= until]
    links = [
        x
        for x in links
        if x.day <= until
        and (can_have_passed(row, x, day, onset) if x.kind == "human" else day - reach <= x.day)
    ]
    near = [x for x in absent if day - reach <= x.day <= day + reach]
    ills = illnesses(row, findings, forms) if findings or forms else set()
    came = against(row, near, ills, around, doses) if ills else {}
    single = {c.id for c in row.negative if c.same_specimen}
    denied = {name for name, (state, _) in came.items() if state == "met"} - single
    asked = row.epidemiological
    linked = any(n.clinical in ("met", "presumed") for n in forms) and bool(
        asked
        and (
            any(x.kind in asked.links for x in links)
            or ("human" in asked.links and any(n.linked == "met" for n in forms))
        )
    )
    states: dict[str, tuple[str, set[str]]] = {}
    for criterion in row.laboratory:
        left = [f for f in findings if not taken(row, criterion, f, beside)]
        fit = ("met", "vaccinated") if linked and criterion.though_linked else ("met",)
        yes = {
            f.key
            for f in left
            if fits(criterion, f, doses) in fit or told(criterion, f, doses, beside)
        }
        perhaps = {f.key for f in left if fits(criterion, f, doses) == "unknown"}
        if criterion.unless & denied:
            states[criterion.id] = ("unmet", set())
        elif len(yes) >= criterion.at_least:
            states[criterion.id] = ("met", yes)
        elif yes | perhaps:
            states[criterion.id] = ("unknown", yes | perhaps)
        else:
            states[criterion.id] = ("unmet", set())
    met = {name for name, (state, _) in states.items() if state == "met"}
    if row.clinical:
        yes = {n.key for n in forms if n.clinical == "met"}
        no = {n.key for n in forms if n.clinical == "unmet"}
        onset = {n.key for n in forms if n.clinical == "presumed"}
        said = (("met", yes), ("unmet", no), ("presumed", onset))
        states["clinical"] = next((one for one in said if one[1]), ("unknown", set()))
    if row.epidemiological:
        kinds = row.epidemiological.links
        yes = {x.key for x in links if x.kind in kinds}
        if "human" in kinds:
            yes |= {n.key for n in forms if n.linked == "met"}
        no = {n.key for n in forms if n.linked == "unmet"} if kinds == {"human"} else set()
        states["epidemiological"] = (
            ("met", yes) if yes else ("unmet", no) if no else ("unknown", set())
        )
    states["notified"] = ("met" if forms else "unmet", {n.key for n in forms})
    for name in row.presume:
        if met and states[name][0] == "unknown":
            states[name] = ("presumed", set())
    true = {name for name, (state, _) in states.items() if state in ("met", "presumed")}
    if met:
        true.add("laboratory-probable")
    if met & {c.id for c in row.laboratory if c.strength == "confirmed"}:
        true.add("laboratory")
    if "clinical" in states and states["clinical"][0] == "unmet":
        true.add("no-clinical")
    for name in ("confirmed", "probable", "suspected"):
        for alternative in getattr(row.rules, name):
            if set(alternative) <= true:
                return {
                    "class": name,
                    "rule": alternative,
                    "states": states,
                    "true": true,
                    "ill and linked": linked,
                }
    return {
        "class": None,
        "rule": (),
        "states": states,
        "true": true,
        "ill and linked": linked,
    }


def as_found(x: Undecided) -> LaboratoryFinding:
    return LaboratoryFinding(
        key=x.key, day=x.day, organism=x.organism, method=x.method, material=x.material
    )


def illnesses(row: Definition, findings: list, forms: list) -> set[tuple[date, bool]]:
    """The first day of each, and whether a clinician says it."""
    reach = timedelta(row.window_days)
    onsets = {n.onset for n in forms if n.onset}
    found = {(onset, True) for onset in onsets}
    silent = {n.day for n in forms if not n.onset}
    silent = {d for d in silent if not any(onset <= d <= onset + reach for onset in onsets)}
    days = {one.day for one in (*findings, *forms)}
    if not found and not silent:
        silent = {min(days)}
    return found | {(min(d for d in days if day - reach <= d <= day), False) for day in silent}


def against(
    row: Definition, absent: list, ills: set[tuple[date, bool]], near: list, doses: set
) -> dict[str, tuple[str, set[str]]]:
    """Each requirement of a negative criterion answers as in `fits`, of each illness by itself."""
    states = {}
    for criterion in row.negative:
        ones = [x for x in absent if x.organism in criterion.organisms]
        if criterion.same_specimen:
            named = set(criterion.markers).union(*criterion.instead)
            ones += [x for x in absent if x.organism == "" and x.markers & named]
            rows = [c for c in row.laboratory if criterion.id in c.unless]
            mine = [f for f in near if any(fits(c, f, doses) == "met" for c in rows)]
            each = [denying(criterion, f, absent) for f in mine]
            if each and all(each):
                states[criterion.id] = ("met", {key for keys in each for key in keys})
            elif ones:
                states[criterion.id] = ("unmet", {x.key for x in ones})
            continue
        ones = [x for x in ones if not x.markers]
        if not ones:
            continue
        each = [denies(criterion, ones, day, said) for day, said in ills]
        for state in ("unmet", "unknown", "met"):
            keys = {key for came, on in each if came == state for key in on}
            if any(came == state for came, _ in each):
                break
        reach = timedelta(row.window_days)
        for f in near:
            may_be = any(
                c.id in criterion.despite and fits(c, f, doses) != "unmet" for c in row.laboratory
            )
            beside = any(x.key in keys and f.day - reach <= x.day <= f.day + reach for x in absent)
            if state == "met" and may_be and not beside:
                state = "unmet"
        states[criterion.id] = (state, keys)
    return states


def denies(criterion: Any, ones: list, begun: date, said: bool) -> tuple[str, set[str]]:
    came: dict[str, list] = {"met": [], "unknown": [], "unmet": []}
    for x in ones:
        answers: list[bool | None] = [
            True if x.method in criterion.methods else (None if x.method == "unknown" else False),
            True
            if not criterion.materials or x.material in criterion.materials
            else (None if x.material in ("", "other") else False),
        ]
        if said and criterion.days_after_onset:
            first, last = criterion.days_after_onset
            answers.append(begun + first * DAY <= x.day <= begun + last * DAY)
        elif said:
            answers.append(begun <= x.day)
        elif criterion.days_after_onset or x.day < begun:
            answers.append(None)
        came["unmet" if False in answers else "unknown" if None in answers else "met"].append(x)
    if len({x.day for x in came["met"]}) >= criterion.at_least:
        return "met", {x.key for x in came["met"]}
    maybe = came["met"] + came["unknown"]
    return ("unknown", {x.key for x in maybe}) if maybe else ("unmet", {x.key for x in ones})


def shown(row: Definition, windows: list[dict[str, Any]]) -> str:
    for presentation in row.presentation:
        if not presentation.when:
            return presentation.id
        for alternative in presentation.when:
            if any(set(alternative) <= window["true"] for window in windows):
                return presentation.id
    return ""


def imported(row: Definition, day: date, findings: list, forms: list) -> str:
    for said in (forms, findings):
        answers = set()
        for one in said:
            if one.infected_in:
                home = one.infected_in in ("NO", "SJ") or one.infected_in.isdigit()
                answers.add("no" if home else "yes")
        if answers:
            return answers.pop() if len(answers) == 1 else "unknown"
    if row.imported_days is not None:
        limit = timedelta(row.imported_days)
        if any(n.home_coming and (n.onset or day) <= n.home_coming + limit for n in forms):
            return "yes"
    return "unknown"


def aside(
    row: Definition, everything: list, doses: set, first: date, last: date, beside: tuple
) -> set:
    found = set()
    for f in everything:
        if not first <= f.day <= last:
            continue
        if f.notifiable == "MSIS-AV":
            found.add((f.key, "msis-av", ()))
            continue
        answers = [(c, fits(c, f, doses)) for c in row.laboratory]
        if any(answer == "met" or told(c, f, doses, beside) for c, answer in answers):
            continue
        because = set()
        for criterion, answer in answers:
            if answer == "vaccinated":
                because |= shortly_before(criterion, f, doses)
        if because:
            found.add((f.key, "recently-vaccinated", tuple(sorted(because))))
    return found
