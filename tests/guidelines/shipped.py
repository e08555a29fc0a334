"""The content that comes with Varde, as it was on a day, with or without the invented terminology."""

from __future__ import annotations

import tempfile
from datetime import date
from functools import cache
from pathlib import Path

from varde.codes.snomed import Terminology, load_release, open_terminology
from varde.guidelines import SHIPPED, Library, Publication, read_library
from varde.synthetic import INVENTED_SNOMED

TODAY = date(2026, 11, 25)


@cache
def shipped() -> Library:
    return read_library(SHIPPED)


@cache
def invented_terminology() -> Terminology:
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        load_release([INVENTED_SNOMED], store)
        return open_terminology(store)


@cache
def publication_of(day: date = TODAY, terminology: bool = False) -> Publication:
    loaded = invented_terminology() if terminology else None
    return Publication(shipped().edition(day), loaded, "the invented release")
