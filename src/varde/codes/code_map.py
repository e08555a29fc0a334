"""From what a laboratory writes to what it means; what is not in the map stays unmapped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from varde.codes.affixes import AFFIXES, Affix, index_affixes, read_affixes, strip_one
from varde.codes.antibiotics import ANTIBIOTICS
from varde.codes.antivirals import ANTIVIRALS
from varde.codes.errors import CodeFileError
from varde.codes.map_rows import (
    ANY,
    MAPS,
    SYSTEMS,
    MapRow,
    derived_rows,
    fold,
    read_map,
    read_systems,
)
from varde.codes.materials import MATERIALS
from varde.codes.named_resistance import (
    NAMED_RESISTANCE,
    read_resistant_name,
    read_susceptible_name,
)
from varde.codes.organisms import ORGANISMS, organisms
from varde.codes.refinement import refines
from varde.codes.serovars import SEROVARS
from varde.codes.subtypes import SUBTYPES, subtype_in, subtypes
from varde.codes.tables import read_bytes
from varde.codes.targets import TEST_TARGETS, without_targets
from varde.codes.vaccines import VACCINES

Expression = tuple[str, str, str]
"""(system, code, text) as sent; each may be empty."""

LONGEST = 200
"""Characters; a longer text is a remark, not a name."""

CONFIRMED = "confirmed.csv"
"""The map of a site whose rows are whole expressions: see `varde.codes.confirmed`."""

CONTRADICTORY = "\0"
"""Remembered of a code and words that mean different drugs; no concept's key."""

MEMORY = 200_000
"""Expressions remembered before the memory starts afresh: free text must not fill the machine."""

_HYPHEN = re.compile(r"(?<=[^\W_])[-‐‑](?=[^\W\d_])|(?<=[^\W\d_])[-‐‑](?=[^\W_])")
_BRACKET = re.compile(r"(?P<name>[^()\[\]]+?)\s*[(\[]\s*(?P<inside>[^()\[\]]+?)\s*[)\]]")
_APART = re.compile(r"\s*[,()]\s*")
_ABBREVIATION = re.compile(r"[A-ZÆØÅ][A-Za-zæøåÆØÅ]{0,4}[A-ZÆØÅ]")
_VIRUS = re.compile(r"\s+virus(?![^\W_])", re.I)


