"""An invented Norway that prescribes: the tables of `varde.prescribing.layouts`, and the truth behind them.

Input: a size and a seed; levels, spreads and drugs of ``data/prescribing.toml``; municipalities and daily doses of
`varde.codes`.
Output: Arrow tables with exactly the columns of the layouts, month by month, files of them in CSV or Parquet, and the true
propensities of each prescriber and home.
"""

from .bulk import invent_dispensings
from .country import PrescribingCountry, Truth, invent_prescribing
from .writing import write_prescribing

__all__ = [
    "PrescribingCountry",
    "Truth",
    "invent_dispensings",
    "invent_prescribing",
    "write_prescribing",
]
