"""When a version of something was made, as FHIR resources say it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from varde.messages.errors import InvalidContent
from varde.messages.fhir.references import Held
from varde.messages.fhir.resources import Bundle
from varde.messages.times import generated_fault, parse_time


def read_generated(
    held: Held, candidates: Iterable[tuple[str, str]], bundle: Bundle, latest: datetime
) -> datetime:
    """The first time that is given: of the resource's own fields in order, else of the bundle.

    Args:
        held: where the resource lies.
        candidates: what stands in a field, and the field; the first is named when there is none.
        bundle: the bundle. Its time comes last: it says when the bundle was put together, and an old
            thing that is sent again would look new.
        latest: the latest time that it may be.

    Raises:
        InvalidContent: ``missing-generated``, ``bad-date``, ``absurd-date``, ``future-generated``.
    """
    fields = [(written.strip(), held.at(path)) for written, path in candidates]
    for written, place in (*fields, (bundle.timestamp.strip(), "Bundle.timestamp")):
        if not written:
            continue
        generated = parse_time(written)
        if generated is None:
            raise InvalidContent("bad-date", place, written)
        fault = generated_fault(generated, latest)
        if fault is not None:
            raise InvalidContent(fault[0], place, fault[1])
        return generated
    raise InvalidContent("missing-generated", fields[0][1])
