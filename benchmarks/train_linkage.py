"""Train the weights of `varde.linkage` anew: ``python -m benchmarks.train_linkage > weights.json``.

Needs the extra ``linkage`` (Splink). The people are invented, so who is who is known. A country that has
descriptions of known persons of its own gives them to `varde.linkage.training.train` in the same way. `docs/linkage.md` says
what to look at before new weights replace the old ones.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date

PEOPLE, SEED, PAIRS = 10_000, 7, 5_000_000


def main() -> None:
    from varde.linkage import Changes, Weights
    from varde.linkage.training import train, write_weights
    from varde.synthetic import Identities

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--day", type=date.fromisoformat, required=True, help="the version's day")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--pairs", type=int, default=PAIRS, help="random pairs for u")
    asked = parser.parse_args()
    made = Identities(asked.people, asked.seed)
    base = Weights(
        version=asked.day.isoformat(),
        day=asked.day,
        trained_on=(
            f"varde.synthetic.Identities({asked.people}, {asked.seed}): invented people, names and slips; "
            "how common names are is assumed, not counted"
        ),
        one_in=2,
        same_from=10.0,
        different_to=-4.0,
        margin=3.0,
        contradictions=2,
        fields={},
        terms={},
        days={"0101": 0.0025, "0701": 0.0006},
    )
    trained = train(
        {each.key: each.description for each in made.told},
        {each.key: each.person for each in made.told},
        Changes(made.changes),
        base=base,
        pairs=asked.pairs,
    )
    sys.stdout.buffer.write(write_weights(trained))


if __name__ == "__main__":
    main()
