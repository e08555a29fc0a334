"""One table for every reason that only tables give: the smallest that shows it."""

from __future__ import annotations

from messages.numbers import some_number
from messages.table_rows import SURGERY, WARD, table

NEW: dict[str, bytes] = {
    "missing-value": table(WARD | {"Avdeling": " "}).encode(),
    "future-date": table(SURGERY | {"Utskrivningsdato": "2026-02-03"}).encode(),
    "unexpected-identity": table(WARD | {"Avdeling": f"Rom 2, {some_number()}"}).encode(),
    "contradictory-values": table(WARD | {"AntallBeboereMedInfeksjon": "25"}).encode(),
}
