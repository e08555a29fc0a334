"""The tables behind the invented country: sourced, consistent, and known to `varde.codes`."""

import csv
from collections import defaultdict
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from varde.codes import CodeMap, antibiotics, counties, materials, organisms
from varde.synthetic.courses import organism_names
from varde.synthetic.isolates import DILUTIONS
from varde.synthetic.knowledge import (
    constant,
    material_shares,
    mechanisms,
    national_codes,
    organism_shares,
    panel,
    profile,
    rows,
    unmapped_codes,
)
from varde.synthetic.laboratories import laboratories

ORACLE = (
    Path(__file__).resolve().parents[2].parent
    / "shared/oracles/amr/clinical_breakpoints_eucast.csv"
)
TABLES = [
    entry.name
    for entry in files("varde.synthetic").joinpath("data").iterdir()
    if entry.name.endswith(".csv")
]

# What WHO GLASS publishes for Norway, per cent resistant.
PUBLISHED = """
    escherichia-coli       blood   AMP 41.0 CTX 5.5 CAZ 4.8 CIP 11.3 MEM 0.1
    klebsiella-pneumoniae  blood   CTX 7.2 CAZ 6.9 CIP 8.8 MEM 0.2
    streptococcus-pneumoniae blood PEN 1.6 OXA 5.8
    escherichia-coli       urine   CIP 8.1 SXT 21.3 MEM 0
    klebsiella-pneumoniae  urine   SXT 14.0
    neisseria-gonorrhoeae  urethra CIP 51.4 AZM 8.8 CFM 2.1 CRO 0
    salmonella-enterica    stool   CIP 17.3
    shigella-sonnei        stool   CTX 12.0 CIP 19.4
"""

# The EUCAST groups that an organism's limits are printed under.
GROUPS = {
    "staphylococcus-aureus": ("Staphylococcus aureus", "Staphylococcus"),
    "staphylococcus-epidermidis": ("Staphylococcus", "Coagulase-negative Staphylococcus (CoNS)"),
    "staphylococcus-saprophyticus": (
        "Staphylococcus",
        "Staphylococcus saprophyticus",
        "Coagulase-negative Staphylococcus (CoNS)",
    ),
    "streptococcus-pneumoniae": ("Streptococcus pneumoniae",),
    "streptococcus-pyogenes": ("Streptococcus Group A, B, C, G", "Streptococcus Group A"),
    "streptococcus-agalactiae": ("Streptococcus Group A, B, C, G",),
    "enterococcus-faecalis": ("Enterococcus", "Enterococcus faecalis"),
    "enterococcus-faecium": ("Enterococcus", "Enterococcus faecium"),
    "pseudomonas-aeruginosa": ("Pseudomonas aeruginosa", "Pseudomonas"),
    "haemophilus-influenzae": ("Haemophilus influenzae",),
    "moraxella-catarrhalis": ("Moraxella catarrhalis",),
    "campylobacter-jejuni": ("Campylobacter jejuni",),
    "neisseria-gonorrhoeae": ("Neisseria gonorrhoeae",),
}
ENTERIC = ("Enterobacterales", "Escherichia coli", "Salmonella")


@pytest.mark.parametrize("name", TABLES)
def test_every_row_says_where_it_is_from(name):
    found = list(rows(name))
    assert found
    assert all(row["source"].strip() for row in found)
    assert all(None not in row for row in found), "a comma without quotes"


@pytest.mark.parametrize("line", PUBLISHED.strip().splitlines())
def test_published_figures_stand_in_the_table(line):
    organism, material, *figures = line.split()
    tests = {test.antibiotic: test for test in panel(organism, material)}
    for code, percent in zip(figures[::2], figures[1::2], strict=True):
        assert tests[code].resistant == pytest.approx(float(percent) / 100)


def test_rows_that_claim_a_publication_are_not_called_assumptions():
    for row in rows("resistance.csv"):
        assert row["source"].startswith(("assumption", "WHO GLASS", "invasive group A"))


