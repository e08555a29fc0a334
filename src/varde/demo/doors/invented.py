"""An invented year of all kinds, divided among the doors sender by sender."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from varde.demo.doors.errands import Errand, Key, Parcel, Thing
from varde.messages import published_tables
from varde.synthetic import (
    Notifications,
    TruthOperation,
    TruthWard,
    Vaccinations,
    invent_deidentified,
    invent_surveys,
    messages,
    truth,
)
from varde.synthetic.deidentified_isolates import Register, laboratories_of
from varde.synthetic.klinikermelding import offices
from varde.synthetic.klinikermelding_format import SentNotification, write_form
from varde.synthetic.laboratories import laboratories
from varde.synthetic.vaccinations import sites

LATEST = timedelta(days=45)
"""Answers come so long after the last day on which something happens."""
ROOM = 5
"""Prescriptions that the form of a ward has room for at once."""
_ISO_DAY = re.compile(r"\A(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)


class Amount(NamedTuple):
    """How much is invented, everything in proportion to the isolates; of which year; and who fills in forms."""

    isolates: int
    seed: int
    year: int
    place: str

    def share(self, part: int) -> int:
        """One for each so many isolates, and at least one."""
        return max(self.isolates // part, 1)

    @property
    def days(self) -> tuple[date, date]:
        """First and last day of the year."""
        return date(self.year, 1, 1), date(self.year, 12, 31)


def invent(isolates: int, seed: int, today: date, place: str) -> list[Errand]:
    """Every kind for every door. The same arguments give the same errands.

    Args:
        isolates: how many the laboratories report.
        today: what is invented is of the year before the last one, so that nothing lies in the future.
        place: the sender that forms are filled in for.
    """
    amount = Amount(isolates, seed, today.year - 2, place)
    return [
        *_laboratories(amount),
        *_notifications(amount),
        *_vaccinations(amount),
        *_surveys(amount),
        *_deidentified(amount),
    ]


def _count(register: str, thing: Thing, senders: Iterable[str]) -> Counter[Key]:
    return Counter(Key(register, thing, sender) for sender in senders)


def _laboratories(amount: Amount) -> Iterator[Errand]:
    """Each laboratory has a wire of its own; those that send lists give files to the command."""
    start, end = amount.days
    chosen = {"seed": amount.seed, "start": start, "end": end - LATEST, "bad_share": 0.0}
    wires = ("kith", "fhir", "hl7v2", "file")
    xml = [lab for lab in laboratories() if lab.format == "kith"]
    wire_of = {lab.key: wires[place % 4] for place, lab in enumerate(xml)}
    senders = {lab.key: lab.sender for lab in laboratories()}
    parcels: dict[str, list[Parcel]] = {wire: [] for wire in wires}
    for made in wires[:3]:
        for name, data in messages(amount.isolates, wire=made, **chosen):  # type: ignore[arg-type]
            lab = name.partition("/")[0]
            mine = wire_of.get(lab, "file")
            if mine == made or (mine == "file" and made == "kith"):
                parcels[mine].append(Parcel(senders[lab], name, data))
    standing = Counter(isolate.sender for isolate in truth(amount.isolates, **chosen))  # type: ignore[arg-type]

    def errand(way: str, door: str, wire: str, format: str, path: str = "") -> Errand:
        mine = {parcel.sender for parcel in parcels[wire]}
        true = _count("default", "finding", (s for s in standing.elements() if s in mine))
        return Errand(way, door, "laboratory", format, parcels[wire], true, path)  # type: ignore[arg-type]

    yield errand("post", "POST /intake/laboratory", "kith", "KITH XML", "/intake/laboratory")
    yield errand("post", "POST /fhir", "fhir", "FHIR", "/fhir")
    yield errand("mllp", "varde mllp", "hl7v2", "HL7 v2")
    yield errand("ingest", "varde ingest", "file", "KITH XML, CSV")


def _notifications(amount: Amount) -> Iterator[Errand]:
    start, end = amount.days
    made = Notifications(amount.share(8), amount.seed, start, end - LATEST)
    senders = {office.code: f"HER:{office.her}" for office in offices().values()}
    sent = [Parcel(senders[name.partition("/")[0]], name, data) for name, data in made.messages()]
    true = _count("default", "notification", (each.sender for each in made.truth()))
    path = "/intake/notification"
    yield Errand("post", f"POST {path}", "notification", "MSIS JSON", sent, true, path)
    asked = Notifications(amount.share(12), amount.seed + 1, start, end - LATEST, bad_share=0)
    filled = [
        Parcel(amount.place, story.versions[0].report_id, known=_known(story.versions[0]))
        for story in asked.stories()
        if not story.versions[0].diagnosis[0]  # the form has diseases by their names
    ]
    true = Counter({Key("default", "notification", amount.place): len(filled)})
    yield Errand("form", "form /meld/", "notification", "web form", filled, true, "/meld/")


def _known(sent: SentNotification) -> dict[str, tuple[str, ...]]:
    """A notification as answers to the form's questions: the fields of both have the same names."""
    return {
        f"{section}.{key}": _ways_to_say(value[0] if isinstance(value, list) else value)
        for section, fields in json.loads(write_form(sent)).items()
        for key, value in fields.items()
    }


