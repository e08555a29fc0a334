"""The fast one-pass reader against a plain one that asks with XPath, on generated messages.

The reference says the rule in its simplest form: for every result, look for its findings upwards,
first by reference and then by nesting, level after level.
"""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from messages import kith_builder as kith
from varde.messages import Failure, LabReport, read

NO_ORGANISM = {"vekst", "ingen vekst", "blandingsflora"}
Linked = list[tuple[list[str], str, list[tuple[list[str], str, str]]]]


def query(node: Any, path: str) -> list[Any]:
    return node.xpath(path, namespaces={"k": node.nsmap[None]})


def first_text(node: Any, path: str) -> str:
    found = query(node, path)
    return " ".join((found[0].text or "").split()) if found else ""


def is_culture(item: Any) -> bool:
    ids = query(item, "k:Investigation/k:Id")
    return any(
        "dyrkning" in (i.get("DN") or "").lower() or i.get("DN") == "Identifikasjon" for i in ids
    )


def is_cancelled(item: Any) -> bool:
    return bool(
        query(
            item,
            "ancestor-or-self::k:ResultItem[k:ServType/@V='C' or k:StatusInvestigation/@V='14']",
        )
    )


def organisms(item: Any) -> list[str]:
    said = [code.get("DN") for code in query(item, "k:TextResult/k:TextCode")]
    words = first_text(item, "k:TextResult/k:TextResultValue")
    if words and words not in said:
        said.append(words)
    return [word for word in said if word.lower() not in NO_ORGANISM]


def is_finding(item: Any) -> bool:
    return is_culture(item) and not is_cancelled(item) and bool(organisms(item))


def owner(item: Any, root: Any) -> Any:
    """The finding above an item, a cancelled item above it, or None."""
    steps = []
    reference = first_text(item, "k:RefIdResultItem")
    if reference:
        steps += query(root, f"//k:ResultItem[k:IdResultItem='{reference}']")
    steps += query(item, "parent::k:ResultItem")
    for step in steps:
        found = step if is_finding(step) or is_cancelled(step) else owner(step, root)
        if found is not None:
            return found
    return None


def fault_of(codes: list[str], words: str, sir: str, mic: str) -> str:
    """Why a result cannot be used: a number that is none, a category that is none."""
    if words == "1e400":
        return "bad-quantity"
    if "Q" in codes or (words == "Halvveis" and not codes):
        return "bad-susceptibility"
    return ""


def contradicts(results: list[tuple[list[str], str, str]], new: tuple[list[str], str, str]) -> bool:
    return any(
        names == new[0] and {sir, new[1]} in ({"S", "R"}, {"S", "I"}, {"I", "R"})
        and (mic == "") == (new[2] == "")
        for names, sir, mic in results
    )  # fmt: skip


def reference_reading(data: bytes) -> Linked | str:
    root = etree.fromstring(data)
    found = [item for item in query(root, "//k:ResultItem") if is_finding(item)]
    linked: Linked = [(organisms(item), "", []) for item in found]
    for item in query(root, "//k:ResultItem"):
        if is_cancelled(item):
            continue
        above = owner(item, root)
        if first_text(
            item, "k:Investigation/k:Id[@DN='Mengde']/../../k:TextResult/k:TextResultValue"
        ):
            amount = first_text(item, "k:TextResult/k:TextResultValue")
            if above in found:
                names, before, results = linked[found.index(above)]
                linked[found.index(above)] = (names, before or amount, results)
            continue
        if not query(item, "k:TextResult/k:Heading[@V='RSB']"):
            continue
        words = first_text(item, "k:TextResult/k:TextResultValue")
        codes = [code.get("V") for code in query(item, "k:TextResult/k:TextCode")]
        if not codes and words in ("", "..."):
            continue
        if above is None and len(found) == 1:
            above = found[0]
        if above in found:
            ids = query(item, "k:Investigation/k:Id")
            ids.sort(key=lambda i: not i.get("S").endswith(".7280"))
            sir = next((code for code in codes if code in "SIR"), "")
            number = re.fullmatch(r"(<=|>)? ?([0-9]+(?:[.,][0-9]+)?)", words)
            mic = (number[1] or "") + number[2].replace(",", ".") if number else ""
            results = linked[found.index(above)][2]
            new = ([i.get("V") for i in ids], sir, mic)
            fault = fault_of(codes, words, sir, mic)
            if fault or contradicts(results, new):
                return fault or "contradictory-susceptibility"
            results.append(new)
    return linked