class CodeMap:
    """A dictionary from codes and words to concepts.

    How one expression is looked up; the first step that finds something decides:

    1. its code, exactly, in its system;
    2. its text as a word in its system;
    3. its text as a word of any system;
    4. its code among the codes of any system (``ESCOLI``), whatever text came with it;
    5. its code as a word of any system, when no text came with it;
    6. of an organism, its name with blanks for hyphens (*Dengue-virus*);
    7. what is left when a resistance is taken from its name (`varde.codes.named_resistance`);
    8. what is left without the targets of the test behind it, where they are of it (`varde.codes.targets`);
    9. its more precise name of two, one of which stands in brackets;
    10. with blanks for a comma or brackets, where a subtype that is an organism of its own stands in it;
    11. of a material, what is left without a bracket that says the same or is an abbreviation.

    An organism found by a name with a subtype that is an organism of its own is that one (`varde.codes.subtypes`).

    A word is compared in lower case with single blanks; then without the prefixes and suffixes of
    `affixes.csv`, taken off one at a time, the longest first. The text comes before step 4 and
    rules out step 5 because it is what a person wrote to be understood: a laboratory's own code
    PEN came with the text "Penicillinase" and is no drug.

    Where an antibiotic's code means one drug and the words with it another (18906-8 with the text
    "Ampicillin"), one of them is a slip, and nobody can know which: it maps to nothing. So does a
    code whose field has such words in an entry of their own.

    What persons confirmed about expressions that nothing maps is kept apart, and asked for with
    `confirmed`.
    """

    def __init__(
        self,
        rows: Iterable[MapRow],
        systems: dict[str, str],
        affixes: tuple[Affix, ...],
        version: str,
        confirmed: Iterable[MapRow] = (),
    ) -> None:
        self.rows = tuple(rows)
        self.version = version
        self._systems = systems
        self._affixes = index_affixes(affixes)
        self._codes: dict[tuple[str, str, str], MapRow] = {}
        self._words: dict[tuple[str, str, str], MapRow] = {}
        self._memory: dict[tuple[str, str, str, str], str | None] = {}
        for row in self.rows:
            self._add(row)
        self._confirmed: dict[tuple[str, str, str], MapRow] = {}
        for row in confirmed:
            key = (row.kind, row.system, _whole(row.code, row.text))
            _put(self._confirmed, key, row)

    @classmethod
    def load(cls, extra: Path | None = None) -> CodeMap:
        """The map of this installation.

        Args:
            extra: a CSV file, or a folder of them, with a laboratory's own codes that a person
                confirmed; same columns as the files in `data/maps`.

        Raises:
            CodeFileError: a file breaks a rule, or contradicts another one.
        """
        return _load(_map_files(extra))

    def find(self, kind: str, alternatives: Iterable[Expression]) -> str | None:
        """The concept that the first mapped alternative means.

        Args:
            kind: organism, antibiotic (antivirals too), material, sir or vaccine.
            alternatives: expressions of the same thing, the sender's first choice first.

        Returns:
            A concept key; for sir S, I, R, or ``""`` when the sender said that there is no
            category. None when nothing maps: the expression belongs in the unmapped queue.
        """
        memory = self._memory
        rest = iter(alternatives)
        for system, code, text in rest:
            key = (kind, system, code, text)
            try:
                concept = memory[key]
            except KeyError:
                concept = self._remember(key)
            if concept is not None:
                if kind == "antibiotic" and (
                    concept is CONTRADICTORY or (code and self._is_denied(concept, rest))
                ):
                    return None
                return concept
        return None

    def confirmed(self, kind: str, system: str, code: str, text: str) -> str | None:
        """The concept that a person confirmed for an expression that nothing maps; None without.

        Args:
            system, code, text: of the sender's first choice, which is what the queue of unknown codes
                shows. All of them must be those confirmed; case and blanks of the text do not count.
        """
        row = self._confirmed.get((kind, self.system(system), _whole(code, text)))
        return None if row is None else row.concept

    def system(self, name: str) -> str:
        """The name under which the rows of a code system are kept, for any of its names."""
        return self._systems.get(name, name)

    def _remember(self, key: tuple[str, str, str, str]) -> str | None:
        if len(self._memory) >= MEMORY:
            self._memory.clear()
        row = self._look_up(*key)
        concept = None if row is None else row.concept
        if row is not None and key[0] == "antibiotic" and self._says_otherwise(row, *key):
            concept = CONTRADICTORY
        self._memory[key] = concept
        return concept

    def _says_otherwise(self, row: MapRow, kind: str, system: str, code: str, text: str) -> bool:
        """Whether the words that came with a code name another concept than the row found for it."""
        if not (code and text):
            return False
        said = self._find_word(kind, self.system(system), text) or self._find_word(kind, ANY, text)
        return said is not None and said.concept != row.concept

    def _is_denied(self, concept: str, rest: Iterator[Expression]) -> bool:
        """Whether one of the remaining alternatives is words alone, which name another drug."""
        for system, code, text in rest:
            if not (system or code):
                said = self.find("antibiotic", (("", "", text),))
                if said is not None and said != concept:
                    return True
        return False

    def _look_up(self, kind: str, system: str, code: str, text: str) -> MapRow | None:
        system = self.system(system)
        found = (
            self._codes.get((kind, system, code))
            or self._find_word(kind, system, text)
            or self._find_word(kind, ANY, text)
            or self._codes.get((kind, ANY, fold(code)))
            or (None if text else self._find_word(kind, ANY, code))
        )
        if found is None and kind == "organism":
            found = self._find_unhyphened(text or code)
        if found is None and kind == "organism":
            # What stands beside a resistance ("Klebsiella pneumoniae, KPC-produserende").
            found = self._find_beside_resistance(text or code)
        if found is None and kind == "organism":
            found = self._find_beside_target(text or code) or self._find_named_twice(text or code)
        if found is None and kind == "organism":
            found = self._find_apart(text or code)
        if found is None and kind == "material":
            found = self._find_abbreviated(text)
        if found is not None and kind == "organism":
            finer = subtype_in(found.concept, fold(text or code))
            found = self._words[kind, ANY, fold(organisms()[finer].name)] if finer else found
        return found

    def _find_beside_resistance(self, text: str) -> MapRow | None:
        for name in (read_resistant_name(text), read_susceptible_name(text)):
            found = self._find_word("organism", ANY, name.plain) if name.plain else None
            # "E. coli og MRSA" are two.
            if found is not None and _is_borne(found.concept, name.bearers):
                return found
        return None

    def _find_word(self, kind: str, system: str, text: str) -> MapRow | None:
        if len(text) > LONGEST:
            return None
        words = (self._words.get((kind, system, form)) for form in self._forms(kind, text))
        return next((row for row in words if row), None)

    def _find_unhyphened(self, text: str) -> MapRow | None:
        """The row of a name that is written with hyphens for blanks, or between parts that are written as one."""
        apart = _HYPHEN.sub(" ", text)
        if apart == text:
            return None
        return self._find_word("organism", ANY, apart) or self._find_word(
            "organism", ANY, _VIRUS.sub("virus", apart)
        )

    def _find_apart(self, text: str) -> MapRow | None:
        """The row of a name whose subtype that is an organism of its own stands behind a comma or in brackets (Yersinia
        enterocolitica, biotype 1A)."""
        apart = _APART.sub(" ", text) if len(text) <= LONGEST else text
        found = self._find_word("organism", ANY, apart) if apart != text else None
        if found is None:
            return None
        own = found.concept in subtypes().values()
        return found if own or subtype_in(found.concept, fold(apart)) else None

    def _find_abbreviated(self, text: str) -> MapRow | None:
        """The row of a material behind which another word for it, or no more than an abbreviation, stands in brackets
        (bronkoalveolær lavage (BAL))."""
        bracket = _BRACKET.fullmatch(text.strip())
        if bracket is None:
            return None
        found = self._find_word("material", ANY, bracket["name"])
        inside = self._find_word("material", ANY, bracket["inside"])
        if found is None or (inside is not None and inside.concept != found.concept):
            return None
        return found if inside or _ABBREVIATION.fullmatch(bracket["inside"]) else None

    def _find_beside_target(self, text: str) -> MapRow | None:
        """The row of a name behind which the targets of its test stand (Bordetella pertussis (IS481))."""
        if len(text) > LONGEST:
            return None
        name, of = without_targets(fold(text))
        found = self._look_up("organism", "", "", name) if of else None
        its = found is not None and any(
            found.concept == one or (one.endswith("-complex") and refines(found.concept, one))
            for one in of
        )
        return found if its else None

    def _find_named_twice(self, text: str) -> MapRow | None:
        """The row of the more precise of a name and another one of the same organism behind it in brackets (Klamydia (Chlamydia
        trachomatis), Escherichia coli (EHEC))."""
        bracket = _BRACKET.fullmatch(text.strip()) if len(text) <= LONGEST else None
        if bracket is None:
            return None
        one, other = (
            self._look_up("organism", "", "", bracket[each]) for each in ("name", "inside")
        )
        if one is None or other is None:
            return None
        if one.concept == other.concept or refines(one.concept, other.concept):
            return one
        return other if refines(other.concept, one.concept) else None

    def bare(self, kind: str, text: str) -> str:
        """A text without the words that may stand around a name, as words are compared."""
        return ["", *self._forms(kind, text)][-1]

    def _forms(self, kind: str, text: str) -> Iterator[str]:
        form = fold(text)
        while form:
            yield form
            form = strip_one(kind, form, self._affixes)

    def _add(self, row: MapRow) -> None:
        if row.code:
            code = fold(row.code) if row.system == ANY else row.code
            _put(self._codes, (row.kind, row.system, code), row)
        if row.code and row.system == ANY:
            _put(self._words, (row.kind, ANY, fold(row.code)), row)
        if row.text:
            _put(self._words, (row.kind, row.system, fold(row.text)), row)


