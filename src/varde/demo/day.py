"""A day in the life of the demo: what happens on it, and the eight steps that lead somebody through it.

Everything is done as a user does it: messages are handed in, changes of number are taken in from a file, and what people do
is done on the pages, signed in, with a purpose. Repeated on the same day nothing is done twice: the messages are the
same, and what people do follows on messages that are new.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.test import Client

from varde.access.demo_users import DEMO_PASSWORD
from varde.demo.followup import ILL, MEASLES, OFFICE, OFFICE_NAME, answer_of, number_of_ill, quiet
from varde.followup.models import Delivery
from varde.followup.reminding import remind
from varde.followup.telling import tell_new
from varde.messages import NotificationEnvelope, write_notification
from varde.publishing import HIDDEN
from varde.register import (
    REGISTERS,
    Incoming,
    KnownCase,
    Register,
    count_hours,
    count_identities,
    find_person,
    list_questions,
    list_rulings,
    read_case,
    read_history,
    read_tally,
    take_changes,
    using,
)
from varde.register.intake import take_in
from varde.synthetic import OSLO
from varde.synthetic.chains import Searched
from varde.synthetic.isolates import Patient
from varde.synthetic.kith import write_message
from varde.synthetic.persons import number_of
from varde.synthetic.vaccination_formats import SentVaccination, write_bundle
from varde.synthetic.vaccinations import sites
from varde.synthetic.wires import write_fhir, write_hl7v2
from varde.warehouse import NoSnapshot, read_manifest
from varde.web.figures import warehouse
from varde.web.map_figures import ask_map
from varde.web.registers import has_come

PURPOSE = "surveillance"
FORM_MISSING = timedelta(days=9)
"""So long ago came what still has no form: longer than is waited for one (`varde.followup.tables`)."""
PERTUSSIS = Searched(
    "bordetella-pertussis",
    "nucleic-acid",
    "",
    "Sekr-Bordetella pertussis DNA",
    "Bordetella pertussis DNA [Presence] in Nasopharynx by NAA with probe detection",
    "positive",
)
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


class Described(NamedTuple):
    """One invented notification of somebody whom it describes by name.

    Attributes:
        minutes: so long before now it came.
        temporary: a D number; None: no number at all.
    """

    family: str
    given: str
    born: date
    female: bool
    place: str
    disease: str
    minutes: int
    temporary: bool | None = None


class Pair(NamedTuple):
    """Two descriptions of which a person must be asked whether they are of one, and what the demo's user answers.

    Attributes:
        answer: "same", "different", or empty: it is left open.
        taken_back: whether the answer is undone again.
    """

    one: Described
    other: Described
    answer: str = ""
    reason: str = ""
    taken_back: bool = False


def pairs(today: date) -> Mapping[str, Pair]:
    """Twins, names that changed places, a newborn, and a D number that became a national number."""
    newborn, woman, man = today - timedelta(days=9), date(1991, 5, 4), date(1987, 9, 21)
    twin = date(2012, 2, 17)
    cough, gut = "Kikhoste", "Campylobacteriose"
    return {
        "twins": Pair(
            Described("Tvillingstad", "Ada", twin, True, "3201", cough, 300),
            Described("Tvillingstad", "Ine", twin, True, "3201", cough, 290),
            "different",
            "Tvillinger: begge er ringt, og de er to",
        ),
        "swapped": Pair(
            Described("Omvendtsen", "Solveig", woman, True, "4601", gut, 280),
            Described("Solveig", "Omvendtsen", woman, True, "4601", gut, 270),
            "same",
            "Navnene har byttet plass på skjemaet",
            taken_back=True,
        ),
        "newborn": Pair(
            Described("Nyfjord", "Nyfødt gutt", newborn, False, "5001", cough, 260),
            Described("Nyfjord", "Odin", newborn, False, "5001", cough, 250, temporary=False),
        ),
        "number": Pair(
            Described("Kowalskowicz", "Jan", man, False, "1103", gut, 240, temporary=True),
            Described("Kowalskovich", "Jan Piotr", man, False, "1108", gut, 230, temporary=False),
        ),
    }


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


class Visitor:
    """One of the demo's users at the pages, signed in with the password."""

    def __init__(self, user: str) -> None:
        host = next((one for one in settings.ALLOWED_HOSTS if "*" not in one), "localhost")
        self._client = Client(headers={"host": host, "accept-language": "nb"})
        answer = self._client.post(
            "/logg-inn/", {"username": user, "password": DEMO_PASSWORD, "next": "/om/"}
        )
        if answer.status_code != 302:
            raise RuntimeError(f"{user} could not sign in: {answer.status_code}")

    def open(self, address: str, **sent: str) -> str:
        """A page as text; what is sent goes in the body.

        Raises:
            RuntimeError: it is refused.
        """
        ask = self._client.post if sent else self._client.get
        answer = ask(address, sent or None)
        if answer.status_code == 302:
            address = str(answer["Location"])
            answer = self._client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answers {answer.status_code}")
        return str(answer.content.decode())

    def send(self, address: str, **sent: str) -> str:
        """Where a form leads on to.

        Raises:
            RuntimeError: it is refused.
        """
        answer = self._client.post(address, sent)
        if answer.status_code != 302:
            raise RuntimeError(f"{address} answers {answer.status_code}")
        return str(answer["Location"])


