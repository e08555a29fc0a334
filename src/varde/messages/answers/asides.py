"""What stands beside an answer and is none: who was told, what was sent or follows, how it was confirmed, with what it was
measured.

"Påvist. Dyrkning pågår", "Positiv (S/CO 15,4). Bekreftet ved nøytralisering", "Vekst av Listeria monocytogenes.
Meldepliktig sykdom, gruppe A", "Påvist. Rifampicinresistens ikke påvist". Such parts are taken out before an answer is
judged, each only where all its words are known as words of remarks (`asides.json`). A part with a word that puts the
answer in question is none, and an answer of asides alone stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from varde.codes import resistance_words
from varde.messages.answers.known_names import is_antibiotic
from varde.messages.answers.rises import without_denied_rise
from varde.messages.answers.words import result_words
from varde.messages.records import Code

LONGEST = 1000
"""Characters of an answer that is looked at; of a longer one nothing is taken out."""

LONGEST_CACHED = 60

PARTED = re.compile(
    r"(\n+|;\s*|(?<=[^\W\d_]{3})\.(?:\s+|\Z)|(?<=[\d%)\]])\.(?:\s+|\Z)|(?<=\s[A-Zabcdef])\.\s+(?=[A-ZÆØÅ][^\W\d_]{3})"
    r"|(?<=\d[a-z])\.\s+(?=[A-ZÆØÅ])|(?<=\ssp)\.\s+(?=[A-ZÆØÅ])|(?<=\sspp)\.\s+(?=[A-ZÆØÅ])"
    r"|(?<=/m[lL])\.(?:\s+|\Z)|(?<=[A-ZÆØÅ]{2})\.(?:\s+|\Z)|,\s+|\s?[()\[\]]|\s[-–—]\s)"
)
"""Where a part may end: a line, a sentence, a comma, a bracket, a dash. Not the full stop of E. coli."""

ENDS = ("\n", ";", ".")
LOOKED_FOR = frozenset(("for", "mot", "vedrørende"))
"""What leads over to what a laboratory is for, or is asked to look for."""

PLACED = frozenset(("i", "in", "fra", "from", "til", "to", "på"))
"""Words behind which a country is where somebody was."""

TOKEN = re.compile(r"[^\W_](?:[\w./'-]*[\w'])?")
HELPED = re.compile(
    r"\s*(?P<less>(?:nedsatt|redusert|reduced|decreased)\s+)?(?:følsom(?:t|me|het)?|sensitiv(?:t|e)?|susceptible|susceptibility)\s+"
    r"(?:for|overfor|ovenfor|mot|to)\s+(?P<drugs>[^\W\d_][\w/-]+(?:(?:\s*,\s*|\s+(?:og|and)\s+)[^\W\d_][\w/-]+){0,7})\s*",
    re.I,
)
"""What helps against it, or helps less."""

MUTATION = re.compile(r"[A-Z]\d{1,4}[A-Z]|\d{2,4}[A-Z]?|[A-Z]\d{2,4}")
"""A mutation that stands beside the name of its gene: A2059G, S450L."""


class Asides(NamedTuple):
    """The file, shaped for looking up; all in lower case."""

    any_key: re.Pattern[str]
    phrases: re.Pattern[str]
    following: frozenset[str]
    keys: frozenset[str]
    drug: re.Pattern[str]
    common: re.Pattern[str]
    of_drug: frozenset[str]
    drugs: frozenset[str]
    never: frozenset[str]
    commonly: frozenset[str]


@cache
def _asides() -> Asides:
    raw: dict[str, Any] = json.loads(
        files("varde.messages.answers").joinpath("asides.json").read_text("utf-8")
    )
    keys, drugs = raw["keys"], raw["resistance"]
    every_key = (*keys["following"], *keys["sent"], *keys["others"])
    ends = _any_of(drugs["ends"])
    every, common = (_any_of(drugs[name]) for name in ("stems", "common"))
    drug = rf"(?<!\w)(?:{every}|{common})[\w/]{{0,10}}[- ]?(?:{ends})(?!\w)"
    phrases = "|".join(f"(?:{pattern})" for pattern in raw["phrases"]["patterns"])
    return Asides(
        re.compile(rf"(?<!\w)(?:{_any_of(every_key)})(?!\w)|{drug}|følsom|sensitiv|susceptib", re.I),
        re.compile(rf"(?<![\w-])(?:{phrases})", re.I),
        frozenset(keys["following"]),
        frozenset(every_key),
        re.compile(drug, re.I),
        re.compile(rf"(?<!\w)(?:{common})[\w/]{{0,10}}[- ]?(?:{ends})(?!\w)", re.I),
        frozenset(drugs["words"]),
        frozenset((*drugs["stems"], *drugs["common"])),
        frozenset(raw["never"]["words"]),
        frozenset(drugs["common"]),
    )  # fmt: skip


def _any_of(texts: Iterable[str]) -> str:
    return "|".join(re.escape(text) for text in sorted(set(texts), key=lambda t: (-len(t), t)))


def without_asides(text: str) -> str:
    """An answer without its asides; as it is where nothing else would be left."""
    if len(text) > LONGEST_CACHED:
        return _without.__wrapped__(text)
    return _without(text)


# Short answers repeat for ever; what is written about a patient is longer, and never kept.
@lru_cache(maxsize=16384)
def _without(text: str) -> str:
    known = _asides()
    if len(text) > LONGEST:
        return text
    left = known.phrases.sub(" ", without_denied_rise(text))
    if known.any_key.search(left) is not None:
        left = _drop_parts(left, known)
    if left == text:
        return text
    left = re.sub(r"[(\[][\s,;.]*[)\]]", " ", left)
    left = re.sub(r"[ \t]+(?=[.,;]|\Z)", "", re.sub(r"[ \t]+", " ", left)).strip(" \t,;")
    # Only a word says anything by itself: of "(2)" nobody could tell what was found.
    return left if re.search(r"[^\W\d_]{2}|\+", left) else text


def _drop_parts(text: str, known: Asides) -> str:
    """A text without the parts that are asides; what one of them runs on with behind a comma is of it."""
    pieces = PARTED.split(text)
    kept: list[str] = []
    within = False
    for at in range(0, len(pieces), 2):
        part = pieces[at]
        sign = pieces[at + 1] if at + 1 < len(pieces) else ""
        aside = bool(part.strip()) and (
            _is_aside(part, known)
            or (
                within
                and (_is_remark(part, set(), known) or MUTATION.fullmatch(part.strip()) is not None)
            )
        )
        if not aside:
            kept.append(part)
        kept.append(sign if not aside or sign.strip()[:1] in ("(", ")", "[", "]", "") else "; ")
        within = aside and not sign.strip().startswith(ENDS) and "\n" not in sign
        if not part.strip():
            within = False
    return "".join(kept)


def _is_aside(part: str, known: Asides) -> bool:
    if (helped := HELPED.fullmatch(part)) is not None:
        drugs = re.split(r"\s*,\s*|\s+(?:og|and)\s+", helped["drugs"].casefold())
        if helped["less"]:  # as of a resistance: what is not common a person must see
            return all(drug in known.commonly for drug in drugs)
        return all(drug in known.drugs or is_antibiotic((Code(text=drug),)) for drug in drugs)
    if known.drug.search(part) is not None and not resistance_words(part):
        return _is_of_drug(part, known)
    words = {token.group().casefold() for token in TOKEN.finditer(part)}
    keys = words & known.keys
    return bool(keys) and _is_remark(part, keys, known)


def _is_remark(part: str, keys: set[str], known: Asides) -> bool:
    """Whether all words of a part are of remarks, and none of them is a word of an answer or of doubt."""
    read = result_words()
    following = bool(keys & known.following)
    if read.mistrusted.search(part) is not None:
        return False
    for found in read.signs.finditer(part):
        word = " ".join(found.group().casefold().split())
        if word not in read.asides and read.sign_of[word] != "nothing":
            return False
    before, placed = "", False
    for token in TOKEN.finditer(part):
        low = token.group().casefold()
        placed = placed or low in PLACED
        if low in known.never:
            return False
        # What is looked for next: Legionella-PCR følger, sendt referanselaboratoriet for MRSA.
        next_ = following or (keys and before in LOOKED_FOR)
        before = low
        if low in keys or read.is_remark(low) or (placed and low in read.places):
            continue
        if not (next_ and _is_thing(low)):
            return False
    return True


def _is_thing(low: str) -> bool:
    """Whether a word in lower case is of the name of an organism, a resistance or a drug, with a word of a test or without
    (Legionella-PCR)."""
    read = result_words()
    if resistance_words(low) or is_antibiotic((Code(text=low),)):
        return True
    return all(part in read.names or read.is_remark(part) for part in low.split("-"))


def awaits(text: str) -> bool:
    """Whether a text has a word of what follows, is advised or was sent (Salmonella-undersøkelse følger)."""
    words = {token.group().casefold() for token in TOKEN.finditer(text)}
    return not words.isdisjoint(_asides().keys)


def is_of_drug(text: str) -> bool:
    """Whether all that an answer says is that a drug helps, or does not (Rifampicinresistens ikke påvist)."""
    known = _asides()
    if len(text) > LONGEST or known.drug.search(text) is None:
        return False
    parts = [part for part in PARTED.split(text)[::2] if part.strip()]
    return all(_is_of_drug(part, known) for part in parts if TOKEN.search(part))


def _is_of_drug(part: str, known: Asides) -> bool:
    """Whether a part says of a drug that it does, or does not, help, and nothing else; what was found resistant to a drug that
    is not common a person must see."""
    rest = known.drug.sub(" ", part)
    read = result_words()
    low_words = [token.group().casefold() for token in TOKEN.finditer(part)]
    denied = any(read.sign_of.get(word) in ("denial", "-") for word in low_words)
    helps = re.search(r"følsom|sensitiv|susceptible|villtype|wildtype", part, re.I) is not None
    follows = not known.following.isdisjoint(low_words)
    if not (denied or helps or follows) and known.common.search(part) is None:
        return False
    for token in TOKEN.finditer(rest):
        low = token.group().casefold()
        if low in known.never or read.sign_of.get(low) in ("doubt", "uncertain", "exception"):
            return False
        if (
            low in known.of_drug
            or low in known.drugs
            or low in known.following
            or read.is_remark(low)
            or MUTATION.fullmatch(token.group())
        ):
            continue
        return False
    return True
