"""What the demo's units have in their inboxes: what came lately answered but for the newest, and a few invented cases of
diseases with notice at once, one of them not answered, one outbreak with contacts."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from varde.access.keys import load_keys
from varde.followup.contacts import ContactBook, Who, set_day
from varde.followup.events import Opening, join, open_event
from varde.followup.inbox import finish, receipt
from varde.followup.models import Delivery, Event
from varde.followup.reminding import remind
from varde.followup.telling import tell_new
from varde.messages import NotificationEnvelope, write_notification
from varde.register import Incoming, Register, find_person
from varde.register.intake import take_in
from varde.synthetic import OSLO
from varde.synthetic.chains import Delivery as Answer
from varde.synthetic.chains import Searched, Version
from varde.synthetic.isolates import Patient, Report
from varde.synthetic.kith import write_message
from varde.synthetic.laboratories import Laboratory, as_xml, laboratories
from varde.synthetic.persons import number_of

OFFICE, OFFICE_NAME = "HER:9900590", "Fjordby legevakt"
ULLEVAL = "Oslo universitetssykehus, Ullevål"
ANSWERED_AFTER = timedelta(hours=5)
"""What came before so long was answered."""
BY = "demo"


class Ill(NamedTuple):
    """One invented notification.

    Attributes:
        hours: so long before now it came.
        place: municipality of residence; empty for one whom nobody knows it of.
        found: also confirmed by an answer of a laboratory, which came an hour later.
    """

    disease: str
    hours: float
    born: date
    place: str = "0301"
    hospital: str = ""
    found: bool = False


ILL = (
    Ill("Meslinger", 4.5, date(2019, 3, 11), found=True),
    Ill("Meslinger", 0.4, date(2016, 8, 2)),
    Ill("Systemisk meningokokksykdom", 2, date(2005, 5, 21), hospital=ULLEVAL),
    Ill("Botulisme", 1.5, date(1990, 1, 30), place=""),
    Ill("Meslinger", 26, date(1988, 11, 9), hospital=ULLEVAL),
    *(Ill("Salmonellose", 20 + 7 * n, date(1960 + 5 * n, 6, 1 + n)) for n in range(4)),
)

MEASLES = Searched(
    "measles-virus",
    "antibody-igm",
    "",
    "P-Meslingvirus IgM",
    "Measles virus IgM Ab [Presence] in Serum",
    "negative",
)


def add_cases(register: Register, now: datetime) -> None:
    """Hand in the invented cases as they came, tell of them, answer what is old, and open the outbreak. Repeated
    on another day it adds those of that day; on the same day nothing."""
    with quiet():
        for at, data, name in sorted(_messages(register, now)):
            take_in(register, [Incoming(name, data)], lambda at=at: at)  # type: ignore[misc]
            tell_new(at)
    answer_older(now)
    remind(now)
    if not Event.objects.exists():
        _open_outbreak(register, now)


@contextmanager
def quiet() -> Iterator[None]:
    """A line in the log for every message is no news here."""
    events = logging.getLogger("varde.register.events")
    level = events.level
    events.setLevel(logging.WARNING)
    try:
        yield
    finally:
        events.setLevel(level)


def answer_older(now: datetime) -> None:
    """What came before was answered and done, an hour after it came; the newest waits."""
    old = Delivery.objects.filter(told_at__lt=now - ANSWERED_AFTER, receipted_at=None)
    for number, thread in enumerate(old.order_by("told_at", "id")):
        at = min(thread.told_at + timedelta(minutes=20 + number % 90), now)
        if thread.told_at < now - timedelta(days=3):
            finish(thread.id, BY, at)
        else:
            receipt(thread.id, BY, at)


def _messages(register: Register, now: datetime) -> Iterator[tuple[datetime, bytes, str]]:
    for number, ill in enumerate(ILL):
        at = now - timedelta(hours=ill.hours)
        day, person = day_of_ill(number, now), number_of_ill(number, now)
        if find_person(person, register.context.pseudonym):
            continue  # the demo is repeated on the same day
        name = f"demo-{day:%y%m%d}-{number}"
        values: dict[str, str | list[str]] = {
            "pasient.fodselsnummer": person,
            "pasient.bosted": ill.place,
            "pasient.kjonn": "2" if number % 2 == 0 else "1",
            "diagnoseforhold.diagnose": ill.disease,
            "diagnoseforhold.innsykningsdato": str(day - timedelta(days=2)),
            "diagnoseforhold.provedato": str(day - timedelta(days=1)),
        }
        if ill.hospital:
            values |= {
                "diagnoseforhold.erInnlagtPaaSykehus": "1",
                "diagnoseforhold.sykehus": ill.hospital,
            }
        envelope = NotificationEnvelope(
            sender=OFFICE,
            sender_name=OFFICE_NAME,
            message_id=f"{name}-1",
            report_id=name,
            generated=at - timedelta(minutes=3),
        )
        yield at, write_notification(envelope, values), f"{name}.json"
        if ill.found:
            later = min(at + timedelta(hours=1), now)
            yield later, _answer(ill, person, name, later), f"{name}.xml"


def day_of_ill(number: int, now: datetime) -> date:
    """The day by which one of `ILL` is told apart: the same whenever today the demo is run, so that nobody is made twice."""
    return now.astimezone(OSLO).date() - timedelta(days=int(ILL[number].hours // 24))


def number_of_ill(number: int, now: datetime) -> str:
    """The invented number of one of `ILL`, of a demo that is run now."""
    day = day_of_ill(number, now)
    return number_of(ILL[number].born, number % 2 == 0, 60 + day.toordinal() % 80)


def _answer(ill: Ill, person: str, name: str, at: datetime) -> bytes:
    """A laboratory has found what the clinician suspected."""
    patient = Patient(0, person, "FNR", "F", ill.born, ill.place)
    return write_message(answer_of(patient, name, at, MEASLES._replace(said="positive")))


def laboratory() -> Laboratory:
    """The laboratory of Oslo."""
    return next(as_xml(one) for one in laboratories() if "03" in one.counties)


def answer_of(
    patient: Patient, name: str, at: datetime, searched: Searched, material: str = "serum"
) -> Answer:
    """An answer of one analysis, made just before it came, of a specimen of the day before."""
    local = at.astimezone(OSLO).replace(tzinfo=None, microsecond=0)
    lab = laboratory()
    taken = datetime.combine(local.date() - timedelta(days=1), time(10, 15))
    report = Report(
        serial=900_000 + local.toordinal() % 10_000,
        report_id=f"{lab.code}-{name}",
        begun=taken.date(),
        laboratory=lab,
        patient=patient,
        material=material,
        unmapped=None,
        collected=taken,
        ward="",
        isolates=(),
    )
    made = local - timedelta(minutes=5)
    return Answer(local, report, Version(1, "N", "F", made, (), searches=(searched,)))


def _open_outbreak(register: Register, now: datetime) -> None:
    """A restaurant, the cases of salmonellosis in it, and three who ate there."""
    day = now.astimezone(OSLO).date()
    said = Opening(
        kind="food",
        disease="salmonellosis",
        unit="municipality:0301",
        place="Fjordkroa, Oslo",
        first_day=day - timedelta(days=3),
        description="Flere som spiste der lørdag, er blitt syke. Kjøkkenet er varslet.",
    )
    event = open_event(said, BY, now - timedelta(hours=3))
    mine = Delivery.objects.filter(
        unit="municipality:0301", disease="salmonellosis", state="standing"
    ).order_by("-told_at", "-id")
    for thread in mine[:4]:
        join(event, thread.case, BY, now - timedelta(hours=2), register=register)
    book = ContactBook(load_keys(register.home))
    for number, (name, relation) in enumerate(
        (("Syntetisk Gjest", "gjest"), ("Oppdiktet Kokk", "ansatt"), ("Invented Guest", "gjest"))
    ):
        contact = book.add(
            Who(name=name, phone=f"1000000{number}"),
            relation,
            day - timedelta(days=3),
            BY,
            now - timedelta(hours=2),
            event=event,
            disease="salmonellosis",
        )
        set_day(contact, day, ("well", "symptoms", "not-reached")[number], BY, now)
