"""Resistance by period, county and material: nothing hidden follows from all that may be asked for."""

from __future__ import annotations

from itertools import product
from random import Random

import numpy as np
import pytest

from varde.publishing import ResistanceTables, rules, split_period
from varde.publishing.resistance_tables import ALL, Cell

QUARTERS = [f"2025-Q{number}" for number in (1, 2, 3, 4)]
COUNTIES = ["03", "46", "50"]
MATERIALS = ["blood", "urine"]
ATOMS = list(product(QUARTERS, COUNTIES, MATERIALS))
Numbers = dict[Cell, tuple[int, int]]


def atoms_of(cell: Cell) -> list[int]:
    period, county, material = cell
    return [
        place
        for place, (quarter, its_county, its_material) in enumerate(ATOMS)
        if quarter.startswith(period)
        and county in (ALL, its_county)
        and material in (ALL, its_material)
    ]


def offered() -> list[Cell]:
    """Every question of one year or quarter."""
    cells = product(["2025", *QUARTERS], [ALL, *COUNTIES], [ALL, *MATERIALS])
    return [one for one in cells if one[0] == "2025" or ALL in one[1:]]


def invent(random: Random) -> Numbers:
    """A register in which some numbers are small and others are not."""
    size, share = random.choice([6, 25, 60, 200]), random.choice([0.005, 0.03, 0.3, 0.97])
    atoms = []
    for _ in ATOMS:
        n = random.choice([0, random.randint(0, 4), random.randint(0, size), size])
        atoms.append((n, sum(random.random() < share for _ in range(n))))
    return {
        cell: (sum(atoms[a][0] for a in atoms_of(cell)), sum(atoms[a][1] for a in atoms_of(cell)))
        for cell in offered()
    }


def row_of(cell: Cell, *parts: int) -> np.ndarray:
    """What a number is the sum of: resistant isolates (0) and others (1) of each atom."""
    row = np.zeros(2 * len(ATOMS))
    for part in parts:
        row[[part * len(ATOMS) + atom for atom in atoms_of(cell)]] = 1
    return row


def found_out(numbers: Numbers, tables: ResistanceTables, method: str) -> list[tuple[Cell, str]]:
    """Small numbers that are a sum and difference of what is shown. Longer periods are sums of these."""
    shown = []
    for cell in numbers:
        if not tables.hides("n", method, cell):
            shown.append(row_of(cell, 0, 1))
        if not tables.hides("share", method, cell):
            shown += [row_of(cell, 0), row_of(cell, 1)]
    _, sizes, basis = np.linalg.svd(np.array(shown or [np.zeros(2 * len(ATOMS))]))
    basis = basis[: int((sizes > 1e-9).sum())]
    limit, found = rules().small_cell.below, []
    for cell, (n, resistant) in numbers.items():
        asked = {"n": (n, (0, 1)), "R": (resistant, (0,)), "others": (n - resistant, (1,))}
        for name, (count, parts) in asked.items():
            wanted = row_of(cell, *parts)
            if 0 < count < limit and np.abs(wanted - basis.T @ (basis @ wanted)).max() < 1e-7:
                found.append((cell, name))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_no_small_number_follows_from_all_that_is_shown(seed: int) -> None:
    random = Random(seed)
    numbers = invent(random)
    other = invent(random)
    tables = ResistanceTables({"none": numbers, "patient": other}, rules())
    assert found_out(numbers, tables, "none") == []
    assert found_out(other, tables, "patient") == []


def test_a_quarter_with_few_resistant_hides_another_or_its_year() -> None:
    quarters = dict(zip(QUARTERS, [(400, 3), (400, 40), (400, 30), (400, 50)], strict=True))
    numbers: Numbers = {(name, ALL, ALL): pair for name, pair in quarters.items()}
    numbers["2025", ALL, ALL] = (1600, 123)
    tables = ResistanceTables({"none": numbers}, rules())
    hidden = [name for name in QUARTERS if tables.hides("share", "none", (name, ALL, ALL))]
    assert hidden == ["2025-Q1", "2025-Q3"]
    assert not tables.hides("share", "none", ("2025", ALL, ALL))
    assert not any(tables.hides("n", "none", (name, ALL, ALL)) for name in QUARTERS)


def test_what_is_hidden_of_the_same_isolates_is_hidden_however_they_are_chosen() -> None:
    def numbers(*resistant: int) -> Numbers:
        pairs = {(q, ALL, ALL): (400, r) for q, r in zip(QUARTERS, resistant, strict=True)}
        return {**pairs, ("2025", ALL, ALL): (1600, sum(resistant))}

    chosen = {"none": numbers(3, 40, 30, 50), "patient": numbers(8, 40, 30, 50)}
    tables = ResistanceTables(chosen, rules())
    alone = ResistanceTables({"patient": chosen["patient"]}, rules())
    hidden = [name for name in QUARTERS if tables.hides("share", "patient", (name, ALL, ALL))]
    assert hidden == ["2025-Q1", "2025-Q3"]  # the third for the other, the first for the third
    assert not any(alone.hides("share", "patient", (name, ALL, ALL)) for name in QUARTERS)


def test_a_quarter_of_a_county_and_a_material_is_not_to_be_asked_for() -> None:
    with pytest.raises(ValueError, match="whole years"):
        ResistanceTables({"none": {}}, rules()).hides("n", "none", ("2025-Q1", "03", "blood"))


def test_a_period_is_made_up_of_whole_years_where_it_can_be() -> None:
    years = {"2024", "2025", "2026"}
    assert split_period("2025-Q1", "2025-Q4", years) == ["2025"]
    assert split_period("2024-Q4", "2026-Q2", years) == ["2024-Q4", "2025", "2026-Q1", "2026-Q2"]
    assert split_period("1900-Q1", "2099-Q4", years) == ["2024", "2025", "2026"]
