"""What the answers to analyses found: an organism, something that a person must look at, or nothing.

An answer is positive, or its value is the organism ("Luftveispanel PCR": "Influensa A-virus"), or it is a
word that nobody knows: then it is noted with the name of the analysis, and waits among the unknown codes. So
is a positive answer whose analysis names no organism or no method ("MRSA-undersøkelse": "Påvist"), and every
other answer that speaks of something found and is not understood ("Positiv i hals, negativ i nese"), with its own
words; unless it is known to be no infection (`never` in `searches.json`): nothing positive is lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from varde.codes import markers_in, organisms, refines, subtypes
from varde.messages.answers.asides import is_of_drug
from varde.messages.answers.beside import finer_names, read_beside
from varde.messages.answers.classes import read_classes
from varde.messages.answers.kind_answers import read_called_kind, read_kind, read_unknown_kind
from varde.messages.answers.known_names import concept_of, head_of, is_known
from varde.messages.answers.listed import listed
from varde.messages.answers.methods_said import by_blot, genotyping_in, note_seen
from varde.messages.answers.names import is_organism, known_in, targets_in
from varde.messages.answers.notes import UNCONFIRMED, Noted, is_unconfirmed, note
from varde.messages.answers.reactive import reactive_in
from varde.messages.answers.remarked import finer_in, is_said_better, remarked
from varde.messages.answers.resistance_answers import read_resistance
from varde.messages.answers.rises import NO_RISE, read_rise, without_denied_rise
from varde.messages.answers.said import Said, is_short_answer, read_words, show, speaks
from varde.messages.answers.screened import read_screened, read_typed
from varde.messages.answers.search_words import words
from varde.messages.answers.searches import (
    Search,
    analyse,
    bare_name,
    is_cells,
    text_of,
)
from varde.messages.answers.statements import is_loaded
from varde.messages.answers.titres import NONE_IN_FIELDS, is_measured, is_titre, sign_of_titre
from varde.messages.answers.values import alike_value, organism_in
from varde.messages.answers.words import result_words
from varde.messages.records import Code

if TYPE_CHECKING:
    from varde.messages.kith.words import ResultKind

LOADED = frozenset(("nucleic-acid", "antigen"))
"""Methods whose tests count what is there. Of nucleic acid any amount above the limit was found; of an antigen a person
must look."""

MUTATION = re.compile(r"(?<!\w)[A-Z]\d{2,4}[A-Z](?!\w)")
"""A mutation of a gene (S450L)."""

Kind = TypeVar("Kind", bound=str)


def read_answer(
    names: tuple[Code, ...],
    field: tuple[Code, ...],
    kinds: Collection[str],
    value: tuple[Code, ...],
    amount: str = "",
    said: Collection[str] = (),
    flagged: str = "",
) -> Search | None:
    """What an analysis found, by its answer; None when that is nothing, or nothing that can be read.

    Args:
        names, field: as `analyse` takes them.
        kinds: what kinds of result the answer's words are.
        value: what it says beside such words: alternatives of one thing.
        amount: a measured value with its unit; empty without one.
        said: the words of the answer that are more than one of the whole answers, as they stand.
        flagged: the flag beside it that says that it is not as it should be (A, H, RR), and no more.
    """
    words_said = [(text, read_words(text)) for text in said]
    field = (*field, *genotyping_in(names, field, (*said, *map(text_of, value))))
    if (
        set(kinds) <= {"growth"}
        and (rise := read_rise(names, field, value, said, amount)) is not None
    ):
        return rise
    resisting = read_resistance(names, (*said, *map(text_of, value)))
    if resisting is not None and set(kinds) <= {"growth"}:
        return resisting
    if set(kinds) <= {"growth"} and (own := reactive_in(names, field, said)) is not None:
        return own
    plain = set(kinds) <= {"growth"} and not any(each.doubtful for _, each in words_said)
    if plain and (own := read_typed(names, value)) is not None:
        return own
    if (
        set(kinds) <= {"growth"}
        and (kind := read_kind(names, value, "growth" in kinds, said)) is not None
    ):
        return kind
    if any(each.doubtful for _, each in words_said):
        search = analyse(names, field).search
        if search is not None and all(each.plain for _, each in words_said if each.doubtful):
            own = _weigh_beside(names, field, (), search, {"growth"}, words_said)
            return search if own is None else own
        # What is said of a kind may be another one's alarm: nothing that was found says it too.
        return read_unknown_kind(names, tuple(said)) or note(names, field, (), _shown(words_said))
    if "no_growth" in kinds and any(is_of_drug(text) for text, _ in words_said):
        # Of a drug alone: whoever tests one has found what it is to help against.
        search = analyse(names, field).search
        if search is not None and is_known(search.organisms):
            return note(names, field, (), _shown(words_said))
    if "no_growth" in kinds and is_unconfirmed(names, field):
        return note(names, field, (), UNCONFIRMED)
    if any(UNCONFIRMED in text.casefold() for text in (*said, *map(text_of, value))):
        return note(names, field, (), UNCONFIRMED)
    if not set(kinds) <= {"growth"}:
        named = any(each.name for _, each in words_said) and "no_growth" in kinds
        return note(names, field, (), _shown(words_said)) if named else None
    found = analyse(names, field)
    if found.search is None and (own := _own_search(value, words_said)) is not None:
        return own
    if found.search is None and (own := read_screened(names, field, value)) is not None:
        return own
    # How much there was of an antigen or an antibody says nothing without the limit of its test.
    counted = not kinds and found.search is not None and found.method == "nucleic-acid"
    if counted and is_loaded(amount):
        return found.search
    named = any(each.name for _, each in words_said)
    if found.search is not None and (kinds or named):
        own = _weigh_beside(names, field, value, found.search, kinds, words_said)
        if own is not None:
            return own
    if (
        kinds
        and not named
        and found.search is not None
        and names_another(value, found.search.organisms)
    ):
        # Flagged as positive: a code says which organism it is of, words alone may be a slip.
        coded = found.valued and any(code.system and code.code for code in value)
        return Search(found.method, value) if coded else note(names, field, value)
    if (
        kinds
        and named
        and found.search is not None
        and names_another(value, found.search.organisms)
    ):
        return note(names, field, (), show(words_said[0][0]))
    if named and not kinds and found.search is not None and _names_it(value, found.search):
        return found.search
    if found.method == "histology" and found.search is None and not is_known(value):
        return note_seen(names, field, value, _shown(words_said) if kinds or named else "")
    if found.method:
        if value and found.valued:
            organisms = organism_in(value, found, names)
            if organisms and (not kinds or found.search is None or organisms == value):
                finer = finer_names((text for text, _ in words_said), organisms)
                if len(finer) > 1:
                    return note(names, field, (), _shown(words_said))
                organisms = (Code(text=finer[0]),) if finer else organisms
                return Search(found.method, organisms)
        if found.search is not None and kinds:
            return found.search
    if kinds or named:
        unread = read_unknown_kind(names, tuple(said))
        plain = not (said or value)
        genetic = any(words().genetics.search(text_of(code)) for code in names)
        called = read_called_kind(names) if plain and genetic else None
        return called or note(names, field, value, _shown(words_said)) or unread
    if (kind := read_unknown_kind(names, tuple(said or map(text_of, value)))) is not None:
        return kind
    return alike_value(names, value, found) or _note_spoken(names, field, value, amount, flagged)


def _weigh_beside(
    names: tuple[Code, ...],
    field: tuple[Code, ...],
    value: tuple[Code, ...],
    search: Search,
    kinds: Collection[str],
    words_said: list[tuple[str, Said]],
) -> Search | None:
    """Of an answer that finds, to a search for one organism: what it comes to where its words say more, or another thing,
    than that it was there; None where all of them are of what was looked for."""
    coded = any(code.system and code.code for code in value)
    if not kinds and is_known(value) and concept_of(search.organisms) is None:
        return None  # a panel by a name of its own
    if not kinds and names_another(value, search.organisms):
        return None  # it denies what was looked for, and names another thing plainly
    own = {text_of(code) for code in value} if coded and is_known(value) else set()
    texts = [text for text, _ in words_said if text not in own]
    texts = texts or [text_of(code) for code in value if not coded]
    said = read_beside(texts, names, field, search) if texts else None
    if said is None:
        return None
    if said.verdict == "its" and not said.finer:
        found, asked = concept_of(value), concept_of(search.organisms)
        if found is None:
            # What it found is named by its gene or by a kind of it.
            return None if kinds and coded else search
        plain = asked_for_resistance(search) <= set(
            markers_in((code.code, code.text) for code in value)
        )
        # The more precise name is what was found (Malaria: Plasmodium falciparum).
        return Search(search.method, value) if plain and asked and refines(found, asked) else None
    if said.verdict == "its":
        return Search(search.method, (Code(text=_named_finer(search, said.finer)),))
    if said.verdict == "named":
        return Search(search.method, (Code(text=said.plain),))
    return note(names, field, (), show(texts[0]), unsaid=True)


def asked_for_resistance(search: Search) -> frozenset[str]:
    """The resistances that a search asks for by its name (MRSA)."""
    return frozenset(markers_in((code.code, code.text) for code in search.organisms))


def _named_finer(search: Search, finer: str) -> str:
    """The name of a kind of what was looked for: its own, else the name of the analysis with it."""
    meant = concept_of((Code(text=finer),))
    asked = concept_of(search.organisms)
    if meant is not None and asked is not None and refines(meant, asked):
        return finer
    called = f"{text_of(search.organisms[0])} {finer}"
    own = subtypes().get((asked or "", finer.casefold()))
    return called if own is None or is_known((Code(text=called),)) else organisms()[own].name


def read_answers(
    names: tuple[Code, ...],
    field: tuple[Code, ...],
    kinds: Collection[str],
    values: Sequence[tuple[Code, ...]],
    amount: str = "",
    said: Collection[str] = (),
    flagged: str = "",
) -> list[Search | None]:
    """The same of an answer that names several organisms: what it found, or None alone; never empty."""
    if (of_class := read_classes(names, field, said)) is not None:
        return [of_class]
    found = [
        read_answer(names, field, kinds, value, amount, said, flagged) for value in values or ((),)
    ]
    once = dict.fromkeys(by_blot(each, said) for each in found if each is not None)
    return list(once) or [None]


def _named(name: str) -> str:
    """What an answer names, without words of method and specimen, and without the kind of it that no map knows."""
    bare = bare_name(name)
    return bare if is_known((Code(text=bare),)) else head_of(bare)


def _shown(words_said: list[tuple[str, Said]]) -> str:
    """What a person is shown of an answer: its own words, where they say more than that it is positive."""
    texts = [text for text, _ in words_said if not is_short_answer(text)]
    return show(texts[0]) if texts else "positiv"


def _names_it(value: tuple[Code, ...], search: Search) -> bool:
    """Whether words say that what was looked for was found, by another of its names, and deny something else ("MTB
    påvist, RIF-resistens ikke påvist")."""
    return is_known(value) and concept_of(value) == concept_of(search.organisms)


def names_another(value: tuple[Code, ...], organisms: tuple[Code, ...]) -> bool:
    """Whether what was found is known to be another organism than the one that was looked for ("F-Salmonella PCR": "Påvist
    Campylobacter jejuni"): one of the two is a slip."""
    found, asked = concept_of(value), concept_of(organisms)
    if found is None or asked is None or found == asked:
        return False
    return not (refines(found, asked) or refines(asked, found))


def _own_search(value: tuple[Code, ...], words_said: list[tuple[str, Said]]) -> Search | None:
    """Of an analysis that looks for nothing of its own: what a name in its answer looks for by itself ("Hepatitt B": "HBsAg
    positiv")."""
    texts = {text_of(code) for code in value}
    for _, each in words_said:
        for name in each.names:
            if bare_name(name) in texts and (own := analyse((Code(text=name),)).search) is not None:
                return own
    return None


def _note_spoken(
    names: tuple[Code, ...],
    field: tuple[Code, ...],
    value: tuple[Code, ...],
    amount: str,
    flagged: str,
) -> Noted | None:
    """What came to nothing and has a word of an answer, an amount of a virus or a known organism in it, noted; and
    what a flag says is not as it should be, of a search for one organism."""
    found = analyse(names, field)
    if flagged and found.search is not None:
        texts = [text for text in (amount, *map(text_of, value)) if text]
        return note(names, field, (), show(f"{texts[0]} ({flagged})" if texts else flagged))
    genes = any(targets_in(text_of(code)) or words().genes.search(text_of(code)) for code in names)
    for text in (amount, *map(text_of, value)):
        if genes and MUTATION.search(text) is not None:
            return note(names, field, (), show(text))
        if found.search is not None and text.casefold().strip(" .") in result_words().letters:
            return note(names, field, (), text)
    counted = found.method in LOADED or (
        not found.method and any(known_in(text_of(code)) for code in names)
    )
    for code in value or ((Code(text=amount),) if amount else ()):
        text = text_of(code)
        if without_denied_rise(text) == NO_RISE:
            continue
        if value and found.method == "culture" and any(map(is_organism, known_in(text))):
            return note(names, field, (), show(text))
        if not text or found.method == "culture" or (found.method and is_cells(code)):
            continue
        if is_measured(names, found, text):
            return note(names, field, (), text if is_titre(text) else show(text))
        named = not (found.method or code.system)
        remark = text.casefold().rstrip(". ") in words().undecided
        if speaks(text, counted, named) and not remark:
            return note(names, field, (), show(text))
    return None


def named_in(read: Iterable[tuple[Code, Said]]) -> tuple[tuple[Code, ...], ...]:
    """The organisms that one answer names, each with all its names: alternatives of one, unless the answer names
    several in its words.

    Args:
        read: its expressions, with what each of them says.
    """
    alternatives: list[Code] = []
    several: tuple[str, ...] = ()
    for code, said in read:
        if said.name:
            names = said.names
            if len(names) > len(several) and len(names) > 1:
                several = names
            else:
                text = _named(finer_in(names[0], code.text) if len(names) == 1 else names[0])
                alternatives.append(Code(system=code.system, code=code.code, text=text))
        elif not (said.kind or said.doubtful):
            names = () if code.code else listed(code.text) or remarked(code.text)
            if len(names) > len(several) and len(names) > 1:
                several = names
            elif names:
                alternatives.append(Code(text=names[0]))
            else:
                alternatives.append(code)
    if several:
        named = tuple((Code(text=_named(name)),) for name in several)
        return tuple(each for each in named if not is_said_better(each, named))
    return (tuple(alternatives),) if alternatives else ()


def is_grown(search: Search | None) -> bool:
    """Whether a search found what grew in a culture for it."""
    return search is not None and search.method == "culture" and not isinstance(search, Noted)


def names_known_agent(names: tuple[Code, ...], field: tuple[Code, ...] = ()) -> bool:
    """Whether an analysis looks for an organism that the code maps of every site know."""
    search = analyse(names, field).search
    return search is not None and is_known(search.organisms)


def weigh(kinds: Iterable[Kind], said: Iterable[Code]) -> set[Kind]:
    """The kinds of result that count where an answer says several.

    A remark or a placeholder beside a positive word takes nothing from it ("Se kommentar" with POS); what is
    undecided does.

    Args:
        kinds: what kinds of result the answer's words are.
        said: the words, as codes.
    """
    found = {kind for kind in kinds if kind}
    if "growth" not in found:
        return found
    texts = {text.casefold().rstrip(". ") for code in said for text in (code.text, code.code)}
    if texts & words().undecided:
        return found - {"growth", "no_growth"}
    return {kind for kind in found if kind in ("growth", "no_growth")}


def sign_of(names: tuple[Code, ...], field: tuple[Code, ...], text: str) -> ResultKind:
    """What a sign, a nought or a titre alone says in answer to a search; empty for all else."""
    kind = words().signs.get(text.strip(), "") or sign_of_titre(names, text)
    if not kind and text.strip() != "0" and NONE_IN_FIELDS.fullmatch(text) is None:
        return ""
    found = analyse(names, field)
    if found.search is None:
        return ""
    # Of what is counted in a microscope a nought says that there was none.
    counted = found.method == "microscopy" and is_known(found.search.organisms)
    return kind or ("no_growth" if counted else "")