def test_everything_named_exists():
    assert set(organism_names()) <= set(organisms())
    assert {share.key for share in material_shares()} <= set(materials())
    for row in rows("resistance.csv"):
        assert row["antibiotic"] in antibiotics()
        assert set(row["organisms"].split()) <= set(organism_names())
        assert row["material_group"] in {"", *(m.group for m in materials().values())}
    for share in material_shares():
        for choice in organism_shares(share.key):
            assert sum(len(ages) for ages, _ in profile(choice.profile).values()) > 0


def test_no_pair_has_two_rows():
    seen = set()
    for row in rows("resistance.csv"):
        for organism in row["organisms"].split():
            key = organism, row["antibiotic"], row["material_group"]
            assert key not in seen
            seen.add(key)


def test_a_material_groups_own_row_wins():
    urine = {test.antibiotic: test for test in panel("escherichia-coli", "urine")}
    blood = {test.antibiotic: test for test in panel("escherichia-coli", "blood")}
    assert urine["CTX"].resistant == pytest.approx(0.033)
    assert blood["CTX"].resistant == pytest.approx(0.055)
    assert "NIT" in urine
    assert "NIT" not in blood


def test_shares_are_shares():
    for row in rows("resistance.csv"):
        resistant, increased = float(row["resistant"]), float(row["increased"])
        assert 0 <= resistant <= resistant + increased <= 100
    assert len(mechanisms()) < 64
    names = ("linked", "untested", "negative", "repeat", "relapse", "acquired", "elsewhere")
    assert all(0 < constant(name) < 1 for name in names)


def test_the_code_map_knows_the_national_codes_and_not_the_strange_ones():
    code_map = CodeMap.load()
    for code, national in national_codes().items():
        sent = [("2.16.578.1.12.4.1.1.7280", national.code, "")]
        assert code_map.find("antibiotic", sent) == code
    for kind in ("organism", "antibiotic", "material"):
        for strange in unmapped_codes(kind):
            assert code_map.find(kind, [("", strange.code, strange.text)]) is None


def test_laboratories_are_plainly_invented():
    labs = laboratories()
    assert 12 <= len(labs) <= 16
    assert all(lab.name.startswith("Syntetisk") for lab in labs)
    assert all(9_900_101 <= lab.her <= 9_900_199 for lab in labs)
    for field in ("key", "her", "code", "name"):
        assert len({getattr(lab, field) for lab in labs}) == len(labs)
    assert sum(lab.format == "list" for lab in labs) == 2
    assert {lab.version for lab in labs if lab.format == "kith"} == {"1.3", "1.4"}
    served = {county for lab in labs for county in lab.counties}
    assert served == set(counties(date(2026, 1, 1)))


def test_limits_are_dilutions():
    for row in rows("resistance.csv"):
        for column in ("susceptible_max", "resistant_over"):
            assert not row[column] or row[column] in DILUTIONS


@pytest.mark.skipif(not ORACLE.is_file(), reason="the breakpoint oracle is not beside the repo")
def test_limits_are_those_of_eucast():
    printed = defaultdict(set)
    with ORACLE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["guideline"] == "EUCAST 2025" and row["method"] == "MIC":
                low = float(row["breakpoint_S"])
                limits = None if low <= 0.001 else low, float(row["breakpoint_R"])
                printed[row["organism"], row["ab"]].add(limits)
    checked, wrong = 0, []
    for row in rows("resistance.csv"):
        if not row["resistant_over"]:
            continue
        low = float(row["susceptible_max"]) if row["susceptible_max"] else None
        # 0.06 and 0.064 are one dilution, printed in two ways.
        limits = {(low, high) for high in _same(float(row["resistant_over"]))}
        for organism in row["organisms"].split():
            groups = GROUPS.get(organism, ENTERIC)
            known = set().union(*(printed[group, row["antibiotic"]] for group in groups))
            if not known & limits:
                wrong.append((organism, row["antibiotic"], limits, known))
            checked += 1
    assert wrong == []
    assert checked > 80


def _same(limit):
    return (limit, 0.06) if limit == 0.064 else (limit,)
