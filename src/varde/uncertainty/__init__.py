"""How sure a number is: intervals that more than one room needs.

Input: counts and what they are counted among. Output: the ends of an interval, and differences with theirs.
"""

from __future__ import annotations

from varde.uncertainty.shares import Z_95, Difference, difference, wilson

__all__ = ["Z_95", "Difference", "difference", "wilson"]
