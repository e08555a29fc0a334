"""The eight steps that lead somebody through the demo's day (`varde.demo.day`): who signs in, where, what to do and see.

Everything that is said is read from the register as it is; nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from varde.demo.day import PURPOSE, day_of, number_of_described, pairs
from varde.demo.followup import number_of_ill
from varde.followup.models import Delivery
from varde.publishing import HIDDEN
from varde.register import (
    REGISTERS,
    KnownCase,
    Register,
    count_hours,
    count_identities,
    find_person,
    list_rulings,
    read_case,
    read_history,
    read_tally,
    using,
)
from varde.synthetic import OSLO
from varde.warehouse import NoSnapshot, read_manifest
from varde.web.figures import warehouse
from varde.web.map_figures import ask_map
from varde.web.registers import has_come

KINDS = {
    "laboratory": "answers of laboratories",
    "notification": "notifications",
    "vaccination": "doses",
    "prevalence": "surveyed wards",
    "surgery": "operations",
}

ROWS = (
    ("MSIS", "default", "cases", "cases"),
    ("SYSVAK", "default", "vaccinations", "doses"),
    ("NOIS", "default", "wards", "wards"),
    ("NOIS", "default", "operations", "operations"),
    ("RAVN", "ravn", "isolates", "isolates"),
    ("NORM", "norm", "isolates", "isolates"),
)
"""Register, database, table of its columns, and what its rows are."""


class Step(NamedTuple):
    """One step of the way through the day.

    Attributes:
        user: who signs in.
        address: where; what a POST must say there stands in `sends`.
        do: what to do there.
        see: what is to be seen, with the numbers of this register.
        shows: words that stand on that page.
    """

    title: str
    user: str
    address: str
    do: str
    see: str
    sends: Mapping[str, str] = {}
    shows: tuple[str, ...] = ()


def steps(register: Register, now: datetime) -> tuple[Step, ...]:
    """The way through the day, with what is in the register now. Nothing is written."""
    child = number_of_ill(0, now)
    moved = number_of_described(pairs(day_of(now))["number"].other)
    return (
        _step_arrivals(now),
        _step_measles(register, child),
        _step_linkage(),
        _step_number(register, moved),
        _step_reminded(),
        _step_registers(),
        _step_map(now),
        _step_audit(child),
    )


def _step_arrivals(now: datetime) -> Step:
    start = datetime.combine(day_of(now), time(0), OSLO)
    came: Counter[str] = Counter()
    for each in count_hours(start, now + timedelta(hours=1)):
        came[each.kind] += each.items
    told = ", ".join(f"{words} {came[kind]}" for kind, words in KINDS.items() if came[kind])
    whole: Counter[str] = Counter()
    for alias in REGISTERS.values():
        if has_come(alias):
            with using(alias):
                for arrived in read_tally()[1]:
                    whole[arrived.kind if alias == "default" else alias.upper()] += arrived.number
    return Step(
        "Messages of all kinds arrive",
        "vakt",
        "/laboratorium/",
        "See who sends, hour by hour.",
        f"Today so far {told or 'nothing'}. Since the register was opened "
        f"{', '.join(f'{KINDS.get(kind, kind)} {n}' for kind, n in sorted(whole.items()))}.",
        shows=("Avsendere",),
    )


def _cases(register: Register, number: str) -> list[Any]:
    with using(register.alias):
        person = find_person(number, register.context.pseudonym)
        return list(read_history(person.ids).cases) if person else []


def _step_measles(register: Register, child: str) -> Step:
    case = next((one for one in _cases(register, child) if one.disease == "measles"), None)
    number = case.number if case else 0
    known = read_case(number)
    pieces = len(known.sources) if isinstance(known, KnownCase) else 0
    return Step(
        "A measles case reaches the municipal doctor",
        "kommunelege",
        f"/sak/{number}/",
        "Open the case from the inbox, and say what for.",
        f"Case {number} is {case.classification if case else 'not there'}, with {pieces} pieces of "
        "evidence: the clinician's form and the laboratory's IgM, each with the criterion that it meets.",
        sends={"gjor": "apne", "formal": "infection-control"},
        shows=("Meslinger",),
    )


def _step_linkage() -> Step:
    counts = count_identities()
    decided = list_rulings(1000)
    standing = sum(one.verdict != "undone" and not one.undone for one in decided)
    undone = sum(one.undone for one in decided)
    return Step(
        "Who is the same is asked, answered, and taken back",
        "vakt",
        f"/personer/?formal={PURPOSE}",
        "Choose the purpose, look at why each question is asked, open one and decide.",
        f"{counts['questions']} questions are open, the newborn's and the swapped names' among them; "
        f"{standing} decision stands (the twins are two), {undone} was taken back.",
        shows=("Tvillinger: begge er ringt", "Navnene har byttet plass"),
    )


def _step_number(register: Register, moved: str) -> Step:
    return Step(
        "A D number becomes a national number",
        "vakt",
        "/oppslag/",
        f"Look up {moved}, for infection control.",
        f"{count_identities()['number_changes']} change of number has been taken in. What came under the "
        f"D number is found under the new one: {len(_cases(register, moved))} case of one person.",
        sends={"nummer": moved, "formal": "infection-control"},
        shows=("Campylobacter",),
    )


def _step_reminded() -> Step:
    reminded = Delivery.objects.filter(reason="form-missing").count()
    return Step(
        "A missing form is reminded of",
        "kommunelege",
        "/innboks/?vis=alle",
        "See what the inbox says of forms that have not come.",
        f"{reminded} notices that the clinician's form is missing stand in the units' inboxes.",
        shows=("mangler",),
    )


def _step_registers() -> Step:
    return Step(
        "The five registers from one store",
        "epidemiolog",
        "/registre/",
        "Open MSIS, SYSVAK, NOIS, RAVN and NORM, and then the overview of all.",
        f"{_of_registers()}.",
        shows=("MSIS", "SYSVAK", "NOIS", "RAVN", "NORM"),
    )


def _of_registers() -> str:
    """Rows of each register's columns."""
    found = []
    for register, database, table, words in ROWS:
        with suppress(NoSnapshot):
            files = read_manifest(warehouse(database)).files(table)
            found.append(f"{register}: {sum(file.rows for file in files)} {words}")
    return "; ".join(found) or "Nothing has been refreshed yet"


