"""Weights trained with Splink on DuckDB, and Splink's own weights for many pairs at once.

Imported by name only (`varde.linkage.training`): Splink belongs to the extra ``linkage``, and nothing that runs the
register needs it. The comparison is written a second time here, as SQL; a test holds the two
together.

Source: Splink (Ministry of Justice, MIT), an implementation of Fellegi and Sunter 1969.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log2, sqrt
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
from splink import Linker
from splink.backends.duckdb import DuckDBAPI

from varde.codes import population
from varde.linkage.comparing import ALIKE_FAMILY, ALIKE_GIVEN, LEAST_LETTERS, Prepared, prepare
from varde.linkage.description import Description
from varde.linkage.fields import LEVELS, MISSING
from varde.linkage.numbers import NO_CHANGES, Changes
from varde.linkage.weights import TERM_FIELDS, Odds, Terms, Weights

_SWAPPED = "family_l <> '' and given_l <> '' and family_l = turned_r and turned_l = family_r and family_l <> turned_l"
_BORN = "born_l is not null and born_r is not null"
_NO_NUMBERS = (
    "not list_has_any(certain_l, certain_r) and not list_has_any(kinds_l, kinds_r)"
    " and not list_has_any(other_l, other_r) and not list_has_any(scopes_l, scopes_r)"
    " and not (eleven_l <> '' and eleven_r <> '' and damerau_levenshtein(eleven_l, eleven_r) <= 1)"
)


def _near(column: str) -> str:
    return (
        f"least(length({column}_l), length({column}_r)) >= {LEAST_LETTERS}"
        f" and damerau_levenshtein({column}_l, {column}_r) <= 1"
    )


CONDITIONS: Mapping[str, Mapping[str, str]] = {
    "number": {
        MISSING: _NO_NUMBERS,
        "certain": "list_has_any(certain_l, certain_r)",
        "contrary": "list_has_any(kinds_l, kinds_r)",
        "same": "list_has_any(other_l, other_r)",
        "near": "eleven_l <> '' and eleven_r <> '' and damerau_levenshtein(eleven_l, eleven_r) <= 1",
        "different": "ELSE",
    },
    "family": {
        MISSING: "family_l = '' or family_r = ''",
        "swapped": _SWAPPED,
        "exact": "family_l = family_r",
        "part": "list_has_any(family_parts_l, family_parts_r)",
        "near": _near("family_plain"),
        "alike": f"jaro_winkler_similarity(family_plain_l, family_plain_r) >= {ALIKE_FAMILY}",
        "different": "ELSE",
    },
    "given": {
        MISSING: "given_l = '' or given_r = ''",
        "swapped": _SWAPPED,
        "initial": "(initial_l or initial_r) and first_l = first_r",
        "exact": "given_l = given_r",
        "part": (
            "len(given_parts_l) > 0 and len(given_parts_r) > 0 and"
            " (list_has_all(given_parts_l, given_parts_r) or list_has_all(given_parts_r, given_parts_l))"
        ),
        "near": f"not initial_l and not initial_r and {_near('given_plain')}",
        "alike": (
            "not initial_l and not initial_r and"
            f" jaro_winkler_similarity(given_plain_l, given_plain_r) >= {ALIKE_GIVEN}"
        ),
        "different": "ELSE",
    },
    "born": {
        MISSING: f"not ({_BORN}) and (year_l = 0 or year_r = 0)",
        "exact": "born_l = born_r",
        "swapped": (
            f"{_BORN} and left(born_l, 4) = left(born_r, 4)"
            " and substr(born_l, 5, 2) = substr(born_r, 7, 2) and substr(born_l, 7, 2) = substr(born_r, 5, 2)"
        ),
        "near": f"{_BORN} and damerau_levenshtein(born_l, born_r) <= 1",
        "year": f"not ({_BORN}) and abs(year_l - year_r) <= 1",
        "different": "ELSE",
    },
    "sex": {MISSING: "sex_l = '' or sex_r = ''", "exact": "sex_l = sex_r", "different": "ELSE"},
    "place": {
        MISSING: (
            "not (postal_l <> '' and postal_r <> '') and not (municipality_l <> '' and municipality_r <> '')"
        ),
        "postal": "postal_l <> '' and postal_l = postal_r",
        "municipality": "municipality_l <> '' and municipality_l = municipality_r",
        "county": (
            "county_l <> '' and county_l = county_r or (county_l = '' or county_r = '')"
            " and left(postal_l, 2) = left(postal_r, 2) and postal_l <> '' and postal_r <> ''"
        ),
        "different": "ELSE",
    },
    "phone": {
        MISSING: "phone_l = '' or phone_r = ''",
        "exact": "phone_l = phone_r",
        "near": "damerau_levenshtein(phone_l, phone_r) <= 1",
        "different": "ELSE",
    },
}  # fmt: skip
"""When a field is at a level, asked in this order, in DuckDB's SQL over the columns of `tabulate`."""

