"""A case as a row of the register: what stands beside its reasons, its trail, and a digest of all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from varde.cases import Case
from varde.register.casework.pieces import Dossier, Piece, Whose
from varde.register.projection import month_of

LINK = "link:"
"""So begins the key of a link that somebody stated; those of all other evidence name a report."""
_encode = msgspec.json.Encoder(order="deterministic").encode
_FORMS_FIRST = {"notified": 0, "finding": 1, "vaccinated": 2}


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """A case with its reasons, as it is kept.

    Attributes:
        case: keys of evidence in it are ids of reports, full stop, and the number of the finding there (0 for
            what is no finding).
        joined: of a finding that other laboratories have reported too, the keys of theirs.
    """

    case: Case
    joined: dict[str, tuple[str, ...]] = {}

    def keys(self) -> set[str]:
        """All evidence in reports that the case rests on, also what is one with another's."""
        keys = {*self.case.evidence, *(key for ones in self.joined.values() for key in ones)}
        return {key for key in keys if not key.startswith(LINK)}

    def denials(self) -> set[str]:
        """What was looked for and not found, where that discards the case."""
        if self.case.classification != "discarded":
            return set()
        found = (one.evidence for one in self.case.reasons if one.criterion in self.case.rule)
        return {key for keys in found for key in keys if ".-" in key}

    def links(self) -> set[str]:
        """The links that it rests on, by their keys."""
        return {key for key in self.case.evidence if key.startswith(LINK)}


class Draft(NamedTuple):
    """A case before it has its number.

    Attributes:
        pieces: the findings and forms that it is made of; its number is known by them.
        sex, age, residence, infected_in: what its evidence says, forms before findings, then the earliest.
        stay: likewise; what says where the person stays before what says in which hospital.
    """

    whose: Whose
    case: Case
    pieces: tuple[Piece, ...]
    sex: str
    age: int | None
    residence: str
    infected_in: str
    stay: str
    trail: bytes
    digest: bytes


def draft(whose: Whose, case: Case, dossier: Dossier) -> Draft:
    """The case as it is to be kept."""
    pieces = {key: dossier.pieces[key] for key in case.evidence if key in dossier.pieces}
    ordered = list(pieces)
    if len(ordered) > 1:
        ordered.sort(
            key=lambda key: (
                _FORMS_FIRST[pieces[key].kind],
                pieces[key].day,
                dossier.references[key],
            )
        )
    own = tuple([pieces[key] for key in ordered if pieces[key].kind != "vaccinated"])
    said = (
        _first([piece.sex for piece in own]),
        next((piece.age for piece in own if piece.age is not None), None),
        _first([piece.residence for piece in own]),
        # Two that contradict each other leave it unknown whether it is from abroad.
        _first([piece.infected_in for piece in own]) if case.imported != "unknown" else "",
    )
    joined = {
        key: tuple(f"{member.report}.{member.part}" for member in piece.members[1:])
        for key, piece in pieces.items()
        if len(piece.members) > 1
    }
    stay = _first([piece.stay for piece in own]) or _first([piece.lies_in for piece in own])
    natural = _renamed(case, dossier.references)
    # A case of which nobody says where the person stays has the digest that it had before that could be said.
    signed = [natural, said, stay] if stay else [natural, said]
    digest = hashlib.blake2b(_encode(signed), digest_size=16).digest()
    return Draft(whose, case, own, *said, stay, _encode(Trail(case=case, joined=joined)), digest)


def row_of(drafted: Draft, number: int, known_as: Sequence[int]) -> tuple[Any, ...]:
    """The row, its columns in the order of the model."""
    case = drafted.case
    return (
        number,
        drafted.whose.person,
        drafted.whose.report,
        case.disease,
        case.number,
        case.classification,
        case.presentation,
        case.first_day,
        case.onset,
        case.imported,
        case.form_missing,
        case.definition,
        drafted.sex,
        drafted.age,
        drafted.residence,
        drafted.stay,
        drafted.infected_in,
        month_of(case.first_day),
        say_numbers(known_as),
        drafted.trail.decode(),
        drafted.digest,
    )


def say_numbers(numbers: Iterable[int]) -> str:
    """Numbers of cases as a column keeps them."""
    return ",".join(map(str, sorted(numbers)))


def read_trail(text: str) -> Trail:
    """A trail as it was kept."""
    return msgspec.json.decode(text, type=Trail)


def _renamed(case: Case, names: Mapping[str, str]) -> Case:
    """The case with other keys of evidence, for a digest that numbers of rows do not bear on."""

    def renamed(keys: Collection[str]) -> tuple[str, ...]:
        return tuple(sorted([names.get(key, key) for key in keys]))

    return msgspec.structs.replace(
        case,
        reasons=tuple(
            [
                msgspec.structs.replace(reason, evidence=renamed(reason.evidence))
                if reason.evidence
                else reason
                for reason in case.reasons
            ]
        ),
        evidence=renamed(case.evidence),
        set_aside=case.set_aside
        and tuple(
            sorted(
                [
                    msgspec.structs.replace(
                        one,
                        evidence=names.get(one.evidence, one.evidence),
                        because=renamed(one.because),
                    )
                    for one in case.set_aside
                ]
            )
        ),
    )


def _first(said: Iterable[str]) -> str:
    for one in said:
        if one:
            return one
    return ""