def _step_map(now: datetime) -> Step:
    disease, year = "campylobacteriosis", day_of(now).year
    told = "Nothing has been refreshed yet."
    with suppress(NoSnapshot):
        answer = ask_map(disease, year, "0301")
        hidden = sum(one.status in HIDDEN for one in answer.municipalities.values())
        told = (
            f"Oslo has {answer.municipalities['0301'].value}, as it is; of the other municipalities "
            f"{hidden} are hidden by disclosure control."
        )
    return Step(
        "The own area on a map",
        "kommunelege",
        f"/kart/?sykdom={disease}&ar={year}",
        "Choose a disease and a year; the same numbers stand in the table.",
        told,
        shows=("Oslo", "Bærum"),
    )


def _step_audit(child: str) -> Step:
    return Step(
        "A person is shown who has looked",
        "admin",
        "/innsyn/",
        f"Type {child}: the child with measles.",
        "Who looked, as whom, when and what for: the municipal doctor's look-up stands there, and the look at "
        "the case once step 2 is done. /tilgangslogg/ checks the log's chain.",
        sends={"nummer": child},
        shows=("Kommuneoverlege", "Smittevern"),
    )


def say(day: tuple[Step, ...], base: str) -> Iterator[str]:
    """The steps as lines to print.

    Args:
        base: where the pages are, such as http://127.0.0.1:8000.
    """
    for number, step in enumerate(day, 1):
        yield f"{number}. {step.title}"
        yield f"   {step.user}  {base}{step.address}"
        yield f"   {step.do}"
        yield f"   {step.see}"
