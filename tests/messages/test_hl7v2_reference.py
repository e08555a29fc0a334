"""The reader against a plain one, on generated messages: the rule in its simplest form.

The reference splits on separators and nothing else, and for every test looks for organisms: those
its order was made for, those with its sub-id, the only one there is. What a search is called is a table
here, name by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from messages import hl7v2_builder as hl7
from varde.messages import Failure, LabReport
from varde.messages.hl7v2.reports import read_hl7v2

Draw = Callable[[Any], Any]
Linked = list[tuple[list[str], str, list[tuple[str, str, str]]]]
"""Organisms, method, tests."""
SEARCHES = {
    "54243-1": (
        "Bordetella pertussis DNA [Presence] in Throat by NAA",
        "Bordetella pertussis",
        "nucleic-acid",
    ),
    "MIGM": ("P-Meslingvirus IgM", "Meslingvirus", "antibody-igm"),
    "LAG": ("Legionella pneumophila antigen i urin", "Legionella pneumophila", "antigen"),
    "MAL": ("Malaria microscopy", "Malaria", "microscopy"),
}
NOT_SEARCHED = {"PAN": "Luftveispanel PCR", "IGM": "P-IgM", "MV": "Meslingvirus"}
METHODS = {"PAN": "nucleic-acid", "IGM": "antibody-igm", "MV": ""}
CULTURES = {"SAL": ("F-Salmonella dyrkning", "Salmonella")}
"""Cultures that look for one organism."""
BESIDE = {"^PCR": "nucleic-acid", "^VITEK 2": "", "": ""}
"""Methods beside a name (OBX-17)."""
POSITIVE = {"Detected", "Positive", "Påvist", "Svakt positiv", "Detected. Report to public health."}
SHOWN = {"RS-virus", "Detected. Report to public health."}
"""What says more than that something was found is shown to a person as it is."""
NEGATIVE = {"Not detected", "Neg", "Ikke påvist (negativ)"}
ANSWERS = [
    ("260373001", "Detected", "SCT"),
    ("", "Positive"),
    ("", "Påvist"),
    ("260415000", "Not detected", "SCT"),
    ("", "Inconclusive"),
    ("", "Svakt positiv"),
    ("", "Neg"),
    ("", "Detected. Report to public health."),
    ("", "Ikke påvist (negativ)"),
    ("", "RS-virus"),
]
ORGANISMS = [
    hl7.ECOLI,
    hl7.AUREUS,
    ("", "Klebsiella \\T\\ co"),
    ("KLPN", "", "L"),
    ("X", "Fungus", "L"),
    ("", "Salmonella Typhimurium"),
]
NOTHING = [("264868006", "No growth", "SCT"), ("", "Mixed flora"), ("", "Growth")]
DRUGS = [
    hl7.AMPICILLIN,
    hl7.CIPROFLOXACIN,
    ("AMP", "Ampicillin", "L"),
    ("28-1", "Ampicillin Islt MIC", "LN"),
]
WORDS = {"No growth", "Mixed flora", "Growth"}


class Plain:
    """A message taken apart with split alone."""

    def __init__(self, data: bytes) -> None:
        self.orders: list[dict[str, Any]] = []
        for line in data.decode().split("\r"):
            fields = line.split("|") + [""] * 60
            if fields[0] == "OBR":
                sub = fields[26].split("^")
                parent = fields[29].split("^")
                self.orders.append({
                    "number": fields[3], "results": [],
                    "sub": sub[1] if len(sub) > 1 else "", "code": sub[0].split("&")[0],
                    "parent": parent[1] if len(parent) > 1 else "",
                })  # fmt: skip
            elif fields[0] == "OBX":
                self.orders[-1]["results"].append(fields)

    def organisms(self, order: dict[str, Any]) -> list[list[str]]:
        return [f for f in order["results"] if f[3].startswith("630-4") and self.names(f)]

    def said(self, f: list[str]) -> set[str]:
        """Whether it was found, not found, or both, as is said."""
        word = f[5].split("^")[1]
        if word == "Inconclusive":
            return {"-"} if f[8] == "NEG" else set()
        kinds = {"+"} if word in POSITIVE or f[8] == "POS" else set()
        return kinds | ({"-"} if word in NEGATIVE or f[8] == "NEG" else set())

    def how(self, f: list[str]) -> str:
        code = f[3].split("^")[0]
        named = SEARCHES[code][2] if code in SEARCHES else METHODS.get(code, "")
        return named or BESIDE[f[17]]

    def contradicts(self, f: list[str]) -> bool:
        code = f[3].split("^")[0]
        asked = code in CULTURES or (code in {**SEARCHES, **NOT_SEARCHED} and bool(self.how(f)))
        return asked and f[11] != "D" and self.said(f) == {"+", "-"}

    def found(self, order: dict[str, Any], f: list[str]) -> tuple[list[str], str] | None:
        """What a search found, by its name or its value, and its method."""
        code, name = f[3].split("^")[:2] if "^" in f[3] else (f[3], "")
        if code not in {*SEARCHES, *NOT_SEARCHED, *CULTURES} or f[11] == "D" or "-" in self.said(f):
            return None
        if code in CULTURES:
            positive = bool(self.said(f)) and not self.is_identified(order, f)
            return ([CULTURES[code][1]], "culture") if positive else None
        value = f[5].split("^")[1]
        if not self.how(f) or code == "IGM":
            return None
        if code == "PAN":
            return ([value], self.how(f)) if value == "RS-virus" else None
        if self.is_slip(f):
            return None
        if self.said(f):
            return [SEARCHES[code][1] if code in SEARCHES else name], self.how(f)
        return ([f"{name}: {value}", value], self.how(f)) if value == "RS-virus" else None

    def is_slip(self, f: list[str]) -> bool:
        """Whether another organism than the one that was looked for is said to be found, in words alone."""
        searched = f[3].split("^")[0] in {*SEARCHES, "MV"} and bool(self.how(f))
        return searched and f[5].split("^")[1] == "RS-virus" and self.said(f) == {"+"}

    def noted(self, order: dict[str, Any], f: list[str]) -> tuple[list[str], str] | None:
        """A positive answer of which nobody knows how it was found: no organism that grows here says it too, whatever its sub-id."""
        code, name = f[3].split("^")[:2] if "^" in f[3] else (f[3], "")
        value = f[5].split("^")[1]
        # That an organism is named where another was looked for is told also without a positive word.
        told = self.said(f) or ({"+"} if value == "RS-virus" else set())
        slip = self.is_slip(f)
        if not slip and (code != "MV" or self.how(f)):
            return None
        if f[11] == "D" or told != {"+"}:
            return None
        return [f"{name}: {value if value in SHOWN else 'positiv'}"], self.how(f)

    def vague(self, f: list[str]) -> tuple[list[str], str] | None:
        """A positive panel that names nothing: it counts where nothing else was found."""
        code, name = f[3].split("^")[:2] if "^" in f[3] else (f[3], "")
        if code not in ("PAN", "IGM") or f[11] == "D" or self.said(f) != {"+"}:
            return None
        value = f[5].split("^")[1]
        return [f"{name}: {value if value in SHOWN else 'positiv'}"], self.how(f)

    def is_identified(self, order: dict[str, Any], f: list[str]) -> bool:
        """Whether a result of a culture's order has its sub-id, or its name, and an organism."""
        living = [other for other in self.organisms(order) if other[11] != "D"]
        return any(
            (f[4] and f[4] == other[4]) or any("Salmonella" in name for name in self.names(other))
            for other in living
        )

    def searches(self, order: dict[str, Any]) -> list[list[str]]:
        """The searches that found something."""
        return [f for f in order["results"] if self.found(order, f)]

    def made_for(self, order: dict[str, Any]) -> list[list[str]]:
        """The positive searches that an order names."""
        if self.organisms(order) or not order["parent"] or not (order["sub"] or order["code"]):
            return []
        above = self.searches(self.find(order["parent"]))
        above = [f for f in above if not order["code"] or f[3].split("^")[0] == order["code"]]
        return [f for f in above if not order["sub"] or f[4] == order["sub"]]

    def names(self, fields: list[str]) -> list[str]:
        parts = fields[5].split("^") + [""] * 6
        pairs = [parts[0:3], parts[3:6]]
        if any(pair[1] in WORDS for pair in pairs):
            return []
        return [(p[1] or p[0]).replace("\\T\\", "&") for p in pairs if p[0] or p[1]]

    def find(self, number: str) -> dict[str, Any]:
        return next(order for order in self.orders if order["number"] == number)

    def owner(self, order: dict[str, Any], sub: str) -> list[list[str]]:
        """The organisms that a test may be of; it is of one only when there is one."""
        own = self.organisms(order)
        if not own and order["parent"]:
            above = self.organisms(self.find(order["parent"]))
            if order["code"] in {*SEARCHES, *NOT_SEARCHED, *CULTURES}:
                return [f for f in above if f[11] != "D"]
            if order["sub"]:
                return [f for f in above if f[4] == order["sub"]]
            subs = {f[4].split(".")[0] for f in order["results"]}
            if len(subs) == 1 and [f for f in above if f[4] in subs]:
                return [f for f in above if f[4] in subs]
            return above
        base = [f for f in own if f[4] and f[4] in (sub, sub.split(".")[0])]
        return base or own