def live(register: Register, now: datetime) -> bool:
    """Let the day happen, after `varde.demo.followup.add_cases` and with the demo's users there.

    Returns:
        Whether anything was new.
    """
    with quiet():
        return _live(register, now)


def _live(register: Register, now: datetime) -> bool:
    fresh = _arrive(register, now)
    fresh = _go_without_form(register, now) or fresh
    for name, pair in pairs(_today(now)).items():
        asked = {one.number for one in list_questions()}
        if not _hand_in(register, name, pair, now):
            continue
        fresh = True
        new = [one.number for one in list_questions() if one.number not in asked]
        if pair.answer and new:
            _answer(new[0], pair)
    # Of a register of persons' numbers: the same file again changes nothing.
    take_changes(register, _change(now), now, _today(now))
    tell_new(now)
    remind(now)
    if fresh:
        _look(now)
    return fresh


def _today(now: datetime) -> date:
    return now.astimezone(OSLO).date()


def _arrive(register: Register, now: datetime) -> bool:
    """An answer each as FHIR and as HL7 version 2, both without finding, and a dose: what the other invented senders had
    not sent today."""
    today = _today(now)
    at, made = now - timedelta(minutes=200), _made(today)
    born = date(2014, 4, 9)
    files = []
    for number, (write, ending) in enumerate(((write_fhir, "json"), (write_hl7v2, "hl7"))):
        person = number_of(born, number == 0, 20 + today.toordinal() % 100)
        name = f"demo-day-{today:%y%m%d}-{number}"
        sex = "F" if number == 0 else "M"
        patient = Patient(number, person, "FNR", sex, born, "0301")
        files.append(Incoming(f"{name}.{ending}", write(answer_of(patient, name, made, MEASLES))))
    site = next(iter(sites().values()))
    dose = SentVaccination(
        report_id=f"demo-day-{today:%y%m%d}-dose",
        version=1,
        service_type="N",
        recorded=made.replace(tzinfo=None),
        person=0,
        number=number_of(born, True, 20 + today.toordinal() % 100),
        kind="FNR",
        sex="F",
        born=born,
        municipality="0301",
        sysvak="",
        atc="J07BD52",
        product="",
        given=today - timedelta(days=1),
        dose=2,
        batch="",
        programme="",
        indication="",
        fault="",
    )
    files.append(Incoming(f"demo-day-{today:%y%m%d}-dose.json", write_bundle(site, 1, [dose])))
    return take_in(register, files, lambda: at).accepted > 0


def _made(today: date) -> datetime:
    """When what is sent today was written: the same whenever today the demo is run, so that nothing is sent twice in other
    words, and before any of it arrives."""
    return datetime.combine(today - timedelta(days=1), time(18), OSLO)