_NOT_COMPARED = frozenset({"order", "waiting", "said", "doubted", "died", "seen", "dead", "parted"})
COMMON_FIELDS = (*TERM_FIELDS, "born")
"""What weighs by how common it is when it is the same."""

COLUMNS = tuple(name for name in Prepared._fields if name not in _NOT_COMPARED)


def tabulate(
    descriptions: Mapping[str, Description],
    persons: Mapping[str, str] | None = None,
    changes: Changes = NO_CHANGES,
) -> pa.Table:
    """Prepared descriptions as columns: ``unique_id``, ``person`` where it is known, and `COLUMNS`."""
    prepared = [prepare(description, changes) for description in descriptions.values()]
    columns: dict[str, list[Any]] = {"unique_id": list(descriptions)}
    columns["person"] = [(persons or {}).get(key, "") for key in descriptions]
    for name in COLUMNS:
        values = [getattr(each, name) for each in prepared]
        columns[name] = [sorted(v) if isinstance(v, frozenset) else v for v in values]
    columns["born"] = [born or None for born in columns["born"]]
    lists = {"family_parts", "given_parts", "certain", "kinds", "other", "scopes"}
    types = {"year": pa.int64(), "initial": pa.bool_()}
    return pa.table({
        name: pa.array(
            values, types.get(name, pa.list_(pa.string()) if name in lists else pa.string())
        )
        for name, values in columns.items()
    })  # fmt: skip


def splink_settings(rules: Sequence[str], weights: Weights | None = None) -> dict[str, Any]:
    """The comparison as Splink's settings.

    Args:
        rules: which pairs, as SQL conditions on ``l`` and ``r``.
        weights: m and u of every level; untrained when not given.
    """
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": 1 / (weights.one_in if weights else _inhabitants()),
        "blocking_rules_to_generate_predictions": list(rules),
        "retain_intermediate_calculation_columns": True,
        "additional_columns_to_retain": ["person"],
        "comparisons": [
            {
                "output_column_name": name,
                "comparison_levels": [
                    _level(name, level, condition, weights)
                    for level, condition in CONDITIONS[name].items()
                ],
            }
            for name in LEVELS
        ],
    }


def _level(name: str, level: str, condition: str, weights: Weights | None) -> dict[str, Any]:
    made: dict[str, Any] = {"sql_condition": condition, "label_for_charts": level}
    if level == MISSING:
        return {**made, "is_null_level": True}
    if level == "exact" and name in COMMON_FIELDS:
        made["tf_adjustment_column"] = name
    if weights is not None:
        odds = weights.fields[name][level]
        made |= {"m_probability": odds.m, "u_probability": odds.u}
    return made


def score(
    descriptions: Mapping[str, Description],
    weights: Weights,
    changes: Changes = NO_CHANGES,
    rules: Sequence[str] = ("1=1",),
) -> dict[tuple[str, str], float]:
    """Splink's match weight of each pair that a rule brings together, by the two keys in order."""
    table = tabulate(descriptions, None, changes)
    with duckdb.connect() as connection:
        api = DuckDBAPI(connection)
        settings = splink_settings(rules, weights)
        linker = Linker(api.register(table), settings, log_level=None)
        for name in COMMON_FIELDS:
            values = sorted(filter(None, set(table[name].to_pylist())))
            shares = [weights.share(name, value) for value in values]
            frequencies = pa.table({name: values, f"tf_{name}": shares})
            linker.table_management.register_term_frequency_lookup(api.register(frequencies), name)
        found = linker.inference.predict().as_duckdbpyrelation()
        rows = found.select("unique_id_l, unique_id_r, match_weight").fetchall()
    return {(min(a, b), max(a, b)): weight for a, b, weight in rows}


