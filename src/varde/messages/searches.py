"""Analyses that look for one organism: which, by which method, and what their answers say.

"P-Morbillivirus IgM" is a search for measles virus by antibodies of class M. What the name of an analysis
holds beside the organism (the specimen, the method, words such as "detection of") is taken off with the
words of `searches.json`, and what is left names the organism, for a code map to know. Codes stay as sent.
A name without a word of a method is no search, unless a method stands beside it: nothing is guessed from an
unlisted code, nor from the organism.

Codes of LOINC and NLK that `varde.codes` lists say both, also without words.

An answer is positive, or its value is the organism ("Luftveispanel PCR": "Influensa A-virus"), or it is a
word that nobody knows: then it is noted with the name of the analysis, and waits among the unknown codes. So
is a positive answer whose analysis names no organism or no method ("MRSA-undersøkelse": "Påvist"), unless it
is known to be no infection (`never`): nothing positive is lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from varde.codes import CodeMap, listed_searches
from varde.messages.records import Code, Method
from varde.messages.result_words import read_words
from varde.messages.search_words import WORD, words

if TYPE_CHECKING:
    from varde.messages.kith.words import ResultKind

LONGEST = 200
"""Characters; a longer text is a remark and no name."""

LONGEST_VALUE = 60
"""Characters of a value that may be a name; a longer one is a remark, unless it is coded."""

MOST_WORDS = 7
"""Words of a value that may be a name: "Salmonella enterica subsp. enterica serovar Paratyphi B"."""

EDGES = " \t,;:/+-–—.*()[]"
"""Signs that are left at the ends when words are taken off."""

PARTED = re.compile(r"[\n;!?]|[^\W\d_]{4,}\.\s+[^\W\d_]")
"""Two sentences, not an abbreviation and an epithet (E. coli)."""

NUMBER = re.compile(r"\s*(?:[<>≤≥=~]|[+-]?\d)")
ALIKE = 4
"""Letters of a word that two names of one organism share."""

VALUED = frozenset(("nucleic-acid", "antigen", "microscopy"))
"""Methods whose tests have an organism as value without naming any: an immunoglobulin is no organism."""

LOADED = frozenset(("nucleic-acid", "antigen"))
"""Methods whose tests count what is there: any amount above the limit was found."""

AMOUNT = re.compile(
    r"(?:>=|=>|≥|>|=)?\s*([0-9]+(?:[.,][0-9]+|\s[0-9]{3}(?![0-9]))*)"
    r"(?:\s*[x×·*]\s*10\s*(?:\^|\*)?\s*[0-9]*)?\s*(\S.*)",
    re.I,
)
"""An amount: no "<", a number, and its unit."""

COPIES = re.compile(
    r"(?:10[*^]\d+\.?)?(?:\[?log(?:10|₁₀)?\]?\s?)?"
    r"(?:\[?i[ue]\]?|kopi(?:er)?|\{?cop(?:y|ies)\}?|cps?|geq|ge|genomkopier)\s?(?:/|per\b|pr\b)",
    re.I,
)
"""Units of a viral load: copies or international units in a volume (UCUM, and as laboratories write them)."""


Kind = TypeVar("Kind", bound=str)


class Search(NamedTuple):
    """What an analysis looks for, or found.

    Attributes:
        method: how; never empty.
        organisms: the names of the analysis, the words of specimen and method taken off; or its value.
    """

    method: Method
    organisms: tuple[Code, ...]


class Noted(Search):
    """An answer that is positive and of which nobody knows what it found: it waits for a person."""


class Vague(Noted):
    """The same of a panel or a culture, which names nothing: it counts where its report finds nothing else."""


class Marker(Noted):
    """The same of a gene or enzyme of resistance: it counts where nothing grew that it may be of."""


class Analysis(NamedTuple):
    """What the names of an analysis say, and the method beside them.

    Attributes:
        method: empty when nothing says one.
        search: what it looks for; None when it names no organism, or no method.
        valued: its value may be an organism.
    """

    method: Method
    search: Search | None
    valued: bool


# Analyses repeat for ever, and their names are short: what is written about a patient does not come here.
@lru_cache(maxsize=16384)
def analyse(names: tuple[Code, ...], field: tuple[Code, ...] = ()) -> Analysis:
    """What an analysis looks for, and how.

    Args:
        names: the alternatives that name the analysis: codes with or without text.
        field: the method that is said beside the name (OBX-17, Observation.method). It counts where the
            name says none, or says less.
    """
    read = [(code, *_split(_text_of(code))) for code in names]
    if not any(kinds for _, kinds, _ in read) and (search := _find_listed(names)) is not None:
        return Analysis(search.method, search, search.method != "culture")
    named = {kind for _, kinds, _ in read for kind in kinds}
    said = _refine(named, {kind for code in field for kind in _kinds_of(code)})
    method = _choose(said)
    known = words()
    if not method or any(
        known.never.search(text) or known.genes.search(text) for text in map(_text_of, names)
    ):
        return Analysis(method, None, False)
    organisms: list[Code] = []
    for code, kinds, rest in read:
        if named and not kinds:
            organisms.append(code)
        elif rest or (code.code and code.system):
            organisms.append(Code(system=code.system, code=code.code, text=rest))
    grown = "isolate" in said or method == "culture"
    search = None
    if "isolate" not in said and any(_names_one(code.text, grown) for code in organisms):
        # Of a culture and something else in one name: what it found need not have grown.
        other = said - {"culture"} if said - {"culture", *words().weak} else said
        search = Search(_choose(other), tuple(dict.fromkeys(organisms)))
    return Analysis(method, search, not grown and (search is not None or method in VALUED))


def find_search(names: tuple[Code, ...], field: tuple[Code, ...] = ()) -> Search | None:
    """What an analysis of these names looks for; None when it is no search for one organism."""
    return analyse(names, field).search


def method_of(names: tuple[Code, ...], field: tuple[Code, ...] = ()) -> Method:
    """The method that the names of an analysis say, culture among them; empty when nothing says one."""
    return analyse(names, field).method


def _find_listed(names: tuple[Code, ...]) -> Search | None:
    """What the first listed code among names looks for: names whose words say nothing of a method."""
    listed = listed_searches()
    for code in names:
        found = listed.get((code.system, code.code))
        if found is not None:
            organism = Code(system=code.system, code=code.code, text=found.organism)
            return Search(cast(Method, found.method), (organism,))
    return None


def read_answer(
    names: tuple[Code, ...],
    field: tuple[Code, ...],
    kinds: Collection[str],
    value: tuple[Code, ...],
    amount: str = "",
) -> Search | None:
    """What an analysis found, by its answer; None when that is nothing, or nothing that can be read.

    Args:
        names, field: as `analyse` takes them.
        kinds: what kinds of result the answer's words are.
        value: what it says beside such words: alternatives of one thing.
        amount: a measured value with its unit; empty without one.
    """
    if not set(kinds) <= {"growth"}:
        return None
    found = analyse(names, field)
    if found.method:
        if value and found.valued:
            organisms = _organism_in(value, found, names)
            if organisms and (not kinds or found.search is None or organisms == value):
                return Search(found.method, organisms)
        if found.search is not None and (kinds or (found.method in LOADED and is_load(amount))):
            return found.search
    if kinds or any(read_words(code.text).doubtful for code in value):
        return note(names, field, value)
    return _alike_value(names, value, found)


def note(
    names: tuple[Code, ...],
    field: tuple[Code, ...] = (),
    value: tuple[Code, ...] = (),
    said: str = "positiv",
) -> Noted | None:
    """A positive answer as an expression that no code map knows, with the name of the analysis; None for one
    that is known to be no infection.

    Args:
        names, field: as `analyse` takes them.
        value: what the answer says beside its positive word.
        said: what stands in place of that where it says nothing more.
    """
    noted = _note(names, field, said)
    text = next((text for code in value if 0 < len(text := _text_of(code)) <= LONGEST_VALUE), "")
    if noted is None or not text:
        return noted
    return type(noted)(noted.method, (_expression(names, text),))


@lru_cache(maxsize=16384)
def _note(names: tuple[Code, ...], field: tuple[Code, ...], said: str) -> Noted | None:
    known = words()
    texts = [_text_of(code) for code in names]
    if is_never(names) or _is_antibiotic(names):
        return None
    method = analyse(names, field).method
    expression = (_expression(names, said),)
    if any(known.genes.search(text) for text in texts):
        return Marker(method, expression)
    specific = any(_names_one(_split(text)[1], method == "culture") for text in texts)
    return (Noted if specific else Vague)(method, expression)


def _expression(names: tuple[Code, ...], said: str) -> Code:
    return Code(text=f"{_name_of(names)}: {said}"[:LONGEST].removeprefix(": "))


def _is_antibiotic(names: tuple[Code, ...]) -> bool:
    """Whether it is a test against an antibiotic, whose answers are not of an infection."""
    expressions = ((code.system, code.code, code.text) for code in names)
    return _code_map().find("antibiotic", expressions) is not None


def note_unread(names: tuple[Code, ...], field: tuple[Code, ...], said: str) -> Noted:
    """An analysis of a report that is marked as notifiable, where nothing in it could be read: an expression
    with its name and the mark."""
    return Noted(analyse(names, field).method, (_expression(names, said),))


def is_grown(search: Search | None) -> bool:
    """Whether a search found what grew in a culture for it."""
    return search is not None and search.method == "culture" and not isinstance(search, Noted)


def bare_name(name: str) -> str:
    """What an answer names, without words of method and specimen ("SARS-CoV-2 RNA")."""
    return _split(name)[1] or name


def is_never(names: tuple[Code, ...]) -> bool:
    """Whether a name is that of an analysis whose positive answer is no infection, or of a remark."""
    return any(words().never.search(_text_of(code)) for code in names)


def is_load(amount: str) -> bool:
    """Whether a measured value is an amount of copies or international units above the limit of detection."""
    found = AMOUNT.fullmatch(amount.strip()) if amount else None
    return (
        found is not None
        and any(digit in "123456789" for digit in found.group(1))
        and COPIES.match(found.group(2)) is not None
    )


def names_known_agent(names: tuple[Code, ...], field: tuple[Code, ...] = ()) -> bool:
    """Whether an analysis looks for an organism that the code maps of every site know."""
    search = analyse(names, field).search
    return search is not None and is_known(search.organisms)


def is_known(organisms: tuple[Code, ...]) -> bool:
    """Whether the code maps of every site know an organism by one of its names."""
    expressions = ((code.system, code.code, code.text) for code in organisms)
    return _code_map().find("organism", expressions) is not None


@cache
def _code_map() -> CodeMap:
    return CodeMap.load()


def _name_of(names: tuple[Code, ...]) -> str:
    return next((text for code in names if (text := _text_of(code))), "")


def _alike_value(
    names: tuple[Code, ...], value: tuple[Code, ...], found: Analysis
) -> Search | None:
    """Of an analysis without a method, whose value is an organism that its name names too ("B-Plasmodium":
    "Plasmodium falciparum"): noted, for nobody says how it was found."""
    if found.method or not value:
        return None
    if any(_is_no_name(_text_of(code)) for code in value if not code.system):
        return None
    rests = tuple(Code(text=_split(_text_of(code))[1]) for code in names)
    if not long_words(value) & long_words(rests) or not is_known(value):
        return None
    return note(names, (), value)


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
    """What a sign alone says in answer to a search; empty for all else."""
    kind = words().signs.get(text.strip(), "")
    return kind if kind and analyse(names, field).search is not None else ""


def is_cells(code: Code) -> bool:
    """Whether it is something that a microscope shows and that is no organism: cells, shapes, stains."""
    return words().cells.search(_text_of(code)) is not None


def long_words(codes: Iterable[Code]) -> set[str]:
    """The words by which two names are of one organism ("Salmonella", "Salmonella Typhimurium")."""
    return {
        word
        for code in codes
        for word in WORD.findall(_text_of(code).casefold())
        if len(word) >= ALIKE and word not in words().groups
    }


def _organism_in(
    value: tuple[Code, ...], found: Analysis, names: tuple[Code, ...]
) -> tuple[Code, ...]:
    """A value as the names of an organism; empty for a number, a remark, and cells.

    What may be a word of a result as well stands first, with the name of the analysis: a person who sees
    it among the unknown codes can tell what it means.
    """
    texts = [_text_of(code) for code in value]
    if any(read_words(text).doubtful for text in texts):
        return ()
    free = [text for code, text in zip(value, texts, strict=True) if not code.system]
    if any(_is_no_name(text) for text in free):
        return ()
    if found.method == "microscopy" and any(is_cells(code) for code in value):
        return ()
    said = {word for text in texts for word in WORD.findall(text.casefold())}
    known = words()
    alike = found.search is not None and bool(
        long_words(value) & long_words(found.search.organisms)
    )
    result = bool(said & known.results)
    if said & known.remarks and not (result or alike):
        return ()
    if not (result or said & known.remarks) and (alike or found.search is None):
        return value
    noted = Code(text=f"{_name_of(names)}: {texts[0]}"[:LONGEST])
    return (noted,) if result else (noted, *value)


def _is_no_name(text: str) -> bool:
    """Whether an uncoded value is a number, too short for a name, or a remark by its length or its parts."""
    return (
        len(text) > LONGEST_VALUE
        or NUMBER.match(text) is not None
        or re.search(r"[^\W\d_]{2}", text) is None
        or text.count(" ") >= MOST_WORDS
        or PARTED.search(text) is not None
    )


def _text_of(code: Code) -> str:
    return " ".join((code.text or code.code).split())


def _kinds_of(code: Code) -> set[str]:
    """The methods that a method field says: by its code, else by its words."""
    coded = words().field_codes.get(code.code) if code.system in words().field_systems else None
    return {coded} if coded else _split(_text_of(code))[0]


def _refine(named: set[str], beside: set[str]) -> set[str]:
    """The kinds of method of a name, or those beside it where the name says none, or less."""
    if not beside:
        return named
    more = _choose(beside)
    less = named <= set(words().weak) or more in words().refined.get(_choose(named), ())
    return beside if less else named


def _names_one(text: str, grown: bool) -> bool:
    """Whether a text may name one organism: it has letters, and not of panels and kinds alone, nor, in a
    culture, of materials."""
    parts = WORD.findall(text.casefold())
    common = words().cultures if grown else words().groups
    return sum(map(len, parts)) > 2 and not all(part in common for part in parts)


def _choose(said: set[str]) -> Method:
    """Of several methods the one that claims least, as `searches.json` orders them."""
    weak = words().weak
    said = {kind for kind in said if kind not in weak} or {weak[kind] for kind in said}
    if "isolate" in said:
        said = said - {"isolate"} | {"culture"}
    classes = {method for method in said if method.startswith("antibody-")}
    if classes and said <= {*classes, "antibody"}:
        return cast(Method, classes.pop() if len(classes) == 1 else "antibody")
    kinds = said - classes | ({"antibody"} if classes else set())
    return cast(Method, next((method for method in words().order if method in kinds), ""))


def _split(name: str) -> tuple[set[str], str]:
    """The kinds of method that a name says, and what is left of it without them."""
    if len(name) > LONGEST:
        return set(), ""
    known = words()
    # LOINC's brackets and NPU's semicolon end the component; how it was found may stand behind them.
    head, _, tail = name.replace("[", ";").partition(";")
    prefix = known.prefix.match(head)
    head = head[prefix.end() :] if prefix is not None else head
    methods: set[str] = set()

    def take(pattern: re.Pattern[str], of: Mapping[str, str], text: str) -> str:
        """The text without the words of a pattern, whose methods are noted."""

        def note(found: re.Match[str]) -> str:
            word = found.group()
            methods.add(of[word] if of is known.written_of else of[word.casefold()])
            return " "

        return pattern.sub(note, text)

    def name_whole(found: re.Match[str]) -> str:
        method, organism = known.whole_of[found.group().casefold()]
        methods.add(method)
        return organism

    rest = known.specimens.sub(" ", known.whole.sub(name_whole, head))
    rest = take(known.methods, known.method_of, rest)
    rest = take(known.written, known.written_of, rest)
    rest = take(known.endings, known.ending_of, rest)
    if methods <= {"toxin"}:
        tail = known.specimens.sub(" ", tail)
        take(known.methods, known.method_of, tail)
        take(known.written, known.written_of, tail)
    return methods, _tidy(known.fillers.sub(" ", rest))


def _tidy(rest: str) -> str:
    """Without empty brackets, doubled signs, and signs and link words at the ends."""
    rest = re.sub(r"\(\s*[/+,]?\s*\)", " ", rest)
    rest = re.sub(r"\s*([,;:])(?:\s*[,;:])+", r"\1", rest)
    rest = re.sub(r"(?<=\w)[-/+]+(?=\s)", "", rest)
    parts = re.sub(r"\s+([,;:)])", r"\1", " ".join(rest.split())).split(" ")
    while parts and _is_loose(parts[0]):
        del parts[0]
    while parts and _is_loose(parts[-1]):
        del parts[-1]
    rest = " ".join(parts)
    trimmed = rest.strip(EDGES)
    closed = rest.rstrip(" ,;:").endswith(")") and trimmed.count("(") > trimmed.count(")")
    return f"{trimmed})" if closed else trimmed


def _is_loose(part: str) -> bool:
    bare = part.strip(EDGES)
    return not bare or bare.casefold() in words().links
