"""What `docs/messages.md` says of each element is so: taken out of an example, it has that effect.

The tables of the page are read, so that the page and the readers cannot part. And the examples that
others begin with are taken as they are, with nothing in them unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lxml import etree

from messages import deidentified_lists as lists
from messages.kith_builder import NAMESPACE
from varde.codes import CodeMap
from varde.messages import Failure, Statement, minimise, read, read_minimised, reasons
from varde.messages.records import Code, LabReport, Vaccination

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "messages"
PAGE = (ROOT / "docs" / "messages.md").read_text("utf-8")
RECEIVED = datetime(2026, 3, 1, tzinfo=UTC)
TICKED = re.compile(r"`([^`]+)`")
REASON = re.compile(r"\*([a-z-]+)\*")


class Line(NamedTuple):
    """A row of a table of the page."""

    paths: tuple[str, ...]
    becomes: str
    must: bool
    without: str


def lines(key: str) -> Iterator[Line]:
    [inside] = re.findall(rf"<!-- elements:{key} -->\n(.*?)<!-- /elements -->", PAGE, re.S)
    for row in inside.splitlines()[2:]:
        paths, _, becomes, must, without = (cell.strip() for cell in row[1:-1].split("|"))
        assert must in ("yes", "") and without, row
        yield Line(tuple(TICKED.findall(paths)), becomes.strip("`"), must == "yes", without)


def read_all(data: bytes) -> list[Statement | Failure]:
    return list(read(data, None, RECEIVED))


# --- an element out of a message; None when it is not in it


def without_in_xml(data: bytes, path: str) -> bytes | None:
    """`A/B[LR]/C` below a ServReport, `/A` below the root; `[LR]` chooses items by their heading."""
    root = etree.fromstring(data)
    where = f"/{path}" if path.startswith("/") else f"/ServReport/{path}"
    steps = re.findall(r"(\w+)(?:\[(\w+)\])?", where)
    found = [root]
    for name, heading in steps:
        found = [
            child
            for element in found
            for child in element
            if etree.QName(child).localname == name and heading in ("", heading_of(child))
        ]
    for element in found:
        element.getparent().remove(element)
    return etree.tostring(root, encoding="utf-8") if found else None


def heading_of(item: Any) -> str:
    """LR for an item whose first heading is it, and so on."""
    return next((each.get("V") for each in item.iter("{*}Heading")), "")


def without_in_json(data: bytes, path: str) -> bytes | None:
    """`Type.field.field` of every resource of the type; `Type` alone is the resource itself."""
    bundle = json.loads(data)
    kind, *fields = path.split(".")
    if not fields:
        left = [each for each in bundle["entry"] if each["resource"]["resourceType"] != kind]
        gone = len(left) < len(bundle["entry"])
        bundle["entry"] = left
    else:
        holders = [each["resource"] for each in bundle["entry"]]
        holders = [each for each in (bundle, *holders) if each["resourceType"] == kind]
        for field in fields[:-1]:
            holders = [each[field] for each in holders if field in each]
        gone = sum(each.pop(fields[-1], None) is not None for each in holders) > 0
    return json.dumps(bundle).encode() if gone else None


def without_in_segments(data: bytes, path: str) -> bytes | None:
    """`PID-3` emptied in every PID; `PID` takes the segments away. `OBX-3 (panel)` is below an order
    that is a child, `OBX-3 (culture)` below another."""
    place, _, order = path.partition(" ")
    name, _, number = place.partition("-")
    kept, gone, now = [], False, ""
    for segment in data.decode().splitlines():
        fields = segment.split("|")
        if fields[0] == "OBR":
            now = "(panel)" if len(fields) > 26 else "(culture)"
        meant = fields[0] == name and order in ("", now)
        at = int(number or 0) - (name == "MSH")
        if meant and number and at < len(fields) and fields[at]:
            fields[at], gone = "", True
        if meant and not number:
            gone = True
        else:
            kept.append("|".join(fields))
    return "\r".join([*kept, ""]).encode() if gone else None


TAKERS: dict[str, tuple[str, Callable[[bytes, str], bytes | None]]] = {
    "kith": ("kith-svarrapport.xml", without_in_xml),
    "fhir": ("fhir-transaction.json", without_in_json),
    "immunization": ("fhir-immunization.json", without_in_json),
    "hl7v2": ("hl7v2-oru.hl7", without_in_segments),
}


@cache
def example(name: str) -> bytes:
    return (EXAMPLES / name).read_bytes()


def take_out(key: str, paths: Iterable[str]) -> bytes:
    """The example of a format without any of these elements."""
    name, taker = TAKERS[key]
    data, gone = example(name), False
    for path in paths:
        left = taker(data, path)
        if left is not None:
            data, gone = left, True
    assert gone, f"{name} has none of {paths}: the row cannot be shown"
    return data


def value_at(record: object, path: str) -> object:
    """What stands in a field of a record, or in that field of each of several."""
    for name in path.split("."):
        several = isinstance(record, tuple)
        record = (
            tuple(getattr(each, name) for each in record)  # type: ignore[attr-defined]
            if several
            else getattr(record, name)
        )
    return record


ROWS = [(key, line) for key in TAKERS for line in lines(key)]


@pytest.mark.parametrize(("key", "line"), ROWS, ids=[f"{k} {r.paths[0]}" for k, r in ROWS])
def test_an_element_taken_out_has_the_effect_that_the_page_says(key: str, line: Line) -> None:
    found = read_all(take_out(key, line.paths))
    whole = read_all(example(TAKERS[key][0]))
    assert found
    if line.must:
        [reason] = REASON.findall(line.without)
        assert [each.reason for each in found if isinstance(each, Failure)] == [reason] * len(found)
        return
    assert not [each for each in found if isinstance(each, Failure)], line
    if line.becomes:
        assert value_at(found[0], line.becomes) != value_at(whole[0], line.becomes), line


@pytest.mark.parametrize("key", TAKERS)
def test_the_fields_and_reasons_that_the_page_names_exist(key: str) -> None:
    [whole] = read_all(example(TAKERS[key][0]))
    for line in lines(key):
        if line.becomes:
            assert value_at(whole, line.becomes) not in ("", None, ()), line
        assert set(REASON.findall(line.without)) & set(reasons()) or not line.must
    named = set(REASON.findall(PAGE)) - {"svarrapport", "yes", "element", "becomes", "must"}
    assert {word for word in named if "-" in word} <= set(reasons())


@pytest.mark.parametrize("version", NAMESPACE)
def test_both_versions_of_the_svarrapport_are_taken(version: str) -> None:
    data = example("kith-svarrapport.xml").replace(
        NAMESPACE["1.4"].encode(), NAMESPACE[version].encode()
    )
    assert NAMESPACE[version].encode() in data
    assert read_all(data) == read_all(example("kith-svarrapport.xml"))


# --- the examples


def codes_in(record: Statement) -> Iterator[tuple[str, tuple[Code, ...]]]:
    """Everything in a record that a code map is asked for."""
    if isinstance(record, Vaccination):
        yield "vaccine", record.vaccines
    if isinstance(record, LabReport):
        for specimen in record.specimens:
            yield "material", specimen.materials
        for finding in record.findings:
            yield "organism", finding.organisms
            for test in finding.susceptibilities:
                yield "antibiotic", test.antibiotics


def records_of(name: str) -> list[Statement | Failure]:
    data = example(name)
    register = Path(name).stem
    if register in ("ravn", "norm"):
        kept = minimise(register, data, lists.keyed)  # type: ignore[arg-type]
        return list(read_minimised(kept, RECEIVED))
    beside = EXAMPLES / f"{name}.mapping.toml"
    return list(read(data, beside.read_bytes() if beside.exists() else None, RECEIVED))


FILES = sorted(path.name for path in EXAMPLES.iterdir() if path.suffix != ".toml")


@pytest.mark.parametrize("name", FILES)
def test_an_example_is_taken_whole_and_nothing_in_it_is_unknown(name: str) -> None:
    records = records_of(name)
    assert records
    assert not [each for each in records if isinstance(each, Failure)]
    known = CodeMap.load()
    for record in records:
        assert isinstance(record, Statement)
        for kind, codes in codes_in(record):
            assert known.find(kind, [(c.system, c.code, c.text) for c in codes]), (name, codes)


def test_every_example_is_named_on_the_page_and_there_is_one_of_each_kind() -> None:
    named = PAGE.partition("## Examples")[2].partition("Say of a file")[0]
    files = {word for word in TICKED.findall(named) if "." in word}
    assert files == {path.name for path in EXAMPLES.iterdir()}
    kinds = {each.kind for name in FILES for each in records_of(name)}
    assert kinds == {"laboratory", "notification", "vaccination", "prevalence", "surgery"}


def test_no_example_holds_a_number_of_a_person_who_may_live() -> None:
    """Invented persons are born in month 81 to 92."""
    for name in FILES:
        for number in re.findall(r"(?<!\d)\d{11}(?!\d)", example(name).decode("utf-8")):
            assert 81 <= int(number[2:4]) <= 92, name
