"""Resistance that stands in the name of what was found: MRSA, VRE, "Klebsiella pneumoniae (KPC)".

Such a name says two things: which organism, and that a resistance was found in it. The words are rows of
``named_resistance.csv``. Where a word of denial or doubt stands beside them ("ikke MRSA", "mulig ESBL") nothing is said,
and the name stays as it is: whoever maps it must see all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from varde.codes.errors import CodeFileError
from varde.codes.organisms import organisms
from varde.codes.tables import DATA, DATE, TEXT, check_unique, read_date, read_table

NAMED_RESISTANCE: Final = DATA / "named_resistance.csv"
LONGEST = 200
"""Characters of a name; a longer text is a remark."""
_EDGES = " \t,;:/+&-–—.*()[]"

_SCHEMA = {
    "role": r"word|snomed|filler|denial|absent-before|absent-after|carrier|counted|susceptible",
    "word": TEXT,
    "organism": r"([a-z0-9]+(-[a-z0-9]+)*)?",
    "marker": r"(mrsa|vre|lre|esbl|cpo)?",
    "source": TEXT,
    "valid_from": DATE,
}


_SIGNED = re.compile(
    r"\A\s*[)\]]?\s*(?:[:=]\s*)?(?:"
    r"[(\[]?\s*[-–—−]+\s*[)\]]?\s*(?:\Z|[,;.)\]/]|[(\[])"  # ESBL-, ESBL (-), MRSA: -
    r"|[(\[]\s*[-–—−]+\s*[)\]]"
    r"|(?:[-–—−]\s+|\s[-–—−]\s*)[^+]*\+\s*[)\]]?\s*\Z"  # ESBL - KPC +
    r"|[-–—−]?\s*[(\[]?\s*0+(?![\w.,-]))"  # MRSA 0, ESBL = 0, KPC-0
    r"|\A[-–—−]\s+(?!\w*produ|pos|(?:og|and|eller|or|samt)\b)(?=\w)"  # MRSA- S. aureus
)
"""What says behind a resistance that it was not found."""


class ResistantName(NamedTuple):
    """What a name says of resistance.

    Attributes:
        markers: keys of `resistance_markers`.
        plain: the name without those words, or the organism that they are of by themselves; empty where nothing is
            said, or only the resistance.
        bearers: the organisms that the words are of by themselves (MRSA: *S. aureus*): beside the name of another one they
            tell of two.
    """

    markers: frozenset[str]
    plain: str
    bearers: frozenset[str] = frozenset()


NOTHING = ResistantName(frozenset(), "")


class _Words(NamedTuple):
    meaning: Mapping[str, tuple[str, str]]
    codes: Mapping[str, tuple[str, str]]
    words: re.Pattern[str]
    named: re.Pattern[str]
    filler: re.Pattern[str]
    denial: re.Pattern[str]
    carriers: Mapping[str, frozenset[str]]
    counted: Mapping[str, frozenset[str]]
    susceptible: re.Pattern[str]
    not_resistant: Mapping[str, tuple[str, str]]
    absent: re.Pattern[str]


def resistance_markers() -> frozenset[str]:
    """The resistances that a name can say: ``mrsa``, ``vre``, ``lre``, ``esbl``, ``cpo``.

    Raises:
        CodeFileError: the file breaks its schema.
    """
    known = _words()
    return frozenset(marker for _, marker in (*known.meaning.values(), *known.codes.values()))


def markers_in(alternatives: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The markers that the alternatives of one organism name, sorted.

    Args:
        alternatives: code and words of each.
    """
    found: set[str] = set()
    codes = _words().codes
    for code, text in alternatives:
        if code in codes:
            found.add(codes[code][1])
        for said in (text, code):
            if said:
                found |= read_resistant_name(said).markers
    return tuple(sorted(found))


def resistance_words(text: str) -> tuple[str, ...]:
    """The words of a text that name a resistance, as they are written, whatever is said of it."""
    if len(text) > LONGEST:
        return ()
    found = _words().words.finditer(text.casefold())
    return tuple(dict.fromkeys(text[match.start() : match.end()] for match in found))


def may_carry(organism: str, marker: str) -> bool:
    """Whether a resistance can be one of an organism: mecA of a staphylococcus, a carbapenemase of a Gram-negative.

    Args:
        organism: a key of `varde.codes.organisms`.
        marker: one of `resistance_markers`.
    """
    one = organisms()[organism]
    kinds = {one.genus.casefold(), f"gram-{one.gram}"}
    return not kinds.isdisjoint(_words().carriers.get(marker, frozenset()))


def susceptible_to(text: str) -> frozenset[str]:
    """The resistances that a text says an organism does not have, by the name for that (MSSA, VSE)."""
    if len(text) > LONGEST:
        return frozenset()
    known = _words()
    found = known.susceptible.finditer(text.casefold())
    return frozenset(known.not_resistant[match["word"]][1] for match in found)


def counts_as(organism: str, marker: str) -> bool:
    """Whether an organism with the genes or the resistance of a marker is what the marker is called by: *S. aureus* with
    mecA is MRSA, *S. epidermidis* with it is not. A marker that nothing is said of counts for all.

    Args:
        organism: a key of `varde.codes.organisms`.
        marker: one of `resistance_markers`.
    """
    names = _words().counted.get(marker)
    return names is None or organisms()[organism].name.casefold() in names


