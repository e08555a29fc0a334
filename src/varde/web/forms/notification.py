"""The clinician's notification: its questions in the order of the form, and what they are written as."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from secrets import token_hex
from types import MappingProxyType

from django.utils.translation import gettext as _

from varde.cases import disease_named
from varde.messages import NotificationEnvelope, ServiceType, write_notification
from varde.web.forms import suggested
from varde.web.forms.choices import (
    code_choices,
    country_groups,
    disease_choices,
    municipality_groups,
    place_groups,
)
from varde.web.forms.faults import Answers
from varde.web.forms.fields import Choice, Field, Group, Section, Values
from varde.web.forms.handing_in import Sender

DISEASE = "diagnoseforhold.diagnose"
OTHER_DISEASE = "annen-sykdom"
"""The disease in words, when it is not in the list: no field of the message, it is written as the disease."""
NUMBER, BORN, SEX = "pasient.fodselsnummer", "pasient.fodselsdato", "pasient.kjonn"
FIRST_NAME, FAMILY_NAME = "pasient.fornavn", "pasient.etternavn"
ONSET, SAMPLED = "diagnoseforhold.innsykningsdato", "diagnoseforhold.provedato"
DIED, OUTCOME = "diagnoseforhold.dodsdato", "diagnoseforhold.utfallAvSykdommen"
SEVERAL, NONE_OF_THEM = "diagnoseforhold.underliggendeSykdom", "98"
AGENT, ROUTE = "diagnoseforhold.smittestoff", "antattSmittemate.smittemate"
HOSPITAL = "diagnoseforhold.sykehus"
STAYS = {
    HOSPITAL: "diagnoseforhold.erInnlagtPaaSykehus",
    "diagnoseforhold.sykehjemNavn": "diagnoseforhold.erInnlagtPaaSykehjem",
}
"""Which institution → the question whether the patient is in one."""
NO = "2"

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
            identity=True,
        ),
        Field(
            name=FIRST_NAME,
            label=_("First name"),
            hint=_("When there is no number. It stays in the sealed message."),
            longest=80,
        ),
        Field(
            name=FAMILY_NAME,
            label=_("Family name"),
            hint=_("When there is no number. It stays in the sealed message."),
            longest=80,
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
        Field(
            name="pasient.oppholdskommune",
            label=_("Municipality of stay"),
            kind="choice",
            hint=_(
                "Only when the patient stays elsewhere than at home, for example in a nursing home, at work or on holiday."
            ),
            groups=municipality_groups(on),
        ),
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
            hint=_(
                "Some diseases are also to be told of by telephone at once, on suspicion: see the list above the form."
            ),
        ),
        Field(
            name=OTHER_DISEASE,
            label=_("Another disease"),
            hint=_("Only when the disease is not in the list."),
        ),
        Field(
            name=AGENT,
            label=_("Agent"),
            hint=_(
                "Choose, or write it as the laboratory calls it, for example Salmonella Enteritidis."
            ),
            suggested="agents",
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
        _day(SAMPLED, _("Day the specimen was taken")),
        _answer("diagnoseforhold.erInnlagtPaaSykehus", _("Admitted to hospital?")),
        Field(name=HOSPITAL, label=_("Which hospital")),
        _answer("diagnoseforhold.erInnlagtPaaSykehjem", _("Living in a nursing home?")),
        Field(name="diagnoseforhold.sykehjemNavn", label=_("Which nursing home")),
        Field(
            name=OUTCOME,
            label=_("Outcome"),
            hint=_("Choose, or write another."),
            suggested="outcomes",
        ),
        _day(DIED, _("Day of death")),
        Field(name="diagnoseforhold.folgetilstander", label=_("Lasting consequences")),
    ]
    return Section(_("Course of the illness"), fields)


def _infection(on: date) -> Section:
    where = "smitteforhold.smittested"
    fields = [
        Field(
            name=ROUTE,
            label=_("Assumed route of infection"),
            hint=_("Choose, or write another."),
            suggested="routes",
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
        Field(
            name="rekvirent.telefon",
            label=_("Telephone"),
            longest=30,
            narrow=True,
            hint=_("Where the municipal doctor reaches you."),
        ),
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


def suggestions() -> list[tuple[str, list[Choice]]]:
    """What the page suggests: the id of each list, and its answers."""
    return [
        ("agents", [Choice(name, name) for name in suggested.agents()]),
        ("outcomes", suggested.choices_of(suggested.outcomes())),
        ("routes", suggested.choices_of(suggested.routes())),
    ]


def write(
    values: Values, sender: Sender, number: str, now: datetime, service_type: ServiceType = "N"
) -> bytes:
    """The notification as it is handed in.

    Args:
        number: of the notification: the same when it is sent again, put right.
        now: when this version is made.
        service_type: M when it replaces what was sent with this number.
    """
    envelope = NotificationEnvelope(
        sender=sender.key,
        sender_name=sender.name,
        message_id=f"{number}-{token_hex(4).upper()}",
        report_id=number,
        generated=now,
        service_type=service_type,
    )
    written: dict[str, str | list[str]] = {}
    for name, answers in values.items():
        if name not in (OTHER_DISEASE, "pasient"):
            written[name] = answers if name == SEVERAL else answers[0]
    if OTHER_DISEASE in values and DISEASE not in values:
        written[DISEASE] = values[OTHER_DISEASE][0]
    for name, words in ((OUTCOME, suggested.outcomes()), (ROUTE, suggested.routes())):
        if name in values:
            written[name] = suggested.meant(words, values[name][0])
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
    """What the form asks for beyond what the readers need, by field.

    A patient who can be known again, a day to count the illness on, and no two answers of which one must be
    wrong.
    """
    return {**_patient_faults(values), **_course_faults(values), **_disease_faults(values)}


def _patient_faults(values: Values) -> dict[str, str]:
    """Without a number a patient is known by both names, birth date and sex."""
    needed = (FIRST_NAME, FAMILY_NAME, BORN, SEX)
    if NUMBER in values:
        return {}
    missing = [name for name in needed if name not in values]
    if len(missing) == len(needed):
        return {NUMBER: _("Fill in the identity number, or both names, birth date and sex.")}
    return dict.fromkeys(missing, _("Fill this in when there is no identity number."))


def find_disease_fault(values: Values) -> str:
    """What is wrong with a disease that was chosen and is not one that the form offers, by any of its names or its code;
    empty where nothing is. What else a clinician wants to say has a field of its own."""
    chosen = values.get(DISEASE, [""])[0]
    offered = [choice.value for choice in disease_choices()]
    if not chosen or chosen in offered:
        return ""
    named = disease_named(chosen)
    keys = {known.disease for value in offered if (known := disease_named(value))}
    return "" if named and named.disease in keys else _("Choose an answer from the list.")


def _disease_faults(values: Values) -> dict[str, str]:
    faults = {}
    chosen, other = values.get(DISEASE, [""])[0], values.get(OTHER_DISEASE, [""])[0]
    if chosen and other and chosen.casefold() != other.casefold():
        faults[OTHER_DISEASE] = _(
            "A disease is chosen in the list too. Empty one of the two: a notification is of one disease."
        )
    conditions = values.get(SEVERAL, ())
    if NONE_OF_THEM in conditions and len(set(conditions)) > 1:
        faults[SEVERAL] = _("“No underlying condition” does not go together with another answer.")
    return faults


def _course_faults(values: Values) -> dict[str, str]:
    """The reader takes a notification without a day; nobody could say when such a case was."""
    faults = {}
    if not values.keys() & {ONSET, SAMPLED, DIED}:
        faults[ONSET] = _(
            "Fill in the day of the first symptoms, of the specimen or of death: at least one of them."
        )
    for place, question in STAYS.items():
        if place in values and values.get(question) == [NO]:
            faults[place] = _(
                "The answer above is no. Empty this field, or change the answer to yes."
            )
    alive = {word.nb for word in suggested.outcomes() if word.alive}
    outcome = suggested.meant(suggested.outcomes(), values.get(OUTCOME, [""])[0])
    if DIED in values and outcome in alive:
        faults[OUTCOME] = _(
            "There is a day of death, which does not go together with this outcome."
        )
    return faults
