"""Analyses that look for one organism: which, and by which method.

"P-Morbillivirus IgM" is a search for measles virus by antibodies of class M. What the name of an analysis
holds beside the organism (the specimen, the method, words such as "detection of") is taken off with the
words of `searches.json`, and what is left names the organism, for a code map to know. Codes stay as sent.
A name without a word of a method is no search, unless a method stands beside it: nothing is guessed from an
unlisted code, nor from the organism. Codes of LOINC and NLK that `varde.codes` lists say both, also without
words.

What the answer to an analysis says is in `varde.messages.answers.found`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import NamedTuple, cast

from varde.codes import listed_searches, plain_gene
from varde.messages.answers.search_words import WORD, Toxin, words
from varde.messages.records import Code, Method

LONGEST = 200
"""Characters; a longer text is a remark and no name."""

EDGES = " \t,;:/+-–—.*()[]"
"""Signs that are left at the ends when words are taken off."""

DENYING = re.compile(r"(?<!\w)(?:ikke|ikkje|non|not|uten|without)(?!\w)", re.I)
"""What denies the word behind it, so that none of both may be taken off."""

PANEL = re.compile(r"(?:panel|panelet|pakke|pakken)\Z")
"""How words end that are of several tests at once (tarmpanel, viruspakke)."""

CLASSES = frozenset(("antibody-igm", "antibody-igg"))
"""Antibodies of one class."""

ALIKE = 4
"""Letters of a word that two names of one organism share."""

VALUED = frozenset(("nucleic-acid", "antigen", "microscopy", "histology"))
"""Methods whose tests have an organism as value without naming any: an immunoglobulin is no organism."""


class Search(NamedTuple):
    """What an analysis looks for, or found.

    Attributes:
        method: how; empty for a screening for resistant bacteria that says none (`screened`).
        organisms: the names of the analysis, the words of specimen and method taken off; or its value.
    """

    method: Method
    organisms: tuple[Code, ...]


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
    read = [(code, *_split(text_of(code))) for code in names]
    if not any(kinds for _, kinds, _ in read) and (search := _find_listed(names)) is not None:
        return Analysis(search.method, search, search.method != "culture")
    named = {kind for _, kinds, _ in read for kind in kinds}
    said = _refine(named, {kind for code in field for kind in _kinds_of(code)})
    method = _choose(said)
    known = words()
    if not method or any(
        known.never.search(text) or known.genes.search(text) for text in map(text_of, names)
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
    if "isolate" not in said and any(names_one(code.text, grown) for code in organisms):
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


def bare_name(name: str) -> str:
    """What an answer names, without words of method and specimen ("SARS-CoV-2 RNA"); whole where a word in it denies
    another (ikke-toksigen C. difficile)."""
    return name if DENYING.search(name) is not None else left_of(name) or name


def left_of(name: str) -> str:
    """What is left of the name of an analysis without words of method and specimen."""
    return _split(name)[1]


def methods_in(text: str) -> frozenset[str]:
    """The kinds of method that a text says: methods, keys of `Words.weak`, and ``isolate``."""
    return frozenset(_split(text)[0])


def is_cells(code: Code) -> bool:
    """Whether it is something that a microscope shows and that is no organism: cells, shapes, stains. Acid-fast rods are
    one, where nothing else is said."""
    text = text_of(code)
    return words().cells.search(text) is not None and not is_stain(text)


def is_stain(text: str) -> bool:
    """Whether a text is what a stain shows and which organism it is of, and nothing else (syrefaste staver)."""
    return text.casefold().strip(" .") in words().stains


def long_words(codes: Iterable[Code]) -> set[str]:
    """The words by which two names are of one organism ("Salmonella", "Salmonella Typhimurium")."""
    return {
        word
        for code in codes
        for word in WORD.findall(text_of(code).casefold())
        if len(word) >= ALIKE and word not in words().groups
    }


def text_of(code: Code) -> str:
    """The words of a code, else the code, on one line."""
    return " ".join((code.text or code.code).split())


def _kinds_of(code: Code) -> set[str]:
    """The methods that a method field says: by its code, else by its words."""
    coded = words().field_codes.get(code.code) if code.system in words().field_systems else None
    return {coded} if coded else _split(text_of(code))[0]


def _refine(named: set[str], beside: set[str]) -> set[str]:
    """The kinds of method of a name, or those beside it where the name says none, or less."""
    if not beside:
        return named
    more = _choose(beside)
    less = named <= set(words().weak) or more in words().refined.get(_choose(named), ())
    return beside if less else named


def names_one(text: str, grown: bool) -> bool:
    """Whether a text may name one organism: it has letters, and not of panels, kinds and materials alone, nor, in a
    culture, of cultures."""
    parts = WORD.findall(text.casefold())
    common = words().cultures if grown else words().unnamed
    return sum(map(len, parts)) > 2 and not all(
        part in common
        or PANEL.search(part) is not None
        or all(each in common for each in part.split("-") if each)
        for part in parts
    )


def _choose(said: set[str]) -> Method:
    """Of several methods the one that claims least, as `searches.json` orders them."""
    weak = words().weak
    said = {kind for kind in said if kind not in weak} or {weak[kind] for kind in said}
    if "isolate" in said:
        said = said - {"isolate"} | {"culture"}
    classes = said & CLASSES
    if classes == {"antibody-igm"} and "antibody-rise" not in said:
        said = said - {
            "antibody-blot"
        }  # a blot of IgM tells an infection that is new, as all IgM does
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
    head, _, tail = plain_gene(name).replace("[", ";").partition(";")
    prefix = known.prefix.match(head)
    head = head[prefix.end() :] if prefix is not None else head
    methods: set[str] = set()
    named: set[str] = set()

    def take(pattern: re.Pattern[str], of: Mapping[str, str], text: str) -> str:
        """The text without the words of a pattern, whose methods are noted."""

        def note(found: re.Match[str]) -> str:
            word = found.group()
            methods.add(of[word] if of is known.written_of else of[word.casefold()])
            return " "

        return pattern.sub(note, text)

    def name_whole(found: re.Match[str]) -> str:
        method, organism = known.whole_of[found.group().casefold()]
        return name_once(method, organism)

    def name_once(method: str, organism: str) -> str:
        """A name, which is one organism where it is said in two ways (Difteritoksin (Elek-test))."""
        methods.add(method)
        again = organism in named or any(
            organism == toxin.name and not named.isdisjoint(toxin.bearer_of.values())
            for toxin in known.toxins
        )
        named.add(organism)
        return " " if again else organism

    for toxin in known.toxins:
        head = toxin.named.sub(partial(_name_bearer, toxin, name_once), head)
    head = known.whole.sub(name_whole, head)
    for toxin in known.toxins:
        head = toxin.repeated.sub(r"\g<once>", head)
    rest = known.devices.sub(" ", head)
    rest = known.specimens.sub(" ", rest)
    rest = take(known.methods, known.method_of, rest)
    rest = take(known.written, known.written_of, rest)
    rest = take(known.endings, known.ending_of, rest)
    for toxin in known.toxins:
        if toxin.name in rest:
            rest = toxin.again.sub(partial(_name_bearer, toxin, name_once), rest)
    if methods == {"antibody"} and "antibody-blot" in methods_behind(tail):
        methods.add("antibody-blot")
    if methods <= {"toxin"}:
        tail = known.specimens.sub(" ", tail)
        take(known.methods, known.method_of, tail)
        take(known.written, known.written_of, tail)
    rest = _tidy(known.fillers.sub(" ", rest))
    # The specimen before or behind all else (Enterovirus RNA spinalvæske), where a method stands there too.
    bare = _tidy(known.around.sub(" ", rest)) if methods else rest
    return methods, bare if bare != rest and names_one(bare, "culture" in methods) else rest


def _name_bearer(toxin: Toxin, name: Callable[[str, str], str], found: re.Match[str]) -> str:
    """The bacterium that makes a toxin, as it is named beside the toxin."""
    said = {key.rstrip("_"): word.casefold() for key, word in found.groupdict().items() if word}
    bearer = said.get("before") or said.get("behind")
    if bearer:  # the toxin is named already
        return toxin.bearer_of[bearer]
    method = toxin.method_of[said["test"]] if "test" in said else "nucleic-acid"
    return name(method, toxin.bearer_of[said.get("bearer") or said["made"]])


def methods_behind(tail: str) -> set[str]:
    """The methods that stand behind the component of a name (by Immunoblot)."""
    known = words()
    return {known.method_of[found.group().casefold()] for found in known.methods.finditer(tail)}


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
    closed = rest.rstrip(" ,;:/+-–—").endswith(")") and trimmed.count("(") > trimmed.count(")")
    return f"{trimmed})" if closed else trimmed


def _is_loose(part: str) -> bool:
    bare = part.strip(EDGES)
    return not bare or bare.casefold() in words().links
