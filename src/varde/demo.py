"""What `varde demo` puts into a register: an invented Norway, and users to look at it with."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

from varde.access.demo_users import DemoUser, ensure_demo_users
from varde.codes.snomed import load_release, open_terminology
from varde.register import quarantine_items, register_status
from varde.synthetic import (
    INVENTED_SNOMED,
    SIZES,
    Notifications,
    Searches,
    Vaccinations,
    invent_deidentified,
    invent_surveys,
    write_norway,
)

LAST_ANSWERS = timedelta(days=27)
"""The invented laboratories' last answers come up to 26 days after their specimens."""
YEARS = 3


class NotTheDemos(Exception):
    """The register holds other messages: invented ones must not be mixed with them."""


def check_register(home: Path) -> None:
    """Refuse a register that anything but the demo has been taken into.

    Raises:
        NotTheDemos: the message says what to do.
    """
    if register_status()["messages"] and not (home / "demo").exists():
        raise NotTheDemos(
            "this register holds messages that are not the demo's, and invented ones must not be "
            "mixed with them: set VARDE_HOME to another folder for the demo"
        )


def write_inbox(home: Path, size: str, today: date, progress: Callable[[int, int], None]) -> Path:
    """Folder with the invented laboratories' files; written once, for the three years up to now.

    Args:
        size: a key of `varde.synthetic.SIZES`.
        progress: is told the isolates done so far and in all.
    """
    folder = home / "demo" / size
    inbox = folder / "inbox"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)  # what an interrupted demo left
        end = today - LAST_ANSWERS
        start = date(end.year - YEARS, end.month, 1)
        write_norway(inbox, SIZES[size], start=start, end=end, progress=progress)
        _write_other_kinds(inbox, SIZES[size], start, end)
        (folder / "complete").touch()
    return inbox


def _write_other_kinds(inbox: Path, isolates: int, start: date, end: date) -> None:
    """What laboratories find otherwise than by growing it, and what clinicians, vaccinators, wards and the
    two de-identified registers' laboratories send, in proportion to the isolates."""
    share = isolates // 20
    _write(inbox / "searches", Searches(count=share, start=start, end=end).messages())
    _write(inbox / "notifications", Notifications(cases=share, start=start, end=end).messages())
    vaccinations = Vaccinations(doses=2 * share, start=start, end=end)
    _write(inbox / "vaccinations", vaccinations.bundles())
    for year in range(start.year + 1, end.year + 1):
        surveys = invent_surveys(min(share // 8, 200), share // 2, year, year).submissions
        _write(inbox / "surveys" / str(year), ((s.name, s.data) for s in surveys if s.sent <= end))
    norm = invent_deidentified("norm", share, 1, end.year - 1).submissions
    ravn = invent_deidentified("ravn", share, 1, end.year - 1).submissions
    _write(inbox / "norm", ((s.name, s.data) for s in norm))
    _write(inbox / "ravn", ((s.name, s.data) for s in ravn))


def _write(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    for number, (name, data) in enumerate(files):
        place = folder / name
        # Some files come twice, as they do.
        place = place if not place.exists() else place.with_stem(f"{place.stem}-{number}")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def load_terminology(home: Path) -> bool:
    """Load the invented terminology, so that contra-indications show their path.

    Returns:
        False when a real release is loaded already: it is the user's own, and better.
    """
    store = home / "snomed"
    if store.exists() and not open_terminology(store).release.invented:
        return False
    load_release([INVENTED_SNOMED], store, whole=True)
    return True


def make_users() -> list[DemoUser]:
    """The demo's users; the laboratory contact is of the laboratory with most in quarantine."""
    troubled = Counter(
        (item.sender, item.laboratory_name)
        for item in quarantine_items(limit=10_000)
        if item.sender
    )
    [((laboratory, name), _)] = troubled.most_common(1) or [(("", ""), 0)]
    return ensure_demo_users(laboratory, name)
