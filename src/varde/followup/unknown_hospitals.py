"""Words in the evidence of cases that name no hospital the tables know, so that nobody's infection control was told.

Somebody says what a word means, or that it names no hospital; the cases with it are then told as they would have been.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

import msgspec

from varde.cases import diseases
from varde.codes import find_hospital, normal_name
from varde.followup.models import Told
from varde.followup.routing import Facts
from varde.followup.site import site_tables
from varde.followup.telling import tell_again
from varde.register import hospital_words, say_hospital

SINCE = timedelta(days=90)
MOST = 5_000
"""Cases that are looked at, the newest."""


class UnknownHospital(msgspec.Struct, frozen=True, kw_only=True):
    """A word, and the cases whose evidence has it.

    Attributes:
        word: as it was first sent.
        name: as it is compared.
        at_once: one of the cases is of a disease with notice at once.
    """

    word: str
    name: str
    cases: tuple[int, ...]
    at_once: bool


def list_unknown_hospitals(now: datetime, on: date) -> list[UnknownHospital]:
    """The words of which nobody has said anything, in cases that a hospital is to be told of: notice at once first,
    then the most cases."""
    known = hospital_words()
    cases: dict[str, list[int]] = defaultdict(list)
    words: dict[str, str] = {}
    urgent: set[str] = set()
    told = Told.objects.filter(standing=True, first_at__gte=now - SINCE).order_by("-first_at")
    for one in told[:MOST]:
        facts = msgspec.json.decode(one.facts, type=Facts)
        disease = diseases().get(facts.disease)
        duty = disease.duty_on(facts.first_day) if disease else None
        if duty is None or not any(
            tell.receiver == "hospital-infection-control" for tell in duty.tell
        ):
            continue
        for word in facts.hospitals:
            name = normal_name(word)
            if name and name not in known and find_hospital(word, on) is None:
                words[name] = word
                cases[name].append(facts.number)
                if duty.at_once:
                    urgent.add(name)
    found = [
        UnknownHospital(
            word=words[name],
            name=name,
            cases=tuple(sorted(cases[name])),
            at_once=name in urgent,
        )
        for name in cases
    ]
    return sorted(found, key=lambda one: (not one.at_once, -len(one.cases), one.name))


def recognise(word: str, of: str, by: str, now: datetime, on: date) -> int:
    """Say what a word means, and tell the cases with it anew.

    Args:
        of: organisation number of a hospital or a trust; empty: it names none.

    Returns:
        How many cases were looked at.

    Raises:
        KeyError: the word is not waiting, or there is no such hospital.
    """
    waiting = {one.name: one for one in list_unknown_hospitals(now, on)}
    one = waiting[normal_name(word)]
    if of and find_hospital(of, on) is None:
        raise KeyError(of)
    say_hospital(one.word, of, by, on)
    return tell_again(one.cases, now, site_tables()) if of else 0
