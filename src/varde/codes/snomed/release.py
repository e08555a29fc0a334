"""What was loaded: the release behind a store, its counts, and what was left out of it."""

from __future__ import annotations

from typing import Literal

import msgspec


class ModuleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A module: the newest day (YYYY-MM-DD) among its active concepts, and how many they are."""

    module: str
    effective_time: str
    concepts: int


class InputFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read: name, size in bytes, SHA-256 of its bytes, rows of any state."""

    name: str
    bytes: int
    sha256: str
    rows: int


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What the store holds.

    Attributes:
        concepts: active concepts.
        descriptions: active descriptions of them.
        is_a: pairs of a concept and a parent.
        attributes: other relationships.
        ancestors: pairs of a concept and anything above it.
        terms: terms that were kept: a preferred one for each language, and the full name.
    """

    concepts: int
    descriptions: int
    is_a: int
    attributes: int
    ancestors: int
    terms: int


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the files said and the store does not hold; only the second is a sign of a fault.

    Attributes:
        not_inferred: active relationships that the classifier did not work out (stated, additional).
        unknown_concept: inferred relationships from or to what is no active concept here.
        unknown_concepts: the codes of the first few of those.
        malformed_identifiers: ids of active components that are no well-formed SCTID; they are used
            all the same.
        axioms: axioms about properties that could not be read (longer chains).
    """

    not_inferred: int
    unknown_concept: int
    unknown_concepts: tuple[str, ...]
    malformed_identifiers: int
    axioms: int


class PropertyChain(msgspec.Struct, frozen=True, order=True):
    """`first` followed by `second` gives `result`: relationship types by code."""

    first: str
    second: str
    result: str


Origin = Literal["release", "built-in"]


class Properties(msgspec.Struct, frozen=True, kw_only=True):
    """What relationship types mean to each other, as far as active ingredients are concerned.

    Attributes:
        chains: the property chains that lead to an active ingredient.
        chains_from: the release's OWL axioms, or built in.
        transitive: types that may be followed repeatedly.
        narrower: pairs of a type and a wider one that it implies.
        narrower_from: the release's attribute hierarchy or OWL axioms, or built in.
    """

    chains: tuple[PropertyChain, ...]
    chains_from: Origin
    transitive: tuple[str, ...]
    narrower: tuple[tuple[str, str], ...]
    narrower_from: Origin


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A loaded release, international and extensions in one.

    Attributes:
        name: as in the names of its concept files, such as ``INT 2025-01-01``.
        invented: some concept is in the namespace that belongs to nobody: no real release.
        effective_time: the newest day of its active concepts, YYYY-MM-DD.
        languages: in which there are terms.
    """

    name: str
    invented: bool
    effective_time: str
    modules: tuple[ModuleVersion, ...]
    languages: tuple[str, ...]
    counts: Counts
    left_out: LeftOut
    properties: Properties
    inputs: tuple[InputFile, ...]
