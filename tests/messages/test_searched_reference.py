"""What was looked for, against plain rules over the same generated messages as of the findings.

What a search is called is a table here, name by name, and so is what an answer says; how results hang together is asked
of the plain readers of the findings.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from lxml import etree

from messages import fhir_builder as fhir
from messages import test_fhir_reference as of_fhir
from messages import test_hl7v2_reference as of_hl7
from messages import test_kith_reference as of_kith
from varde.messages import LabReport, read

Sought = set[tuple[int, tuple[str, ...], str, str]]
"""Specimen, what was looked for, method, answer."""
SETTINGS = settings(max_examples=40, deadline=None)
PANEL = {"Luftveispanel PCR": "Luftveispanel"}
"""Names with words of a method in them that name no organism, and what is left of them."""
UNREAD = {"Inkonklusiv", "Blandingsflora", "12", "Grenseverdi", "Mixed flora", "Inconclusive"}
UNKNOWN = {"Klebsiella & co", "KLPN", "Fungus", "Other name"}
"""What no map knows: it may be no organism at all."""
NEVER = {"P-Prostataspesifikt antigen"}


def sought(data: bytes) -> Sought | None:
    """What the reader says; None for a message that it refuses."""
    (report,) = read(data)
    if not isinstance(report, LabReport):
        return None
    found = [
        (one.specimen, tuple(code.text or code.code for code in one.organisms), one.method, one.answer)
        for one in report.looked_for
    ]  # fmt: skip
    assert len(found) == len(set(found))
    return set(found)


def judge(kinds: set[str], value: str, method: str, one: bool, found: bool, waiting: bool) -> str:
    """What an answer is: `kinds` has + and -; `found`: its value is what the test looks for."""
    if not kinds and not method:
        return ""
    if kinds == {"+"} and value not in UNREAD:
        return "found"
    if kinds == {"-"} and value not in UNREAD:
        return "not-found"
    if kinds:
        return "inconclusive"
    if found:
        return "found"
    return "inconclusive" if value else "pending" if waiting else ""


# --- KITH -----------------------------------------------------------------------------------------


def kith_name(item: Any) -> str:
    return str(of_kith.query(item, "k:Investigation/k:Id")[0].get("DN"))


def kith_asked(name: str, item: Any, root: Any) -> tuple[tuple[str, ...], str, bool] | None:
    """Organisms, method, and whether it is one."""
    if name in of_kith.SEARCHES:
        organism, method = of_kith.SEARCHES[name]
        return (organism,), method, True
    if name in of_kith.CULTURES:
        return (of_kith.CULTURES[name],), "culture", True
    if name in NEVER:
        return None
    if name in of_kith.NOT_SEARCHED:
        return (PANEL.get(name, name),), of_kith.NOT_SEARCHED[name], False
    if name == "Identifikasjon":
        above = of_kith.steps_up(item, root)[:1]
        return kith_asked(kith_name(above[0]), above[0], root) if above else ((), "culture", False)
    return ((), "culture", False) if name == "U-Bakterier dyrkning" else None


def plain_kith(data: bytes) -> Sought:
    root = etree.fromstring(data)
    told: Sought = set()
    for item in of_kith.query(root, "//k:ResultItem"):
        name = kith_name(item)
        asked = kith_asked(name, item, root)
        identified = of_kith.is_finding(item) and name == "Identifikasjon"
        if asked is None or of_kith.is_cancelled(item) or identified:
            continue
        value = of_kith.first_text(item, "k:TextResult/k:TextResultValue")
        word = value.rstrip(".").lower()
        kinds = {"+"} if word in of_kith.POSITIVE else set()
        if word in ("ikke påvist", "ikke påvist (negativ)", "-", "ingen vekst etter 5 døgn"):
            kinds = {"-"}
        if word == "-" and not asked[2]:
            kinds, value = set(), ""  # a dash says negative of one organism alone
        organisms, method, one = asked
        if name == "Identifikasjon" and kinds == {"+"} and one:
            # It names nothing: where nothing else was found either, a person must look.
            every = of_kith.query(root, "//k:ResultItem")
            if not any(
                of_kith.is_finding(each)
                or of_kith.detection(each, root)
                or of_kith.noted(each, root, of_kith.UNSURE)
                for each in every
            ):
                kinds = {"+", "-"}
        valued = name in PANEL and value == "Influensa A-virus"
        if answer := judge(kinds, value, method, one, valued, False):
            told.add((1, organisms, method, answer))
    return told


@SETTINGS
@given(of_kith.messages())
def test_kith_says_what_was_looked_for_as_the_plain_rule(data: bytes) -> None:
    read_ = sought(data)
    assert read_ is None or read_ == plain_kith(data)


# --- FHIR -----------------------------------------------------------------------------------------


def fhir_asked(plain: of_fhir.Plain, item: fhir.Json) -> tuple[tuple[str, ...], str, bool] | None:
    name = plain.name(item)
    if item["code"] == fhir.CULTURE:
        return (), "culture", False
    if name in of_fhir.CULTURES:
        return (of_fhir.CULTURES[name],), "culture", True
    if name in of_fhir.SEARCHES:
        return (of_fhir.SEARCHES[name][0],), plain.how(item), True
    if name in of_fhir.NOT_SEARCHED:
        return (
            (PANEL.get(name, name),),
            plain.how(item),
            name not in PANEL and bool(plain.how(item)),
        )
    if item["code"] != fhir.IDENTIFICATION:
        return None
    level, seen = plain.parents(item), [item]
    while level:
        said = [each for each in level if (asked := fhir_asked(plain, each)) and asked[1]]
        said = [each for each in said if each["code"] != fhir.IDENTIFICATION]
        names = {(plain.name(each), json.dumps(each.get("method"))) for each in said}
        if names:
            return fhir_asked(plain, said[0]) if len(names) == 1 else None
        seen += level
        above = [parent for each in level for parent in plain.parents(each)]
        level = [each for each in above if not any(each is known for known in seen)]
    return (), "culture", False


def plain_fhir(data: bytes) -> Sought:
    plain = of_fhir.Plain(data)
    told: Sought = set()
    for item in plain.items:
        asked = fhir_asked(plain, item)
        if asked is None or plain.is_gone(item):
            continue
        kinds, value = plain.said(item)
        named = plain.organisms(item)
        group = any(any(up is item for up in plain.parents(each)) for each in plain.items)
        if (named and item["code"] == fhir.IDENTIFICATION) or (group and not (kinds or value)):
            continue
        organisms, method, one = asked
        found = bool(named) or (plain.name(item) in PANEL and value == "RS-virus")
        if value == "RS-virus" and kinds == {"+"} and one and not found:
            kinds = {"+", "-"}  # positive for what was not looked for
        told_of = (plain.organisms, plain.searched, plain.noted)
        unnamed = item["code"] == fhir.IDENTIFICATION and kinds == {"+"} and one
        # It names nothing: where nothing else was found either, a person must look.
        if unnamed and not any(ask(each) for each in plain.items for ask in told_of):
            kinds = {"+", "-"}
        waiting = item["status"] == "preliminary"
        if answer := judge(kinds, value, method, one, found, waiting):
            told.add((plain.specimen(item), organisms, method, answer))
    return told


@SETTINGS
@given(of_fhir.bundles())
def test_fhir_says_what_was_looked_for_as_the_plain_rule(data: bytes) -> None:
    read_ = sought(data)
    assert read_ is None or read_ == plain_fhir(data)


# --- HL7 version 2 --------------------------------------------------------------------------------


def plain_hl7(data: bytes) -> Sought:
    plain = of_hl7.Plain(data)
    told: Sought = set()
    for order in plain.orders:
        for f in order["results"]:
            code, name = f[3].split("^")[:2] if "^" in f[3] else (f[3], "")
            value, method, one = f[5].split("^")[1] if "^" in f[5] else "", plain.how(f), True
            organisms: tuple[str, ...]
            if code == "630-4":
                organisms, method, one = (), "culture", False
            elif code in of_hl7.CULTURES:
                organisms, method = (of_hl7.CULTURES[code][1],), "culture"
            elif code in of_hl7.SEARCHES:
                organisms = (of_hl7.SEARCHES[code][1],)
            elif code in of_hl7.NOT_SEARCHED:
                organisms, one = (PANEL.get(name, name),), code == "MV" and bool(method)
            else:
                continue
            kinds = plain.said(f)
            named = set(plain.names(f))
            grew = code == "630-4" and (value == "Growth" or not named <= UNKNOWN)
            if code == "630-4" and named and named <= UNKNOWN and not kinds:
                kinds = {"+", "-"}
            if code == "630-4" and value == "No growth":
                kinds = {"-"}
            found = grew or (code == "PAN" and value == "RS-virus")
            if value == "RS-virus" and kinds == {"+"} and one and not found:
                kinds = {"+", "-"}  # positive for what was not looked for
            answer = judge(kinds, value, method, one, found, False)
            if answer and f[11] != "D":
                told.add((1, organisms, method, answer))
    return told


@SETTINGS
@given(of_hl7.messages())
def test_hl7v2_says_what_was_looked_for_as_the_plain_rule(data: bytes) -> None:
    read_ = sought(data)
    plain = data.replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    assert read_ is None or read_ == plain_hl7(plain)