def _whole(code: str, text: str) -> str:
    """Code and text as one."""
    return f"{code}\0{fold(text)}"


def _put(index: dict[tuple[str, str, str], MapRow], key: tuple[str, str, str], row: MapRow) -> None:
    other = index.setdefault(key, row)
    if other.concept != row.concept:
        raise CodeFileError(
            row.file,
            row.line,
            f"{key[0]} {key[2]!r} means {row.concept!r} here but {other.concept!r} "
            f"in {other.file.name}, line {other.line}",
        )


def _map_files(extra: Path | None) -> tuple[Path, ...]:
    files = sorted(MAPS.glob("*.csv"))
    if extra is None:
        return tuple(files)
    if not extra.exists():
        raise CodeFileError(extra, 0, "does not exist")
    return (*files, *(sorted(extra.glob("*.csv")) if extra.is_dir() else (extra,)))


def _load(files: tuple[Path, ...]) -> CodeMap:
    """The map of these files: every register that is opened asks for it, and a process reads it once."""
    version = _version(files)
    known = _made(files, version)
    # Kept under what the files were before, and read when they had changed: it is not what was asked for.
    return known if known.version == version else _read(files)


@lru_cache(maxsize=8)
def _made(files: tuple[Path, ...], _version: str) -> CodeMap:
    return _read(files)


def _read(files: tuple[Path, ...]) -> CodeMap:
    systems = read_systems()
    rows = list(derived_rows())
    confirmed: list[MapRow] = []
    for file in files:
        (confirmed if file.name == CONFIRMED else rows).extend(read_map(file, systems))
    return CodeMap(rows, systems, read_affixes(), _version(files), confirmed)


def _version(files: tuple[Path, ...]) -> str:
    """A short hash over the content of everything that decides a look-up."""
    digest = hashlib.sha256()
    for file in (
        ORGANISMS,
        ANTIBIOTICS,
        ANTIVIRALS,
        MATERIALS,
        VACCINES,
        SYSTEMS,
        AFFIXES,
        NAMED_RESISTANCE,
        SEROVARS,
        SUBTYPES,
        TEST_TARGETS,
        *files,
    ):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(read_bytes(file)).digest())
    return digest.hexdigest()[:16]


def _is_borne(organism: str, bearers: frozenset[str]) -> bool:
    """Whether an organism may be the one that a resistance is called by: itself, a kind of it, or its genus."""
    return all(
        organism == one or refines(organism, one) or refines(one, organism) for one in bearers
    )