def train(
    descriptions: Mapping[str, Description],
    persons: Mapping[str, str],
    changes: Changes = NO_CHANGES,
    *,
    base: Weights,
    pairs: int = 20_000_000,
    common: int = 500,
    seed: int = 1,
) -> Weights:
    """Weights from descriptions whose persons are known.

    Args:
        descriptions: by key.
        persons: who each is of.
        changes: known changes of number.
        base: thresholds, version and words of the new weights.
        pairs: so many random pairs say how alike two persons are.
        common: so many names are listed with how common they are.
        seed: of the random pairs.
    """
    table = tabulate(descriptions, persons, changes)
    # Each person once: random pairs would else be one person's often enough to be all that is rare.
    once = {person: key for key, person in sorted(persons.items(), reverse=True)}
    alone = tabulate({key: descriptions[key] for key in once.values()}, None, changes)
    with duckdb.connect() as connection:
        api = DuckDBAPI(connection)
        linker = Linker(api.register(alone), splink_settings(["1=0"]), log_level=None)
        linker.training.estimate_u_using_random_sampling(max_pairs=pairs, seed=seed)
        of_two = linker.misc.save_model_to_json()
        linker = Linker(api.register(table), splink_settings(["1=0"]), log_level=None)
        linker.training.estimate_m_from_label_column("person")
        of_one = linker.misc.save_model_to_json()
    true_pairs = sum(n * (n - 1) // 2 for n in Counter(persons.values()).values())
    odds = _join_models(of_one, of_two, 0.5 / true_pairs, 0.5 / pairs)
    terms = {name: _count_terms(table, name, common) for name in TERM_FIELDS}
    _share_swapped(odds)
    ordered = {name: _order(name, found) for name, found in odds.items()}
    return msgspec.structs.replace(
        base,
        one_in=_inhabitants(),
        fields=ordered,
        terms={name: _cap(name, found, ordered) for name, found in terms.items()},
    )


def _inhabitants() -> int:
    """Two descriptions are of one person as often as two Norwegians are one: the country is the register's limit."""
    return sum(row.count for row in population())


def _join_models(
    of_one: Mapping[str, Any], of_two: Mapping[str, Any], least_m: float, least_u: float
) -> dict[str, dict[str, Odds]]:
    """m from pairs of one person, u from pairs of two; what was never seen is as rare as half of one pair."""
    m, u = _read_shares(of_one, "m_probability"), _read_shares(of_two, "u_probability")
    return {
        name: {
            level: Odds(m=max(m[name][level], least_m), u=max(u[name][level], least_u))
            for level in levels
        }
        for name, levels in LEVELS.items()
    }


def _read_shares(model: Mapping[str, Any], kind: str) -> dict[str, dict[str, float]]:
    return {
        comparison["output_column_name"]: {
            level["label_for_charts"]: level.get(kind) or 0.0
            for level in comparison["comparison_levels"]
        }
        for comparison in model["comparisons"]
    }


def _share_swapped(odds: dict[str, dict[str, Odds]]) -> None:
    """Names that changed places are one event, seen in two fields: each gets half of what it weighs.

    Random pairs hardly ever show it, so u is what it is when both names agree by chance.
    """
    family, given = odds["family"], odds["given"]
    m = (family["swapped"].m + given["swapped"].m) / 2
    chance = max(family["exact"].u * given["exact"].u, 1e-9)
    half = Odds(m=m, u=min(sqrt(m * chance), 1.0))
    family["swapped"] = given["swapped"] = half


def _order(name: str, found: Mapping[str, Odds]) -> dict[str, Odds]:
    """The same with more alike never weighing less: neighbours that do are taken as one level."""
    pools: list[tuple[list[str], float, float]] = []
    for level in LEVELS[name]:
        pools.append(([level], found[level].m, found[level].u))
        while len(pools) > 1 and log2(pools[-2][1] / pools[-2][2]) < log2(
            pools[-1][1] / pools[-1][2]
        ):
            (names, m, u), (more, m2, u2) = pools[-2:]
            pools[-2:] = [([*names, *more], m + m2, u + u2)]
    return {
        level: Odds(m=found[level].m, u=min(found[level].m * u / m, 1.0))
        for names, m, u in pools
        for level in names
    }


def _count_terms(table: pa.Table, name: str, common: int) -> Terms:
    """How common each value is among persons, each counted once."""
    first: dict[str, str] = {}
    for person, value in zip(table["person"].to_pylist(), table[name].to_pylist(), strict=True):
        if value:
            first.setdefault(person, value)
    counts = Counter(first.values())
    total = sum(counts.values())
    listed = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:common]
    rest = [count for _, count in sorted(counts.items(), key=lambda i: (-i[1], i[0]))[common:]]
    rare = (sum(rest) / len(rest) if rest else 0.5) / total
    return Terms(rare=rare, values={value: count / total for value, count in sorted(listed)})


def _cap(name: str, terms: Terms, odds: Mapping[str, Mapping[str, Odds]]) -> Terms:
    """No name so common that the same one weighs less than one that is a little different."""
    levels = odds[name]
    _, second = next(pairwise(LEVELS[name]))
    most = levels["exact"].m * levels[second].u / levels[second].m
    capped = {value: min(share, most) for value, share in terms.values.items()}
    return Terms(rare=min(terms.rare, most), values=capped)


def write_weights(weights: Weights) -> bytes:
    """The bytes of a weights file: numbers to nine digits that count."""
    rounded = _round(msgspec.to_builtins(weights))
    return msgspec.json.format(msgspec.json.encode(rounded), indent=1) + b"\n"


def _round(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: _round(each) for key, each in value.items()}
    return value
