"""Answers that name what grew, to analyses that say neither an organism nor a method: screenings and the typing of isolates.

Of a screening for resistant bacteria ("VRE-screening": "Enterococcus faecium med vanB") a species with a resistance that the
name of the screening asks for was found: which method it was changes nothing of that. A species alone, a resistance that is
denied or in doubt, and one that no such species has, wait as before. The typing of an isolate ("Serotyping av isolat":
"Salmonella Enteritidis") names what grew, mostly at another laboratory.
"""

from __future__ import annotations

import re

from varde.codes import markers_in, may_carry, organisms
from varde.messages.answers.kind_answers import asks_which
from varde.messages.answers.known_names import concept_of
from varde.messages.answers.searches import Search, analyse, text_of
from varde.messages.records import Code

_ISOLATE = re.compile(
    r"(?<!\w)(?:isolat(?:et|er|e)?|isolates?|bakteriestammen?|stammen?)(?!\w)", re.I
)


def read_screened(
    names: tuple[Code, ...], field: tuple[Code, ...], value: tuple[Code, ...]
) -> Search | None:
    """What a screening without a method found, by an answer that finds and names it with its resistance; None for all others.

    Args:
        names, field: as `varde.messages.answers.searches.analyse` takes them.
        value: what the answer names: alternatives of one thing.
    """
    if analyse(names, field).method:
        return None
    key = concept_of(value)
    one = organisms().get(key or "")
    if key is None or one is None or one.kind != "bacterium" or one.name == one.genus:
        return None
    asked = frozenset(markers_in((code.code, text_of(code)) for code in names))
    found = frozenset(markers_in((code.code, text_of(code)) for code in value))
    if not asked & found or not all(may_carry(key, marker) for marker in found):
        return None
    return Search("", value)


def read_typed(names: tuple[Code, ...], value: tuple[Code, ...]) -> Search | None:
    """What an isolate is that an analysis types, by an answer that names its species or a kind of it; None for all others.

    Args:
        names, value: as `read_screened` takes them.
    """
    if not any(_ISOLATE.search(text_of(code)) for code in names) or not asks_which(names):
        return None
    one = organisms().get(concept_of(value) or "")
    if one is None or one.kind not in ("bacterium", "fungus") or one.name == one.genus:
        return None
    return Search("culture", value) if one.group != "unspecified" else None
