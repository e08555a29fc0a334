"""The columns and words of NORM and RAVN for the page of the documentation, from the data that decide.

What a page shows is what is taken: a test asks for every word of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial

from varde.codes import antibiotics, antivirals, materials, organisms
from varde.codes.affixes import read_affixes
from varde.codes.map_rows import ANY, MapRow, fold
from varde.messages.deidentified.published import Register, keeping, published
from varde.messages.deidentified.vocabulary import code_map
from varde.messages.tables.description import write_markdown

_REGION = re.compile(r"(<!-- words:([a-z-]+) -->\n)(?:(?!<!-- /words -->).*\n)*(<!-- /words -->)")


def rewrite(page: str) -> str:
    """A page with every region ``<!-- words:key -->`` written anew.

    Raises:
        KeyError: there is no such region.
    """
    return _REGION.sub(lambda found: found[1] + _REGIONS[found[2]]() + found[3], page)


def _write_columns(register: Register) -> str:
    return write_markdown(published(register).columns)


def _write_codes(register: Register) -> str:
    lines = ["| column | code | also as |", "|---|---|---|"]
    for column in published(register).columns:
        for each in column.codes:
            shown = ", ".join(f"`{word}`" for word in each.aliases)
            code = f"`{each.code}`" if each.code else "(blank)"
            lines.append(f"| `{column.heading}` | {code} {each.text.en} | {shown} |")
    return "\n".join(lines) + "\n"


def _write_organisms(register: Register) -> str:
    kinds = keeping().organisms[register]
    names = {each.key: each.name for each in organisms().values() if each.kind in kinds}
    return _write_table("name", "also as", names, _words("organism"))


def _write_materials() -> str:
    names = {each.key: each.name_nb for each in materials().values()}
    return _write_table("name", "also as", names, _words("material"))


def _write_drugs(register: Register) -> str:
    known = antibiotics() if register == "norm" else antivirals()
    lines = ["| drug | ATC | code | also as |", "|---|---|---|---|"]
    for drug in known.values():
        others = ", ".join(_others(drug.name_nb, _words("antibiotic").get(drug.code, ())))
        code = drug.code if register == "norm" else ""
        lines.append(f"| {drug.name_nb} | {drug.atc} | {code} | {others} |")
    return "\n".join(lines) + "\n"


def _write_categories() -> str:
    said = {"S": "S", "I": "I", "R": "R", "": "no category"}
    words = _words("sir")
    lines = ["| category | words |", "|---|---|"]
    lines += [
        f"| {name} | {', '.join(f'`{word}`' for word in words.get(key, ()))} |"
        for key, name in said.items()
    ]
    return "\n".join(lines) + "\n"


def _write_affixes(kind: str) -> str:
    found = [affix for affix in read_affixes() if affix.kind == kind]
    shown = {
        position: ", ".join(f"`{affix.text}`" for affix in found if affix.position == position)
        for position in ("prefix", "suffix")
    }
    lines = (
        f"- {name}: {shown[key]}"
        for key, name in (("prefix", "before"), ("suffix", "after"))
        if shown[key]
    )
    return "\n".join(lines) + "\n"


def _write_places() -> str:
    found = (place for place in keeping().places)
    words = [
        ", ".join(
            f"`{word}`" for word in dict.fromkeys((place.text.nb, place.text.en, *place.aliases))
        )
        for place in found
    ]
    return "\n".join(f"- {each}" for each in words) + "\n"


def _write_genes() -> str:
    return ", ".join(f"`{gene}`" for gene in sorted(keeping().genes)) + "\n"


def _write_table(
    first: str, second: str, names: Mapping[str, str], words: Mapping[str, tuple[str, ...]]
) -> str:
    lines = [f"| {first} | {second} |", "|---|---|"]
    for key, name in names.items():
        lines.append(f"| {name} | {', '.join(_others(name, words.get(key, ())))} |")
    return "\n".join(lines) + "\n"


def _others(name: str, words: Iterable[str]) -> Iterator[str]:
    """The words but the name itself, each once however it is written."""
    seen = {fold(name)}
    for word in words:
        if fold(word) not in seen:
            seen.add(fold(word))
            yield f"`{word}`"


@cache
def _words(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Concept → its words in any list, in the order of the files."""
    found: dict[str, list[str]] = {}
    for row in code_map().rows:
        if row.kind == kind and (word := _word(row)):
            found.setdefault(row.concept, []).append(word)
    return {key: tuple(dict.fromkeys(words)) for key, words in found.items()}


def _word(row: MapRow) -> str:
    """What a cell may hold for a row; empty for the code of one list, and for what no table can show."""
    word = (row.text or row.code) if row.system == ANY else ""
    return "" if "|" in word else word


_REGIONS: Mapping[str, Callable[[], str]] = {
    "norm-columns": partial(_write_columns, "norm"),
    "ravn-columns": partial(_write_columns, "ravn"),
    "norm-codes": partial(_write_codes, "norm"),
    "ravn-codes": partial(_write_codes, "ravn"),
    "norm-organisms": partial(_write_organisms, "norm"),
    "ravn-organisms": partial(_write_organisms, "ravn"),
    "materials": _write_materials,
    "norm-drugs": partial(_write_drugs, "norm"),
    "ravn-drugs": partial(_write_drugs, "ravn"),
    "categories": _write_categories,
    "organism-affixes": partial(_write_affixes, "organism"),
    "antibiotic-affixes": partial(_write_affixes, "antibiotic"),
    "material-affixes": partial(_write_affixes, "material"),
    "places": _write_places,
    "genes": _write_genes,
}
