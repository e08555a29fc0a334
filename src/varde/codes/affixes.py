"""Words that may stand around a name without changing what it names, read from `affixes.csv`."""

from __future__ import annotations

from dataclasses import dataclass

from varde.codes.map_rows import KINDS, fold
from varde.codes.tables import DATA, TEXT, read_table

AFFIXES = DATA / "affixes.csv"


@dataclass(frozen=True, slots=True)
class Affix:
    """Words that may stand around a name without changing what it names ("(Etest)")."""

    kind: str
    position: str
    text: str


def read_affixes() -> tuple[Affix, ...]:
    """The affixes, longest first: what is tried first does not depend on the order of the file."""
    schema = {"kind": KINDS, "position": r"prefix|suffix", "text": TEXT, "source": TEXT}
    rows = [
        Affix(kind, where, fold(text)) for _, (kind, where, text, _) in read_table(AFFIXES, schema)
    ]
    return tuple(sorted(rows, key=lambda affix: (-len(affix.text), affix.text)))


AffixIndex = dict[tuple[str, str, str], tuple[Affix, ...]]
"""Kind, position and outermost character → affixes, the longest first."""


def index_affixes(affixes: tuple[Affix, ...]) -> AffixIndex:
    """The affixes, so shaped that few are tried on a name."""
    index: dict[tuple[str, str, str], list[Affix]] = {}
    for affix in affixes:
        outermost = affix.text[-1] if affix.position == "suffix" else affix.text[0]
        index.setdefault((affix.kind, affix.position, outermost), []).append(affix)
    return {key: tuple(found) for key, found in index.items()}


def strip_one(kind: str, form: str, affixes: AffixIndex) -> str:
    """The form without the longest affix it has; empty when it has none.

    An affix that begins or ends in a letter is a word of its own: "spp" is not taken from "wispp".
    """
    before, after, rest = "", "", ""
    for affix in affixes.get((kind, "suffix", form[-1]), ()):
        if form.endswith(affix.text):
            left = form[: -len(affix.text)]
            if not (affix.text[0].isalnum() and left[-1:].isalnum()):
                after, rest = affix.text, left.rstrip()
                break
    for affix in affixes.get((kind, "prefix", form[0]), ()):
        if form.startswith(affix.text):
            left = form[len(affix.text) :]
            if not (affix.text[-1].isalnum() and left[:1].isalnum()):
                before = affix.text
                break
    if before and (-len(before), before) <= (-len(after), after):
        return form[len(before) :].lstrip()
    return rest
