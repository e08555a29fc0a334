"""Linking descriptions of people: pairs decided a second, 100,000 descriptions end to end, right and wrong.

The floor of a decision is comparing the fields of two prepared descriptions for equality and no more. End to end is
from typed descriptions to persons and questions, in a process of its own, so that time and peak
memory are its own. The people are invented (`varde.synthetic`), with another seed than those that the weights were trained on.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import islice
from typing import Any

DESCRIPTIONS = 100_000
SEED = 20261128
PAIRS = 40_000
ROUNDS = 5


def run(descriptions: int = DESCRIPTIONS) -> dict[str, Any]:
    """Measure and print."""
    single = _measure_pairs()
    print("Deciding about pairs that share a key, and as many that do not")
    print(
        f"  compare for equality {single['floor']:6.2f} µs, weigh {single['weigh']:6.2f} µs a pair "
        f"({1e6 / single['weigh']:,.0f} a second), decide with words {single['decide']:6.1f} µs, "
        f"ratio {single['floor'] / single['weigh']:.2f}"
    )
    command = [sys.executable, "-m", "benchmarks.linkage", str(descriptions)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    whole: dict[str, Any] = json.loads(answer.stdout)
    seconds = whole["seconds"]
    print(f"Linking {whole['descriptions']:,} descriptions of {whole['persons']:,} people")
    print(
        f"  {seconds:.1f} CPU seconds, {whole['descriptions'] / seconds:,.0f} descriptions a second, "
        f"{whole['compared']:,} pairs compared, {whole['memory']:.0f} MB more than the descriptions"
    )
    print(f"  {'group':16} precision  recall  asked for each description  blocking recall")
    for group, score in whole["groups"].items():
        print(
            f"  {group:16} {score['precision']:9.5f} {score['recall']:7.3f} {score['asked']:10.3f} "
            f"{score['blocking']:31.4f}"
        )
    return {"ratio": single["floor"] / single["weigh"], "single": single, "whole": whole}


def _measure_pairs() -> dict[str, float]:
    """Microseconds a pair, the quickest of some rounds that take turns."""
    from varde.linkage import Changes, candidate_pairs, decide, prepare, shipped_weights, weigh
    from varde.synthetic import Identities

    made = Identities(6_000, SEED)
    changes, weights = Changes(made.changes), shipped_weights()
    prepared = [prepare(each.description, changes) for each in made.told]
    near = [tuple(pair) for pair in candidate_pairs(prepared)[0][: PAIRS // 2]]
    far = [(at % len(prepared), (at * 7919 + 1) % len(prepared)) for at in range(len(near))]
    pairs = [(prepared[one], prepared[other]) for one, other in (*near, *far)]
    described = [
        (made.told[one].description, made.told[other].description)
        for one, other in (*near[:1000], *far[:1000])
    ]
    best = {"floor": float("inf"), "weigh": float("inf"), "decide": float("inf")}
    for _ in range(ROUNDS):
        started = time.process_time()
        for one, other in pairs:
            [a == b for a, b in zip(one, other, strict=True)]
        best["floor"] = min(best["floor"], _since(started, pairs))
        started = time.process_time()
        for one, other in pairs:
            weigh(one, other, weights)
        best["weigh"] = min(best["weigh"], _since(started, pairs))
        started = time.process_time()
        for first, second in described:
            decide(first, second, weights, changes)
        best["decide"] = min(best["decide"], _since(started, described))
    return best


def _since(started: float, pairs: Sequence[Any]) -> float:
    return (time.process_time() - started) / len(pairs) * 1e6


def _link(count: int) -> dict[str, Any]:
    """Link so many descriptions, and tell how it went."""
    from varde.linkage import Changes, clusters
    from varde.synthetic import Identities, score_blocking, score_clusters

    made = Identities(count // 3, SEED)
    told = list(islice(made.told, count))
    changes = Changes(made.changes)
    descriptions = {each.key: each.description for each in told}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    found = clusters(descriptions, changes=changes)
    seconds = time.process_time() - started
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    blocking = score_blocking(told, changes)
    return {
        "descriptions": len(told),
        "persons": len({each.person for each in told}),
        "seconds": seconds,
        "compared": found.compared,
        "memory": memory,
        "groups": {
            group: {
                "precision": score.precision,
                "recall": score.recall,
                "asked": score.asked,
                "blocking": blocking.get(group, 1.0),
            }
            for group, score in score_clusters(told, found).items()
        },
    }


if __name__ == "__main__":
    print(json.dumps(_link(int(sys.argv[1]))))
