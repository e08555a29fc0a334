"""What each format says of a person, read plainly: with XPath, dictionaries and split, rule by rule as
docs/messages.md has them, and as plain values."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from messages.numbers import control_digits
from varde.messages import Described

Said = dict[str, Any]
"""The fields of `Described` that say something; numbers as (kind, value, issuer)."""

FNR = "2.16.578.1.12.4.1.4.1"
KINDS = {FNR: "FNR", FNR[:-1] + "2": "DNR", FNR[:-1] + "3": "FHN", FNR[:-1] + "5": "DUF"}
PASSPORTS = "2.16.840.1.113883.4.330."
COUNTRIES = {"SWE": "SE", "752": "SE", "POL": "PL", "616": "PL"}
PARTICLES = {"van", "von", "de", "der", "al"}
"""Of the particles those that the generated names have."""


def as_said(described: Described | None) -> Said:
    """A record in the form of the references."""
    if described is None:
        return {}
    fields = {name: getattr(described, name) for name in Described.__struct_fields__}
    numbers = [(each.kind, each.value, each.issuer) for each in fields.pop("numbers")]
    fields["dead"] = fields["dead"] or None
    return said(numbers, **fields)


def said(numbers: list[tuple[str, str, str]], **fields: Any) -> Said:
    found = {name: value for name, value in fields.items() if value not in ("", None)}
    return found | ({"numbers": numbers} if numbers else {})


def finish(own: tuple[str, str, str] | None, numbers: list[Any], **fields: Any) -> Said:
    """All together: the number that counts first, each once, twenty at most; nothing beside it is nothing."""
    every = [own] if own else []
    for number in numbers:
        if number is not None and number not in every:
            every.append(number)
    whole = said(every[:20], **fields)
    return {} if list(whole) == ["numbers"] and every == [own] else whole


def line(text: str | None, most: int) -> str:
    visible = "".join(
        " " if ord(sign) < 32 or 127 <= ord(sign) < 160 else "" if sign in "\u200b\u202e" else sign
        for sign in text or ""
    )
    return re.sub(r"\s+", " ", visible).strip()[:most].strip()


def name_in_one(text: str) -> tuple[str, str]:
    whole = line(text, 400)
    if "," in whole:
        family, given = whole.split(",", 1)
    else:
        words = whole.split(" ")
        first = len(words) - 1
        while first >= 2 and words[first - 1].lower() in PARTICLES:
            first -= 1
        family, given = " ".join(words[first:]), " ".join(words[:first])
    return family.strip()[:200].strip(), given.strip()[:200].strip()


def number(kind: str, value: str, issuer: str) -> tuple[str, str, str] | None:
    """A number that can be right; of the generated ones those of eleven digits are of people of the 1900s."""
    value = re.sub(r"\s", "", value)
    if not value or len(value) > 100:
        return None
    if kind in ("FNR", "DNR"):
        right = re.fullmatch(r"[0-9]{11}", value) and control_digits(value[:9]) == value[9:]
        return ("DNR" if int(value[0]) > 3 else "FNR", value, "") if right else None
    if kind == "FHN":
        return (kind, value, "") if re.fullmatch(r"[89][0-9]{10}", value) else None
    if kind == "DUF":
        return (kind, value, "") if re.fullmatch(r"[0-9]{12}", value) else None
    return kind, value, issuer


def postal(written: str, country: str) -> str:
    code = line(written, 99)
    home = country.strip().upper() in ("", "NO", "NOR", "NORGE")
    return code if re.fullmatch("[0-9]{4}", code) and home else ""


def phone(written: str) -> str:
    text = line(written, 40)
    return text if re.search("[0-9]", text) and "@" not in written else ""


def address(*parts: str) -> str:
    return line(", ".join(line(part, 300) for part in parts if line(part, 300)), 300)


def day(written: str) -> date | None:
    try:
        if len(written) == 10:
            return date.fromisoformat(written)
        moment = datetime.fromisoformat(written) if len(written) >= 16 else None
    except ValueError:
        return None
    return (
        moment and (moment.astimezone(ZoneInfo("Europe/Oslo")) if moment.tzinfo else moment).date()
    )


# KITH


def read_kith(data: bytes, sender: str) -> Said:
    root = etree.fromstring(data)

    def ask(node: Any, path: str) -> list[Any]:
        return node.xpath(path, namespaces={"k": root.nsmap[None]})

    [person] = ask(root, "//k:Patient")

    def text(node: Any, path: str) -> str:
        return next((each.text or "" for each in ask(node, path)), "")

    def official(kind: str, value: str, local: str) -> Any:
        if kind == "PNR":
            return number("PASSPORT", value, "")
        known = kind in ("FNR", "DNR", "FHN", "DUF")
        return number(kind, value, "") if known else number("LOCAL", value, local)

    own = None
    kinds = ask(person, "k:TypeOffId/@V")
    if text(person, "k:OffId"):
        kind, value = kinds[0], text(person, "k:OffId")
        own = official("XXX" if kind == "PNR" else kind, value, sender)
    numbers = []
    for more in ask(person, "k:AdditionalId"):
        kind = (ask(more, "k:Type/@V") or [""])[0]
        value = text(more, "k:Id")
        if value not in ("NULL", ""):
            numbers.append(official(kind, value, f"{sender} {kind}".strip()))
    if kinds == ["PNR"]:
        numbers.append(official("PNR", text(person, "k:OffId"), ""))
    if ask(person, "k:Name") and not ask(person, "k:Name/*"):
        family, given = name_in_one(text(person, "k:Name"))
    else:
        holder = "k:Name/" if ask(person, "k:Name") else ""
        middle, last = (text(person, f"{holder}k:{n}") for n in ("MiddleName", "FamilyName"))
        family, given = (
            line(f"{middle} {last}", 200),
            line(text(person, f"{holder}k:GivenName"), 200),
        )
    homes = []
    for kind in ("HP", "H", None):
        for home in ask(person, "k:Address"):
            [own_kind] = ask(home, "k:Type/@V") or [""]
            if own_kind == kind or (kind is None and own_kind not in ("HP", "H", "WP", "BAD")):
                homes.append(home)
    street, code = "", ""
    for home in homes:
        parts = [text(home, f"k:{name}") for name in ("StreetAdr", "City", "PostalCode")]
        if any(parts):
            country = (ask(home, "k:Country/@V") or [""])[0]
            street, code = address(*parts[:2]), postal(parts[2], country)
            break
    calls = []
    for holder in (person, *homes):
        for written in ask(holder, "k:TeleAddress/@V"):
            scheme, colon, rest = written.partition(":")
            if colon and scheme in ("mailto", "fax"):
                continue
            calls.append(phone(rest if colon and scheme in ("tel", "sms") else written))
    died = (ask(person, "k:DateOfDeath/@V") or [""])[0]
    return finish(
        own, numbers, family=family, given=given, address=street, postal_code=code,
        phone=next(filter(None, calls), ""), died=day(died), dead=in_short(died),
    )  # fmt: skip


# FHIR


def read_fhir(person: dict[str, Any], sender: str) -> Said:
    """A Patient as Python reads its JSON, with values of wrong types among them."""

    def strings(value: Any) -> list[str]:
        fine = isinstance(value, list) and all(
            each is None or isinstance(each, str) for each in value
        )
        return [each for each in value if each] if fine else []

    def texts(element: Any, *names: str) -> list[str] | None:
        if not isinstance(element, dict):
            return None
        values = [element.get(name, "") for name in names]
        return values if all(isinstance(value, str) for value in values) else None

    every: list[Any] = []
    counts: list[Any] = []
    for each in person.get("identifier", []):
        system = each.get("system", "").removeprefix("urn:oid:")
        types = [coding["code"] for coding in each.get("type", {}).get("coding", [])]
        kind = KINDS.get(system) or next(
            (KINDS.get(t, t) for t in types if t in KINDS.values()), "LOCAL"
        )
        issuer = sender if system in KINDS else f"{sender} {system}".strip()
        this = number(kind, each["value"], issuer)
        if each.get("use") != "old":
            digits = re.sub(r"\s", "", each["value"])
            # The number that counts may be as long as it is; one beside it may not.
            counting = this or ((kind, digits, issuer) if kind == "LOCAL" else None)
            counts += [(kind, counting)] if counting else []
        if kind == "LOCAL":
            for start in ("http://hl7.org/fhir/sid/passport-", PASSPORTS):
                if system.startswith(start):
                    code = system[len(start) :].upper()
                    this = number("PASSPORT", each["value"], COUNTRIES.get(code, code))
                    break
            else:
                if "PPN" in types:
                    this = number("PASSPORT", each["value"], "")
        every.append(this)
    order = ["FNR", "DNR", "FHN", "DUF", "LOCAL"]
    own = min(counts, key=lambda each: order.index(each[0]), default=(None, None))[1]
    family = given = ""
    names = person.get("name")
    for use in ("official", "usual", "", "temp", "nickname", "anonymous"):
        for name in names[:10] if isinstance(names, list) else []:
            parts = texts(name, "use", "family", "text")
            whole = isinstance(name, dict) and name.get("given", [])
            usable = isinstance(whole, list) and all(g is None or isinstance(g, str) for g in whole)
            if parts is None or parts[0] != use or not usable or family or given:
                continue
            family, given = line(parts[1], 200), line(" ".join(strings(whole)), 200)
            if not (family or given):
                family, given = name_in_one(parts[2])
    street = code = ""
    done = False
    for use in ("home", "", "temp"):
        for home in person.get("address", []):
            if home.get("use", "") != use or done:
                continue
            lines, rest = (
                strings(home.get("line")),
                [texts(home, n) for n in ("city", "postalCode")],
            )
            city, written = ((each or [""])[0] for each in rest)
            country = (texts(home, "country") or [""])[0]
            street, code = address(*lines, city), postal(written, country)
            done = bool(street or written.strip())
    call = ""
    contacts = person.get("telecom")
    for contact in contacts[:10] if isinstance(contacts, list) else []:
        parts = texts(contact, "system", "value", "use")
        if parts and parts[0] in ("phone", "sms") and parts[2] in ("mobile", "home", ""):
            call = call or phone(parts[1])
    boolean, integer = person.get("multipleBirthBoolean"), person.get("multipleBirthInteger")
    which = type(integer) is int and 1 <= integer <= 20
    died, born = person.get("deceasedDateTime"), person.get("birthDate", "")
    dead = person.get("deceasedBoolean") is True or (isinstance(died, str) and in_short(died))
    if isinstance(died, str) and day(died.strip()):
        dead = False
    year = re.fullmatch(r"(1[89]\d\d|20\d\d)(-\d\d)?", born) if not says_birth(own) else None
    return finish(
        own, every, family=family, given=given, address=street, postal_code=code, phone=call,
        birth_year=int(born[:4]) if year else None,
        born_multiple=boolean if isinstance(boolean, bool) else None,
        birth_order=integer if which else None,
        died=day(died.strip()) if isinstance(died, str) else None,
        dead=dead or None,
    )  # fmt: skip


def in_short(died: str) -> bool | None:
    """A year, or a year and a month."""
    return bool(re.fullmatch(r"\s*(18[5-9]\d|19\d\d|20\d\d)(-[0-9][0-9])?\s*", died)) or None


def says_birth(own: tuple[str, str, str] | None) -> bool:
    return own is not None and own[0] in ("FNR", "DNR")


# HL7 version 2


def read_hl7v2(data: bytes, sender: str) -> Said:
    [fields] = [
        each.split("|") + [""] * 40 for each in data.decode().split("\r") if each.startswith("PID|")
    ]

    def parts(value: str) -> list[str]:
        found = [each.split("&")[0] for each in value.split("^")] + [""] * 14
        return ["" if each == '""' else each.replace("\\T\\", "&").strip() for each in found]

    every, ranked = [], []
    for value in fields[3].split("~"):
        whole = value.split("^") + [""] * 9
        held = [*whole[3].split("&"), ""]
        kind = KINDS.get(held[1]) or ("FNR" if whole[4] == "NNNOR" else "LOCAL")
        digits = re.sub(r"\s", "", whole[0])
        if not digits or (kind == "LOCAL" and whole[4] == "VN"):
            continue
        issuer = held[1] or "/".join(filter(None, (sender, held[0])))
        this = number(kind, digits, issuer)
        if kind != "LOCAL":
            rank = 0 if kind in ("FNR", "DNR") else 1
        else:
            rank = 2 if whole[4] == "MR" else 3 if whole[4] == "PI" else 9
        # The number that counts may be as long as it is; one beside it may not.
        local = (kind, digits, issuer) if kind == "LOCAL" else None
        ranked.append((rank, this or local))
        if whole[4] == "PPN":
            code = held[1][len(PASSPORTS) :] if held[1].startswith(PASSPORTS) else whole[8]
            this = number("PASSPORT", digits, COUNTRIES.get(code, code))
        every.append(this)
    own = min(ranked, key=lambda each: each[0])[1] if ranked else None
    family = given = ""
    for wanted in ("L", "R", "D", "C", "", "U", "NB", "TEMP"):
        for value in fields[5].split("~")[:10]:
            one = parts(value)
            if one[6] != wanted or family or given:
                continue
            if one[1] or one[2]:
                family, given = line(one[0], 200), line(f"{one[1]} {one[2]}", 200)
            else:
                family, given = name_in_one(one[0])
    street = code = ""
    done = False
    for wanted in ("H", "L", "P", "C", "", "M"):
        for value in fields[11].split("~")[:10]:
            one = parts(value)
            if one[6] != wanted or done or not any(one[at] for at in (0, 1, 2, 4)):
                continue
            street, code, done = address(*one[:3]), postal(one[4], one[5]), True
    call = ""
    for value in fields[13].split("~")[:10]:
        one = parts(value)
        if not {one[1], one[2]} & {"WPN", "NET", "Internet", "FX"}:
            call = call or phone(one[0] or one[11] or " ".join(filter(None, one[4:7])))
    born = fields[7]
    year = None
    if not says_birth(own) and re.fullmatch(r"(1[89]\d\d|20\d\d)(\d\d(00)?)?", born):
        year = int(born[:4])
    order = fields[25]
    died = fields[29]
    on = day(f"{died[:4]}-{died[4:6]}-{died[6:8]}") if re.fullmatch(r"\d{8,14}", died) else None
    dead = fields[30] == "Y" or re.fullmatch(r"(18[5-9]\d|19\d\d|20\d\d)(\d\d)?", died)
    return finish(
        own, every, family=family, given=given, address=street, postal_code=code, phone=call,
        birth_year=year, born_multiple={"Y": True, "N": False}.get(fields[24]),
        birth_order=int(order) if re.fullmatch(r"[1-9]|1\d|20", order) else None,
        died=on, dead=True if dead and on is None else None,
    )  # fmt: skip


# klinikermelding


def read_form(person: dict[str, Any]) -> Said:
    def name(key: str) -> str:
        value = person.get(key)
        return line(value, 200) if isinstance(value, str) else ""

    value = person.get("fodselsnummer") or ""
    return finish(number("FNR", value, ""), [], family=name("etternavn"), given=name("fornavn"))


def load(data: bytes) -> dict[str, Any]:
    """The Patient of a bundle."""
    for entry in json.loads(data)["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            return dict(entry["resource"])
    raise KeyError("Patient")
