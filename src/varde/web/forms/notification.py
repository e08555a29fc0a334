"""The clinician's notification: its questions in the order of the form, and what they are written as."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from secrets import token_hex
from types import MappingProxyType

from django.utils.translation import gettext as _

from varde.messages import NotificationEnvelope, write_notification
from varde.web.forms.choices import (
    code_choices,
    country_groups,
    disease_choices,
    municipality_groups,
    place_groups,
)
from varde.web.forms.faults import Answers
from varde.web.forms.fields import Field, Group, Section, Values
from varde.web.forms.handing_in import Sender

DISEASE = "diagnoseforhold.diagnose"
OTHER_DISEASE = "annen-sykdom"
"""The disease in words, when it is not in the list: no field of the message, it is written as the disease."""
NUMBER, BORN, SEX = "pasient.fodselsnummer", "pasient.fodselsdato", "pasient.kjonn"
ONSET = "diagnoseforhold.innsykningsdato"
SEVERAL = "diagnoseforhold.underliggendeSykdom"

STAND_INS: Mapping[str, str] = MappingProxyType({DISEASE: "Malaria", "pasient": "9"})


def sections(on: date) -> list[Section]:
    """The form, in the reader's language."""
    return [_patient(on), _disease(), _course(), _infection(on), _requester()]


def _patient(on: date) -> Section:
    fields = [
        Field(
            name=NUMBER,
            label=_("Identity number"),
            hint=_("11 digits: national identity number, D-number or help number."),
            longest=20,
        ),
        Field(
            name=BORN,
            label=_("Birth date"),
            kind="day",
            hint=_("When there is no number. Day, month and year, such as 31.12.1980."),
            century=False,
        ),
        Field(
            name=SEX,
            label=_("Sex"),
            kind="radios",
            hint=_("When there is no number."),
            groups=[Group("", [c for c in code_choices(SEX) if c.value in ("1", "2", "9")])],
        ),
        _choice("pasient.bosted", _("Municipality of residence"), municipality_groups(on)),
        _choice("pasient.fodeland", _("Country of birth"), country_groups("pasient.fodeland")),
        _codes("pasient.yrkesgruppe", _("Occupation")),
        _codes("pasient.arbeidsplasskategori", _("Kind of workplace")),
    ]
    return Section(_("Patient"), fields)


def _disease() -> Section:
    fields = [
        Field(
            name=DISEASE,
            label=_("Disease"),
            kind="choice",
            required=True,
            groups=[Group("", disease_choices())],
        ),
        Field(
            name=OTHER_DISEASE,
            label=_("Another disease"),
            hint=_("Only when the disease is not in the list."),
        ),
        Field(
            name="diagnoseforhold.smittestoff",
            label=_("Agent"),
            hint=_("As the laboratory calls it, for example Salmonella Enteritidis."),
        ),
        _codes("diagnoseforhold.indikasjon", _("Why the test was taken")),
        Field(name="diagnoseforhold.annenIndikasjon", label=_("Another reason for the test")),
        _codes("diagnoseforhold.sykdomsbilde", _("How the illness shows")),
        Field(name="diagnoseforhold.annenKlinikk", label=_("The illness in words"), kind="words"),
        Field(
            name=SEVERAL,
            label=_("Underlying conditions"),
            kind="boxes",
            groups=[Group("", code_choices(SEVERAL))],
        ),
    ]
    return Section(_("Disease"), fields)


def _course() -> Section:
    fields = [
        _day(ONSET, _("Day of the first symptoms")),
        _day("diagnoseforhold.provedato", _("Day the specimen was taken")),
        _answer("diagnoseforhold.erInnlagtPaaSykehus", _("Admitted to hospital?")),
        Field(name="diagnoseforhold.sykehus", label=_("Which hospital")),
        _answer("diagnoseforhold.erInnlagtPaaSykehjem", _("Living in a nursing home?")),
        Field(name="diagnoseforhold.sykehjemNavn", label=_("Which nursing home")),
        Field(
            name="diagnoseforhold.utfallAvSykdommen",
            label=_("Outcome"),
            hint=_("For example recovered, still ill, or dead."),
        ),
        _day("diagnoseforhold.dodsdato", _("Day of death")),
        Field(name="diagnoseforhold.folgetilstander", label=_("Lasting consequences")),
    ]
    return Section(_("Course of the illness"), fields)


