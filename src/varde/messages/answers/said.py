"""What an answer in words says: that something was found, that nothing was, or neither.

Laboratories write more than one word: "Påvist (Ct 24)", "Ingen vekst etter 5 døgn", "Ikke påvist Salmonella. Vekst av
Campylobacter jejuni". An answer is cut into its statements, and each of them is judged (`varde.messages.answers.statements`) with the
words of `result_words.json`:

- It is negative where a statement denies, and all others deny or say nothing.
- It is positive where a statement finds, and all others find or say nothing.
- Where one denies and another finds, what is found counts if it has a name that is known and that nothing denies.
- Everything else with a word of an answer is doubtful: a person must read it.

The readers of all formats ask here when a text is none of their whole answers.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from varde.codes import (
    kinds_of,
    organisms,
    parts_looked_for,
    read_resistant_name,
    refines,
    resistance_words,
)
from varde.messages.answers.asides import awaits, without_asides
from varde.messages.answers.cutting import cut
from varde.messages.answers.flora import is_flora_alone
from varde.messages.answers.known_names import find_named
from varde.messages.answers.listed import (
    graded,
    may_be_graded,
    pieces_of,
    spell_out,
    without_colonies,
)
from varde.messages.answers.names import ANTIGEN, is_named, is_of_targets, known_in
from varde.messages.answers.scope import lacks_toxin
from varde.messages.answers.search_words import WORD
from varde.messages.answers.search_words import words as search_words
from varde.messages.answers.searches import bare_name
from varde.messages.answers.stains import stained
from varde.messages.answers.statements import Kind, Statement, is_below, judge
from varde.messages.answers.told_as import is_unidentified, plainly
from varde.messages.answers.viral_loads import speaks_of_load
from varde.messages.answers.words import result_words
from varde.messages.masking import mask_digits

__all__ = ["NOTHING", "Said", "read_words", "result_words"]

if TYPE_CHECKING:
    from varde.messages.kith.words import ResultKind

LONGEST = 1000
"""Characters that are looked at."""

LONGEST_CACHED = 60
LONGEST_SHOWN = 90
"""Characters of what a person is shown."""

CYCLE = re.compile(
    r"\s*ct(?:[ -]?(?:verdi|value))?\s*[:=]?\s*[<>≤≥]?\s*[1-4]\d(?:[.,]\d+)?\s*", re.I
)
"""A cycle threshold alone: there was something to amplify, and nobody says whether it counts."""

HIDDEN = "•"
"""In place of a number that may be of a person; what holds it can never be confirmed for all (`varde.register.confirming`)."""

FEW_DIGITS = 4
"""No more than these tell nobody: an amount, a titre, a year, the number of a name (H5, O157, OXA-48)."""

MOST_OF_AMOUNT = 9
"""Digits of an amount; an identity number has more."""

_WRITTEN = re.compile(
    r"(?:[0-3]?\d\.?\s?)?(?:jan|feb|mar|apr|ma[iy]|jun|jul|aug|sep|o[kc]t|nov|de[sc])[^\W\d_]{0,6}\.?\s?(?:19|20)\d\d(?!\d)"
    r"|\d(?:(?:[.,:/+_–-]{1,3}|\s{1,3})?\d){10,}"
    r"|(?<=[^\W\d_])\d{1,4}(?!\d)|\d(?:[\s.:/+–-]{0,3}\d)*",
    re.I,
)
"""A date with its month in words; the number of a name; digits that people may mean as one number, however they part them."""

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DATE = re.compile(
    rf"(?<!\d)(?:{_DAY}[./-]\s?{_MONTH}[./-]\s?(?:19|20)?\d\d|(?:19|20)\d\d[./-]\s?{_MONTH}[./-]\s?{_DAY})(?!\d)|[^\W\d_]{{3}}"
)
"""A date, which may be the day that somebody was born."""

_TITRE = re.compile(r"1\s?[:/]\s?\d{1,7}")
_UNIT = re.compile(
    r"(?:,\d{1,3})?\s{0,2}(?:[x×·*]\s?10|(?:log(?:10)?\s?)?(?:\[?i[ue]\]?|kopi(?:er)?|cop(?:y|ies)?|cps?|geq|ge|genomkopier|[ck]fu|kde|kolonier|colonies"
    r"|bakterier|bacteria|sporer|celler|cells|leukocytter|mill?|mio|[munpµ]?[glu]|[mµn]mol|parasitt(?:er)?|parasites)(?![^\W\d_]))",
    re.I,
)
"""What stands behind an amount and behind no number of a person."""

_THOUSANDS = re.compile(r"\d{1,3}(?:\s\d{3})+|\d+")
THIN_BLANK = "\u202f"
"""Between the thousands of an amount: where runs of digits are masked, these are none."""

NUMBER = re.compile(r"\d[\d.,]*(?<![.,])(?:\s\d[\d.,]*(?<![.,]))*")


class Said(NamedTuple):
    """What an answer in words says.

    Attributes:
        kind: found, not found, neither, no result; empty where the words are none of these, or deny one
            thing and find another.
        name: what it found by its own words ("Campylobacter jejuni" of "Vekst av …"); several with
            semicolons between them; empty when it names nothing.
        doubtful: it speaks of something that was found, and not so that it can be taken as found.
        plain: doubtful, but for a search for one organism: it begins with a plain word that finds, and denies others by
            their names ("Påvist. Bordetella parapertussis ikke påvist").
    """

    kind: ResultKind
    name: str = ""
    doubtful: bool = False
    plain: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What it found, one by one."""
        return tuple(self.name.split("; ")) if self.name else ()