def fast_reading(data: bytes) -> Linked | str:
    (report,) = read(data)
    if isinstance(report, Failure):
        return report.reason
    assert isinstance(report, LabReport), report
    return [
        (
            [code.text for code in finding.organisms],
            finding.quantity,
            [([c.code for c in s.antibiotics], s.sir, s.mic) for s in finding.susceptibilities],
        )
        for finding in report.findings
    ]


ORGANISMS = ["Escherichia coli", "E.COLI", "Klebsiella pneumoniae", "Staphylococcus aureus"]
ANTIBIOTICS = [
    ((kith.NLK, "NPU06049", "Cipro"),),
    ((kith.LOCAL, "AM-D", "Ampicillin"), (kith.NLK, "NPU06045", "Ampicillin")),
    ((kith.LOCAL, "GM", "Gentamicin"),),
]


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Cultures with findings whose results are nested, referred to, or linked over a step between."""
    items: list[str] = []
    loose: list[str] = []
    serial = iter(range(1000))
    for _ in range(draw(st.integers(1, 3))):
        grown = f"C{next(serial)}"
        items.append(
            kith.culture(draw(st.sampled_from(["Vekst", "Blandingsflora", None])), item=grown)
        )
        for _ in range(draw(st.integers(0, 3))):
            own = f"F{next(serial)}"
            nested: list[str] = []
            if draw(st.booleans()):
                nested.append(kith.quantity(draw(st.sampled_from(["Vekst", ">100.000 pr ml"]))))
            for _ in range(draw(st.integers(0, 4))):
                way = draw(st.sampled_from(["nested", "refers", "both", "between"]))
                item = {
                    "codes": draw(st.sampled_from(
                        [[], [(kith.SIR, "S", "Sensitiv")], [(kith.SIR, "S", "")], [(kith.SIR, "K", "")],
                         [(kith.SIR, "S", "")], [(kith.SIR, "R", "")], [(kith.SIR, "Q", "")]]
                    )),
                    "said": draw(st.sampled_from([None, "0,25", "<= 0.5", ">256", "...", "10", None, "Halvveis", "1e400"])),
                    "heading": "RSB",
                    "service": draw(st.sampled_from([None, None, "N", "C"])),
                }  # fmt: skip
                ids = draw(st.sampled_from(ANTIBIOTICS))
                if way == "nested":
                    nested.append(kith.result(*ids, **item))
                elif way == "both":
                    nested.append(kith.result(*ids, refers=own, **item))
                elif way == "refers":
                    loose.append(kith.result(*ids, refers=own, **item))
                else:
                    note = f"N{next(serial)}"
                    loose.append(kith.result((kith.LOCAL, "X", "Merknad"), item=note, refers=own))
                    loose.append(kith.result(*ids, refers=note, **item))
            items.append(
                kith.identification(
                    draw(st.sampled_from([*ORGANISMS, "Vekst"])), item=own, refers=grown,
                    codes=draw(st.sampled_from([[], [(kith.SIR, "ESCOLI", "Escherichia coli")]])),
                    status=draw(st.sampled_from([None, None, "3", "14"])), nested=nested,
                )
            )  # fmt: skip
    loose = draw(st.permutations(loose))
    first = draw(st.booleans())
    ordered = [*loose, *items] if first else [*items, *loose]
    return kith.simple(*ordered, version=draw(st.sampled_from(["1.3", "1.4"])))


def has_unattached(data: bytes) -> bool:
    """A result that hangs on a finding without organism: the reader refuses what is not unique."""
    return any(
        getattr(record, "reason", "") == "unattached-susceptibility" for record in read(data)
    )


@settings(max_examples=300, deadline=None)
@given(messages())
def test_the_fast_reader_links_as_the_plain_one(data: bytes) -> None:
    if has_unattached(data):
        root = etree.fromstring(data)
        found = [item for item in query(root, "//k:ResultItem") if is_finding(item)]
        assert len(found) != 1
        return
    assert fast_reading(data) == reference_reading(data)
