"""What is handed in at one door: invented, with the truth that the register must end with.

Every sender hands in at one door only, so that what the register holds of a sender has come by that door.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, NamedTuple

Thing = Literal["finding", "notification", "vaccination", "ward", "prescription", "operation"]
Way = Literal["post", "mllp", "ingest", "watch", "form"]

THINGS: Mapping[str, tuple[Thing, ...]] = {
    "laboratory": ("finding",),
    "notification": ("notification",),
    "vaccination": ("vaccination",),
    "prevalence": ("ward", "prescription"),
    "surgery": ("operation",),
    "ravn": ("finding",),
    "norm": ("finding",),
}
"""Kind at the front door → what it becomes in the register."""


class Key(NamedTuple):
    """What is counted: things of one sender in one register ("default", "ravn", "norm")."""

    register: str
    thing: Thing
    sender: str


class Parcel(NamedTuple):
    """One thing handed in.

    Attributes:
        sender: its key ("HER:91843"); of a form, who fills it in.
        name: of the file, with folders; of a form, what is filled in.
        data: the bytes; empty for a form.
        answers: to a form's questions, by the names of its fields.
        known: more answers, each in several ways: the first one is given that the page offers, where it asks.
    """

    sender: str
    name: str
    data: bytes = b""
    answers: Mapping[str, str] = {}
    known: Mapping[str, tuple[str, ...]] = {}


@dataclass
class Errand:
    """All of one kind that comes by one door, and how far it has come.

    Attributes:
        way: how it is handed in.
        door: the same for people, with the address or the command.
        kind: at the front door.
        format: of what is handed in.
        path: the address it is handed in at, or the folder below the watched one.
        truth: what the register must hold of each sender in the end.
        handed_in: parcels that were answered (or put away, where nobody answers).
        repeated: how often one was sent again because there had been no answer.
        put_off: how often a door said that one shall come again.
        went_wrong: why it was given up; None when it was not.
    """

    way: Way
    door: str
    kind: str
    format: str
    parcels: Sequence[Parcel]
    truth: Counter[Key]
    path: str = ""
    handed_in: int = 0
    repeated: int = 0
    put_off: int = 0
    went_wrong: BaseException | None = field(default=None, repr=False)

    @property
    def register(self) -> str:
        """The register it belongs in."""
        return self.kind if self.kind in ("ravn", "norm") else "default"

    @property
    def keys(self) -> set[Key]:
        """Everything that is counted for this errand."""
        senders = {parcel.sender for parcel in self.parcels} | {key.sender for key in self.truth}
        return {Key(self.register, t, s) for t in THINGS[self.kind] for s in senders}

    @property
    def distinct(self) -> int:
        """How many different messages it hands in; the same bytes again are the same message."""
        if self.way == "form":
            return len(self.parcels)
        return len({sha256(parcel.data).digest() for parcel in self.parcels})
