"""Contact lists: whoever was near a case or at an event, followed day by day. Who they are is sealed.

Who they are is `contact_book`, which there are `contact_lists`, and what becomes of each `contact_course`.
"""

from __future__ import annotations

from varde.followup.contact_book import MOST, PURPOSE, ContactBook, Known, Match
from varde.followup.contact_checks import LONGEST, ContactProblem, Who
from varde.followup.contact_course import (
    DAY_STATES,
    DayState,
    became_case,
    end,
    follow_correction,
    remove,
    set_day,
    take_up,
)
from varde.followup.contact_lists import (
    count_contacts,
    follow_up_days,
    list_contacts,
    say_of_day,
    shown_to,
)

__all__ = [
    "DAY_STATES",
    "LONGEST",
    "MOST",
    "PURPOSE",
    "ContactBook",
    "ContactProblem",
    "DayState",
    "Known",
    "Match",
    "Who",
    "became_case",
    "count_contacts",
    "end",
    "follow_correction",
    "follow_up_days",
    "list_contacts",
    "remove",
    "say_of_day",
    "set_day",
    "shown_to",
    "take_up",
]
