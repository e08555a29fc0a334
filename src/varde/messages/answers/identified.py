"""One isolate that a culture names by its genus, and a result of its own by its species (Artsbestemmelse (MALDI-TOF))."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from varde.codes import markers_in, refines
from varde.messages.answers.kind_answers import asks_which
from varde.messages.answers.known_names import concept_of
from varde.messages.answers.searches import text_of
from varde.messages.records import Code, Finding, Susceptibility

IDENTIFYING = re.compile(r"(?<!\w)(?:maldi|massespektrometri|mass spectrometry|vitek ms)", re.I)
"""How the names of analyses begin that identify what grew, and do not say that they do."""


def join_identified(
    findings: Sequence[Finding],
    names: Sequence[tuple[Code, ...]],
    contradiction: Callable[[Sequence[Susceptibility], Susceptibility], str],
) -> tuple[Finding, ...]:
    """The findings of a report, without those of an analysis that identifies what another one grew in the same specimen under
    a less precise name, or as precise a one: that then has the more precise name, with what was tested of both.

    Args:
        names: of the analysis of each finding.
        contradiction: what a susceptibility says against others; empty where it agrees with them. Isolates that do
            not agree are two.
    """
    asking = [
        at
        for at, (one, called) in enumerate(zip(findings, names, strict=True))
        if one.method == "culture" and _identifies(called)
    ]
    if not asking or len(findings) < 2:
        return tuple(findings)
    joined = list(findings)
    gone: set[int] = set()
    for at in asking:
        one = joined[at]
        for other, coarse in enumerate(joined):
            if other in gone or other in asking:
                continue
            named = _named_by_both(coarse, one)
            if not named:
                continue
            if any(contradiction(coarse.susceptibilities, test) for test in one.susceptibilities):
                continue
            joined[other] = msgspec.structs.replace(
                coarse,
                organisms=named,
                quantity=coarse.quantity or one.quantity,
                susceptibilities=(*coarse.susceptibilities, *one.susceptibilities),
            )
            gone.add(at)
            break
    left = (each for at, each in enumerate(joined) if at not in gone)
    return tuple(msgspec.structs.replace(each, number=at) for at, each in enumerate(left, 1))


def _identifies(names: tuple[Code, ...]) -> bool:
    return asks_which(names) or any(IDENTIFYING.search(text_of(code)) for code in names)


def _named_by_both(grown: Finding, identified: Finding) -> tuple[Code, ...]:
    """The more precise of the names of what grew and of what is identified, where one of them says all that the other does;
    else empty."""
    if grown.method != "culture" or grown.specimen != identified.specimen:
        return ()
    for fine, coarse in ((identified, grown), (grown, identified)):
        more, less = concept_of(fine.organisms), concept_of(coarse.organisms)
        if (
            more is not None
            and less is not None
            and (less == more or refines(more, less))
            and _markers(coarse) <= _markers(fine)
        ):
            return fine.organisms
    return ()


def _markers(one: Finding) -> frozenset[str]:
    return frozenset(markers_in((code.code, code.text) for code in one.organisms))
