"""RAVN and NORM: what their own tables show, each of its own snapshot, in which nobody can be told from another.

Every row is an isolate: there are no persons, so no first isolates are chosen, and nothing is put together with what
is known elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from varde.codes import antivirals
from varde.resistance import add_percentages, antibiogram
from varde.statistics.dimensions import check, choose, known, sort

if TYPE_CHECKING:
    from varde.warehouse import Tables

NORM_DIMENSIONS: Final = (
    "organism",
    "antibiotic",
    "material_group",
    "year",
    "county",
    "age_group",
    "sex",
)
CLASS_DIMENSIONS: Final = ("organism", "drug_class", "material_group", "year")


def resistance(
    tables: Tables,
    by: Sequence[str] = ("organism", "antibiotic", "material_group", "year"),
    year: int | None = None,
    **selection: Any,
) -> pa.Table:
    """S, I and R of every isolate: `varde.resistance.antibiogram` with the method "none", and its columns.

    Args:
        year: of collection; None for all.
        selection: see `varde.resistance.Selection`.

    Raises:
        InvalidQuestion: a column that these registers do not have.
    """
    check(by, NORM_DIMENSIONS, "antibiotic")
    if year is not None:
        selection |= {"date_from": date(year, 1, 1), "date_to": date(year, 12, 31)}
    return antibiogram(tables, by, "none", **selection)


def resistance_by_class(
    tables: Tables, by: Sequence[str] = ("organism", "drug_class", "year"), **where: Any
) -> pa.Table:
    """S, I and R against classes of antivirals: an isolate counts once, as the most resistant to any of the class.

    Returns:
        The columns of `by` (``drug_class`` among them: its name in English), and those of `antibiogram` from ``n`` on.

    Raises:
        InvalidQuestion: a column that the table does not have.
    """
    import ibis

    check(by, CLASS_DIMENSIONS, "drug_class")
    classes: Mapping[str, str] = {key: one.drug_class for key, one in antivirals().items()}
    results = tables.susceptibilities
    named = [(results.antibiotic == key, name) for key, name in classes.items()]
    results = results.mutate(drug_class=ibis.cases(*named, else_=None))
    results = results.filter(results.drug_class.notnull(), results.sir.isin(["S", "I", "R"]))
    isolates = tables.isolates
    isolates = isolates.mutate(material_group=known(isolates.material_group))
    joined = results.join(
        isolates.select("isolate_id", "organism", "material_group", "year"), "isolate_id"
    )
    joined = choose(joined, where, CLASS_DIMENSIONS)
    keys = [name for name in by if name != "drug_class"]
    each = joined.group_by(["isolate_id", "drug_class", *keys]).aggregate(
        resistant=(joined.sir == "R").cast("int64").max(),
        exposed=(joined.sir == "I").cast("int64").max(),
    )
    counted = each.group_by(list(by)).aggregate(
        n=each.count().cast("int64"),
        I=(each.exposed * (1 - each.resistant)).sum().cast("int64"),
        R=each.resistant.sum().cast("int64"),
    )
    counted = counted.mutate(S=counted.n - counted.I - counted.R)
    found = tables.fetch(counted.select(*by, "n", "S", "I", "R"))
    return add_percentages(sort(found, by), by)
