"""The fast one-pass reader against a plain one that asks with XPath, on generated messages.

The reference says the rule in its simplest form: for every result, look for its findings upwards,
first by reference and then by nesting, level after level; only where there is none, for a positive search.
What a search is called is a table here, name by name.
"""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from messages import kith_builder as kith
from varde.messages import Failure, LabReport, read

NO_ORGANISM = {
    "vekst", "ingen vekst", "blandingsflora", "påvist", "12", "ingen vekst etter 5 døgn.", "påvist, se kommentar"
}  # fmt: skip
POSITIVE = (
    "påvist", "positiv", "svakt positiv", "+", "vekst", "påvist, se kommentar", "påvist. ny prøve anbefales",
)  # fmt: skip
SHOWN = {"Påvist. Ny prøve anbefales."}
"""What says more than that something was found is shown to a person as it is."""
BETWEEN = "Grenseverdi"
"""An answer between positive and negative is noted as a positive one is."""
CULTURES = {"F-Salmonella dyrkning": "Salmonella"}
"""Cultures that look for one organism."""
VALUED = {"Influensa A-virus": {"Luftveispanel PCR"}}
"""What names an organism as the value of a test that names none, and of which tests."""
SEARCHES = {
    "P-Meslingvirus IgM": ("Meslingvirus", "antibody-igm"),
    "Sekr-Bordetella pertussis DNA": ("Bordetella pertussis", "nucleic-acid"),
    "Legionella pneumophila antigen i urin": ("Legionella pneumophila", "antigen"),
    "F-Clostridioides difficile, toksin B-gen DNA": ("Clostridioides difficile", "nucleic-acid"),
    "Hiv-1/2 antistoff/antigen": ("Hiv-1/2", "antibody"),
}
NOT_SEARCHED = {
    "P-IgM": "antibody-igm",
    "Meslingvirus": "",
    "Luftveispanel PCR": "nucleic-acid",
    "P-Prostataspesifikt antigen": "antigen",
}
"""Names without an organism or without a method; what is identified in such a test was found by its method."""
UNSURE = {"Meslingvirus": ""}
"""Names of an organism without a method: noted when they are positive."""
VAGUE = {
    "U-Bakterier dyrkning": "culture",
    "Identifikasjon": "",
    "Luftveispanel PCR": "nucleic-acid",
    "P-IgM": "antibody-igm",
}
"""Names of nothing: noted when they are positive and nothing else was found."""
Linked = list[tuple[list[str], str, str, list[tuple[list[str], str, str]]]]
"""Organisms, method, amount, results."""


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


def searched(item: Any) -> str:
    """The name of the search that an item is; empty for others."""
    return next(
        (i.get("DN") for i in query(item, "k:Investigation/k:Id") if i.get("DN") in SEARCHES), ""
    )


def detection(item: Any, root: Any) -> tuple[list[str], str] | None:
    """What a search found, with its method: by its name, or by its value."""
    words = first_text(item, "k:TextResult/k:TextResultValue")
    if is_cancelled(item):
        return None
    [name] = [i.get("DN") for i in query(item, "k:Investigation/k:Id")][:1]
    positive = words.rstrip(".").lower() in POSITIVE
    if name in CULTURES and positive and not is_identified(item, root):
        return [CULTURES[name]], "culture"
    if name in VALUED["Influensa A-virus"] and words == "Grenseverdi":
        return [f"{name}: {words}"], NOT_SEARCHED[name]
    if not searched(item):
        return ([words], NOT_SEARCHED[name]) if name in VALUED.get(words, ()) else None
    organism, how = SEARCHES[name]
    if positive:
        return [organism], how
    if words == "Grenseverdi":
        return [f"{name}: {words}"], how
    if words in VALUED:
        return [f"{name}: {words}", words], how
    return None


def noted(item: Any, root: Any, names: dict[str, str]) -> tuple[list[str], str] | None:
    """A positive answer of which nobody knows what it found, unless an organism hangs on it."""
    [name] = [i.get("DN") for i in query(item, "k:Investigation/k:Id")][:1]
    words = first_text(item, "k:TextResult/k:TextResultValue")
    if name not in names or is_cancelled(item) or is_finding(item):
        return None
    # That an organism is named where another was looked for is told also without a positive word.
    told = (BETWEEN, *VALUED) if names is UNSURE else (BETWEEN,)
    if words.rstrip(".").lower() not in POSITIVE and words not in told:
        return None
    found = [each for each in query(root, "//k:ResultItem") if is_finding(each)]
    if any(item in everything_above(each, root) for each in found):
        return None
    return [f"{name}: {words if words in (*SHOWN, *told) else 'positiv'}"], names[name]


