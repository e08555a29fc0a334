"""Who somebody is, from what the provider says: a pseudonym, and what may give a role. Never the number itself."""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from varde.access.keys import Keys
from varde.access.oidc.refusals import SignInRefused
from varde.access.oidc.rules import FIELDS, Field, Rules
from varde.access.pseudonyms import make_pseudonymiser

PURPOSE = "sign-in"
LETTERS = 20
"""Of a reference: 100 bits."""
MOST_VALUES = 50
_REFERENCE = re.compile(r"[a-z2-7]{20}", re.ASCII)


class Identity(Struct, frozen=True):
    """Somebody whom the provider has recognised.

    Attributes:
        person: the reference: a keyed pseudonym of the number that names a person.
        hpr: number in the register of health personnel; empty when not said.
        organisations: organisation numbers, of the unit and of the whole.
        entitlements: such as professions ("LE").
        subject, session: keyed hashes of what the provider calls person and session, to end it by.
    """

    person: str
    hpr: str
    organisations: tuple[str, ...]
    entitlements: tuple[str, ...]
    subject: str
    session: str


def identify(
    rules: Rules,
    keys: Keys,
    issuer: str,
    token: Mapping[str, Any],
    userinfo: Mapping[str, Any],
) -> Identity:
    """Who it is.

    Args:
        token: all that the identity token says, `userinfo` what the userinfo address answered, if it was asked.

    Raises:
        SignInRefused: ``level-too-low``, or ``claims-missing``.
    """
    level = max((rules.levels.get(one, 0) for one in _values(rules, "level", token, {})), default=0)
    if level < rules.least_level:
        raise SignInRefused("level-too-low", f"level-{level}")
    persons = _values(rules, "person", token, {})
    if len(persons) != 1:
        raise SignInRefused("claims-missing", "person")
    found = {name: _values(rules, name, token, userinfo) for name in FIELDS}
    return Identity(
        person=reference_of(keys, rules.person_kind, persons[0]),
        hpr=found["hpr"][0] if len(found["hpr"]) == 1 else "",
        organisations=tuple(dict.fromkeys((*found["child"], *found["parent"]))),
        entitlements=found["entitlements"],
        subject=digest_of(keys, issuer, "sub", str(token.get("sub", ""))),
        session=digest_of(keys, issuer, "sid", str(token.get("sid", ""))),
    )


def lacks(rules: Rules, token: Mapping[str, Any]) -> bool:
    """Whether the userinfo address may know more than the identity token says."""
    return any(
        rules.claims[name].source == "either" and not _values(rules, name, token, {})
        for name in FIELDS
    )


def reference_of(keys: Keys, kind: str, number: str) -> str:
    """The reference of a person: twenty letters and digits."""
    digest = make_pseudonymiser(keys, PURPOSE)(kind, "", number)
    return b32encode(digest).decode("ascii").lower()[:LETTERS]


def show_reference(person: str) -> str:
    """A reference for people: in groups of four."""
    return "-".join(person[place : place + 4] for place in range(0, len(person), 4))


def read_reference(text: str) -> str:
    """A reference as people write it; empty when it is none."""
    found = re.sub(r"[\s-]", "", text).lower()
    return found if _REFERENCE.fullmatch(found) else ""


def digest_of(keys: Keys, issuer: str, kind: str, value: str) -> str:
    """A keyed hash of something that the provider calls so; empty for nothing."""
    if not value:
        return ""
    return make_pseudonymiser(keys, PURPOSE)(kind, issuer, value).hex()[:32]


def _values(
    rules: Rules, name: Field, token: Mapping[str, Any], userinfo: Mapping[str, Any]
) -> tuple[str, ...]:
    """What is said of a field: by the identity token, else by the userinfo address."""
    claim = rules.claims[name]
    pattern = re.compile(claim.pattern, re.ASCII)
    for said in (token, userinfo):
        texts = (str(one) for one in _follow(said, claim.path) if type(one) in (str, int))
        found = dict.fromkeys(text for text in texts if pattern.fullmatch(text))
        if found:
            return tuple(found)[:MOST_VALUES]
    return ()


def _follow(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value[:MOST_VALUES]:
            yield from _follow(one, path)
    elif not path:
        yield value
    elif isinstance(value, dict):
        yield from _follow(value.get(path[0]), path[1:])
