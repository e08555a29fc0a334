"""Names of organisms within an answer in words: which there are, and which of its words are of none."""

from __future__ import annotations

import re

from varde.codes import (
    all_kinds,
    kinds_of,
    organisms,
    read_resistant_name,
    refines,
    resistance_words,
    susceptible_to,
    targets,
)
from varde.messages.answers.known_names import find_named
from varde.messages.answers.search_words import WORD
from varde.messages.answers.search_words import words as search_words
from varde.messages.answers.words import ResultWords, result_words

GENE = re.compile(r"[- ]?gen(?:e|er|es|et)?\Z")
"""What stands behind the name of a gene."""

KIND_COLON = re.compile(r":(?=h\d)", re.I)
"""The sign between the two parts of a serotype (O157:H7)."""

ANTIGEN = re.compile(r"(?<!\w)O\s?:\s?(?=\d)")
"""An antigen by which serogroups are told, whose colon ends no part (O:3)."""

NAMES_APART = re.compile(
    r"[,;/&+]|:(?!h\d)|\s[-–—]\s|(?<!\w)(?:og|and|samt|und|och|eller|or|i tillegg|both|både)(?!\w)",
    re.I,
)
LONGEST_NAME = 60
"""Characters of what may be the name of an organism."""

MOST_WORDS = 7
FINE = 3
"""Letters and digits of what tells kinds of one organism apart (D8, 2a) and names none."""

PLACES = frozenset(
    ("i", "in", "fra", "from", "ved", "by", "på", "etter", "after", "hos", "with", "med")
)
"""Words that begin what is said of a place, a method or a time, and end a name."""

AGENT = re.compile(
    r"tuberkul|tubercul|syrefast|acid[- ]fast|mykobakt|mycobact|parasitt|parasit|larve|hydatid|ekinokok|echinococ|triki|trichin|lepra|leprosy"
    r"|prion|prp|creutzfeldt|spongiform|virus|bakteri|bacteri|sopp|fung|hyfe|hypha|infeksi|infecti|smitte|toksoplasm|toxoplasm"
    r"|leishman|malaria|giardia|kryptosporid|cryptosporid|amøb|amoeb|spiroket|spirochet|helicobacter|cmv|herpes|hpv|ebv"
)
"""Parts of words by which pathology speaks of an infection, in lower case."""

BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
EDGES = " \t\n.,:;!?*()[]-–—/<>=|\"'"


def known_in(text: str) -> tuple[str, ...]:
    """The names in a text that the code maps know, of at most four words each, the longest first."""
    words = list(re.finditer(r"[^\W_][\w./-]*", text))
    found: list[str] = []
    at = 0
    while at < len(words):
        for length in (4, 3, 2, 1):
            if at + length > len(words):
                continue
            part = text[words[at].start() : words[at + length - 1].end()].strip(EDGES)
            low = part.casefold()
            if (
                len(part) > 2
                and low not in result_words().harmless
                and find_named(part) is not None
            ):
                found.append(part)
                at += length - 1
                break
        at += 1
    return tuple(found)


def any_agent(text: str) -> bool:
    """Whether a text speaks of an organism, a gene or antigen of one, or a disease by one, also inside other words."""
    low = text.casefold()
    return bool(known_in(text) or targets_in(text)) or AGENT.search(low) is not None


def is_organism(text: str) -> bool:
    """Whether a text is the name of an organism, also where its words do nothing by themselves (hepatitt B virus,
    gjærsopp); not of a whole kind of bacteria, which a report speaks of as it does of methods."""
    bare = text.strip(EDGES)
    key = find_named(bare)
    one = organisms().get(key) if key is not None else None
    return one is not None and not (one.group == "unspecified" and one.kind == "bacterium")


def is_named(text: str) -> bool:
    """Whether a text is the name of an organism that the code maps know, or of a gene or antigen of one (stx2)."""
    return find_named(text) is not None or is_target(text.casefold())


