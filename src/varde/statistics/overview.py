"""What none of the registers shows alone: of each disease and organism, everything that is known, on one row.

What is in one register and missing in another is counted as such: a finding that is a case by itself and is in none,
a case that no laboratory found anything of, a form without a finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from varde.cases import Catalogue
from varde.resistance import antibiogram
from varde.statistics.dimensions import count_rows, split, spread
from varde.statistics.msis import COUNTED
from varde.statistics.sysvak import against

if TYPE_CHECKING:
    import ibis

    from varde.warehouse import Tables

MARKERS: Final = Path(__file__).with_name("data") / "markers.json"
COUNTS: Final = (
    "cases",
    "suspected",
    "confirmed",
    "imported",
    "cases_without_finding",
    "forms_missing",
    "findings",
    "findings_without_case",
    "forms",
    "forms_without_finding",
    "of_known",
    "vaccinated",
    "tested",
    "resistant",
)


class Markers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``data/markers.json``: organism → the antibiotic whose result is followed first.

    Attributes:
        diseases: the same of diseases that are a resistance of their own, whatever the organism's is.
    """

    version: str
    source: str
    markers: Mapping[str, str]
    diseases: Mapping[str, str]


@cache
def markers() -> Markers:
    """The markers as shipped."""
    return msgspec.json.decode(MARKERS.read_bytes(), type=Markers)


def overview(tables: Tables, definitions: Catalogue, year: int | None = None) -> pa.Table:
    """One row for each disease and organism of which anything is known.

    Args:
        definitions: the disease files: which organisms and vaccines a disease has.
        year: of first day, finding, form and collection; None for all years.

    Returns:
        ``kind`` (disease, organism), ``key``, ``marker`` (the antibiotic that `resistant` is of, or null), and counts:
        ``cases`` that are confirmed or probable, and beside them ``suspected`` ones; of the cases ``confirmed``,
        ``imported``, ``cases_without_finding``, ``forms_missing`` (a clinician's form is due); ``findings`` that are a
        case of the disease with nothing beside them (of an organism: all of it),
        ``findings_without_case``; ``forms``, ``forms_without_finding``; cases of known persons (``of_known``) of which
        ``vaccinated`` had a dose against the disease before the first day; first isolates (365 days) ``tested`` with
        the marker and ``resistant``. Null where the question has no meaning: no vaccine, no marker, no cases.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for counted in (
        _cases(tables, year),
        _findings(tables, year),
        _forms(tables, year),
        _vaccinated(tables, definitions, year),
    ):
        for row in counted.to_pylist():
            key = row.pop("disease")
            if key is not None:
                rows["disease", key].update(row)
    isolates = _resistant(tables, definitions, year)
    for organism, count in _organisms(tables, year, _followed(isolates)).items():
        rows["organism", organism] = {"findings": count}
    for (kind, key), row in rows.items():
        organisms = _organisms_of(definitions, key) if kind == "disease" else [key]
        drug = markers().diseases.get(key, "") if kind == "disease" else ""
        row.update(_marked(organisms, isolates, drug))
    found = [
        {"kind": kind, "key": key, **_filled(kind, key, row, definitions)}
        for (kind, key), row in sorted(rows.items())
    ]
    schema = pa.schema(
        [(name, pa.string()) for name in ("kind", "key", "marker")]
        + [(name, pa.int64()) for name in COUNTS]
    )
    return pa.Table.from_pylist(found, schema)


def with_overview_shares(table: pa.Table) -> pa.Table:
    """The overview with ``pct_vaccinated`` (of cases of known persons) and ``pct_resistant`` (of first isolates tested),
    null where there are none."""
    for name, count, whole in (
        ("pct_vaccinated", "vaccinated", "of_known"),
        ("pct_resistant", "resistant", "tested"),
    ):
        shares = [
            100 * part / n if n and part is not None else None
            for part, n in zip(table[count].to_pylist(), table[whole].to_pylist(), strict=True)
        ]
        table = table.append_column(name, pa.array(shares, pa.float64()))
    return table


def years_of(tables: Tables) -> tuple[int, ...]:
    """The years in which there are cases, findings or forms, the newest first."""
    found: set[int] = set()
    for name in ("cases", "findings", "notifications"):
        years = tables.table(name).select("year").distinct()
        found.update(tables.fetch(years)["year"].to_pylist())
    return tuple(sorted(found, reverse=True))


def _filled(kind: str, key: str, row: Mapping[str, Any], definitions: Catalogue) -> dict[str, Any]:
    """Zero where nothing was counted, null where nothing can be."""
    filled: dict[str, Any] = {"marker": row.get("marker")}
    for name in COUNTS:
        filled[name] = row.get(name, 0)
    if filled["marker"] is None:
        filled["tested"] = filled["resistant"] = None
    disease = definitions.diseases.get(key) if kind == "disease" else None
    if disease is None or not disease.vaccine:
        filled["of_known"] = filled["vaccinated"] = None
    if kind == "organism":
        for name in COUNTS:
            if name not in ("findings", "tested", "resistant"):
                filled[name] = None
    return filled


def _of(table: ibis.Table, year: int | None) -> ibis.Table:
    return table if year is None else table.filter(table.year == year)


def _cases(tables: Tables, year: int | None) -> pa.Table:
    cases = _of(tables.table("cases"), year)
    found = _having(tables, "finding")
    cases = cases.left_join(found.mutate(has=True), "case_id")
    is_counted = cases.classification.isin(COUNTED)
    return count_rows(
        tables,
        cases,
        ("disease",),
        n=is_counted.cast("int64").sum(),
        suspected=(~is_counted).cast("int64").sum(),
        confirmed=(cases.classification == "confirmed").cast("int64").sum(),
        imported=(is_counted & (cases.imported == "yes")).cast("int64").sum(),
        cases_without_finding=(is_counted & cases.has.isnull()).cast("int64").sum(),
        forms_missing=(is_counted & cases.form_missing).cast("int64").sum(),
    ).rename_columns({"n": "cases"})


def _having(tables: Tables, kind: str) -> ibis.Table:
    """Cases with a piece of evidence of a kind."""
    evidence = tables.table("evidence")
    return evidence.filter(evidence.kind == kind).select("case_id").distinct()


def _findings(tables: Tables, year: int | None) -> pa.Table:
    findings = tables.table("findings")
    findings = _of(findings.filter(findings.counted), year)
    met = split(findings, "meets").select("finding_id", disease="meets")
    evidence = tables.table("evidence")
    evidence = evidence.filter(evidence.kind == "finding")
    cases = tables.table("cases").select("case_id", "disease")
    within = evidence.join(cases, "case_id").select("disease", finding_id="evidence_id").distinct()
    met = met.left_join(within.mutate(has=True), ["finding_id", "disease"])
    return count_rows(
        tables, met, ("disease",), findings_without_case=met.has.isnull().cast("int64").sum()
    ).rename_columns({"n": "findings"})


def _forms(tables: Tables, year: int | None) -> pa.Table:
    forms = _of(tables.table("notifications"), year)
    evidence = tables.table("evidence")
    of_forms = evidence.filter(evidence.kind == "form")
    found = of_forms.semi_join(_having(tables, "finding"), "case_id")
    found = found.select(notification_id="evidence_id").distinct().mutate(has=True)
    forms = forms.left_join(found, "notification_id")
    return count_rows(
        tables, forms, ("disease",), forms_without_finding=forms.has.isnull().cast("int64").sum()
    ).rename_columns({"n": "forms"})


def _vaccinated(tables: Tables, definitions: Catalogue, year: int | None) -> pa.Table:
    cases = _of(tables.table("cases"), year)
    cases = cases.filter(cases.person_id.notnull(), cases.classification.isin(COUNTED))
    vaccines = {key: one.vaccine for key, one in definitions.diseases.items()}
    asked = spread(cases, "disease", "vaccine_disease", vaccines).select(
        "case_id", "disease", "person_id", "first_day", "vaccine_disease"
    )
    doses = tables.table("vaccinations")
    doses = against(doses.filter(doses.person_id.notnull()), "vaccine_disease")
    doses = doses.select("person_id", "vaccine_disease", "given")
    before = asked.join(doses, ["person_id", "vaccine_disease"])
    before = before.filter(before.given < before.first_day).select("case_id").distinct()
    each = asked.select("case_id", "disease").distinct()
    each = each.left_join(before.mutate(has=True), "case_id")
    return count_rows(
        tables, each, ("disease",), vaccinated=each.has.notnull().cast("int64").sum()
    ).rename_columns({"n": "of_known"})


Isolates = Mapping[tuple[str, str], tuple[int, int]]
"""Organism and antibiotic → first isolates tested with it, and resistant ones."""


def _resistant(tables: Tables, definitions: Catalogue, year: int | None) -> Isolates:
    """Of the organisms' markers, and of those of the diseases that have their own."""
    days: dict[str, Any] = {}
    if year is not None:
        days = {"date_from": date(year, 1, 1), "date_to": date(year, 12, 31)}
    wanted = set(markers().markers.items())
    for disease, drug in markers().diseases.items():
        wanted |= {(organism, drug) for organism in _organisms_of(definitions, disease)}
    organisms = sorted({organism for organism, _drug in wanted})
    table = antibiogram(tables, ("organism", "antibiotic"), organism=organisms, **days)
    return {
        pair: (row["n"], row["R"])
        for row in table.to_pylist()
        if (pair := (row["organism"], row["antibiotic"])) in wanted and row["n"]
    }


