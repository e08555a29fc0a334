"""What each prescriber is truly inclined to do in each month: the truth that a comparison should find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from varde.synthetic.draws import Ints, pick

from .calendar import Month, number_of
from .columns import chosen, dates, decimal_text, generator
from .places import Places
from .settings import BETTER, PROPERTIES, Property, expit, level, logit, settings
from .staff import Staff, hpr


@dataclass(frozen=True, eq=False)
class Propensities:
    """How prescribers differ.

    Attributes:
        effect: prescriber × property × month: what is added to the log odds of a typical prescriber.
        pattern: what becomes of each, a position among the patterns.
        changed: the month of the change; -1 for those that have none.
    """

    effect: NDArray[np.float32]
    pattern: Ints
    changed: Ints


def incline(staff: Staff, places: Places, months: int, seed: int) -> Propensities:
    """Draw them: a doctor's own, the county's, a slope, and a step in the month of a change."""
    draw = generator(seed, "propensities")
    count, patterns = staff.count, settings().pattern
    pattern = pick(np.array([each.share for each in patterns]), draw.random(count))
    low, high = np.array([each.step for each in patterns])[pattern].T
    step = low + (high - low) * draw.random(count)
    changed = np.where(step != 0, draw.integers(min(9, months - 1), max(months - 8, 10), count), -1)
    slope = np.array([each.slope for each in patterns])[pattern] * draw.normal(0, 1, count)
    when = np.arange(months)
    over = slope[:, None] * when / 12
    over += step[:, None] * ((changed[:, None] >= 0) & (when >= changed[:, None]))
    effect = np.empty((count, len(PROPERTIES), months), np.float32)
    for position, name in enumerate(PROPERTIES):
        spread = settings().spread[name]
        county = draw.normal(0, spread.county, int(places.counties.max()) + 1)
        own = draw.normal(0, spread.doctor, count) + county[places.counties[staff.place]]
        effect[:, position] = own[:, None] + BETTER[position] * over
    effect[:, 0] += (level("trend_airway_antibiotic") * when / 12).astype(np.float32)
    return Propensities(effect, pattern, changed)


def spread_of(name: Property) -> float:
    """The standard deviation between doctors of the whole country, in logits."""
    found = settings().spread[name]
    return float(np.hypot(found.doctor, found.county))


def truth_table(staff: Staff, propensities: Propensities, months: tuple[Month, ...]) -> pa.Table:
    """One row for each prescriber and month.

    Columns: `prescriber` (HPR number), `month` (its first day), `pattern` ("steady", "drifting", "improved", "worsened"),
    `changed_on` (first day of the month of the change; null: none), and for each property the share that this prescriber
    truly has where a typical prescriber has the level of the settings. Improved means towards the guideline in all properties.
    """
    count, size = staff.count, len(months)
    rows = np.repeat(np.arange(count), size)
    first = np.array([number_of(month.first) for month in months])
    changed = propensities.changed[rows]
    columns = {
        "prescriber": decimal_text(hpr(rows), 9),
        "month": dates(np.tile(first, count)),
        "pattern": chosen([each.key for each in settings().pattern], propensities.pattern[rows]),
        "changed_on": dates(first[np.maximum(changed, 0)], changed >= 0),
    }
    for position, name in enumerate(PROPERTIES):
        share = expit(logit(level(name)) + propensities.effect[:, position].astype(np.float64))
        columns[name] = pa.array(share.ravel())
    return pa.table(columns)