def names_in(text: str, known: ResultWords) -> tuple[str, ...] | None:
    """The names in what stands beside a positive word; empty for harmless words; None for what is neither."""
    names = _names_in(text, known)
    return names if names is None or len(names) != 1 else with_brackets(names[0], text, known)


def with_brackets(name: str, text: str, known: ResultWords) -> tuple[str, ...] | None:
    """A name with what stands in brackets in a text beside it; None where one of them may name something else."""
    names: tuple[str, ...] | None = (name,)
    for inside in BRACKET.findall(text):
        if names and f"({inside})" not in names[0]:
            names = _name_with(names[0], inside.strip(EDGES), known)
    return names


def _name_with(name: str, inside: str, known: ResultWords) -> tuple[str, ...] | None:
    """A name with what stands in a bracket beside it, where that is a resistance or makes it another organism (Influensa A
    (H5N1)); None where the bracket names something else."""
    if is_harmless(inside, known) and known.kinds.fullmatch(inside) is None:
        return (name,)
    whole = f"{name} ({inside})"
    own = find_named(name)
    resistance = resistance_words(inside) or susceptible_to(inside)
    if own is not None and (resistance or find_named(whole) not in (None, own)):
        return (whole,)
    other = find_named(inside) or find_named(re.sub(r"^([A-Z])\s+", r"\1. ", inside))
    if other is None and own is not None and not _is_about(inside, own):
        return None  # what nobody knows may be another organism
    same = own is None or other is None or other == own
    return (
        (name,) if same or refines(str(other), str(own)) or refines(str(own), str(other)) else None
    )


def is_target(low: str) -> bool:
    """Whether a text in lower case is a gene or an antigen of an organism, also as ail-gen."""
    return low in targets() or GENE.sub("", low) in targets()


def is_of_targets(text: str) -> bool:
    """Whether a text is nothing but genes and antigens of organisms (stx2a, eae)."""
    parts = [part.strip() for part in re.split(r"[,;/+]|\s(?:og|and)\s", text.casefold())]
    return all(part and is_target(part) for part in parts)


def targets_in(text: str) -> tuple[str, ...]:
    """The genes and antigens in a text, of at most three words each, the longest first."""
    words = list(re.finditer(r"[^\W_](?:[\w./'-]*[\w'])?", text))
    found: list[str] = []
    at = 0
    while at < len(words):
        for length in (3, 2, 1):
            part = text[words[at].start() : words[min(at + length, len(words)) - 1].end()]
            if is_target(part.casefold()):
                found.append(part)
                at += length - 1
                break
        at += 1
    return tuple(found)


def is_gene_of(text: str, name: str) -> bool:
    """Whether a gene or an antigen is of an organism that is named (EHEC, stx1a), or a resistance of its name (CPE, OXA-48)."""
    of = find_named(name)
    own = read_resistant_name(name).markers
    if own and (more := read_resistant_name(text)).markers and not more.plain:
        return more.markers <= own
    return of is not None and any(
        one.organism == of or refines(one.organism, of) or refines(of, one.organism)
        for low in (text.casefold(), GENE.sub("", text.casefold()))
        for one in targets().get(low, ())
    )


def _is_either(text: str) -> bool:
    """Whether a text without a blank is two organisms, of which a test finds either (Rhinovirus/enterovirus)."""
    one, _, other = text.strip(EDGES).partition("/")
    first, second = find_named(one), find_named(other)
    return None not in (first, second) and first != second


def _is_about(inside: str, own: str) -> bool:
    """Whether what stands in a bracket beside an organism is of it: genes, antigens, kinds."""
    kinds = kinds_of(own)
    left = kinds.counting.sub(" ", inside) if kinds is not None else inside
    return all(
        is_target(word) or (len(word) < 2 or not word.isalpha()) or result_words().is_remark(word)
        for word in re.findall(r"[^\W_][\w'-]*", left.casefold())
    )


