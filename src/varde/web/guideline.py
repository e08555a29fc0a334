"""The guideline that this service answers from: shipped content, the site's own, and its terminology.

Read once and kept; read anew when a file that says what there is has changed, which is looked at no more
than once a second. What is answered is the same for everybody and holds nothing about persons.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.utils import timezone

from varde.codes import CodesError
from varde.codes.snomed import Terminology, open_terminology
from varde.guidelines import ContentError, Library, Publication, read_library, served_folders

LOOK_EVERY = 1.0
"""Seconds between two looks at the files."""

log = logging.getLogger(__name__)
Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Guideline:
    """Library and terminology as they were read together.

    Attributes:
        stamp: tells one reading from the next: part of every ETag and cache key.
    """

    library: Library
    terminology: Terminology | None
    stamp: Stamp

    @property
    def release(self) -> str | None:
        """The terminology's name; None when none is loaded."""
        return self.terminology.release.name if self.terminology else None


@dataclass
class _Kept:
    guideline: Guideline | None = None
    looked: float = 0.0
    lock: Lock = field(default_factory=Lock)


_kept = _Kept()


def folders() -> list[Path]:
    """The folders of content: the shipped one unless switched off, and the site's own when there."""
    return served_folders(settings.VARDE_HOME / "guidelines", settings.VARDE_DEMO_CONTENT)


def current() -> Guideline:
    """The guideline as the files now are.

    A change that cannot be read is logged, and the one before is served on: a slip of an editor must
    not close the guideline. Without one before, the error is raised.

    Raises:
        ContentError: the content cannot be read, and nothing was read before.
    """
    now = time.monotonic()
    if _kept.guideline is not None and now - _kept.looked < LOOK_EVERY:
        return _kept.guideline
    with _kept.lock:
        stamp = _stamp()
        if _kept.guideline is None or _kept.guideline.stamp != stamp:
            try:
                _kept.guideline = Guideline(read_library(*folders()), _open(), stamp)
                publication.cache_clear()
            except ContentError:
                if _kept.guideline is None:
                    raise
                log.exception("the guideline's content cannot be read; the earlier is served on")
        _kept.looked = now
        return _kept.guideline


def today() -> date:
    """The day in Norway."""
    return timezone.localdate()


def publication_on(day: date | None) -> Publication:
    """What is served of a day; of today when None is asked for."""
    return publication(current(), day or today(), day is not None)


@lru_cache(maxsize=64)
def publication(guideline: Guideline, day: date, by_name: bool) -> Publication:
    """The publication of one reading and day; kept, so that objects are completed once."""
    return Publication(
        guideline.library.edition(day),
        guideline.terminology,
        guideline.release,
        day if by_name else None,
    )


def _open() -> Terminology | None:
    store = settings.VARDE_HOME / "snomed"
    if not (store / "store.json").exists():
        return None
    try:
        return open_terminology(store)
    except CodesError:
        log.exception("the terminology cannot be opened: contra-indications are matched without it")
        return None


def _stamp() -> Stamp:
    """Names, times and sizes of the files that say what there is."""
    files = [folder / "published.json" for folder in folders()]
    files.append(settings.VARDE_HOME / "snomed" / "store.json")
    found = []
    for file in files:
        if file.exists():
            status = file.stat()
            found.append((str(file), status.st_mtime_ns, status.st_size))
    return tuple(found)