@lru_cache(maxsize=16384)
def read_resistant_name(text: str) -> ResistantName:
    """What one name says of resistance."""
    if len(text) > LONGEST:
        return NOTHING
    known = _words()
    form = text.casefold()
    said = [known.meaning[match["word"]] for match in known.words.finditer(form)]
    if not said or known.denial.search(form) or "?" in form or _is_signed(form, known.named):
        return NOTHING
    markers = frozenset(marker for _, marker in said)
    if markers & susceptible_to(text):
        return NOTHING
    rest = _plain(known.words.sub(" ", form), known, (key for key, _ in said if key))
    return ResistantName(markers, rest, frozenset(key for key, _ in said if key))


@lru_cache(maxsize=16384)
def read_susceptible_name(text: str) -> ResistantName:
    """What one name says that an organism does not have: MSSA, "Klebsiella pneumoniae, ikke karbapenemaseproduserende".

    Nothing where anything else denies or doubts it, or where it names another resistance too.
    """
    if len(text) > LONGEST:
        return NOTHING
    known = _words()
    form = text.casefold()
    said = [known.not_resistant[match["word"]] for match in known.susceptible.finditer(form)]
    left = known.susceptible.sub(" ", form)
    # "Ikke MRSA" alone tells of no organism.
    for match in known.absent.finditer(left):
        said.append(("", known.meaning[match["word"] or match["word2"]][1]))
    left = known.absent.sub(" ", left)
    if not said or "?" in left or known.denial.search(left) or known.words.search(left):
        return NOTHING
    rest = _plain(left, known, (key for key, _ in said if key))
    bearers = frozenset(key for key, _ in said if key)
    return ResistantName(frozenset(marker for _, marker in said), rest, bearers)


def markers_denied_in(alternatives: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The resistances that the alternatives of one organism say it does not have; none that one of them says it has.

    Args:
        alternatives: code and words of each.
    """
    names = list(alternatives)
    found = {marker for _, text in names for marker in read_susceptible_name(text).markers}
    return frozenset(found).difference(markers_in(names)) if found else frozenset()


def _plain(form: str, known: _Words, bearers: Iterable[str]) -> str:
    """What is left of a name without words of resistance, or the organism that those are of."""
    rest = known.filler.sub(" ", form)
    rest = re.sub(r"\(\s*[,/+ ]*\)|\[\s*\]", " ", rest)
    rest = " ".join(rest.split()).strip(_EDGES)
    organism = next(iter(bearers), "")
    return rest or (organisms()[organism].name if organism else "")


def _is_signed(form: str, named: re.Pattern[str]) -> bool:
    """Whether a sign behind a resistance denies it (MRSA-, ESBL (-), VRE: 0)."""
    return any(_SIGNED.match(form[found.end() :]) for found in named.finditer(form))


@lru_cache(maxsize=1)
def _words() -> _Words:
    meaning: dict[str, tuple[str, str]] = {}
    codes: dict[str, tuple[str, str]] = {}
    others: dict[str, list[str]] = {
        "filler": [],
        "denial": [],
        "absent-before": [],
        "absent-after": [],
    }
    carriers: dict[str, set[str]] = {}
    counted: dict[str, set[str]] = {}
    susceptible: dict[str, tuple[str, str]] = {}
    seen: list[tuple[int, object]] = []
    for line, (role, word, organism, marker, _, valid_from) in read_table(
        NAMED_RESISTANCE, _SCHEMA
    ):
        read_date(NAMED_RESISTANCE, line, valid_from)
        form = word.casefold()
        alone = role not in ("carrier", "counted", "absent-before", "absent-after")
        seen.append((line, form if alone else (role, form, marker)))
        if organism and organism not in organisms():
            raise CodeFileError(NAMED_RESISTANCE, line, f"there is no organism {organism!r}")
        if bool(marker) != (role in ("word", "snomed", "carrier", "counted", "susceptible")):
            raise CodeFileError(NAMED_RESISTANCE, line, f"a {role} and the marker {marker!r}")
        if role in others:
            others[role].append(form)
        elif role == "carrier":
            carriers.setdefault(marker, set()).add(form)
        elif role == "counted":
            counted.setdefault(marker, set()).add(form)
        elif role == "susceptible":
            susceptible[form] = (organism, marker)
        else:
            (codes if role == "snomed" else meaning)[form] = (organism, marker)
    check_unique(NAMED_RESISTANCE, seen, "word")
    return _Words(
        MappingProxyType(meaning),
        MappingProxyType(codes),
        # A number after an enzyme is its variant: KPC-3, NDM-5; a nought says that there is none.
        _any_of(meaning, r"(?:[ -]?0{0,2}[1-9]\d{0,2}(?![^\W_]))?"),
        _any_of(meaning),
        _any_of(others["filler"]),
        _any_of(others["denial"]),
        MappingProxyType({marker: frozenset(kinds) for marker, kinds in carriers.items()}),
        MappingProxyType({marker: frozenset(names) for marker, names in counted.items()}),
        _any_of(susceptible),
        MappingProxyType(susceptible),
        _absent(meaning, others["absent-before"], others["absent-after"]),
    )


def _absent(words: Iterable[str], before: Iterable[str], after: Iterable[str]) -> re.Pattern[str]:
    """A resistance with a word that says that it is not there right before it (ikke MRSA) or behind it (MRSA negativ)."""
    word, no, off = (
        "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
        for forms in (words, before, after)
    )
    return re.compile(
        rf"(?<![^\W_])(?:(?:{no})[ -]+(?P<word>{word})|(?P<word2>{word})[ -]*[:(]?\s*(?:{off}))(?![^\W_])"
    )


def _any_of(forms: Iterable[str], after: str = "") -> re.Pattern[str]:
    """Any of the words as a word of its own, the longest first."""
    longest = sorted(forms, key=lambda form: (-len(form), form))
    words = "|".join(re.escape(form) for form in longest)
    return re.compile(rf"(?<![^\W_])(?P<word>{words}){after}(?![^\W_])")
