"""What was looked for in a specimen, as its column keeps it: sorted words such as ``chlamydia-trachomatis/nucleic-acid/-``.

Each word is organism, method and answer. The organism is a key of `varde.codes.organisms()`, with the resistances that the
name of the search says after a colon (``staphylococcus-aureus:mrsa``: only MRSA was looked for), and the parts of it that
alone were looked for (``escherichia-coli-ehec:stx1``); empty for a culture of
whatever grows; ``?`` for a panel, and for what no code map knows. A test for a resistance or its genes in whatever may
have them is of no organism known: ``?:cpo``, ``?:kpc+ndm``. A test for several organisms that names all of them
(Klamydia/gonoré) has a word for each, but where it found something: it does not say which. The answer is ``+`` found, ``-`` not found, ``?``
neither, ``~`` on its way. One word for each organism and method; a specimen of which nothing is known has none.

What a person confirms about an expression gives a meaning to findings, and not to what is kept here: no map knew it
when the answer was folded, and a register that is folded in another order must come to the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from varde.codes import (
    CodeMap,
    is_catch_all,
    markers_denied_in,
    markers_in,
    method_meets,
    organism_proved_by,
    parts_looked_for,
    read_marker_test,
    refines,
    resistance_markers,
)
from varde.messages.answers.combined import parts_of
from varde.messages.records import Code, Finding, LookedFor, Method, Outcome

SIGNS: Mapping[Outcome, str] = {"found": "+", "inconclusive": "?", "not-found": "-", "pending": "~"}
"""Of two answers to one search the one that stands first here is kept."""
UNKNOWN = "?"
_ANSWERS: Mapping[str, Outcome] = {sign: answer for answer, sign in SIGNS.items()}
_RANK = {answer: place for place, answer in enumerate(SIGNS)}
_SAME: Mapping[Method, frozenset[Method]] = {
    "antibody-igm": frozenset(("antibody",)),
    "antibody-igg": frozenset(("antibody",)),
    "antibody": frozenset(("antibody-blot",)),
}
"""A method → others by which it is looked for too: an antibody without class is either, and a blot looks for antibodies."""


class Sought(NamedTuple):
    """One word of the column.

    Attributes:
        organism: empty for whatever grows; `UNKNOWN` for what nobody can tell.
        markers: resistances and parts that the name of the search says, sorted, by commas; empty for none.
    """

    organism: str
    markers: str
    method: Method
    answer: Outcome

    @property
    def known(self) -> bool:
        """Whether it says what was looked for."""
        return self.organism != UNKNOWN

    def is_told_by(self, organism: str, method: str) -> bool:
        """Whether it is the search that a finding of the same specimen came of, so that the finding tells it.

        Args:
            organism: of the finding; empty for one that no map knows.
            method: of the finding; empty when nothing says.
        """
        if method and self.method and not method_meets(method, self.method):
            return False
        if not self.organism:
            return True
        mine = self.organism
        return mine == organism or refines(organism, mine) or refines(mine, organism)

    def covers(self, organism: str, markers: frozenset[str], method: Method) -> bool:
        """Whether whoever looks for an organism by a method has been answered by this search.

        It is of the same organism or a less precise name of it, so that "no Salmonella" is no Salmonella Typhi; not the
        other way round. A search for one resistance answers nobody who asks for the organism.

        Args:
            organism: a key; empty for whatever grows.
            markers: resistances that are asked for.
            method: empty for any.
        """
        if not self.known or not markers >= frozenset(filter(None, self.markers.split(","))):
            return False
        if self.organism != organism and not refines(organism, self.organism):
            return False
        return not method or self.method == method or self.method in _SAME.get(method, ())


def columns_of(
    looked_for: Sequence[LookedFor], codes: CodeMap, findings: Sequence[Finding] = ()
) -> dict[int, str]:
    """Number of a specimen → its column, of those of which something is known. The order of the searches is of no
    importance, and the same one twice is once.

    Args:
        findings: of the report: a name that says which resistance an organism does not have (MSSA) tells that this was
            looked for and not found.
    """
    named = [each for one in findings if (each := _denied_by_name(one, codes)) is not None]
    if len(looked_for) == 1 and not named:  # nearly always
        [one] = looked_for
        said = f"/{one.method}/{SIGNS[one.answer]}"
        return {one.specimen: " ".join(sorted(f"{name}{said}" for name in _names(one, codes)))}
    best: dict[int, dict[tuple[str, Method], Outcome]] = {}
    for one in looked_for:
        words = best.setdefault(one.specimen, {})
        for name in _names(one, codes):
            key = (name, one.method)
            known = words.get(key)
            if known is None or _RANK[one.answer] < _RANK[known]:
                words[key] = one.answer
    for specimen, name, method in named:
        words = best.setdefault(specimen, {})
        if words.get((name, method)) != "found":
            words[name, method] = "not-found"
    return {
        specimen: " ".join(
            sorted(f"{name}/{method}/{SIGNS[answer]}" for (name, method), answer in words.items())
        )
        for specimen, words in best.items()
    }


def _denied_by_name(one: Finding, codes: CodeMap) -> tuple[int, str, Method] | None:
    markers = markers_denied_in((code.code, code.text) for code in one.organisms)
    if not markers:
        return None
    key = codes.find("organism", [(code.system, code.code, code.text) for code in one.organisms])
    if key is None or is_catch_all("organism", key):
        return None
    return one.specimen, f"{key}:{'+'.join(sorted(markers))}", one.method


def meaning(one: LookedFor, codes: CodeMap) -> tuple[str | tuple[Code, ...], Method]:
    """What two searches share that are the same: what the maps take the organism for, else its names; and the method."""
    name = _name(one, codes)
    return (one.organisms if name.startswith(UNKNOWN) else name), one.method


def _names(one: LookedFor, codes: CodeMap) -> Sequence[str]:
    name = _name(one, codes)
    if not name.startswith(UNKNOWN) or one.answer == "found":
        return (name,)
    return combined_in(one.organisms, codes) or (name,)


def combined_in(names: Sequence[Code], codes: CodeMap) -> Sequence[str]:
    """The organisms of a test for several, by its names (alternatives) without words of method; empty when it is none, or
    when a part of it names no organism."""
    for one in names:
        found = [codes.find("organism", [("", "", part)]) for part in parts_of(one.text)]
        if found and all(key and not is_catch_all("organism", key) for key in found):
            return tuple(dict.fromkeys(filter(None, found)))
    return ()


def _name(one: LookedFor, codes: CodeMap) -> str:
    if not one.organisms:
        return "" if one.method == "culture" else UNKNOWN
    key = codes.find("organism", [(code.system, code.code, code.text) for code in one.organisms])
    parts = parts_looked_for([code.text for code in one.organisms])
    if key is None and one.answer == "not-found" and len(parts) == 1:
        # A gene that names no organism is of one all the same where it is not found; found, it may be another's.
        [key] = parts
    if key is None and one.answer == "not-found":
        key = organism_proved_by(code.text for code in one.organisms)  # all of its genes: stx
    test = read_marker_test(code.text for code in one.organisms)
    if key is None or is_catch_all("organism", key):
        key = UNKNOWN
    elif test.alone and not test.markers <= resistance_markers():
        key = UNKNOWN  # Klebsiella pneumoniae karbapenemase (KPC), CPE (NDM): the name of a gene
    said = parts.get(key) or test.markers
    if not said and key != UNKNOWN:
        said = frozenset(markers_in((code.code, code.text) for code in one.organisms))
    return f"{key}:{'+'.join(sorted(said))}" if said else key


def read_column(text: str) -> tuple[Sought, ...]:
    """The words of a column, in their order."""
    found = []
    for word in text.split():
        name, method, sign = word.split("/")
        organism, _colon, markers = name.partition(":")
        found.append(
            Sought(organism, markers.replace("+", ","), cast(Method, method), _ANSWERS[sign])
        )
    return tuple(found)
