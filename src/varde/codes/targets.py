"""What tests look for of an organism: genes and antigens by which laboratories name what they found.

"IS481 påvist" in answer to a search for *Bordetella pertussis* is that organism; "IS1001 påvist" is its neighbour. Which
target is whose is said by ``targets.csv``; a target that is not there is of nobody known.

Some laboratories call a test for an organism after what it looks for too: *Bordetella pertussis* (IS481). Beside the name of
its organism a target of ``test_targets.csv`` changes nothing of what was looked for; all others may: what is not found by the
gene of a toxin or of one serogroup may be there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from varde.codes.errors import CodeFileError
from varde.codes.organisms import organisms
from varde.codes.tables import DATA, DATE, SLUG, TEXT, check_unique, read_date, read_table

TARGETS = DATA / "targets.csv"
TEST_TARGETS = DATA / "test_targets.csv"

_SCHEMA = {
    "text": r"[^\x00-\x1fA-ZÆØÅ]{3,40}",
    "organism": SLUG,
    "method": r"nucleic-acid|antigen|toxin",
    "proves": r"yes|no",
    "source": TEXT,
    "valid_from": DATE,
}

_TEST_SCHEMA = {
    "text": r"[^\x00-\x1fA-ZÆØÅ]{1,40}",
    "organism": SLUG,
    "source": TEXT,
    "valid_from": DATE,
}

_BRACKETED = re.compile(r"\s*(?P<open>[(\[])(?P<targets>[^()\[\]]{1,60})[)\]]\s*\Z")
_BEHIND = re.compile(r"\s+(?P<targets>[^\W_][^\s()\[\],;:]{2,20})\Z")
_GENE = re.compile(r"[- ]?gen(?:e|er|es|et)?\Z")
_AMONG = re.compile(r"\s*[,+&/]\s*|\s+(?:og|and)\s+")


class Target(NamedTuple):
    """A gene or an antigen of an organism.

    Attributes:
        organism: a key of `varde.codes.organisms`.
        method: how it is looked for: nucleic-acid, antigen or toxin.
        proves: the organism was found where this was; False for one that other organisms have too.
    """

    organism: str
    method: str
    proves: bool


@lru_cache(maxsize=1)
def targets() -> Mapping[str, tuple[Target, ...]]:
    """Name of a target in lower case → whose it is, in the order of the file.

    Raises:
        CodeFileError: a row breaks the schema, names what is no organism, or stands twice.
    """
    found: dict[str, tuple[Target, ...]] = {}
    seen: list[tuple[int, object]] = []
    for line, (text, organism, method, proves, _source, valid_from) in read_table(TARGETS, _SCHEMA):
        read_date(TARGETS, line, valid_from)
        if organism not in organisms():
            raise CodeFileError(TARGETS, line, f"there is no organism {organism}")
        seen.append((line, (text, organism, method)))
        found[text] = (*found.get(text, ()), Target(organism, method, proves == "yes"))
    check_unique(TARGETS, seen, "row")
    return MappingProxyType(found)


def without_targets(text: str) -> tuple[str, frozenset[str]]:
    """A name in lower case without the targets behind it after which tests are called, and the organisms that all of them are
    targets of; the text and nothing where there are none.

    In brackets there may be several, and short ones (SARS-CoV-2 (N-gen, E-gen)); without them one of at least three signs.
    """
    for pattern in (_BRACKETED, _BEHIND):
        found = pattern.search(text)
        if found is None:
            continue
        known = _test_targets()
        said = found["targets"].strip()
        parts = [said] if _GENE.sub("", said) in known else _AMONG.split(said)
        of = [known.get(_GENE.sub("", part), frozenset()) for part in parts]
        if all(of):
            return text[: found.start()], frozenset.intersection(*of)
    return text, frozenset()


@lru_cache(maxsize=1)
def _test_targets() -> Mapping[str, frozenset[str]]:
    """Target in lower case → the organisms whose tests are called after it.

    Raises:
        CodeFileError: a row breaks the schema, names what is no organism, or stands twice.
    """
    found: dict[str, frozenset[str]] = {}
    seen: list[tuple[int, object]] = []
    for line, (text, organism, _source, valid_from) in read_table(TEST_TARGETS, _TEST_SCHEMA):
        read_date(TEST_TARGETS, line, valid_from)
        if organism not in organisms():
            raise CodeFileError(TEST_TARGETS, line, f"there is no organism {organism}")
        seen.append((line, (text, organism)))
        found[text] = found.get(text, frozenset()) | {organism}
    check_unique(TEST_TARGETS, seen, "row")
    return MappingProxyType(found)
