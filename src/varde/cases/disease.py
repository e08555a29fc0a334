"""What a disease file says: names, codes, duties, geography, and the case definitions with their days.

`docs/cases.md` explains every field to those who write the files. Rows of one kind are in the order of
`valid_from`; the last one that has begun is the one that holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, Protocol, TypeVar

import msgspec
from msgspec import Meta

from varde.cases.evidence import Known, LinkKind, Method

Classification = Literal["suspected", "probable", "confirmed", "discarded"]
CLASSES: tuple[Classification, ...] = ("confirmed", "probable", "suspected")
"""Those that make a case, from the strongest to the weakest. A case that is discarded was suspected, and is counted
nowhere."""

Strength = Literal["confirmed", "probable"]
Presumable = Literal["clinical", "epidemiological"]
Receiver = Literal[
    "municipality-of-residence",
    "municipality-of-stay",
    "hospital-infection-control",
    "national-duty-officer",
    "food-safety-authority",
]
Level = Literal["municipality", "county", "country"]

Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Words = Annotated[str, Meta(pattern=r"^\S(.*\S)?$")]
Days = Annotated[int, Meta(ge=1, le=36525)]
DaysAfter = Annotated[int, Meta(ge=0, le=366)]
Hours = Annotated[int, Meta(ge=0, le=8760)]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything in a disease file."""


class Text(Part, frozen=True, kw_only=True):
    """The same in bokmål and in English."""

    nb: Words
    en: Words


class Name(Part, frozen=True, kw_only=True):
    """A name that says more than which disease it is.

    Attributes:
        clinical: what it says about the clinical picture ("MRSA carriage": unmet).
    """

    word: Words
    clinical: Known


class Codes(Part, frozen=True, kw_only=True):
    """The disease in other code systems; only codes that are certain.

    Attributes:
        msis: diagnosis codes of the notification form (code list 80012).
    """

    icd10: tuple[Annotated[str, Meta(pattern=r"^[A-Z]\d{2}(\.\d)?$")], ...] = ()
    snomed: tuple[Annotated[str, Meta(pattern=r"^\d{6,18}$")], ...] = ()
    msis: tuple[Annotated[str, Meta(pattern=r"^\d{1,4}$")], ...] = ()


class Tell(Part, frozen=True, kw_only=True):
    """Who must be told, and how fast; 0 hours is at once."""

    receiver: Receiver
    within_hours: Hours


class Duty(Part, frozen=True, kw_only=True):
    """Who has to notify, from a day on.

    Attributes:
        group: notification group of the regulation; empty when it is not notifiable.
        laboratory, clinician_form: whether the laboratory reports it, whether the clinician does.
        form_from_laboratory: whether the laboratory sends the requester the form to fill in.
        at_once: whether notice is to be given by telephone on suspicion.
    """

    valid_from: date
    group: Literal["A", "B", "C", ""]
    laboratory: bool
    clinician_form: bool
    form_from_laboratory: bool = True
    at_once: bool
    tell: tuple[Tell, ...] = ()
    source: Words


class Geography(Part, frozen=True, kw_only=True):
    """The smallest area that figures of the disease are published for, from a day on."""

    valid_from: date
    minimum: Level
    source: Words


class Laboratory(Text, frozen=True, kw_only=True):
    """One laboratory criterion: all that is said must hold for one finding.

    Attributes:
        strength: whether it serves to confirm, or only to make probable.
        organisms: those of the disease when empty.
        materials: any material when empty. After loading, names of sets are replaced by their members.
        resistant_to: resistant to any of these: antibiotics, and markers that stand in the name of what was found
            (`varde.codes.resistance_markers`).
        unless_susceptible_to: a finding that is susceptible to any of these antibiotics does not count.
        notifiable: the laboratory itself must have said that the finding is notifiable.
        unless_vaccinated_days: a finding so many days or fewer after a dose does not count.
        only_live: of `unless_vaccinated_days`: only after a dose of a vaccine that lives, or of which nobody knows whether
            it does. One that is killed, or no more than a part of the agent, gives antibody (and for some days its own
            antigen), but neither the agent nor its nucleic acid.
        though_linked: it counts so soon after a dose all the same where the person is linked to a source of the infection
            and a form says that they are ill.
        younger_than: the person must be younger than so many years; unknown when nobody says the age.
        not_younger_than: nor is it of somebody who is said to be younger than so many years.
        unless_found: organisms: a finding does not count where one of them was found in a specimen of the same day and
            material (the strain of a vaccine).
        unless_finer: organisms of other diseases: a finding under a less precise name of one of them is of that disease
            where it was found within the definition's window of it, before or after, in any specimen (Salmonella, and
            Salmonella Typhi).
        beside_denied: organisms: only a finding counts in whose own specimen one of them was looked for, in one of the
            methods, and not found.
        unless_notified: diseases: a finding within a year of a form that tells of illness of, or a link to, one of them is
            of that one (the congenital form of an infection).
        at_least: how many findings it takes.
        unless: negative criteria any of which, when it is met, takes this one away: bacteria that make no toxin.
    """

    id: Slug
    strength: Strength
    methods: Annotated[frozenset[Method], Meta(min_length=1)]
    organisms: frozenset[str] = frozenset()
    materials: frozenset[str] = frozenset()
    resistant_to: frozenset[str] = frozenset()
    unless_susceptible_to: frozenset[str] = frozenset()
    notifiable: bool = False
    unless_vaccinated_days: Days | None = None
    only_live: bool = False
    though_linked: bool = False
    younger_than: Annotated[int, Meta(ge=1, le=120)] | None = None
    not_younger_than: Annotated[int, Meta(ge=1, le=120)] | None = None
    unless_found: frozenset[str] = frozenset()
    unless_finer: frozenset[str] = frozenset()
    beside_denied: frozenset[str] = frozenset()
    unless_notified: frozenset[Slug] = frozenset()
    unless: frozenset[Slug] = frozenset()
    at_least: Annotated[int, Meta(ge=1, le=9)] = 1


