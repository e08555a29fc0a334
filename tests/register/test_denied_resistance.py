"""A resistance that is denied in the specimen of what grew: the same case in every order of arrival, after a replay and
after all cases are worked out anew."""

from __future__ import annotations

from itertools import permutations

import pytest

from register.answers import PERSONS, answer, clock, make_register, send
from varde.register import list_cases, reclassify, replay

pytestmark = pytest.mark.django_db

KLEBSIELLA = "Klebsiella pneumoniae"
FAECIUM = "Enterococcus faecium"
MEM, VAN = (("NPU06037", "R"),), (("NPU53162", "R"),)
FIVE = [(gene, "Ikke påvist") for gene in ("KPC", "NDM", "VIM", "IMP", "OXA-48")]
CPO, VRE, MRSA = [("cpo", "confirmed")], [("vre", "confirmed")], [("mrsa", "confirmed")]


def grown(organism: str, results: tuple[tuple[str, str], ...] = (), **more: object) -> bytes:
    return answer(
        **{"person": PERSONS[0], "organism": organism, "results": results, "mark": "MSIS-M"} | more  # type: ignore[arg-type]
    )


def looked_at(*answers: tuple[str, str], **more: object) -> bytes:
    return answer(
        **{"report": "R2", "message": "M2", "person": PERSONS[0], "organism": "", "answered": answers}
        | more  # type: ignore[arg-type]
    )  # fmt: skip


STORIES = {
    "all denied": ([grown(KLEBSIELLA, MEM), looked_at(("Karbapenemase PCR", "Ikke påvist"))], []),
    "in one report": ([grown(KLEBSIELLA, MEM, answered=[("Carba-NP", "Negativ")])], []),
    "said with no": ([grown(KLEBSIELLA, MEM), looked_at(("Karbapenemaseproduksjon", "Nei"))], []),
    "five genes": ([grown(KLEBSIELLA, MEM, answered=FIVE[:2]), looked_at(*FIVE[2:])], []),
    "four genes": ([grown(KLEBSIELLA, MEM, answered=FIVE[:2]), looked_at(*FIVE[2:4])], CPO),
    "one gene": ([grown(KLEBSIELLA, MEM), looked_at(("blaKPC", "Ikke påvist"))], CPO),
    "another day": (
        [grown(KLEBSIELLA, MEM), looked_at(("Karbapenemase PCR", "Ikke påvist"), day="2025-12-06")],
        CPO,
    ),
    "denied, and found": (
        [grown(KLEBSIELLA, MEM, answered=[("KPC", "Ikke påvist"), ("NDM", "Påvist")])],
        CPO,
    ),
    "found by itself": (
        [
            grown(KLEBSIELLA, MEM, answered=[("Karbapenemase", "Ikke påvist")]),
            looked_at(("blaNDM PCR", "Påvist")),
        ],
        CPO,
    ),
    "corrected": (
        [
            grown(KLEBSIELLA, MEM),
            looked_at(("Karbapenemase PCR", "Påvist")),
            looked_at(("Karbapenemase PCR", "Ikke påvist"), message="M3", service="M", made=2),
        ],
        [],
    ),
    "not so far": (
        [grown(KLEBSIELLA, MEM), looked_at(("Karbapenemase PCR", "Ikke påvist"), status="P")],
        CPO,
    ),
    "van": ([grown(FAECIUM, VAN), looked_at(("vanA/vanB PCR", "Ikke påvist"))], []),
    "vanA": ([grown(FAECIUM, VAN), looked_at(("vanA PCR", "Ikke påvist"))], VRE),
    "vanB": (
        [grown(FAECIUM, VAN, answered=[("vanA", "Ikke påvist"), ("vanB", "Påvist")])],
        VRE,
    ),
    "by name": ([grown("Staphylococcus aureus (MSSA)")], []),
    "by name, first": ([grown("MSSA"), grown("MRSA", message="M2", service="M", made=2)], MRSA),
}


ORDERS = [
    (name, order)
    for name, (statements, _) in STORIES.items()
    for order in permutations(range(len(statements)))
]


@pytest.mark.parametrize(("name", "order"), ORDERS)
def test_what_is_denied_in_its_own_specimen_is_no_case_in_any_order(
    name: str, order: tuple[int, ...]
) -> None:
    statements, expected = STORIES[name]
    register = make_register()
    for one in order:
        send(register, statements[one])
    assert cases() == expected
    replay(register, clock)
    assert cases() == expected
    again = reclassify(register)
    assert (again.added, again.removed, again.changed, cases()) == (0, 0, 0, expected)


def cases() -> list[tuple[str, str]]:
    return sorted((one.disease, one.classification) for one in list_cases())
