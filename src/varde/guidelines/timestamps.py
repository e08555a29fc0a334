"""Points in time as the published model writes them: two formats, which occur in one object.

``"2017-08-07T00:00"`` and ``"03/12/2019 10:53:46"`` (day first). Neither has a zone: they are
Norwegian local time. The text is kept, so that an object is written as it was read.
"""

from __future__ import annotations

from datetime import date, datetime

FORMATS = (
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%d",
)


class Timestamp:
    """A point in time and how it was written. Immutable; not a dataclass, as `Amount` is not.

    Args:
        text: as it stands in the object.

    Raises:
        ValueError: it has none of the formats.
    """

    __slots__ = ("text",)
    text: str

    def __init__(self, text: str) -> None:
        _parse(text)
        object.__setattr__(self, "text", text)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a point in time does not change: {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Timestamp({self.text!r})"

    @property
    def at(self) -> datetime:
        """Norwegian local time, without zone as in the source."""
        return _parse(self.text)

    @property
    def day(self) -> date:
        """The day alone."""
        return self.at.date()


def _parse(text: str) -> datetime:
    for pattern in FORMATS:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the source has no zone
        except ValueError:
            continue
    raise ValueError(
        f'{text!r} is no point in time: write "2017-08-07T00:00" or "03/12/2019 10:53:46"'
    )