def is_identified(item: Any, root: Any) -> bool:
    """Whether a finding hangs on a culture for one organism, or one that hangs on nothing is of it or a kind of it: by
    the first of its names that is known, for which it counts."""
    for found in [each for each in query(root, "//k:ResultItem") if is_finding(each)]:
        if item in everything_above(found, root):
            return True
        refers = query(found, "k:RefIdResultItem") or query(found, "parent::k:ResultItem")
        known = [name for name in organisms(found) if name in (*ORGANISMS, "Klebsiella oxytoca")]
        if not refers and known and "Salmonella" in known[0]:
            return True
    return False


def everything_above(item: Any, root: Any) -> list[Any]:
    above = steps_up(item, root)
    return [*above, *(each for step in above for each in everything_above(step, root))]


def is_detection(item: Any, root: Any) -> bool:
    return detection(item, root) is not None


def steps_up(item: Any, root: Any) -> list[Any]:
    reference = first_text(item, "k:RefIdResultItem")
    referred = query(root, f"//k:ResultItem[k:IdResultItem='{reference}']") if reference else []
    return [*referred, *query(item, "parent::k:ResultItem")]


def detections_above(item: Any, root: Any) -> list[Any]:
    """The nearest positive searches on every way up; what is cancelled ends a way."""
    found: list[Any] = []
    for step in steps_up(item, root):
        if is_cancelled(step):
            continue
        found += [step] if is_detection(step, root) else detections_above(step, root)
    return [each for at, each in enumerate(found) if each not in found[:at]]


def method(item: Any, root: Any) -> str:
    """As the nearest test above says, itself first; grown when none does."""
    names = [i.get("DN") for i in query(item, "k:Investigation/k:Id")]
    said = [SEARCHES[n][1] if n in SEARCHES else NOT_SEARCHED.get(n) for n in names]
    if any(said):
        return next(filter(None, said))
    above = steps_up(item, root)[:1]
    named = "dyrkning" in "".join(names)
    return "culture" if named or not above else method(above[0], root)


def owner(item: Any, root: Any) -> Any:
    """The finding above an item, a cancelled item above it, or None."""
    for step in steps_up(item, root):
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


def has_result(item: Any) -> bool:
    words = first_text(item, "k:TextResult/k:TextResultValue")
    return not is_cancelled(item) and (
        bool(query(item, "k:TextResult/k:TextCode")) or words not in ("", "...")
    )


def reference_reading(data: bytes) -> Linked | str:
    root = etree.fromstring(data)
    found = [item for item in query(root, "//k:ResultItem") if is_finding(item)]
    items = [item for item in query(root, "//k:ResultItem") if not is_finding(item)]
    every = [(i, detection(i, root) or noted(i, root, UNSURE)) for i in items]
    if not found and not any(said for _, said in every):
        linked = [(*said, "", []) for i in items if (said := noted(i, root, VAGUE))]
        tests = [i for i in query(root, "//k:Heading[@V='RSB']/../..") if has_result(i)]
        loose = [item for item in tests if owner(item, root) is None]
        return "unattached-susceptibility" if loose else linked
    grown = [(i, said) for i, said in every if said and said[1] == "culture"]
    detected = grown + [(i, said) for i, said in every if said and said[1] != "culture"]
    linked: Linked = [(organisms(item), method(item, root), "", []) for item in found]
    linked += [(*said, "", []) for _, said in detected]
    known = found + [item for item, _ in detected]
    alone = found or [item for item, _ in grown]
    for item in query(root, "//k:ResultItem"):
        if is_cancelled(item):
            continue
        above = owner(item, root)
        if above is None and len(searches := detections_above(item, root)) == 1:
            above = searches[0]
        if first_text(
            item, "k:Investigation/k:Id[@DN='Mengde']/../../k:TextResult/k:TextResultValue"
        ):
            amount = first_text(item, "k:TextResult/k:TextResultValue")
            if above in known:
                names, how, before, results = linked[known.index(above)]
                linked[known.index(above)] = (names, how, before or amount, results)
            continue
        if not query(item, "k:TextResult/k:Heading[@V='RSB']"):
            continue
        words = first_text(item, "k:TextResult/k:TextResultValue")
        codes = [code.get("V") for code in query(item, "k:TextResult/k:TextCode")]
        if not codes and words in ("", "..."):
            continue
        if above is None and len(alone) == 1:
            above = alone[0]
        if above in known:
            ids = query(item, "k:Investigation/k:Id")
            ids.sort(key=lambda i: not i.get("S").endswith(".7280"))
            sir = next((code for code in codes if code in "SIR"), "")
            number = re.fullmatch(r"(<=|>)? ?([0-9]+(?:[.,][0-9]+)?)", words)
            mic = (number[1] or "") + number[2].replace(",", ".") if number else ""
            results = linked[known.index(above)][3]
            new = ([i.get("V") for i in ids], sir, mic)
            fault = fault_of(codes, words, sir, mic)
            if fault or contradicts(results, new):
                return fault or "contradictory-susceptibility"
            results.append(new)
    return join_species(linked, found)