def reference(data: bytes) -> Linked | str:
    """Organisms with their tests; a reason when a test is of no certain organism, says what is no
    category, or another category than one before it."""
    plain = Plain(data)
    linked: list[tuple[list[str], list[str], str, list[tuple[str, str, str]]]] = []
    for order in plain.orders:
        linked += [(f, plain.names(f), "culture", []) for f in plain.organisms(order)]
    alive = [entry for entry in linked if entry[0][11] != "D"]
    grown = bool(alive)
    detected: list[tuple[list[str], list[str], str, list[tuple[str, str, str]]]] = []
    for order in plain.orders:
        for f in order["results"]:
            if plain.contradicts(f):
                return "contradictory-result"
            said = plain.found(order, f) or plain.noted(order, f)
            if said is None and f[5].split("^")[1] == "RS-virus":
                said = plain.vague(f)  # it names what nothing else here says
            if said is not None:
                detected.append((f, *said, []))
    if not alive and not detected:
        results = [f for order in plain.orders for f in order["results"]]
        detected = [(f, *said, []) for f in results if (said := plain.vague(f)) is not None]
    detected.sort(key=lambda entry: entry[2] != "culture")
    alone = alive or [entry for entry in detected if entry[2] == "culture"]
    for order in plain.orders:
        for fields in order["results"]:
            asked = fields[3].split("^")[0]
            if asked in ("630-4", *SEARCHES, *NOT_SEARCHED, *CULTURES) or fields[11] == "D":
                continue
            found = plain.owner(order, fields[4])
            living = [f for f in found if f[11] != "D"]
            if len(found) != 1:
                found = living
            if len(found) != 1 and not grown:
                found = [f for f in plain.searches(order) if f[4] and f[4] == fields[4]]
            if len(made_for := plain.made_for(order)) == 1:
                found = made_for
            if len(found) != 1:
                if len(alone) != 1:
                    return "unattached-susceptibility"
                found = [alone[0][0]]
            code, sign, number = fields[3].split("^")[0], "", ""
            if fields[2] == "SN":
                sign, number = fields[5].split("^")
            sir = fields[8] or (fields[5].split("^")[0] if fields[2] == "CWE" else "")
            for own, _, _, tests in alive + detected:
                if own is found[0]:
                    if sir == "Q":
                        return "bad-susceptibility"
                    alike = [t for t in tests if t[0] == code and bool(t[2]) == bool(number)]
                    if any(other != sir for _, other, _ in alike):
                        return "contradictory-susceptibility"
                    tests.append((code, sir, sign + number))
    return [(names, method, tests) for _, names, method, tests in alive + detected]


