"""From the files of a release to a store: read, merge, close the hierarchy, choose terms, save."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from varde.codes.errors import HierarchyCycle, ReleaseMissing
from varde.codes.snomed.checks import count_malformed
from varde.codes.snomed.concepts import (
    INFERRED,
    INVENTED_NAMESPACE,
    IS_A,
    IS_MODIFICATION_OF,
    SUBSTANCE,
)
from varde.codes.snomed.hierarchy import (
    CycleFound,
    Numbers,
    Ragged,
    close,
    make_ragged,
    sort_levels,
    turn_round,
)
from varde.codes.snomed.languages import (
    Descriptions,
    Members,
    choose_full_names,
    choose_preferred,
    list_languages,
)
from varde.codes.snomed.layouts import (
    AXIOMS,
    CONCEPTS,
    DESCRIPTIONS,
    LANGUAGE_MEMBERS,
    RELATIONSHIPS,
    Files,
    Layout,
    find_files,
    name_release,
)
from varde.codes.snomed.properties import (
    ABOUT_PROPERTIES,
    GOAL,
    Axioms,
    choose_properties,
    read_axioms,
)
from varde.codes.snomed.reading import find_line, read_newest
from varde.codes.snomed.release import (
    Counts,
    InputFile,
    LeftOut,
    ModuleVersion,
    Properties,
    Release,
)
from varde.codes.snomed.store import Arrays, save

Progress = Callable[[str, str], None]
"""Told what begins: ``read`` with the name of a file, ``close``, ``choose`` or ``save`` with nothing."""

UNKNOWN_SHOWN: Final = 20


def build_release(
    folders: Sequence[Path], store_folder: Path, progress: Progress, whole: bool
) -> Release:
    """See `load_release`."""
    builder = _Builder(find_files(folders), progress)
    release, arrays = builder.build()
    if whole and not release.counts.is_a:
        raise ReleaseMissing(
            f"none of the {release.counts.concepts} concepts has a parent: the release needs its file "
            f"of inferred relationships ({RELATIONSHIPS.file}Snapshot…txt); "
            f"{release.left_out.not_inferred} stated or additional ones are not used"
        )
    progress("save", "")
    save(store_folder, arrays, release)
    return release


@dataclass(frozen=True)
class _Relationships:
    """Active inferred relationships between known concepts; both ends by number."""

    sources: Numbers
    targets: Numbers
    types: Numbers
    groups: Numbers


@dataclass(frozen=True)
class _Terms:
    """The terms that are kept, and which is whose: see `Arrays`."""

    languages: tuple[str, ...]
    starts: Numbers
    bytes: Numbers
    preferred: Numbers
    full_names: Numbers
    descriptions: int


def find_numbers(codes: Numbers, wanted: Numbers) -> Numbers:
    """The place of each wanted code among the ascending codes, -1 for one that is not there."""
    places = np.searchsorted(codes, wanted)
    there = places < codes.size
    there[there] = codes[places[there]] == wanted[there]
    return np.where(there, places, -1)


class _Builder:
    def __init__(self, files: Files, progress: Progress) -> None:
        self._files = files
        self._progress = progress
        self._inputs: list[InputFile] = []
        self._malformed = 0
        self._not_inferred = 0
        self._unknown: Numbers = np.empty(0, np.int64)
        self._unknown_relationships = 0

    def build(self) -> tuple[Release, Arrays]:
        concepts = self._read(CONCEPTS)
        codes = concepts["id"].to_numpy()
        relationships = self._read_relationships(codes)
        parents = self._collect_parents(codes, relationships)
        children = turn_round(parents)
        self._progress("close", "")
        ancestors = self._close(codes, parents, children)
        attributes = _collect_attributes(relationships, codes.size)
        axioms = self._read_axioms()
        properties = choose_properties(axioms, _Below(codes, ancestors))
        terms = self._choose_terms(codes)
        arrays = Arrays(
            codes=codes,
            parent_starts=parents.starts,
            parents=parents.values,
            child_starts=children.starts,
            children=children.values,
            ancestor_starts=ancestors.starts,
            ancestors=ancestors.values,
            substances=_mark_substances(codes, relationships, ancestors, properties),
            term_starts=terms.starts,
            term_bytes=terms.bytes,
            preferred=terms.preferred,
            full_names=terms.full_names,
            **attributes,
        )
        return self._describe(concepts, arrays, terms, properties, axioms), arrays

    def _read(self, layout: Layout) -> pa.Table:
        paths = self._files[layout]
        for path in paths:
            self._progress("read", path.name)
        table, rows = read_newest(paths, layout)
        self._inputs += [
            _describe_file(path, count) for path, count in zip(paths, rows, strict=True)
        ]
        if not layout.member:
            self._malformed += count_malformed(table["id"].to_numpy())
        return table

    def _read_relationships(self, codes: Numbers) -> _Relationships:
        table = self._read(RELATIONSHIPS)
        inferred = table["characteristicTypeId"].to_numpy() == INFERRED
        self._not_inferred = int(np.count_nonzero(~inferred))
        columns = ("sourceId", "destinationId", "typeId", "relationshipGroup")
        ends, others, types, groups = (table[name].to_numpy()[inferred] for name in columns)
        sources, targets = find_numbers(codes, ends), find_numbers(codes, others)
        unknown = np.concatenate((ends[sources < 0], others[targets < 0]))
        self._unknown = np.unique(unknown)[:UNKNOWN_SHOWN]
        known = (sources >= 0) & (targets >= 0)
        self._unknown_relationships = int(np.count_nonzero(~known))
        return _Relationships(sources[known], targets[known], types[known], groups[known])

    def _collect_parents(self, codes: Numbers, relationships: _Relationships) -> Ragged:
        is_a = relationships.types == IS_A
        return make_ragged(relationships.sources[is_a], relationships.targets[is_a], codes.size)

    def _close(self, codes: Numbers, parents: Ragged, children: Ragged) -> Ragged:
        try:
            return close(parents, sort_levels(parents, children))
        except CycleFound as cycle:
            concepts = tuple(str(codes[number]) for number in cycle.concepts)
        wanted = {
            "sourceId": concepts[0],
            "destinationId": concepts[1 % len(concepts)],
            "typeId": str(IS_A),
            "characteristicTypeId": str(INFERRED),
            "active": "1",
        }
        place = find_line(self._files[RELATIONSHIPS], RELATIONSHIPS, wanted)
        raise HierarchyCycle(*place, concepts)

    def _read_axioms(self) -> Axioms:
        expressions = self._read(AXIOMS)["owlExpression"]
        about = expressions.filter(pc.match_substring(expressions, ABOUT_PROPERTIES))
        return read_axioms(about.to_pylist())

    def _choose_terms(self, codes: Numbers) -> _Terms:
        table = self._read(DESCRIPTIONS)
        concepts = find_numbers(codes, table["conceptId"].to_numpy())
        known = concepts >= 0
        table = table.filter(pa.array(known))
        languages = table["languageCode"].combine_chunks().dictionary_encode()
        descriptions = Descriptions(
            concepts[known],
            table["typeId"].to_numpy(),
            languages.indices.to_numpy(),
            tuple(languages.dictionary.to_pylist()),
        )
        members = self._read_members(table["id"].to_numpy())
        self._progress("choose", "")
        return _collect_terms(descriptions, members, table["term"], codes.size)

    def _read_members(self, descriptions: Numbers) -> Members:
        table = self._read(LANGUAGE_MEMBERS)
        numbers = find_numbers(descriptions, table["referencedComponentId"].to_numpy())
        known = numbers >= 0
        refsets, acceptabilities = (
            table[name].to_numpy()[known] for name in ("refsetId", "acceptabilityId")
        )
        return Members(numbers[known], refsets, acceptabilities)

    def _describe(
        self,
        concepts: pa.Table,
        arrays: Arrays,
        terms: _Terms,
        properties: Properties,
        axioms: Axioms,
    ) -> Release:
        modules = _list_modules(concepts)
        return Release(
            name=name_release(self._files[CONCEPTS]),
            invented=_has_invented(arrays.codes),
            effective_time=max((module.effective_time for module in modules), default=""),
            modules=modules,
            languages=terms.languages,
            counts=Counts(
                concepts=arrays.codes.size,
                descriptions=terms.descriptions,
                is_a=arrays.parents.size,
                attributes=arrays.attribute_targets.size,
                ancestors=arrays.ancestors.size,
                terms=terms.starts.size - 1,
            ),
            left_out=LeftOut(
                not_inferred=self._not_inferred,
                unknown_concept=self._unknown_relationships,
                unknown_concepts=tuple(map(str, self._unknown.tolist())),
                malformed_identifiers=self._malformed,
                axioms=axioms.unread,
            ),
            properties=properties,
            inputs=tuple(self._inputs),
        )


def _describe_file(path: Path, rows: int) -> InputFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return InputFile(name=path.name, bytes=path.stat().st_size, sha256=digest, rows=rows)


@dataclass(frozen=True)
class _Below:
    """The concepts below one, by code; nothing below a code that is no concept."""

    codes: Numbers
    ancestors: Ragged

    def __call__(self, code: str) -> Iterable[str]:
        (number,) = find_numbers(self.codes, np.array([int(code)]))
        if number < 0:
            return ()
        places = np.flatnonzero(self.ancestors.values == number)
        rows = np.searchsorted(self.ancestors.starts, places, side="right") - 1
        return map(str, self.codes[rows].tolist())


def _collect_attributes(relationships: _Relationships, size: int) -> dict[str, Numbers]:
    """The relationships other than is-a, each once, as `Arrays` holds them."""
    others = relationships.types != IS_A
    types, kinds = np.unique(relationships.types[others], return_inverse=True)
    columns = np.stack(
        [
            relationships.sources[others],
            relationships.groups[others],
            kinds,
            relationships.targets[others],
        ]
    )
    columns = columns[:, np.lexsort(columns[::-1])]
    new = np.ones(columns.shape[1], np.bool_)
    new[1:] = (columns[:, 1:] != columns[:, :-1]).any(axis=0)
    sources, groups, kinds, targets = columns[:, new]
    return {
        "attribute_starts": np.searchsorted(sources, np.arange(size + 1)),
        "attribute_groups": groups,
        "attribute_types": kinds,
        "attribute_targets": targets,
        "types": types,
    }


def _mark_substances(
    codes: Numbers, relationships: _Relationships, ancestors: Ragged, properties: Properties
) -> Numbers:
    """1 for what is, or is below, |Substance|, an active ingredient, or an end of a modification.

    The latter two are for small releases, in which the top of the substances may be missing.
    """
    ingredient = {GOAL, *(narrow for narrow, wide in properties.narrower if wide == GOAL)}
    has = np.isin(relationships.types, [int(kind) for kind in ingredient])
    modifies = relationships.types == IS_MODIFICATION_OF
    marked: Any = np.zeros(codes.size, np.bool_)
    marked[codes == SUBSTANCE] = True
    marked[relationships.targets[has | modifies]] = True
    marked[relationships.sources[modifies]] = True
    above = np.concatenate(([0], np.cumsum(marked[ancestors.values], dtype=np.int32)))
    return marked | (above[ancestors.starts[1:]] > above[ancestors.starts[:-1]])


def _collect_terms(
    descriptions: Descriptions, members: Members, texts: pa.ChunkedArray, size: int
) -> _Terms:
    languages = list_languages(descriptions)
    chosen = [choose_preferred(descriptions, members, language, size) for language in languages]
    chosen.append(choose_full_names(descriptions, size))
    kept = np.unique(np.concatenate(chosen))
    kept = kept[kept >= 0]
    terms = texts.take(pa.array(kept)).combine_chunks()
    places = np.stack([find_numbers(kept, row) for row in chosen])
    lengths = pc.binary_length(terms).to_numpy()
    _, starts, data = terms.buffers()
    first = np.frombuffer(starts, np.int32)[terms.offset] if terms.offset else 0
    total = int(lengths.sum())
    blob = np.frombuffer(data, np.uint8)[first : first + total] if total else np.empty(0, np.uint8)
    return _Terms(
        languages=tuple(language.name for language in languages),
        starts=np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))),
        bytes=blob,
        preferred=places[:-1],
        full_names=places[-1],
        descriptions=descriptions.types.size,
    )


def _list_modules(concepts: pa.Table) -> tuple[ModuleVersion, ...]:
    modules, places = np.unique(concepts["moduleId"].to_numpy(), return_inverse=True)
    days = concepts["effectiveTime"].to_numpy()
    return tuple(
        ModuleVersion(
            module=str(module),
            effective_time=_write_day(int(days[places == number].max())),
            concepts=int(np.count_nonzero(places == number)),
        )
        for number, module in enumerate(modules.tolist())
    )


def _write_day(number: int) -> str:
    text = str(number)
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def _has_invented(codes: Numbers) -> bool:
    """Whether some concept has the long format with the namespace that belongs to nobody."""
    without_check = codes // 10
    in_extension = without_check % 100 == 10
    namespace = without_check // 100 % 10 ** len(INVENTED_NAMESPACE)
    return bool((in_extension & (namespace == int(INVENTED_NAMESPACE))).any())
