"""Rows of the tables of the NOIS surveys, whole and right, to be changed by tests."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import varde.messages.tables
from messages.numbers import some_number

DATA = Path(varde.messages.tables.__file__).parent / "data"
RECEIVED = datetime(2026, 2, 1, tzinfo=UTC)
KEYS = ("nois-piah-avdeling", "nois-piah-behandling", "nois-posi")

ENVELOPE = {"Avsender": "HER:91843", "Avsendernavn": "Fjordby", "Nummer": "1"}
PLACE = {
    "PrevalensDato": "2026-01-21",
    "InstitusjonType": "Sykehjem",
    "Kommune": "Bergen",
    "InstitusjonId": "985626154",
    "Institusjon": "Fjordby sykehjem",
    "Avdeling": "2. etasje",
    "Avdelingstype": "Langtid",
}
WARD = (
    ENVELOPE
    | PLACE
    | {
        "AntallBeboereKl8": "24",
        "AntallBeboereMedInfeksjon": "2",
        "AntallBeboereSomGisAntibiotika": "3",
        "AntallUrinveisInfeksjonerUtenUrinveiskateter_EgenInstitusjon": "1",
        "AntallHudInfeksjoner_EgenInstitusjon": "1",
        "AntallHudInfeksjoner_AnnetSykehus": "0",
    }
)
TREATMENT = ENVELOPE | PLACE | {
    "ATCKode": "J01CA08",
    "ATCSubstans": "Pivmecillinam",
    "Indikasjon": "Nedre urinveisinfeksjon",
    "Klassifisering": "Helsetjenesteassosiert infeksjon",
    "Administrasjonsvei": "PO",
    "Alder": "87",
    "Kjønn": "K",
}  # fmt: skip
SURGERY = ENVELOPE | {
    "Tidspunkt": "2026-01-12T10:00",
    "Fødselsnummer": some_number(),
    "SykehusId": "974557746",
    "Sykehus": "Fjordby sykehus",
    "Avdeling": "Ortopedi",
    "Prosedyrekode": "NFB 40",
    "Operasjonsdato": "05.01.2026",
    "Utskrivningsdato": "2026-01-10",
    "ØyeblikkeligHjelp": "nei",
    "ASA": "2",
    "Kontaminasjonsgrad": "1",
    "Varighet": "85",
    "Antibiotikaprofylakse": "ja",
    "Implantat": "ja",
    "InfeksjonUtskrivning": "ingen",
}
FOLLOW_UP = {
    "Tidspunkt": "2026-01-30T10:00",
    "InfeksjonOppfølging": "dyp",
    "Infeksjonsdato": "2026-01-20",
    "Oppfølgingsdato": "2026-01-29",
    "Reoperasjon": "ja",
}
ROWS: dict[str, dict[str, str]] = {
    "nois-piah-avdeling": WARD,
    "nois-piah-behandling": TREATMENT,
    "nois-posi": SURGERY,
}
"""Table → a row that is whole and right, by heading."""


def raw_columns(key: str) -> list[dict[str, Any]]:
    """The columns of a table as its files say, read plainly."""
    columns: list[dict[str, Any]] = json.loads((DATA / "envelope.json").read_text("utf-8"))
    return columns + json.loads((DATA / f"{key}.json").read_text("utf-8"))["columns"]


def table(
    *rows: Mapping[str, str],
    delimiter: str = ";",
    end: str = "\r\n",
    quoting: Any = csv.QUOTE_MINIMAL,
) -> str:
    """Rows by heading as text; the headings are those that any row has."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    return lines(
        [headings, *([row.get(heading, "") for heading in headings] for row in rows)],
        delimiter, end, quoting,
    )  # fmt: skip


def lines(
    cells: Iterable[Iterable[str]],
    delimiter: str = ";",
    end: str = "\r\n",
    quoting: Any = csv.QUOTE_MINIMAL,
) -> str:
    """Cells as text."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(cells)
    return text.getvalue()