EDGES_OF_PARTS = " \t\n.,;"
NOTHING = Said("")
FOUND = Said("growth")
DENIED = Said("no_growth")
NEITHER = Said("no_organism")
DOUBTFUL = Said("", doubtful=True)


def composed(text: str) -> str:
    """A text whose letters are one sign each (NFC), as all words here are written."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def read_words(text: str) -> Said:
    """What a text says of whether something was found; its lines are statements."""
    if len(text) > LONGEST_CACHED:
        return _read_words.__wrapped__(text)
    return _read_words(text)


# Long texts are left out, so that what is written about a patient is never kept.
@lru_cache(maxsize=16384)
def _read_words(text: str) -> Said:
    known = result_words()
    whole = composed(text)
    text = without_asides(spell_out(ANTIGEN.sub("O", plainly(whole))))
    plain = known.plain.get(text.casefold().rstrip(". "))
    if plain is not None:
        return FOUND if plain else DENIED
    if text.casefold().strip(" .!") in known.neither or is_flora_alone(text, judge):
        return NEITHER
    if is_below(text):
        return DENIED
    if is_unidentified(text):
        return DOUBTFUL
    if not (known.any_answer.search(text) or known.no_result.match(text)):
        return _read_silent(text)
    text = without_colonies(text) or text
    if len(text) > LONGEST:
        return DOUBTFUL
    said = _sum_up([each for part in cut(text) for each in judge(part)])
    return DOUBTFUL if said == DENIED and _waits_for_part(whole) else said


def _waits_for_part(text: str) -> bool:
    """Whether a gene by which an organism is told is to follow, in an answer that denies another (stx1 ikke påvist, stx2
    følger)."""
    return any(
        awaits(part)
        and not result_words().any_answer.search(part)
        and bool(parts_looked_for([part]))
        for part in re.split(r"[,.;\n]|(?<!\w)(?:men|but)(?!\w)", text)
    )


def _read_silent(text: str) -> Said:
    """A text without a word of an answer: organisms with how much there was of each ("Syrefaste staver: 2+"), or one that
    names an organism and denies something ("Ingen influensa, men RSV")."""
    known = result_words()
    if (seen := stained(text)) is not None:
        if seen.found is None:
            return DOUBTFUL
        return Said("growth", seen.name) if seen.found else DENIED
    if may_be_graded(text) and (said := _read_amounts(text)) is not None:
        bare = without_colonies(text) if said.doubtful else text
        return said if bare == text or find_named(bare) is None else NOTHING
    if (
        len(text) > LONGEST
        or known.denials.search(text) is None
        or known.unmade.search(text) is not None
        or find_named(text) is not None
        or resistance_words(text)  # a name that waits as it stands
        or not known_in(text)
    ):
        return NOTHING
    parts = [each for part in cut(text) for each in judge(part)]
    if {each.kind for each in parts} <= {"denied", "negated", "neutral"}:
        return NOTHING
    names = tuple(name for each in parts if each.kind == "named" for name in each.names)
    rest = known.rest.search(text) is not None
    plain = {each.kind for each in parts} <= {"named", "negated", "neutral"}
    return Said("", "; ".join(names)) if names and rest and plain else DOUBTFUL


def _read_amounts(text: str) -> Said | None:
    """A text that says of organisms how much there was; None for one that says it of none, or denies one of them and says
    something else besides."""
    parts = [part for piece in pieces_of(text) for part in cut(piece)]
    each = [graded(part.strip(EDGES_OF_PARTS)) for part in parts]
    found = any(one is not None and one.found for one in each)
    heads = (graded(part.partition(",")[0].strip()) for part in parts if "," in part)
    if any(head is not None and head.found for head in heads):
        return DOUBTFUL
    if not (found or (each and None not in each)):
        return None
    return _sum_up([statement for part in parts for statement in judge(part)])


def _sum_up(said: list[Statement]) -> Said:
    """What statements say together."""
    kinds = {each.kind for each in said}
    found = [each for each in said if each.kind == "found"]
    denied = [each for each in said if each.kind == "denied"]
    if "doubtful" in kinds:
        return DOUBTFUL
    if (
        not found
        and "waiting" in kinds
        and kinds.isdisjoint(("named", "uncertain", "past", "flora"))
    ):
        return Said("no_result")
    if not (found or denied):
        return _sum_up_rest(kinds)
    if (only := _found_beside(said)) is not None:
        return only
    listed = bool(found) and not denied and all(each.names for each in said if each.kind == "named")
    if not kinds.isdisjoint(("unknown", "uncertain")) or ("named" in kinds and not listed):
        ranged = kinds.isdisjoint(("unknown", "named")) and all(
            each.kind != "uncertain" or each.ranged for each in said
        )
        if not ranged:
            return DOUBTFUL
    if (denied and "past" in kinds) or (found and not kinds.isdisjoint(("negated", "vaccine"))):
        return DOUBTFUL
    if not found:
        return DENIED
    names = tuple(
        dict.fromkeys(
            name for each in said if each.kind in ("found", "named") for name in each.names
        )
    )
    if not denied:
        certain = len(names) < 2 or _all_known(names)
        return Said("growth", "; ".join(names)) if certain else DOUBTFUL
    plain = [each for each in found if not each.names]
    if not _all_known(names):
        return DOUBTFUL
    meant = {_meant(name) for name in names}
    denials = [name for each in denied for name in each.names if not _is_no_infection(name)]
    if any(_meant(name) in meant for name in denials):
        return DOUBTFUL
    if plain := [each for each in found if not each.names]:
        certain = all(each.bare for each in plain) and all(each.names for each in denied)
        return DOUBTFUL._replace(plain=certain and said[0].bare)
    return Said("", "; ".join(names))


def _found_beside(said: list[Statement]) -> Said | None:
    """One species without a word of an answer, beside denials that reach nothing before them (Campylobacter jejuni. Ikke vekst av
    Salmonella eller Shigella) or deny its toxin: it was found. None for all else."""
    kinds = Counter(each.kind for each in said)
    if not (kinds["named"] == 1 and kinds["denied"]) or kinds.keys() - {
        "named",
        "denied",
        "neutral",
    }:
        return None
    [one] = [each for each in said if each.kind == "named"]
    own = organisms().get(find_named(one.names[0]) or "") if len(one.names) == 1 else None
    if own is None or own.name == own.genus or own.group == "unspecified":
        return None
    known = result_words()
    meant = _meant(one.names[0])
    for each in said[said.index(one) + 1 :]:
        if each.kind != "denied" or lacks_toxin(one.names[0], each.said, known):
            continue
        denied = [_meant(name) for name in each.names]
        if not (each.ahead and denied) or any(
            other == meant or (refines(meant[0], other[0]) if other[0] in organisms() else False)
            for other in denied
        ):
            return None
    before = said[: said.index(one)]
    return None if any(each.kind == "denied" for each in before) else Said("", one.names[0])


def _sum_up_rest(kinds: set[Kind]) -> Said:
    """Where no statement finds or denies."""
    if "past" in kinds or "waiting" in kinds:
        return DOUBTFUL
    if kinds <= {"neutral", "undone", "flora"} and kinds & {"undone", "flora"}:
        return Said("no_organism" if "flora" in kinds else "no_result")
    return DOUBTFUL if "flora" in kinds else NOTHING


def _all_known(names: tuple[str, ...]) -> bool:
    return all(is_named(name) for name in names)


def _is_no_infection(name: str) -> bool:
    """Whether a name is of what is no infection (anti-HBs): that it was not found denies nothing."""
    return search_words().never.match(name) is not None


def _meant(name: str) -> tuple[str, frozenset[str]]:
    """What a name is, and the resistance or the kind in it: what is no MRSA may be S. aureus, and what is no HPV 16 may be
    HPV 18."""
    concept = find_named(name)
    kinds = kinds_of(concept) if concept is not None else None
    own = kinds.counting.findall(name.casefold()) if kinds is not None else ()
    return concept or bare_name(name).casefold(), read_resistant_name(name).markers.union(own)


def speaks(text: str, counted: bool, named: bool) -> bool:
    """Whether a text has a word of an answer, an amount of a virus, or the name of an organism that is known:
    then somebody must read it, where nothing else came of it.

    Args:
        counted: an amount in it may be of a virus.
        named: an organism in it may be what was found.
    """
    text = composed(text[:LONGEST])
    return (
        result_words().any_answer.search(text) is not None
        or (counted and (speaks_of_load(text) or CYCLE.fullmatch(text) is not None))
        or (named and (bool(known_in(text)) or is_of_targets(text)))
    )


def show(text: str) -> str:
    """The words of an answer for a person: on one line, and a long one shortened, with a mark that tells it from every other
    that begins alike. What one person confirms of it holds for all answers that are shown so, so numbers stand in it as
    they are: an amount is never confirmed for another, nor H5 for H1. Only what may be the number, the telephone or the
    birthday of somebody is hidden, and what is hidden can be confirmed for nobody else."""
    plain = _WRITTEN.sub(_hide, " ".join(text.split()))
    if len(plain) <= LONGEST_SHOWN:
        return plain
    head = plain[:LONGEST_SHOWN].rstrip()
    if HIDDEN in plain and HIDDEN not in head:
        head += f"… {HIDDEN}"
    # Of what is shown alone: a mark of a hidden number would tell it to whoever tries all numbers.
    mark = sha256(plain.encode("utf-8", "replace")).hexdigest()[:6]
    return f"{head}… [{mark}]"


def _hide(number: re.Match[str]) -> str:
    """A number as it is shown: hidden where it may be of a person."""
    shown = number.group()
    digits = sum(map(str.isdigit, shown))
    if _DATE.search(shown):
        return HIDDEN
    if digits <= FEW_DIGITS:
        return shown
    if digits <= MOST_OF_AMOUNT and (
        _TITRE.fullmatch(shown) or _UNIT.match(number.string, number.end())
    ):
        amount = _THOUSANDS.sub(lambda each: _part(each.group()), shown)
        if mask_digits(amount) == amount:
            return amount
    return HIDDEN


def _part(amount: str) -> str:
    """The digits of an amount by thousands, from five digits."""
    digits = "".join(amount.split())
    return f"{int(digits):,}".replace(",", THIN_BLANK) if len(digits) > FEW_DIGITS else digits


def is_short_answer(text: str) -> bool:
    """Whether an answer says no more than that something was found: at most three words, and no number."""
    return (
        len(WORD.findall(text)) < 4
        and NUMBER.search(text) is None
        and read_words(text).kind == "growth"
    )