def _ways_to_say(value: Any) -> tuple[str, ...]:
    if not isinstance(value, Mapping):
        return (_as_typed(str(value)),)
    code, words = value.get("verdi", ""), value.get("beskrivelse", "")
    ways = (f"{value['oid']}:{code}" if code and "oid" in value else "", code, words)
    return tuple(way for way in ways if way)


def _as_typed(value: object) -> str:
    """A day as people in Norway write it; anything else as it is."""
    return _ISO_DAY.sub(r"\3.\2.\1", str(value))


def _vaccinations(amount: Amount) -> Iterator[Errand]:
    """Every other place sends FHIR, the others tables."""
    start, end = amount.days
    made = Vaccinations(amount.share(4), amount.seed, start, end - LATEST)
    senders = {site.code: f"HER:{site.her}" for site in sites().values()}

    def parcel(name: str, data: bytes) -> Parcel:
        return Parcel(senders[name.partition("/")[0]], name, data)

    bundles = [parcel(each.name, each.data) for each in made.arrivals()]
    tables = [parcel(name, data) for name, data in made.tables()]
    standing = [each.sender for each in made.truth()]
    by_fhir = set(sorted({each.sender for each in tables})[::2])
    for way, door, format, path, parcels, taken in (
        ("post", "POST /fhir", "FHIR", "/fhir", bundles, by_fhir.__contains__),
        ("watch", "varde watch", "CSV", "", tables, lambda sender: sender not in by_fhir),
    ):
        yield Errand(
            way, door, "vaccination", format,  # type: ignore[arg-type]
            [each for each in parcels if taken(each.sender)],
            _count("default", "vaccination", filter(taken, standing)),
            path,
        )  # fmt: skip


