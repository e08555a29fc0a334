"""A plain reader of submissions to NORM and RAVN as they were sent: slow, and easy to believe.

It takes each cell by itself, by the rules that are published, and gives what a reader of the kept
bytes must give, with the isolate number hashed. It shares no code with the readers but the code map
and the records.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from varde.codes import CodeMap, antibiotics, antivirals, countries, municipalities, organisms
from varde.messages import Code, Failure, Finding, LabReport, Patient, Specimen, Susceptibility

MAP = CodeMap.load()
OSLO = ZoneInfo("Europe/Oslo")
METHODS = {
    "norm": {
        "annet": "other", "genotypisk": "genotypic", "pcr": "genotypic", "lappediffusjon": "disk-diffusion",
    },
    "ravn": {"annet": "other", "genotypisk": "genotypic", "pcr": "mutation-pcr"},
}  # fmt: skip
TYPES = {"n": "N", "m": "M", "c": "C", "ny": "N", "endret": "M", "annullert": "C"}
SEXES = {"k": "F", "f": "F", "kvinne": "F", "female": "F", "m": "M", "mann": "M", "male": "M",
         "u": "", "ukjent": "", "unknown": ""}  # fmt: skip
PLACES = {"ukjent": "", "utlandet": "abroad", "abroad": "abroad", "afrika": "africa", "norge": "NO"}
GENES = {"RT", "PA", "UL97"}
REQUIRED = {"Avsender", "Isolatnummer", "År", "Tidspunkt", "Prøvedato", "Prøvemateriale", "Mikrobe", "Virus"}  # fmt: skip


class Bad(Exception):
    """A cell that refuses its row."""


def read_plainly(
    register: str, data: bytes, encoding: str, delimiter: str, keyed: Callable[[bytes], bytes]
) -> list[LabReport | Failure]:
    """What the rows say, or why they are refused."""
    header, *lines = csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=delimiter)
    found: list[LabReport | Failure] = []
    for number, cells in enumerate(lines):
        row = dict(zip(header, cells, strict=True))
        found.append(read_row(register, row, number, keyed))
    return found


def read_row(
    register: str, row: dict[str, str], number: int, keyed: Callable[[bytes], bytes]
) -> LabReport | Failure:
    """One row."""

    def refuse(reason: str, column: str) -> Failure:
        sender, isolate = _parsed(register, row, "Avsender"), ""
        year = _parsed(register, row, "År")
        cell = row["Isolatnummer"].strip()
        known = bool(sender) and (bool(year) or register == "ravn")
        if known and 0 < len(cell) <= 80 and not looks_like_identity(cell):
            isolate = hashed(register, sender, year, cell, keyed)
        return Failure(
            item=number, reason=reason, place=f"line {number + 2}, column {shown(column)}",
            sender=sender, message_id=isolate, report_id=isolate, kind=register,
        )  # fmt: skip

    for column, cell in row.items():
        if looks_like_identity(cell):
            return refuse("unexpected-identity", column)
    value: dict[str, str] = {}
    for column in row:
        try:
            value[column] = check(register, column, row[column].strip())
        except Bad as error:
            return refuse(str(error), column)
    made = datetime.fromisoformat(value["Tidspunkt"])
    sampled = date.fromisoformat(value["Prøvedato"])
    midnight = datetime(sampled.year, sampled.month, sampled.day, tzinfo=OSLO)
    if midnight - made > timedelta(days=1):
        return refuse("future-collected", "Prøvedato")
    if register == "norm" and str(sampled.year) != value["År"]:
        return refuse("contradictory-values", "År")
    try:
        kept = _terms(register, value)
    except Bad as error:
        return refuse("unknown-term", str(error))
    results = {}
    for column in row:
        if _drug(register, column):
            try:
                results[column] = _result(column, value[column])
            except Bad:
                return refuse("bad-susceptibility", column)
    return _report(register, value, kept, results, made, sampled, keyed)


def _terms(register: str, value: dict[str, str]) -> dict[str, object]:
    """In the order of the published columns."""
    kept: dict[str, object] = {}
    material = value["Prøvemateriale"]
    if MAP.find("material", [("", "", material)]) is None:
        raise Bad("Prøvemateriale")
    place = value["Smittested"]
    known = {name.casefold(): c.code for c in countries().values() for name in (c.code, c.name_nb)}
    known |= PLACES
    if place and not re.fullmatch("[0-9]{4}", place) and place.casefold() not in known:
        raise Bad("Smittested")
    name = "Mikrobe" if register == "norm" else "Virus"
    key = MAP.find("organism", [("", "", value[name])])
    kinds = ("bacterium", "fungus") if register == "norm" else ("virus",)
    if key is None or organisms()[key].kind not in kinds:
        raise Bad(name)
    mutations = []
    for word in re.split(r"[ ,;]+", value.get("Mutasjoner", "")):
        if not word:
            continue
        gene, change = "", word
        for sign in ":-":
            if sign in word:
                gene, _, change = word.partition(sign)
        if word.startswith("rt"):
            gene, change = "RT", word[2:]
        good = re.fullmatch(r"[A-Z][0-9]{1,4}(?:[A-Z](?:/[A-Z])?|ins|del|stop)", change)
        if not good or (gene and gene not in GENES):
            raise Bad("Mutasjoner")
        mutations.append(f"{gene}:{change}" if gene else change)
    kept["material"] = " ".join(material.split())
    kept["place"] = place if place.isdigit() else known.get(place.casefold(), "")
    kept["organism"] = " ".join(value[name].split())
    kept["mutations"] = tuple(dict.fromkeys(mutations))
    return kept


def _report(
    register: str,
    value: dict[str, str],
    kept: dict[str, object],
    results: dict[str, str],
    made: datetime,
    sampled: date,
    keyed: Callable[[bytes], bytes],
) -> LabReport:
    day = made.astimezone(OSLO).date()
    version = int(value["Utgave"] or 0)
    isolate = hashed(register, value["Avsender"], value["År"], value["Isolatnummer"], keyed)
    month = datetime(sampled.year, sampled.month, 1, tzinfo=OSLO).astimezone(UTC)
    generated = datetime(day.year, day.month, day.day, tzinfo=OSLO).astimezone(UTC)
    age = min(int(value["Alder"].strip("+")), 90) if value["Alder"] else None
    method = METHODS[register].get(value["Metode"].casefold(), "")
    tests: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for column, said in results.items():
        name, _, holds = column.partition("_")
        code = _drug(register, column)
        name = names.setdefault(code, name)
        tests.setdefault(name, {})[holds.lower() or "sir"] = said
    found = []
    for name, said in tests.items():
        if any(said.values()):
            code = (
                Code(system="http://www.whocc.no/atc", code=name)
                if re.fullmatch("[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}", name)
                else Code(code=name)
                if name in antibiotics() or re.fullmatch("[A-Z]{3}", name)
                else Code(text=name)
            )
            found.append(
                Susceptibility(
                    antibiotics=(code,),
                    sir=said.get("sir", ""),  # type: ignore[arg-type]
                    mic=said.get("mic", ""),
                    zone=int(said.get("zone") or 0),
                    method=method,
                )
            )
    return LabReport(
        sender=value["Avsender"],
        message_id=f"{isolate}@{day:%Y%m%d}.{version}",
        report_id=isolate,
        service_type=TYPES.get(value["Type"].casefold(), "N"),  # type: ignore[arg-type]
        generated=generated + timedelta(minutes=version),
        discipline="MBIO",
        patient=Patient(
            sex=SEXES.get(value["Kjønn"].casefold(), ""),  # type: ignore[arg-type]
            age=age,
            municipality=value["Kommune"],
        ),
        specimens=(
            Specimen(number=1, materials=(Code(text=str(kept["material"])),), collected=month),
        ),
        findings=(
            Finding(
                number=1,
                specimen=1,
                organisms=(Code(text=str(kept["organism"])),),
                susceptibilities=tuple(found),
                mutations=kept["mutations"],  # type: ignore[arg-type]
            ),
        ),
        infected_in=str(kept["place"]),
        protocol=value["År"],
    )


def check(register: str, column: str, cell: str) -> str:
    """The cell as the column reads it; raises the reason why it cannot."""
    if not cell:
        if column in REQUIRED:
            raise Bad("missing-value")
        return ""
    if column == "Avsender":
        key = cell.replace(" ", "").upper()
        number = key[4:]
        if not number.isdigit() or key[:4] not in ("HER:", "ENH:", "RSH:"):
            raise Bad("bad-value")
        weighed = sum(w * int(d) for w, d in zip((3, 2, 7, 6, 5, 4, 3, 2), number, strict=False))
        if key[:3] == "ENH" and (11 - weighed % 11) % 11 != int(number[-1]):
            raise Bad("bad-value")
        return key
    if column == "År":
        if not cell.isdigit() or not 2000 <= int(cell) <= 2099:
            raise Bad("bad-value")
        return cell
    if column == "Utgave":
        if not cell.isdigit() or int(cell) > 999:
            raise Bad("bad-value")
        return cell
    if column in ("Tidspunkt", "Prøvedato"):
        return _moment(column, cell)
    if column == "Type" and cell.casefold() not in TYPES:
        raise Bad("bad-value")
    if column == "Kjønn" and cell.casefold() not in SEXES:
        raise Bad("bad-value")
    if column == "Metode" and cell.casefold() not in METHODS[register]:
        raise Bad("bad-value")
    if column == "Alder":
        if cell != "90+" and not (cell.isdigit() and len(cell) <= 3 and int(cell) <= 130):
            raise Bad("bad-value")
        return cell
    if column == "Kommune":
        if cell.isdigit() and len(cell) <= 4:
            return cell.zfill(4)
        numbers = {m.name.casefold(): n for n, m in municipalities(date(2026, 6, 1)).items()}
        if cell.casefold() not in numbers:
            raise Bad("bad-value")
        return numbers[cell.casefold()]
    longest = {"Isolatnummer": 80, "Mutasjoner": 2000}.get(
        column, 60 if _drug(register, column) else 200
    )
    if len(cell) > longest:
        raise Bad("too-large")
    return cell


def _moment(column: str, cell: str) -> str:
    for pattern in (
        "%Y-%m-%d",
        "%d.%m.%Y",
        "%Y-%m-%dT%H:%M",
        "%d.%m.%Y %H:%M",
        "%Y-%m-%dT%H:%M:%S%z",
    ):
        try:
            found = datetime.strptime(cell, pattern)  # noqa: DTZ007
        except ValueError:
            continue
        if found.tzinfo is None:
            found = found.replace(tzinfo=OSLO)
        if not 1970 <= found.year < 2100:
            raise Bad("absurd-date")
        return found.date().isoformat() if column == "Prøvedato" else found.isoformat()
    raise Bad("bad-date")


def _drug(register: str, column: str) -> str:
    name = re.sub("_(MIC|ZONE)$", "", column, flags=re.I)
    code = MAP.find("antibiotic", [("ATC", name, ""), ("", name, "")])
    return code if code in (antibiotics() if register == "norm" else antivirals()) else ""  # type: ignore[return-value]


def shown(column: str) -> str:
    """The heading as places show it."""
    return column.replace("_mic", "_MIC")


def _result(column: str, cell: str) -> str:
    if not cell:
        return ""
    if column.upper().endswith("_MIC"):
        plain = (
            cell.lower().replace("mg/l", "").replace(",", ".").replace(" ", "").replace("≥", ">=")
        )
        if not re.fullmatch(r"(<=|>=|<|>)?[0-9]{1,5}(\.[0-9]{1,5})?", plain):
            raise Bad
        return plain
    if column.endswith("_ZONE"):
        if not cell.isdigit() or not 6 <= int(cell) <= 99:
            raise Bad
        return cell
    sir = MAP.find("sir", [("", "", cell)])
    if sir is None:
        raise Bad
    return sir


def _parsed(register: str, row: dict[str, str], column: str) -> str:
    try:
        return check(register, column, row[column].strip())
    except Bad:
        return ""


def hashed(
    register: str, sender: str, year: str, number: str, keyed: Callable[[bytes], bytes]
) -> str:
    """The first keyed hash without eleven decimal digits in a row."""
    within = [sender, year] if register == "norm" else [sender]
    attempt = 0
    while True:
        text = "\x1f".join(["isolate", str(attempt), register, *within, number])
        digest = keyed(text.encode()).hex()[:32]
        if not re.search("[0-9]{11}", digest):
            return digest
        attempt += 1


def looks_like_identity(cell: str) -> bool:
    """By the words of the rule, one place at a time."""
    text = unicodedata.normalize("NFKC", cell.replace("\x1f", " "))
    return any(
        _run_at(text, at) or _date_at(text, at) or _single_at(text, at) for at in range(len(text))
    )


def _is_sign(sign: str) -> bool:
    return not sign.isalnum()


def _run_at(text: str, at: int) -> bool:
    """Eleven digits without a break."""
    return len(text) >= at + 11 and all(sign.isdecimal() for sign in text[at : at + 11])


def _date_at(text: str, at: int) -> bool:
    """Two, two, two, three and two digits, at most two signs between, beginning as a date does."""
    if at and text[at - 1].isdecimal():
        return False
    ends = {(at, "")}
    for group, size in enumerate((2, 2, 2, 3, 2)):
        after = set()
        for start, digits in ends:
            for gap in range(3 if group else 1):
                if not all(_is_sign(sign) for sign in text[start : start + gap]):
                    break
                piece = text[start + gap : start + gap + size]
                if len(piece) == size and all(sign.isdecimal() for sign in piece):
                    after.add((start + gap + size, digits + "".join(str(int(d)) for d in piece)))
        ends = after
    for end, digits in ends:
        if end < len(text) and text[end].isdecimal():
            continue
        day, month = int(digits[:2]), int(digits[2:4])
        if day % 40 in range(1, 32) and day < 72 and (month % 40 in range(1, 13) or month > 92):
            return True
    return False


def _single_at(text: str, at: int) -> bool:
    """Eleven digits, a sign between each and the next."""
    piece = text[at : at + 21]
    if len(piece) < 21 or (at and text[at - 1].isdecimal()):
        return False
    if at + 21 < len(text) and text[at + 21].isdecimal():
        return False
    return all(s.isdecimal() for s in piece[::2]) and all(_is_sign(s) for s in piece[1::2])
