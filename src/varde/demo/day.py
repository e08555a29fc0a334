"""A day in the life of the demo: what happens on it. `day_steps` leads somebody through it.

Everything is done as a user does it: messages are handed in, changes of number are taken in from a file, and what people do
is done on the pages, signed in, with a purpose. Repeated on the same day nothing is done twice: the messages are the
same, and what people do follows on messages that are new.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.test import Client

from varde.access.demo_users import DEMO_PASSWORD
from varde.demo.followup import MEASLES, OFFICE, OFFICE_NAME, answer_of, number_of_ill, quiet
from varde.followup.reminding import remind
from varde.followup.telling import tell_new
from varde.messages import NotificationEnvelope, write_notification
from varde.register import (
    Incoming,
    Register,
    list_questions,
    take_changes,
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
    for name, pair in pairs(day_of(now)).items():
        asked = {one.number for one in list_questions()}
        if not _hand_in(register, name, pair, now):
            continue
        fresh = True
        new = [one.number for one in list_questions() if one.number not in asked]
        if pair.answer and new:
            _answer(new[0], pair)
    # Of a register of persons' numbers: the same file again changes nothing.
    take_changes(register, _change(now), now, day_of(now))
    tell_new(now)
    remind(now)
    if fresh:
        _look(now)
    return fresh


def day_of(now: datetime) -> date:
    return now.astimezone(OSLO).date()


def _arrive(register: Register, now: datetime) -> bool:
    """An answer each as FHIR and as HL7 version 2, both without finding, and a dose: what the other invented senders had
    not sent today."""
    today = day_of(now)
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
    today = day_of(now)
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
        data = _notification(one, f"demo-day-{day_of(now):%y%m%d}-{name}-{number}", day_of(now))
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
    pair = pairs(day_of(now))["number"]
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
    number = number_of_ill(0, now)
    Visitor("kommunelege").open("/oppslag/", nummer=number, formal="infection-control")
