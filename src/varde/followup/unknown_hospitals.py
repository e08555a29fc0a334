"""Words in the evidence of cases that name no hospital the tables know, so that nobody's infection control was told.

Somebody says what a sender's word means, or that it names no hospital; the cases with it are then told as they would
have been. Taken back, they are told as if it had never been said. What one sender means says nothing of another's words.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

import msgspec

from varde.cases import diseases
from varde.codes import find_hospital, normal_name
from varde.followup.models import Delivery, Told
from varde.followup.routing import Facts
from varde.followup.site import site_tables
from varde.followup.telling import alone, tell_again
from varde.followup.units import name_unit, trust_named
from varde.followup.wards import is_only_a_ward
from varde.register import current_cases, hospital_words, say_hospital, take_back_hospital

SINCE = timedelta(days=90)
MOST = 5_000
"""Cases that are looked at, the newest."""


class UnknownHospital(msgspec.Struct, frozen=True, kw_only=True):
    """A word of a sender, and the cases whose evidence has it.

    Attributes:
        sender: its key.
        word: as it was first sent.
        name: as it is compared.
        at_once: one of the cases is of a disease with notice at once.
        only_a_ward: it names a kind of ward, of which many hospitals have one.
    """

    sender: str
    word: str
    name: str
    cases: tuple[int, ...]
    at_once: bool
    only_a_ward: bool


def list_unknown_hospitals(now: datetime, on: date) -> list[UnknownHospital]:
    """The words of which nobody has said anything, in cases that a hospital is to be told of: notice at once first,
    then the most cases."""
    known = hospital_words()
    cases: dict[tuple[str, str], list[int]] = defaultdict(list)
    words: dict[tuple[str, str], str] = {}
    urgent: set[tuple[str, str]] = set()
    told = Told.objects.filter(standing=True, first_at__gte=now - SINCE).order_by("-first_at")
    asked: list[tuple[Facts, bool]] = []
    for one in told[:MOST]:
        facts = msgspec.json.decode(one.facts, type=Facts)
        disease = diseases().get(facts.disease)
        duty = disease.duty_on(facts.first_day) if disease else None
        if duty is not None and any(
            tell.receiver == "hospital-infection-control" for tell in duty.tell
        ):
            asked.append((facts, duty.at_once))
    senders = _senders([facts for facts, _ in asked])
    for facts, at_once in asked:
        for sender, word in facts.hospitals_by or senders.get(facts.number, ()):
            name = normal_name(word)
            key = (sender, name)
            if name and name not in known.get(sender, {}) and find_hospital(word, on) is None:
                words[key] = word
                if facts.number not in cases[key]:
                    cases[key].append(facts.number)
                if at_once:
                    urgent.add(key)
    found = [
        UnknownHospital(
            sender=key[0],
            word=words[key],
            name=key[1],
            cases=tuple(sorted(cases[key])),
            at_once=key in urgent,
            only_a_ward=is_only_a_ward(key[1]),
        )
        for key in cases
    ]
    return sorted(found, key=lambda one: (not one.at_once, -len(one.cases), one.name, one.sender))


def _senders(told: list[Facts]) -> dict[int, tuple[tuple[str, str], ...]]:
    """Of cases that were told before senders were kept with the words: who says what."""
    old = [facts.number for facts in told if facts.hospitals and not facts.hospitals_by]
    return {number: case.hospitals_by for number, case in current_cases(old).items()}


def recognise(sender: str, word: str, of: str, by: str, now: datetime, on: date) -> int:
    """Say what a sender's word means, and tell the cases with it anew.

    Args:
        of: organisation number of a hospital or a trust; empty: it names none.

    Returns:
        How many cases were looked at.

    Raises:
        KeyError: the word is not waiting, or there is no such hospital.
    """
    waiting = {(one.sender, one.name): one for one in list_unknown_hospitals(now, on)}
    one = waiting[sender, normal_name(word)]
    if of and find_hospital(of, on) is None:
        raise KeyError(of)
    with alone():
        say_hospital(sender, one.word, of, by, on)
        return tell_again(one.cases, now, site_tables()) if of else 0


def take_back(sender: str, name: str, now: datetime, on: date) -> int:
    """Forget what was said of a sender's word: a hospital that has cases by it alone has them no more, and is told so.

    Args:
        sender: empty for what was said before words were kept by sender.
        name: as it is compared.

    Returns:
        How many cases were looked at.

    Raises:
        KeyError: nothing was said of it.
    """
    with alone():
        return _take_back(sender, name, now, on)


def _take_back(sender: str, name: str, now: datetime, on: date) -> int:
    said = take_back_hospital(sender, name)
    if said is None:
        raise KeyError(name)
    trust = trust_named(said.of, on) if said.of else None
    if trust is None:
        return 0
    # Whatever the age of a case: for as long as the thread stands, the trust may open whose it is.
    has = Delivery.objects.filter(unit=name_unit("trust", trust), event=0, state="standing")
    told = Told.objects.filter(case__in=has.values("case"), standing=True)
    numbers = [
        facts.number
        for facts in (msgspec.json.decode(one.facts, type=Facts) for one in told)
        if name in {normal_name(word) for word in facts.hospitals}
    ]
    return tell_again(numbers, now, site_tables())