class Negative(Text, frozen=True, kw_only=True):
    """What speaks against the disease: it was looked for in an adequate specimen and not found.

    Attributes:
        organisms, methods, materials: as in `Laboratory`; none of them may be left unsaid by the answer.
        days_after_onset: the specimen was taken so many days after the onset that a clinician says, first and last
            included; when not given any day from the onset on, or where nobody says it from the first evidence on.
        at_least: in specimens of so many days.
        despite: laboratory criteria whose findings do not stand against it: bacteria that were found, and make no toxin.
        same_specimen: it speaks of what was found in a specimen of the same day and material alone, whenever the illness
            began, and takes those findings away one by one from the criteria that name it in `unless`.
        every: with `same_specimen`: each of `organisms` must have been looked for and not found there (both groups of a
            bacterium that make ill).
        markers: with `same_specimen`: all of these must have been looked for and not found there (both genes of a toxin),
            or else all of an organism that is another than the one that was found. It speaks of no finding that has one of
            them by its own name.
        instead: other sets of markers, each of which says the same when all of it was looked for and not found (every gene
            that there is of a resistance).
    """

    id: Slug
    methods: Annotated[frozenset[Method], Meta(min_length=1)]
    organisms: frozenset[str] = frozenset()
    materials: frozenset[str] = frozenset()
    days_after_onset: tuple[DaysAfter, DaysAfter] | None = None
    at_least: Annotated[int, Meta(ge=1, le=9)] = 1
    despite: frozenset[Slug] = frozenset()
    same_specimen: bool = False
    every: bool = False
    markers: frozenset[Slug] = frozenset()
    instead: tuple[Annotated[frozenset[Slug], Meta(min_length=1)], ...] = ()

    def every_marker(self) -> frozenset[str]:
        """All markers that it speaks of."""
        return self.markers.union(*self.instead)


class Clinical(Text, frozen=True, kw_only=True):
    """The clinical criterion.

    Attributes:
        pictures: codes of list 80015, or words, with which the notification form says that it is met.
    """

    pictures: frozenset[str] = frozenset()


class Epidemiological(Text, frozen=True, kw_only=True):
    """The epidemiological criterion: any link of these kinds.

    Attributes:
        infectious_before_days: how long before falling ill a person may infect others. 14 where a file says nothing: long
            enough for hepatitis A, which is among the longest.
        infectious_after_days: how long after falling ill; as long as the definition's window where a file says nothing.
        carriers: people infect others for long without being ill, or well before: when the source was ill is not asked.
    """

    links: Annotated[frozenset[LinkKind], Meta(min_length=1)]
    infectious_before_days: Annotated[int, Meta(ge=0, le=366)] = 14
    infectious_after_days: Annotated[int, Meta(ge=0, le=366)] | None = None
    carriers: bool = False


Alternative = Annotated[tuple[str, ...], Meta(min_length=1)]
"""Names of criteria that must all hold: the id of a laboratory criterion, ``laboratory`` (any that
confirms), ``laboratory-probable`` (any at all), ``clinical``, ``no-clinical`` (a clinician says that the
picture is not there), ``epidemiological``, ``notified`` (a clinician has notified the disease)."""