def join_species(linked: Linked, found: list[Any]) -> Linked:
    """A culture for Salmonella that names nothing more, and Salmonella Typhimurium identified in another one of the same
    specimen, are one isolate where their results agree."""
    cultures = [at for at, each in enumerate(linked) if each[:2] == (["Salmonella"], "culture")]
    gone = []
    for at in range(len(found)):
        names, how, amount, results = linked[at]
        known = [name for name in names if name in (*ORGANISMS, "Klebsiella oxytoca")]
        if how != "culture" or not known or known[0] != "Salmonella Typhimurium":
            continue
        for other in cultures:
            _, its_method, its_amount, its_results = linked[other]
            if not any(contradicts(its_results, new) for new in results):
                linked[other] = (names, its_method, its_amount or amount, [*its_results, *results])
                gone.append(at)
                break
    return [each for at, each in enumerate(linked) if at not in gone]


def fast_reading(data: bytes) -> Linked | str:
    (report,) = read(data)
    if isinstance(report, Failure):
        return report.reason
    assert isinstance(report, LabReport), report
    return [
        (
            [code.text for code in finding.organisms],
            finding.method,
            finding.quantity,
            [([c.code for c in s.antibiotics], s.sir, s.mic) for s in finding.susceptibilities],
        )
        for finding in report.findings
    ]


ORGANISMS = ["Escherichia coli", "E.COLI", "Klebsiella pneumoniae", "Salmonella Typhimurium"]
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
        if draw(st.integers(0, 2)) == 0:
            name = draw(st.sampled_from([*SEARCHES, *SEARCHES, *NOT_SEARCHED]))
            said = draw(
                st.sampled_from(
                    [
                        "Påvist",
                        "Påvist, se kommentar",
                        "Påvist. Ny prøve anbefales.",
                        "Ikke påvist (negativ)",
                        "Positiv.",
                        "Svakt positiv",
                        "+",
                        "-",
                        "Ikke påvist",
                        "Inkonklusiv",
                        "12",
                        "Influensa A-virus",
                        "Grenseverdi",
                    ]
                )
            )
            own = f"S{next(serial)}"
            inside = []
            for kind in draw(st.lists(st.sampled_from(["amount", "nested", "refers"]), max_size=3)):
                test = {"heading": "RSB", "codes": [(kith.SIR, "R", "")]}
                if kind == "amount":
                    inside.append(kith.quantity("Rik"))
                elif kind == "nested":
                    inside.append(kith.result(*ANTIBIOTICS[0], **test))
                else:
                    loose.append(kith.result(*ANTIBIOTICS[2], refers=own, **test))
            above = draw(st.sampled_from([None, None, grown]))
            status = draw(st.sampled_from([None, None, None, "14"]))
            items.append(
                kith.search(said, name, item=own, refers=above, status=status, nested=inside)
            )
            if draw(st.integers(0, 3)) == 0:
                items.append(kith.identification("Klebsiella oxytoca", refers=own))
        culture = draw(
            st.sampled_from(
                ["Vekst", "Blandingsflora", "Påvist", "Ingen vekst etter 5 døgn.", None]
            )
        )
        name = draw(st.sampled_from([None, None, *CULTURES]))
        items.append(
            kith.culture(culture, item=grown) if name is None
            else kith.search(culture, name, item=grown)
        )  # fmt: skip
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
                    draw(st.sampled_from([*ORGANISMS, "Vekst"])), item=own,
                    refers=draw(st.sampled_from([grown, grown, grown, None])),
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
        items = query(root, "//k:ResultItem")
        found = [item for item in items if is_finding(item)]
        grown = [
            i
            for i in items
            if not is_finding(i) and (detection(i, root) or ("", ""))[1] == "culture"
        ]
        assert len(found or grown) != 1
        return
    assert fast_reading(data) == reference_reading(data)