def _go_without_form(register: Register, now: datetime) -> bool:
    """Whooping cough in Oslo that a laboratory found some time ago, and whose clinician's form has not come."""
    today = _today(now)
    at = _made(today) - FORM_MISSING
    born = date(1979, 12, 3)
    patient = Patient(
        2, number_of(born, True, 20 + today.toordinal() % 100), "FNR", "F", born, "0301"
    )
    name = f"demo-day-{today:%y%m%d}-2"
    data = write_message(answer_of(patient, name, at, PERTUSSIS, "nasopharynx"))
    new = take_in(register, [Incoming(f"{name}.xml", data)], lambda: at).accepted > 0
    tell_new(at)
    return new


def _hand_in(register: Register, name: str, pair: Pair, now: datetime) -> bool:
    """Two notifications, one after the other; whether they were new."""
    new = False
    for number, one in enumerate((pair.one, pair.other), 1):
        at = now - timedelta(minutes=one.minutes)
        data = _notification(one, f"demo-day-{_today(now):%y%m%d}-{name}-{number}", _today(now))
        counts = take_in(register, [Incoming(f"{name}-{number}.json", data)], lambda at=at: at)  # type: ignore[misc]
        new = counts.accepted > 0 or new
    return new


def _notification(one: Described, name: str, day: date) -> bytes:
    values: dict[str, str | list[str]] = {
        "pasient.fornavn": one.given,
        "pasient.etternavn": one.family,
        "pasient.fodselsdato": str(one.born),
        "pasient.bosted": one.place,
        "pasient.kjonn": "2" if one.female else "1",
        "diagnoseforhold.diagnose": one.disease,
        "diagnoseforhold.innsykningsdato": str(day - timedelta(days=4)),
        "diagnoseforhold.provedato": str(day - timedelta(days=2)),
    }
    if one.temporary is not None:
        values["pasient.fodselsnummer"] = number_of_described(one)
    envelope = NotificationEnvelope(
        sender=OFFICE,
        sender_name=OFFICE_NAME,
        message_id=f"{name}-1",
        report_id=name,
        generated=_made(day),
    )
    return write_notification(envelope, values)


def number_of_described(one: Described) -> str:
    """The invented number of somebody who is described."""
    return number_of(one.born, one.female, 7, temporary=bool(one.temporary))


def _change(now: datetime) -> bytes:
    """The file of a change of number: what was a D number is a national number."""
    pair = pairs(_today(now))["number"]
    old, new = number_of_described(pair.one), number_of_described(pair.other)
    row = f"changed;{old};{new};2026-01-05;invented population register"
    return f"what;old;new;day;source\n{row}\n".encode()


def _answer(question: int, pair: Pair) -> None:
    """The duty officer opens a question and decides it, and takes the decision back."""
    vakt = Visitor("vakt")
    address = f"/personer/{question}/"
    vakt.open(address, formal=PURPOSE)
    onward = vakt.send(address, formal=PURPOSE, svar=pair.answer, grunn=pair.reason)
    if pair.taken_back and (decided := re.search(r"avgjort=(\d+)", onward)):
        vakt.send("/personer/", formal=PURPOSE, angre=decided[1])


def _look(now: datetime) -> None:
    """The municipal doctor looks up the child with measles."""
    number = number_of_ill(0, _today(now - timedelta(hours=ILL[0].hours)))
    Visitor("kommunelege").open("/oppslag/", nummer=number, formal="infection-control")


def steps(register: Register, now: datetime) -> tuple[Step, ...]:
    """The way through the day, with what is in the register now. Nothing is written."""
    child = number_of_ill(0, _today(now - timedelta(hours=ILL[0].hours)))
    moved = number_of_described(pairs(_today(now))["number"].other)
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
    start = datetime.combine(_today(now), time(0), OSLO)
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
    disease, year = "campylobacteriosis", _today(now).year
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
