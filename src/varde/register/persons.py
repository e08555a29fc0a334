"""Persons by the number that somebody types: the one step from a number to whom the register knows.

Nothing here decides who may see what: `varde.access` does, with the places that `read_places` gives.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from varde.access.pseudonyms import Pseudonymise
from varde.messages.identifiers import Identity, identify
from varde.register import store
from varde.register.identities.describing import OTHERS

_KINDS = {11: ("FNR", "HNR", "FHN"), 12: ("DUF",)}
"""What a number of so many digits may be called by whoever sent it."""
_ORGANISATION = re.compile(r"\d{9}", re.ASCII)


class KnownPerson(Struct, frozen=True, kw_only=True):
    """Somebody whom the register knows.

    Attributes:
        ids: rows of `varde.register.models.Person`: several when the number was sent as one of several kinds.
        pseudonym: 32 bytes; by this the access log names the person.
    """

    ids: tuple[int, ...]
    pseudonym: bytes


class Places(Struct, frozen=True, kw_only=True):
    """Where a person belongs, as far as anybody has said.

    Attributes:
        residence: municipality of the newest statement that says one, four digits as sent; or empty.
        stays: municipalities of stay of the person's cases.
        homes: municipalities of residence of the person's cases: two forms may say two, and the unit that has the case is
            that of the first.
        hospitals: organisation numbers of hospitals that a notification says the person is admitted to.
    """

    residence: str
    stays: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    hospitals: tuple[str, ...] = ()


def read_number(text: str) -> tuple[str, Identity] | None:
    """A number of a person as somebody types it, and what it says of itself; None when it is none.

    National and D numbers, help numbers of either kind, DUF numbers; blanks are passed over.
    """
    number = "".join(text.split())
    if not (number.isascii() and number.isdigit()):
        return None
    for kind in _KINDS.get(len(number), ()):
        found = identify(kind, number, datetime.now(UTC).date())
        if found.valid:
            return number, found
    return None


def pseudonyms_of(number: str, pseudonym: Pseudonymise) -> tuple[bytes, ...]:
    """What the register may know a number by, whatever its sender called it; the likeliest first.

    Args:
        pseudonym: of the register (`Context.pseudonym`).
    """
    return tuple(pseudonym(kind, "", number) for kind in _KINDS.get(len(number), ()))


def find_person(number: str, pseudonym: Pseudonymise) -> KnownPerson | None:
    """The person of a number; None when nothing that counts now is about that number.

    A number that the person is not known by, such as an earlier D number, leads to them too. A national, D or DUF
    number leads to all that was said under it, also when names say that it was written on somebody else once: whoever
    asks by the number must not miss anything because that is not decided yet. Another number leads to somebody only
    as long as what was said under it is of one person (`varde.register.models.Node`).

    Args:
        number: as `read_number` gives it.
    """
    asked = pseudonyms_of(number, pseudonym)
    rows = {
        bytes(row[1]): row[0]
        for row in store.select_in("person", "id, pseudonym", "pseudonym", asked)
    }
    found = [each for each in asked if each in rows]
    described = list(store.select_in("node", "person, rank", "number", asked))
    certain = {person for person, rank in described if rank < OTHERS}
    others = {person for person, _ in described} - certain
    wanted = certain or (others if len(others) == 1 else set())
    if not found and not wanted:
        return None
    known = sorted(
        (bytes(name), person)
        for person, name in store.select_in("person", "id, pseudonym", "id", wanted)
    )
    names = [*((each, rows[each]) for each in found), *known]
    ids = tuple(dict.fromkeys(person for _, person in names))
    return KnownPerson(ids=ids, pseudonym=names[0][0]) if ids else None


def known_as(person: KnownPerson) -> tuple[bytes, ...]:
    """All pseudonyms that the access log may name a person by: of each number that they were described by."""
    numbers = store.select_in(
        "node", "DISTINCT number", "person", person.ids, "AND number IS NOT NULL"
    )
    said = {person.pseudonym, *(bytes(row[0]) for row in numbers)}
    said.update(bytes(row[0]) for row in store.select_in("person", "pseudonym", "id", person.ids))
    return tuple(sorted(said))


def named_in_log(number: str, pseudonym: Pseudonymise) -> tuple[tuple[bytes, ...], bytes]:
    """All pseudonyms that the access log may name the person of a number by, whether anybody has it or not, and the
    one by which a look at the person is logged now.

    Args:
        number: eleven or twelve digits.
    """
    asked = pseudonyms_of(number, pseudonym)
    person = find_person(number, pseudonym)
    if person is None:
        return asked, asked[0]
    return tuple(dict.fromkeys((*asked, *known_as(person)))), person.pseudonym


def read_places(persons: Sequence[int]) -> Places:
    """Where some rows of one person belong."""
    said = store.select_in(
        "report",
        "CAST(generated_at AS TEXT), id, municipality",
        "person",
        persons,
        "AND municipality <> '' AND NOT cancelled",
    )
    newest = max(((store.moment(at), number, place) for at, number, place in said), default=None)
    of_cases = list(store.select_in("case", "stay, residence", "person", persons))
    hospitals = {
        row[0]
        for row in store.select_in(
            "report r CROSS JOIN register_notification n",
            "n.hospital",
            "r.person",
            persons,
            "AND n.id = r.id AND r.kind = 'notification' AND n.in_hospital = 'yes'",
        )
        if _ORGANISATION.fullmatch(row[0])
    }
    return Places(
        residence=newest[2] if newest else "",
        stays=tuple(sorted({stay for stay, _ in of_cases if stay})),
        homes=tuple(sorted({home for _, home in of_cases if home})),
        hospitals=tuple(sorted(hospitals)),
    )