def _followed(isolates: Isolates) -> list[str]:
    """The organisms of which isolates were tested with their own marker."""
    chosen = markers().markers
    return [organism for organism, drug in isolates if chosen.get(organism) == drug]


def _organisms(tables: Tables, year: int | None, isolates: Sequence[str]) -> dict[str, int]:
    """Findings of every organism that has a marker."""
    findings = tables.table("findings")
    wanted = sorted(markers().markers)
    findings = _of(findings.filter(findings.counted, findings.organism.isin(wanted)), year)
    counted = count_rows(tables, findings, ("organism",)).to_pylist()
    return dict.fromkeys(isolates, 0) | {row["organism"]: row["n"] for row in counted}


def _organisms_of(definitions: Catalogue, key: str) -> Sequence[str]:
    disease = definitions.diseases.get(key)
    return sorted(disease.organisms) if disease else ()


def _marked(organisms: Sequence[str], isolates: Isolates, drug: str) -> dict[str, Any]:
    """Tested and resistant of some organisms together, where one antibiotic marks them all.

    Args:
        drug: the antibiotic that marks them all; empty where each has its own.
    """
    chosen = markers().markers
    asked = [(one, drug or chosen.get(one, "")) for one in organisms]
    found = [(pair[1], *isolates[pair]) for pair in asked if pair in isolates]
    drugs = {each for each, _, _ in found}
    if len(drugs) != 1:
        return {}
    return {
        "marker": drugs.pop(),
        "tested": sum(n for _, n, _ in found),
        "resistant": sum(r for _, _, r in found),
    }