def _infection(on: date) -> Section:
    where = "smitteforhold.smittested"
    fields = [
        Field(
            name="antattSmittemate.smittemate",
            label=_("Assumed route of infection"),
            hint=_("For example food, water, air or droplets, sexual contact."),
        ),
        Field(
            name="antattSmittemate.smittesituasjon",
            label=_("How it happened, in words"),
            kind="words",
            hint=_("Name nobody here."),
        ),
        _choice(where, _("Where the patient was infected"), place_groups(where, on)),
        Field(
            name="smitteforhold.annetSmittested",
            label=_("Another place"),
            hint=_("A country or place that is not in the list."),
        ),
        _codes("smitteforhold.arsakTilUtenlandsopphold", _("Reason for the stay abroad")),
        _day("smitteforhold.datoForHjemkomst", _("Day of coming home")),
        _answer("smitteforhold.harBekreftetNarkontakt", _("Close contact with a confirmed case?")),
        _codes("smitteforhold.eksponeringssted", _("Where the exposure was")),
    ]
    return Section(_("Infection"), fields)


def _requester() -> Section:
    fields = [
        Field(
            name="rekvirent.hprNummer",
            label=_("HPR number"),
            longest=9,
            narrow=True,
            hint=_("Digits only, such as 9876543."),
            example="9876543",
        ),
        Field(name="rekvirent.navn", label=_("Name")),
        Field(name="rekvirent.virksomhet", label=_("Workplace")),
    ]
    return Section(_("Who notifies"), fields)


def _choice(path: str, label: str, groups: list[Group]) -> Field:
    return Field(name=path, label=label, kind="choice", groups=groups)


def _codes(path: str, label: str) -> Field:
    return _choice(path, label, [Group("", code_choices(path))])


def _answer(path: str, label: str) -> Field:
    return Field(name=path, label=label, kind="radios", groups=[Group("", code_choices(path))])


def _day(path: str, label: str) -> Field:
    return Field(name=path, label=label, kind="day", hint=_("Day, month and year."))


def write(values: Values, sender: Sender, number: str, now: datetime) -> bytes:
    """The notification as it is handed in.

    Args:
        number: of the notification: the same when it is sent again, put right.
        now: when this version is made.
    """
    envelope = NotificationEnvelope(
        sender=sender.key,
        sender_name=sender.name,
        message_id=f"{number}-{token_hex(4).upper()}",
        report_id=number,
        generated=now,
    )
    written: dict[str, str | list[str]] = {}
    for name, answers in values.items():
        if name not in (OTHER_DISEASE, "pasient"):
            written[name] = answers if name == SEVERAL else answers[0]
    if OTHER_DISEASE in values and DISEASE not in values:
        written[DISEASE] = values[OTHER_DISEASE][0]
    if "pasient" in values:
        written.setdefault(SEX, values["pasient"][0])
    return write_notification(envelope, written)


def field_at(place: str, names: frozenset[str]) -> str:
    """The field that a place in the message lies in; the section of one that has none; else "".

    The reader names a part of a field too, such as the third of several, or the code of a coded value.
    """
    for name in names:
        if place == name or place.startswith((f"{name}.", f"{name}[")):
            return name
    return place if place == "pasient" else ""


def answers_of(values: Values, fields: Mapping[str, Field]) -> Answers:
    """What was answered, for words about contradictions."""
    return Answers(fields, values, (BORN, ONSET), number=NUMBER)


def find_own_faults(values: Values) -> dict[str, str]:
    """What the form asks for beyond what the readers need, by field: a patient who can be known again."""
    known = values.keys()
    if NUMBER in known or {BORN, SEX} <= known:
        return {}
    name = NUMBER if not known & {BORN, SEX} else BORN if BORN not in known else SEX
    return {name: _("Fill in the identity number, or birth date and sex.")}
