"""What a person is shown of an answer that waits, and confirms for all that are shown so, is that answer and no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.messages.answers.said import HIDDEN, THIN_BLANK, show
from varde.messages.masking import mask_digits, mask_identities

AS_THEY_ARE = [
    "250 IU/mL", "0,01 IU/mL", "Ct 31,2", "Ct 24-31", "S/CO 12,34", "index 125,30", "2,5 x 10^6 kopier/ml", "HBsAg 1:1280",
    "H1 ikke påvist. H5 påvist.", "H5 ikke påvist. H1 påvist.", "Influensa A(H1N1) 2009", "Mulig O157:H7", "OXA-48 og KPC-2",
    "parvovirus B19", "IS1001 mulig", "Serotype 4, 14, 23F", "HPV 16, 18, 31, 33, 45", "O:4,5,12", "1:1600, 1:3200",
    "1 av 2, 3 av 4, 5", "2 av 4 flasker, 24 timer, 48 timer", "Isolat #2", "CA 19-9", "ST131", "kl. 10:30",
]  # fmt: skip
OF_A_PERSON = [
    "17838400221", "178384 00221", "178384-00221", "17 83 84 00221", "17.83.84 00221", "178384/00221", "17,838,400,221", "178384",
    "00221", "01.02.1950", "1.2.50", "01/02-1950", "1950-02-01", "5. januar 1950", "5.jan 1950", "22 33 44 55", "22-33-44-55",
    "2233 4455", "P1234567", "17838400221 IU/mL", "1783840022 IU/mL",
]  # fmt: skip


@pytest.mark.parametrize("text", AS_THEY_ARE)
def test_an_amount_and_a_name_with_numbers_stand_as_they_are(text: str) -> None:
    assert show(text) == text == mask_digits(text)


@pytest.mark.parametrize("number", OF_A_PERSON)
@pytest.mark.parametrize(
    "text", ["Mulig positiv, {}", "{} påvist?", "Tidligere påvist ({}) i hals", "fødd {}."]
)
def test_a_number_that_may_be_of_a_person_is_hidden(text: str, number: str) -> None:
    shown = show(text.format(number))
    assert HIDDEN in shown
    digits = "".join(filter(str.isdigit, number))
    assert not any(digits[at : at + 5] in shown for at in range(len(digits) - 4)), shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1200000 kopier/ml", "1 200 000 kopier/ml"),
        ("> 100 000 CFU/mL, mulig Brucella", "> 100 000 CFU/mL, mulig Brucella"),
        ("12345 IU/ml", "12 345 IU/ml"),
        ("Titer 1:10240", "Titer 1:10 240"),
    ],
)
def test_a_large_amount_stands_by_its_thousands_and_is_masked_nowhere(
    text: str, shown: str
) -> None:
    assert show(text).replace(THIN_BLANK, " ") == shown
    assert mask_digits(show(text)) == show(text)


def test_a_long_answer_with_something_hidden_says_so_wherever_it_stood() -> None:
    long = "Mulig positiv i hals og nese, se vedlagt skriv fra referanselaboratoriet, som ringte i dag til vakten, "
    assert HIDDEN not in show(f"{long} prøve 12")
    assert HIDDEN in show(f"{long} prøve 178384")
    assert show(f"{long} prøve 12") != show(f"{long} prøve 13")
    assert show(f"{long} prøve 178384") == show(f"{long} prøve 178385"), (
        "no mark tells hidden numbers apart"
    )


NUMBERS = st.one_of(
    st.integers(0, 9_999).map(str),
    st.floats(0, 99, allow_nan=False).map(lambda n: f"{n:.2f}".replace(".", ",")),
    st.integers(10_000, 999_999_999).map(lambda n: f"{n} IU/mL"),
)


@given(
    st.sampled_from(["HBsAg {}", "{} påvist", "Mulig H{} i hals", "Positiv ({})"]), NUMBERS, NUMBERS
)
def test_two_amounts_are_never_shown_alike_unless_they_say_that_they_hide(
    text: str, one: str, other: str
) -> None:
    if one != other:
        first, second = show(text.format(one)), show(text.format(other))
        assert first != second or HIDDEN in first


@given(st.lists(st.integers(0, 9), min_size=11, max_size=14), st.data())
def test_no_identity_number_stands_however_it_is_parted(
    digits: list[int], data: st.DataObject
) -> None:
    signs = [data.draw(st.sampled_from(["", "", " ", ".", "-", "/", ","])) for _ in digits]
    written = "".join(f"{digit}{sign}" for digit, sign in zip(digits, signs, strict=True))
    for text in (written, f"påvist {written} i hals", f"f{written} IU/mL"):
        assert mask_identities(show(text)) == show(text)