def _surveys(amount: Amount) -> Iterator[Errand]:
    made = invent_surveys(amount.share(60), amount.share(8), amount.seed, amount.year)
    files = [
        Parcel(f"HER:{each.name.split('-')[2]}", each.name, each.data) for each in made.submissions
    ]
    operations = [parcel for parcel in files if "operasjoner" in parcel.name]
    wards = [parcel for parcel in files if "operasjoner" not in parcel.name]
    true = _count("default", "ward", (each.sender for each in made.wards))
    true += _count("default", "prescription", (each.sender for each in made.treatments))
    yield Errand("watch", "varde watch", "prevalence", "CSV", wards, true)
    true = _count("default", "operation", (each.sender for each in made.operations))
    yield Errand("watch", "varde watch", "surgery", "CSV", operations, true)

    asked = invent_surveys(amount.share(120), amount.share(16), amount.seed + 1, amount.year)
    filled, written = [], 0
    for ward in asked.wards:
        if ward.kind == "hospital":
            drugs = [each for each in asked.treatments if each.number.startswith(f"{ward.number}-")]
            answers = _answers_of_ward(ward)
            # All of them, or none: the form refuses fewer than there are patients given any.
            described = drugs if ward.on_antibiotics <= len(drugs) <= ROOM else []
            for number, each in enumerate(described, 1):
                given = {"atc": each.atc, "classification": each.classification, "age": each.age}
                answers |= {f"r{number}-{name}": str(value) for name, value in given.items()}
                written += 1
            filled.append(Parcel(amount.place, ward.number, answers=answers))
    true = Counter(
        {
            Key("default", "ward", amount.place): len(filled),
            Key("default", "prescription", amount.place): written,
        }
    )
    path = "/nois/piah/"
    yield Errand("form", f"form {path}", "prevalence", "web form", filled, true, path)
    filled = [_operation(each, amount.place) for each in asked.operations if each.patient]
    true = Counter({Key("default", "operation", amount.place): len(filled)})
    path = "/nois/posi/"
    yield Errand("form", f"form {path}", "surgery", "web form", filled, true, path)


def _answers_of_ward(ward: TruthWard) -> dict[str, str]:
    counts = {(infection, origin): str(count) for infection, origin, count in ward.infections}
    columns = published_tables()["nois-piah-avdeling"].columns
    asked = {c.name: (c.about.get("infection"), c.about.get("origin")) for c in columns}
    return {
        "surveyed": _as_typed(ward.surveyed),
        "institution": ward.institution,
        "municipality": ward.municipality,
        "ward": f"Syntetisk post {ward.number}",
        "present": str(ward.present),
        "with_infection": str(ward.with_infection),
        "on_antibiotics": str(ward.on_antibiotics),
    } | {name: counts[key] for name, key in asked.items() if key in counts}


def _operation(operation: TruthOperation, place: str) -> Parcel:
    told: dict[str, Any] = {
        "report_id": operation.number,
        "hospital": operation.sender.partition(":")[2],
        **{
            name: getattr(operation, name)
            for name in (
                *("patient", "procedure", "operated", "discharged", "minutes"),
                *("at_discharge", "at_follow_up", "infected", "follow_up", "died"),
            )
        },
    }
    answers = {name: _as_typed(value) for name, value in told.items() if value not in ("", None)}
    return Parcel(place, operation.number, answers=answers)


def _deidentified(amount: Amount) -> Iterator[Errand]:
    """Every other laboratory hands in by itself, the others' files are put into a folder."""
    registers: tuple[Register, ...] = ("ravn", "norm")
    for register in registers:
        yield from _apart(amount, register)


def _apart(amount: Amount, register: Register) -> Iterator[Errand]:
    made = invent_deidentified(register, amount.share(8), amount.seed, amount.year)
    labs = {lab.key: lab.sender for lab in laboratories_of(register)}

    def sender(name: str) -> str:
        # The name says it also of a file that cannot be read.
        return labs[name.rpartition(f"{amount.year}-")[2].rpartition("-")[0]]

    files = [Parcel(sender(each.name), each.name, each.data) for each in made.submissions]
    alone = set(sorted(labs.values())[::2])
    ways: tuple[tuple[str, str, str, Callable[[str], bool]], ...] = (
        ("watch", f"varde watch, {register}/", register, lambda key: key not in alone),
        ("post", f"POST /intake/{register}", f"/intake/{register}", alone.__contains__),
    )
    for way, door, path, taken in ways:
        yield Errand(
            way, door, register, "CSV",  # type: ignore[arg-type]
            [parcel for parcel in files if taken(parcel.sender)],
            _count(register, "finding", (i.sender for i in made.isolates if taken(i.sender))),
            path,
        )  # fmt: skip
