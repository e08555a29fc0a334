"""Which analysis is meant, and how long a finding of it makes another one of little use: data (``data/repeats.json``).

Known by its code, else by its name, as the readers of laboratory answers know the analyses of searches (`varde.messages`).
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from varde.codes import CodeMap, markers_in, materials, organisms
from varde.messages.answers.looked_for import asked_in
from varde.messages.records import Code, Method
from varde.register.searches import combined_in

DATA = Path(__file__).with_name("data") / "repeats.json"


class RepeatsInvalid(ValueError):
    """The file names an organism or a group of materials that there is not; the message says which."""


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for.

    Attributes:
        organism: a key of `varde.codes.organisms()`; empty for whatever grows.
        method: empty for any.
        material: a group of `varde.codes.materials()`; empty for any.
        markers: resistances that its name says (MRSA); then a search for these alone answers it.
    """

    organism: str = ""
    method: Method = ""
    material: str = ""
    markers: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        """Whether it says enough to be compared: an organism, or a culture of some material."""
        return bool(self.organism or (self.method == "culture" and self.material))


class _Coded(Analysis, frozen=True, kw_only=True, forbid_unknown_fields=True):
    system: str
    code: str
    text: str


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a finding holds.

    Attributes:
        organisms: any, when empty; so too `methods` and `materials` (groups).
        days: from the specimen; within these another one is rarely of use.
        nb, en: why.
    """

    key: str
    valid_from: date
    valid_to: date | None
    organisms: frozenset[str]
    methods: frozenset[Method]
    materials: frozenset[str]
    days: int
    nb: str
    en: str
    source: str

    def holds_for(self, organism: str, method: Method, material: str, on: date) -> bool:
        """Whether it is about a finding of this organism, method and group of materials, on a day."""
        return (
            self.valid_from <= on
            and (self.valid_to is None or on <= self.valid_to)
            and (not self.organisms or organism in self.organisms)
            and (not self.methods or method in self.methods)
            and (not self.materials or material in self.materials)
        )


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    prefixes: dict[str, str]
    analyses: tuple[_Coded, ...]
    rules: tuple[Rule, ...]


def read_repeats(content: bytes) -> _File:
    """Decode and check a file.

    Raises:
        msgspec.ValidationError: it does not have the shape.
        RepeatsInvalid: a name in it is nobody's, or a code stands twice.
    """
    file = msgspec.json.decode(content, type=_File)
    named = {one.organism for one in file.analyses} | {o for r in file.rules for o in r.organisms}
    groups = {one.material for one in file.analyses} | {m for r in file.rules for m in r.materials}
    groups.update(file.prefixes.values())
    unknown = sorted(named - organisms().keys() - {""})
    unknown += sorted(groups - {one.group for one in materials().values()} - {""})
    if unknown:
        raise RepeatsInvalid(f"repeats.json names {unknown[0]!r}, which there is not")
    codes = [(one.system, one.code) for one in file.analyses]
    for code in codes:
        if codes.count(code) > 1:
            raise RepeatsInvalid(f"repeats.json has the code {code[1]!r} twice")
    return file


@cache
def _file() -> _File:
    return read_repeats(DATA.read_bytes())


@cache
def _by_code() -> dict[tuple[str, str], Analysis]:
    return {(one.system, one.code): one for one in _file().analyses}


def rule_for(organism: str, method: Method, material: str, on: date) -> Rule | None:
    """The first rule that is about such a finding; None when there is none."""
    return next(
        (rule for rule in _file().rules if rule.holds_for(organism, method, material, on)), None
    )


def understand(names: tuple[Code, ...], specimen: tuple[Code, ...], codes: CodeMap) -> Analysis:
    """What an analysis is, by its names (alternatives) and the material that is said beside them.

    Its code, when the file has it; else its words, as in laboratory answers ("P-Morbillivirus IgM"). What is
    not known stays empty.

    Args:
        codes: the maps that organisms and materials are known by.
    """
    each = understand_each(names, specimen, codes)
    return each[0] if len(each) == 1 else msgspec.structs.replace(each[0], organism="")


def understand_each(
    names: tuple[Code, ...], specimen: tuple[Code, ...], codes: CodeMap
) -> tuple[Analysis, ...]:
    """As `understand`; of a test for several organisms that names all of them (Klamydia/gonoré), one for each."""
    material = group_of(codes.find("material", _expressions(specimen)) if specimen else None)
    for name in names:
        coded = _by_code().get((name.system, name.code))
        if coded is not None:
            one = Analysis(
                organism=coded.organism,
                method=coded.method,
                material=material or coded.material,
            )
            return (one,)
    # "U-Bakterier, dyrkning" names its material before the hyphen, as the national code list does.
    placed = [_part(name) for name in names]
    material = material or next((place for place, _name in placed if place), "")
    asked = asked_in(tuple(name for _place, name in placed))
    if asked is None:
        return (Analysis(material=material),)
    # The words beside method and organism are off, as of an answer: "MRSA screening" is the same words there and here.
    said = asked.organisms
    found = codes.find("organism", _expressions(said))
    several = () if found else combined_in(said, codes)
    markers = frozenset(markers_in((name.code, name.text) for name in said))
    return tuple(
        Analysis(organism=key, method=asked.method, material=material, markers=markers)
        for key in several or (found or "",)
    )


def group_of(material: str | None) -> str:
    """The group of a material; empty when there is none."""
    found = materials().get(material or "")
    return found.group if found else ""


def _part(name: Code) -> tuple[str, Code]:
    """The group of materials that a name begins with, and the name without it."""
    before, hyphen, after = name.text.partition("-")
    place = _file().prefixes.get(before.strip(), "") if hyphen else ""
    return place, msgspec.structs.replace(name, text=after.strip()) if place else name


def _expressions(names: tuple[Code, ...]) -> list[tuple[str, str, str]]:
    return [(name.system, name.code, name.text) for name in names]
