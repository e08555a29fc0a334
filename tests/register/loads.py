"""What several laboratories send at once: three wire formats, several versions of few answers, some of which are cases."""

from __future__ import annotations

import random

from register import wires
from register.answers import PERSONS
from varde.register.log import Incoming


def make_messages(chance: random.Random, senders: int, each: int) -> list[list[Incoming]]:
    """For each sender its messages."""
    return [
        [
            Incoming("", wires.write(
                chance.choice(wires.FORMATS), f"R{chance.randint(1, 8)}", f"M{number}",
                service=chance.choice("NNNMCA"), made=chance.randint(1, 4),
                person=chance.choice(PERSONS), results=[("NPU06049", chance.choice("SIR"))],
                organism=chance.choice(("Escherichia coli", "Salmonella Typhimurium")),
                her=str(91843 + sender),
            ), submitter=f"HER:{91843 + sender}", kind="laboratory", door="api")
            for number in range(each)
        ]
        for sender in range(senders)
    ]  # fmt: skip