class Rules(Part, frozen=True, kw_only=True):
    """What makes a case of each class: any of the alternatives.

    Attributes:
        discarded: what makes a suspected case none after all, as long as no finding may be of the disease. Its alternatives
            may name negative criteria too.
    """

    discarded: tuple[Alternative, ...] = ()
    suspected: tuple[Alternative, ...] = ()
    probable: tuple[Alternative, ...] = ()
    confirmed: tuple[Alternative, ...] = ()

    def of(self, classification: Classification) -> tuple[Alternative, ...]:
        """The alternatives of one class."""
        found: tuple[Alternative, ...] = getattr(self, classification)
        return found


class Presentation(Text, frozen=True, kw_only=True):
    """How the disease shows itself, when that is counted apart (carriage, infection).

    Attributes:
        when: as a rule; always, when empty.
    """

    id: Slug
    when: tuple[Alternative, ...] = ()


class Definition(Part, frozen=True, kw_only=True):
    """A case definition, from a day on.

    Attributes:
        episode_days: from the first day of a case, how long more evidence is about the same case; None
            together with `lifetime`: a person is a case once.
        window_days: how far apart evidence may lie and still be put together.
        known_from: of a disease that a person has for life: who met the criteria between that day and `valid_from` is a
            case of that time, so that what a register takes in of its history is not new when it comes again.
        long_ill: people may be ill for months or years before they are notified, so that a form without a specimen's
            day is of the day it was made, and not of the onset that it says.
        imported_days: the longest incubation. Who falls ill so few days after coming home was infected abroad, and
            who was near somebody longer before falling ill was not infected then; None: neither says anything.
        presume: criteria that hold beside a laboratory finding unless somebody says otherwise.
        presentation: the first that applies is the case's.
    """

    valid_from: date
    source: Words
    episode_days: Days | None = None
    lifetime: bool = False
    known_from: date | None = None
    window_days: Days
    long_ill: bool = False
    imported_days: Days | None = None
    laboratory: tuple[Laboratory, ...] = ()
    negative: tuple[Negative, ...] = ()
    clinical: Clinical | None = None
    epidemiological: Epidemiological | None = None
    rules: Rules
    presume: tuple[Presumable, ...] = ()
    presentation: tuple[Presentation, ...] = ()

    def alternatives(self) -> Iterator[tuple[str, Alternative]]:
        """Every alternative with the field it stands in."""
        every: tuple[Classification, ...] = (*CLASSES, "discarded")
        for classification in every:
            for number, alternative in enumerate(self.rules.of(classification)):
                yield f"rules.{classification}[{number}]", alternative
        for place, presentation in enumerate(self.presentation):
            for number, alternative in enumerate(presentation.when):
                yield f"presentation[{place}].when[{number}]", alternative


class Disease(Text, frozen=True, kw_only=True):
    """A notifiable disease.

    Attributes:
        also: other names that senders use.
        organisms: keys of `varde.codes.organisms()`: what causes it.
        vaccine: keys of `varde.codes.vaccine_diseases()`: doses against these are doses against it.
    """

    key: Slug
    also: tuple[Words | Name, ...] = ()
    codes: Codes = Codes()
    organisms: frozenset[str] = frozenset()
    vaccine: frozenset[str] = frozenset()
    duty: Annotated[tuple[Duty, ...], Meta(min_length=1)]
    geography: Annotated[tuple[Geography, ...], Meta(min_length=1)]
    definition: Annotated[tuple[Definition, ...], Meta(min_length=1)]

    def definition_on(self, day: date) -> Definition | None:
        """The definition that holds on a day; None before the first, and before what it says of history."""
        found = on(self.definition, day)
        if found is None and self.definition:
            first = self.definition[0]
            found = first if first.known_from and first.known_from <= day else None
        return found

    def duty_on(self, day: date) -> Duty | None:
        """The duty that holds on a day; None before the first."""
        return on(self.duty, day)

    def geography_on(self, day: date) -> Geography | None:
        """The geography that holds on a day; None before the first."""
        return on(self.geography, day)

    def names(self) -> Iterator[Name]:
        """Every name, with what it says about the clinical picture."""
        for word in dict.fromkeys((self.nb, self.en)):
            yield Name(word=word, clinical="unknown")
        for other in self.also:
            yield Name(word=other, clinical="unknown") if isinstance(other, str) else other


class _Dated(Protocol):
    @property
    def valid_from(self) -> date: ...


_Row = TypeVar("_Row", bound=_Dated)


def on(rows: Sequence[_Row], day: date) -> _Row | None:
    """The row that holds on a day; None before the first."""
    holding = None
    for row in rows:
        if row.valid_from > day:
            break
        holding = row
    return holding
