"""One notification for every reason to refuse one: the smallest that shows it."""

from __future__ import annotations

from messages.klinikermelding_builder import (
    bare,
    coded,
    envelope,
    form,
    told,
    whose,
    without,
    write,
)
from messages.numbers import some_number

GOOD = write(form())
NEST = b'{"x":' * 70 + b"1" + b"}" * 70

UNREADABLE: dict[str, bytes] = {
    "too-large": GOOD + b" " * (20 * 1024 * 1024),
    "wrong-encoding": GOOD.replace(b"Fjordby", "Førde".encode("latin-1")),
    "truncated": GOOD[:-40],
    "malformed-json": GOOD.replace(b'"pasient": {', b'"pasient": {,'),
    "several-documents": GOOD + b" " + GOOD,
    "too-deep": GOOD.replace(b'"pasient"', b'"x": ' + NEST + b', "pasient"'),
    "duplicate-key": GOOD.replace(b'"provedato":', b'"provedato": "2026-01-04", "provedato":'),
}
"""Reason → a file that cannot be used as a whole."""

INVALID: dict[str, bytes] = {
    "missing-message-id": write(form(melding=envelope(id=" "))),
    "missing-report-id": write(form(melding=envelope(nummer=None))),
    "missing-generated": write(form(melding=envelope(tidspunkt=None))),
    "future-generated": write(form(melding=envelope(tidspunkt="2026-02-03T12:00:00+01:00"))),
    "missing-sender": write(form(melding=envelope(avsender={"navn": "X"}), rekvirent={"herId": None, "hprNummer": None})),
    "missing-patient": write(without(form(), "pasient")),
    "missing-diagnosis": write(told(diagnose=None)),
    "unknown-code": write(told(indikasjon=coded("77", "", 80014))),
    "contradictory-code": write(told(underliggendeSykdom=[coded("01", "Nyresykdom", 80099)])),
    "contradictory-values": write(told(innsykningsdato="2026-01-05", dodsdato="2026-01-03")),
    "bad-field": write(form(pasient={"kjonn": 2})),
    "too-large": write(told(annenKlinikk="x" * 5000)),
    "bad-date": write(told(provedato="2026-13-40")),
    "absurd-date": write(told(innsykningsdato="1926-01-05")),
    "future-collected": write(told(provedato="2026-01-20")),
    "future-date": write(told(innsykningsdato="2026-01-20")),
    "invalid-identity-number": write(whose(fodselsnummer="12345678901")),
    "contradictory-birth-date": write(whose(fodselsdato="1984-03-18")),
    "contradictory-sex": write(whose(fodselsnummer=some_number(male=True))),
    "born-after-collected": write(whose(fodselsnummer=None, fodselsdato="2026-01-06")),
}  # fmt: skip
"""Reason → a notification that was read and is refused."""

BARE: dict[str, bytes] = {
    "missing-sender": write(bare(rekvirent={"herId": None, "hprNummer": None})),
    "missing-diagnosis": write(bare(diagnoseforhold={"diagnose": {}})),
}

NEW: dict[str, bytes] = {
    "missing-diagnosis": INVALID["missing-diagnosis"],
    "contradictory-code": INVALID["contradictory-code"],
    "duplicate-key": UNREADABLE["duplicate-key"],
}
"""The reasons that only notifications give."""
