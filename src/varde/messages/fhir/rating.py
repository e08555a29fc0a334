"""Which Observations are susceptibility tests by their names, or by what they say, where no code says so."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from varde.messages.answers.known_names import is_antibiotic
from varde.messages.answers.searches import analyse, method_of
from varde.messages.answers.susceptibility_words import is_remark, speaks_of_susceptibility
from varde.messages.answers.words import result_words
from varde.messages.fhir.words import FhirWords, said_in
from varde.messages.hl7v2.observations import MAX_LETTERS
from varde.messages.hl7v2.words import words as hl7_words
from varde.messages.kith.quantities import parse_mic
from varde.messages.kith.words import normal
from varde.messages.records import Code

if TYPE_CHECKING:
    from varde.messages.fhir.items import Item


def is_tested(item: Item, known: FhirWords) -> bool:
    """Whether words, or a coded value, stand where the category or the MIC of a susceptibility test belongs: of what is
    called one, or is an antibiotic. Whether something was found is no category, and a method of its own is another test."""
    if not (item.text or item.values):
        return False
    said = normal(item.text)
    rated = said in known.sir_texts
    if not rated and _meaning(item.text, said, known) in ("growth", "no_growth", "no_result"):
        return False
    named = _named(item.investigations)
    if named == "test":
        remark = not item.values and is_remark(item.text)
        return not (remark or (item.method and method_of((), item.method)))
    valued = analyse(item.investigations, item.method).valued
    return rated and len(said) > 1 and not named and not valued


def _meaning(text: str, said: str, known: FhirWords) -> str:
    """What words say of whether something was found; "ikke følsom" says nothing of that."""
    if not text or said in known.results:
        return known.results.get(said, "")
    return "" if speaks_of_susceptibility(text) else said_in(text).kind


@lru_cache(maxsize=16384)
def _named(names: tuple[Code, ...]) -> Literal["test", "remark", ""]:
    """Whether a name is that of a susceptibility test, or of a remark, though it may speak of susceptibility."""
    called = " ".join(f"{code.code} {code.text}" for code in names).casefold()
    if any(part in called for part in hl7_words().susceptibility_remarks):
        return "remark"
    tested = hl7_words().susceptibility.search(called) is not None or is_antibiotic(names)
    return "test" if tested and not method_of(names) else ""


def rate(items: Sequence[Item], known: FhirWords) -> None:
    """What hangs on an organism and has no known name, but says a category, or words of susceptibility, is a susceptibility:
    what it is of, and what it says, a person must tell. A number is a measurement. So is what stands among susceptibility
    tests with a bare code for its value, as short as a category."""
    tested = {
        id(above) for item in items if item.role == "susceptibility" for above in item.parents
    }
    for item in items:
        if item.role != "other" or item.number:
            continue
        if not any(parent.role == "growth" for parent in item.parents):
            continue
        names = item.investigations
        if _named(names) == "remark" or analyse(names, item.method).search is not None:
            continue
        beside = any(id(p) in tested or _named(p.investigations) == "test" for p in item.parents)
        if any(_says_category(code, known) for code in (Code(text=item.text), *item.values)) or (
            beside and _may_be_category(item)
        ):
            item.role = "susceptibility"
        elif parse_mic(item.text):
            item.role = "measurement"


def _may_be_category(item: Item) -> bool:
    """Whether a value is a code without words that can be a category, of a test of which nothing says that it is another:
    the kind of an organism, a property of it, a method of its own."""
    bare = all(normal(code.text or code.code) == normal(code.code) for code in item.values)
    short = any(code.code.isalpha() and len(code.code) <= MAX_LETTERS for code in item.values)
    called = [code.text for code in item.investigations]
    known = result_words()
    other = any(known.kinds.search(name) or known.properties.search(name) for name in called)
    return bare and short and not (other or method_of(item.investigations, item.method))


def _says_category(code: Code, known: FhirWords) -> bool:
    said = code.text or code.code
    return normal(said) in known.sir_texts or speaks_of_susceptibility(said)