@st.composite
def messages(draw: Draw) -> bytes:
    """A culture with organisms, tests in it, and panels that refer to it in several ways."""
    count = draw(st.integers(0, 3))
    subs = draw(st.permutations(["1", "2", "3"]))[:count]
    culture = [hl7.obr("R1", f2="P1")]
    tests: Callable[[str | None], str] = lambda sub: _test(draw, sub)  # noqa: E731
    for sub in subs:
        what = draw(st.sampled_from([*ORGANISMS, *NOTHING[:1]]))
        more = ("ALT", "Other name", "L") if len(what) == 3 and draw(st.booleans()) else ()
        status = draw(st.sampled_from(["F", "F", "F", "D"]))
        culture.append(hl7.organism((*what, *more), sub, f11=status))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(1, len(culture)))
        culture.insert(at, tests(draw(st.sampled_from([*subs, "1.2", None, "2"]))))
    asked = []
    for number in range(draw(st.integers(0, 2))):
        code = draw(st.sampled_from([*SEARCHES, *SEARCHES, *NOT_SEARCHED, *CULTURES]))
        name = NOT_SEARCHED.get(code) or {**SEARCHES, **CULTURES}[code][0]
        sub = draw(st.sampled_from([f"7{number}", "7", "1", None]))
        answer = draw(st.sampled_from(ANSWERS[:-1] if code in CULTURES else ANSWERS))
        flag = draw(st.sampled_from([None, None, None, None, "POS", "NEG", "H"]))
        beside = draw(st.sampled_from([*BESIDE]))
        status = draw(st.sampled_from(["F", "F", "F", "D"]))
        at = draw(st.integers(1, len(culture)))
        fields = {"f8": flag, "f11": status, "f17": beside or None}
        culture.insert(at, hl7.search(answer, sub, (code, name, "L"), **fields))
        if answer[1] != "RS-virus":
            asked.append((code, sub))
    if asked and draw(st.booleans()):
        culture.append(tests(draw(st.sampled_from(["7", "70"]))))
    culture.append(hl7.spm())
    if asked and draw(st.booleans()):
        code, sub = draw(st.sampled_from(asked))
        fields = hl7.child(sub=sub or "", name=(code,), f2="P9")
        culture += [hl7.obr("R9", hl7.PANEL, **fields), tests(draw(st.sampled_from(["1", None])))]
    for panel in range(draw(st.integers(0, 2))):
        sub = draw(st.sampled_from([*subs, None]))
        fields = {"f29": "P1^R1"} if sub is None else hl7.child(sub=sub)
        culture.append(hl7.obr(f"R{panel + 2}", hl7.PANEL, **{"f2": f"P{panel + 2}", **fields}))
        one = draw(st.sampled_from(["1", "2", "3", "9"]))
        for number in range(draw(st.integers(1, 3))):
            culture.append(tests(draw(st.sampled_from([one, one, f"{one}.{number}"]))))
    end = draw(st.sampled_from(["\r", "\r", "\n", "\r\n"]))
    return hl7.message(hl7.pid(), *culture, end=end)


def _test(draw: Draw, sub: str | None) -> str:
    drug = draw(st.sampled_from(DRUGS))
    status = draw(st.sampled_from(["F", "F", "F", "D"]))
    sir = draw(st.sampled_from(["S", "S", "S", "S", "S", "I", "R"]))
    if draw(st.booleans()):
        return hl7.test(drug, draw(st.sampled_from([sir] * 9 + ["Q"])), sub, f11=status)
    sign = draw(st.sampled_from(["<=", ">", ""]))
    number = draw(st.sampled_from(["0.25", "2", "256"]))
    return hl7.mic(drug, f"{sign}^{number}", sir, sub, f11=status)


@settings(max_examples=400, deadline=None)
@given(messages())
def test_the_reader_links_as_the_plain_one(data: bytes) -> None:
    (record,) = read_hl7v2(data)
    plain = data.replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    expected = reference(plain)
    if isinstance(expected, str):
        assert isinstance(record, Failure) and record.reason == expected, record
        return
    assert isinstance(record, LabReport), record
    assert [
        (
            [code.text or code.code for code in finding.organisms],
            finding.method,
            [(s.antibiotics[0].code, s.sir, s.mic) for s in finding.susceptibilities],
        )
        for finding in record.findings
    ] == expected
