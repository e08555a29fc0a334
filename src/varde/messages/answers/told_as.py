"""What a laboratory writes in more words than it need: that cells were identified as an organism, that cysts of a parasite were
seen, that a test which found nothing does not exclude the disease.

Each is read where nothing else stands there; what denies, doubts or names another thing leaves the text as it is.
"""

from __future__ import annotations

import re

from varde.codes import organisms, refines
from varde.messages.answers.cutting import marks_in
from varde.messages.answers.known_names import find_named
from varde.messages.answers.names import EDGES, is_harmless, is_organism
from varde.messages.answers.search_words import words as search_words
from varde.messages.answers.words import result_words

LONGEST = 200
"""Characters; a longer text is a remark."""

_IDENTIFIED = re.compile(
    r"(?P<before>.*?[^\W_])[\s,.;:–-]+(?:(?:er|ble|som er|som ble|was|is)\s+)?(?:identifisert|artsbestemt|identified)\s+(?:som|til|as)\s+"
    r"(?P<name>[^,;:()?]+?)(?:\s+(?P<how>(?:med|ved|by|with|i|in)\s+[^,;:()?]+))?\s*\.?\s*\Z",
    re.I,
)
_NAMED_BY = re.compile(
    r"(?:(?P<before>[^.;:,\n]*[^\W_])\s*[.;,\n]\s*)?(?:(?:hurtig|direkte\s+)?identifikasjon|artsidentifikasjon|maldi[- ]?tof)"
    r"(?:\s*\((?P<how>[^()]+)\)|\s+(?:med|ved|by)\s+(?P<by>[^():,;]+))?\s*:\s*(?P<name>[^,;:()?]+?)\s*\.?\s*\Z",
    re.I,
)
_BY_EYE = (
    r"\s+(?:i|ved|in|by)\s+(?:direkte\s+)?(?:mikroskopi|microscopy|grampreparat|gramfarging)\s*"
)
_UNDER = re.compile(
    rf"(?P<before>[^.;:,\n]*[^\W_]){_BY_EYE}[.;,\n]\s*(?P<name>[^,;:()?]+?)\s*\.?\s*\Z", re.I
)
_MICROSCOPY = re.compile(rf"{_BY_EYE}\Z", re.I)
_GRAM = (("neg", "negative"), ("pos", "positive"))
_NOT_IDENTIFIED = re.compile(
    r"(?<!\w)(?:ikke|ikkje|not)\s+(?:[^\W\d_]+\s+)?(?:identifisert|artsbestemt|identified)\s+(?:som|til|as)(?!\w)",
    re.I,
)
_STAGE = r"(?:cyster?|ookyster|oocyster|egg|trofozoitter|larver|ringformer|gametocytter|merozoitter|cysts?|oocysts|ova|trophozoites)"
_SEEN = re.compile(
    rf"\A\s*(?:(?P<stage>{_STAGE}(?:\s+og\s+{_STAGE})?)\s+(?:av|of)\s+(?P<of>[^,.;:()?]*?(?:\b\w\.\s)?[^,.;:()?]+)"
    rf"|(?P<name>[^,.;:()?]*?(?:\b\w\.\s)?[^,.;:()?]+?)\s*[-\s]\s*(?P<behind>{_STAGE}(?:\s+og\s+{_STAGE})?))"
    r"\s+(?:er\s+|ble\s+)?(?:sett|sees|ses|seen|observert)\s*\.?\s*\Z",
    re.I,
)
_EXCLUDES_NOT = re.compile(
    r"(?P<head>[^.;\n]+)[.;\n]\s*(?:(?:et |en |dette |a )?(?:negativ(?:t|e)? (?:svar|resultat|prøve|prøvesvar|test|antigentest|pcr|funn)"
    r"|negative result)\s+)?(?:dette\s+)?(?:utelukker (?:likevel |imidlertid )?(?:ikke|ikkje)|does not exclude)"
    r"\s+(?P<what>[^.;:?\n]+?)\s*\.?\s*\Z",
    re.I,
)


def plainly(text: str) -> str:
    """A text in the words that it need have; as it is where it says no such thing, or more."""
    if len(text) > LONGEST:
        return text
    return _identified(text) or _seen(text) or _not_excluded(text) or text


def is_unidentified(text: str) -> bool:
    """Whether a text says that something else which it names was not identified as an organism: it was there all the same."""
    found = _NOT_IDENTIFIED.search(text)
    return found is not None and len(text[: found.start()].strip(EDGES)) > 2


def _identified(text: str) -> str:
    """An organism that was identified, of cells or of a less precise name of it."""
    known = result_words()
    hows: tuple[str | None, ...] = ()
    if (found := _IDENTIFIED.fullmatch(text.strip())) is not None:
        before, hows = found["before"], (found["how"],)
    elif (found := _NAMED_BY.fullmatch(text.strip())) is not None:
        before, hows = found["before"] or "", (found["how"], found["by"])
    elif (found := _UNDER.fullmatch(text.strip())) is not None:
        before = found["before"]
    else:
        return ""
    name = found["name"].strip(EDGES)
    if any(how and not is_harmless(how, known) for how in hows):
        return ""
    before = _MICROSCOPY.sub("", before)
    if not is_organism(name) or {mark.sign for mark in marks_in(before, known)} - {"+"}:
        return ""
    bare = known.signs.sub(" ", before).strip(EDGES)
    coarse, fine = find_named(bare), find_named(name)
    of = search_words().cells.match(bare) is not None and not re.search(r"[,;/+]|\sog\s", bare)
    gram = organisms()[fine].gram if fine is not None and fine in organisms() else ""
    if any(f"gram{sign}" in bare.casefold() and gram not in ("", of_it) for sign, of_it in _GRAM):
        return ""
    known_as = coarse is not None and fine is not None and (coarse == fine or refines(fine, coarse))
    return f"Vekst av {name}" if of or known_as or not before else ""


def _seen(text: str) -> str:
    """A parasite of which a stage was seen."""
    found = _SEEN.fullmatch(text)
    name = (found["of"] or found["name"] or "").strip() if found is not None else ""
    return f"{name} påvist" if name and is_organism(name) else ""


def _not_excluded(text: str) -> str:
    """What found nothing, without what it does not exclude."""
    found = _EXCLUDES_NOT.fullmatch(text.strip())
    if found is None or result_words().any_answer.search(found["what"]) is not None:
        return ""
    head = found["head"].strip()
    return head if result_words().plain.get(head.casefold()) is False else ""
