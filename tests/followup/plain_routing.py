"""Who is to be told of which case, said slowly and from the files alone: the reference that routing is held against."""

from __future__ import annotations

import csv
import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import varde.cases
import varde.codes
import varde.followup
from varde.register import ListedCase

CODES = Path(varde.codes.__file__).parent / "data"
DISEASES = Path(varde.cases.__file__).parent / "data" / "diseases"
ROUTING = Path(varde.followup.__file__).parent / "data" / "routing.json"

Standing = dict[tuple[int, str], tuple[str, bool, str]]
"""(case, unit) → receiver, at once, reason."""


def rows(name: str) -> list[dict[str, str]]:
    with (CODES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_there(number: str, on: date) -> bool:
    return any(
        row["number"] == number
        and row["valid_from"] <= str(on)
        and (not row["valid_to"] or str(on) <= row["valid_to"])
        for row in rows("municipalities.csv")
    )


def becomes(number: str, on: date) -> str | None:
    """The municipality that a number is on a day."""
    while not is_there(number, on):
        later = [
            row
            for row in rows("municipality_changes.csv")
            if row["old"] == number and row["date"] <= str(on)
        ]
        if len(later) != 1:
            return None
        number = later[0]["new"]
    return number


def was_divided(number: str) -> bool:
    return any(
        row["old"] == number and row["kind"] == "split" for row in rows("municipality_changes.csv")
    )


def duty_of(disease: str, first_day: date) -> dict[str, Any] | None:
    read = tomllib.loads((DISEASES / f"{disease}.toml").read_text(encoding="utf-8"))
    held = [row for row in read["duty"] if row["valid_from"] <= first_day]
    return held[-1] if held else None


def rule_for(receiver: str) -> dict[str, Any]:
    read = json.loads(ROUTING.read_text(encoding="utf-8"))
    return next(row for row in read["receivers"] if row["receiver"] == receiver)


def wanted(case: ListedCase, on: date) -> Standing:
    """Everybody who is to be told of one case, but for hospitals, which no message of these tests names."""
    duty = duty_of(case.disease, case.first_day)
    if duty is None or not duty["group"]:
        return {}
    asked: dict[str, list[tuple[int, bool, str]]] = {}
    for tell in duty.get("tell", []):
        rule = rule_for(tell["receiver"])
        hours, receiver, reason = tell["within_hours"], tell["receiver"], ""
        if rule["unit"] == "municipality":
            sent = getattr(case, rule["place"])
            number = becomes(sent, on) if sent else None
            if number:
                unit = f"municipality:{number}"
            elif rule.get("otherwise") == "national-duty-officer":
                unit = "national"
                reason = "in another's place"
            else:
                continue
        elif rule["unit"] == "trust":
            continue
        else:
            unit = rule["unit"]
        asked.setdefault(unit, []).append((hours, bool(reason), receiver))
        asked[unit].sort()
    found: Standing = {}
    for unit, ones in asked.items():
        hours, _, receiver = ones[0]
        reason = ""
        for _, in_place, other in ones:
            if in_place and not reason:
                place = rule_for(other)["place"]
                sent = getattr(case, place)
                reason = f"{place}-{'split' if sent and was_divided(sent) else 'unknown'}"
        found[case.number, unit] = (receiver, duty["at_once"] and hours == 0, reason)
    return found