def _names_in(text: str, known: ResultWords) -> tuple[str, ...] | None:
    numbered = text.strip(EDGES)
    whole_name = numbered[-1:].isdigit() and " " in numbered and re.search(r"[:()]", text) is None
    if whole_name and find_named(numbered) is not None:
        return (numbered,)  # its number is of the name (HSV type 2)
    bare = _trim(BRACKET.sub(" ", text), known)
    whole = _trim(text, known)
    if whole != bare and ":" not in whole and BRACKET.search(whole) and find_named(whole):
        return (whole,)
    if not bare:
        return ()
    # A name may be made of words that do nothing by themselves (hepatitt B virus).
    named = KIND_COLON.sub(" ", bare).count(":") == 0 and find_named(bare) is not None
    if named and (" " in bare or not is_harmless(bare, known)):
        return (bare,)
    if is_harmless(bare, known) or is_harmless(known.kinds.sub(" ", bare), known):
        return ()
    parts = [
        part
        for raw in NAMES_APART.split(bare)
        if (part := _trim(raw, known)) and not is_harmless(part, known)
    ]
    if len(parts) > 1:
        if is_organism(parts[0]) and all(is_gene_of(part, parts[0]) for part in parts[1:]):
            return (parts[0],)  # EHEC O103:H2, stx1a, eae
        if any(_is_either(part) for part in re.findall(r"\S+/\S+", bare)):
            return None  # nobody can tell which of them, or whether both
        known_all = all(is_named(part) for part in parts)
        return _finest(parts) if known_all else None
    if not parts:
        return ()
    return (parts[0],) if _may_be_name(parts[0], known) else None


def _finest(names: list[str]) -> tuple[str, ...]:
    """Each name once, without one that another of them says more precisely (Escherichia coli, EHEC O157)."""
    found = [find_named(name) for name in names]
    return tuple(
        dict.fromkeys(
            name
            for name, one in zip(names, found, strict=True)
            if not any(one and other and refines(other, one) for other in found)
        )
    )


def _trim(text: str, known: ResultWords) -> str:
    """A name without links before it, and without what is said behind it of place, method or amount."""
    parts = text.strip(EDGES).split()
    while parts and (
        parts[0].casefold().strip(EDGES) in known.before
        or (len(parts) > 1 and WORD.search(parts[0]) is None)
    ):
        del parts[0]
    for at, part in enumerate(parts[1:], 1):
        behind = " ".join(parts[at:])
        if (
            part.casefold() in PLACES
            and is_harmless(behind, known)
            and not resistance_words(behind)
        ):
            del parts[at:]
            break
    while len(parts) > 1 and (
        WORD.search(parts[-1]) is None or parts[-1].casefold().strip(EDGES) in known.behind
    ):
        del parts[-1]
    return " ".join(parts).strip(EDGES)


def _may_be_name(name: str, known: ResultWords) -> bool:
    """Whether a text that no map knows may be the name of an organism."""
    words = WORD.findall(name.casefold())
    return not (
        not words
        or not name[0].isalpha()
        or len(name) > LONGEST_NAME
        or len(name.split()) > MOST_WORDS
        or words[0] in known.beside
        or any(part in name.casefold() for part in known.unnamed)
        or not search_words().remarks.isdisjoint(words)
        or not known.doubt.isdisjoint(words)
        or all(len(word) == 1 for word in words)
    )


def is_plain(text: str, known: ResultWords) -> bool:
    """Whether a text has nothing but harmless words and words of names."""
    return all(
        word in known.harmless or word in known.names or len(word) < 2
        for word in WORD.findall(text.casefold())
    )


def is_harmless(text: str, known: ResultWords) -> bool:
    """Whether a text has nothing but harmless words, words of remarks, and kinds of organisms (genotype D8, GII.4)."""
    return _has_harmless(text, known) or (
        len(text) <= LONGEST_NAME and _has_harmless(all_kinds().sub(" ", text), known)
    )


def _has_harmless(text: str, known: ResultWords) -> bool:
    placed = False
    for word in WORD.findall(text.casefold()):
        placed = placed or word in PLACES or word == "til"
        if not (
            known.is_remark(word)
            or (placed and word in known.places)
            or (len(word) <= FINE and not word.isalpha())
        ):
            return False
    return True
