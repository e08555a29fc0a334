"""The mapping file: every rule it can break, and that the documentation names every key."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from varde.messages import UnreadableMessage, find_mapping
from varde.messages.isolate_list.mapping import ENCODINGS, KINDS, TABLES, TOP, read_mapping

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "mappings"
LEAST = 'sender = "L"\n[columns]\ncollected = "d"\norganism = "o"\n'


def refusal(text: str) -> UnreadableMessage:
    with pytest.raises(UnreadableMessage) as caught:
        read_mapping(text.encode())
    assert caught.value.reason == "invalid-mapping"
    return caught.value


def test_the_least_that_works() -> None:
    mapping = read_mapping(LEAST.encode())
    assert mapping.columns == {"collected": "d", "organism": "o"}
    assert mapping.every_column and mapping.values == "sir"
    assert (mapping.encoding, mapping.delimiter, mapping.date_format) == ("utf-8", ",", "%Y-%m-%d")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[columns]\ncollected = 'd'\norganism = 'o'\n", "sender"),
        ("sender = ' '\n[columns]\ncollected = 'd'\norganism = 'o'\n", "sender"),
        ("sender = 'L'\n[columns]\norganism = 'o'\n", "columns.collected"),
        ("sender = 'L'\n[columns]\ncollected = 'd'\n", "columns.organism"),
        ("sender = 'L'\n[columns]\ncollected = 'd'\norganism = ' '\n", "columns.organism"),
        ("colums = {}\n" + LEAST, "colums"),
        (LEAST + "wrong = 'x'\n", "columns.wrong"),
        (LEAST + "ward = 3\n", "columns.ward"),
        (LEAST + "ignore = 'x'\n", "columns.ignore"),
        ("encoding = 'latin'\n" + LEAST, "encoding"),
        ("delimiter = ',,'\n" + LEAST, "delimiter"),
        ("delimiter = ':'\n" + LEAST, "delimiter"),
        ("decimal = ''\n" + LEAST, "decimal"),
        ("sender_name = 3\n" + LEAST, "sender_name"),
        ("date = 'x'\n" + LEAST, "date"),
        (LEAST + "[date]\nformat = 'yyyy'\n", "date.format"),
        (LEAST + "[date]\nformat = '%d.%m'\n", "date.format"),
        (LEAST + "[patient]\nkind = 'NAME'\n", "patient.kind"),
        (LEAST + "[sex]\nx = 'X'\n", "sex.x"),
        (LEAST + "[sir]\nx = 'Q'\n", "sir.x"),
        (LEAST + "[sir]\nx = ['R']\n", "sir.x"),
        (LEAST + "[antibiotics]\nvalues = 'both'\n", "antibiotics.values"),
        (LEAST + "[antibiotics]\ncolumns = 3\n", "antibiotics.columns"),
        (LEAST + "[antibiotics]\ncolumns = ['A', 3]\n", "antibiotics.columns"),
        (LEAST + "[antibiotics]\ncolumns = {A = 3}\n", "antibiotics.columns"),
        (LEAST + "[antibiotics]\nnot_tested = 'NA'\n", "antibiotics.not_tested"),
        (LEAST + "[organism]\nsystems = 'x'\n", "organism.systems"),
    ],
)
def test_a_broken_rule_names_its_key(text: str, key: str) -> None:
    assert refusal(text).place == key


@pytest.mark.parametrize("data", [b"\xff\xfe", b"sender = ", b"a = [" * 5000])
def test_what_is_no_toml_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableMessage, match="invalid-mapping"):
        read_mapping(data)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_examples_are_valid(path: Path) -> None:
    assert read_mapping(path.read_bytes()).columns


def test_there_are_examples() -> None:
    assert len(list(EXAMPLES.glob("*.toml"))) >= 2


def test_the_documentation_names_every_key_and_value() -> None:
    text = (ROOT / "docs" / "mapping-files.md").read_text("utf-8")
    keys = [*TOP, *TABLES, *(key for keys in TABLES.values() for key in keys)]
    for word in {*keys, *ENCODINGS, *KINDS, "sir", "mic", "zone", "*"}:
        assert f"`{word}`" in text, word


def test_the_example_in_the_documentation_works() -> None:
    text = (ROOT / "docs" / "mapping-files.md").read_text("utf-8")
    blocks = [block.partition("```")[0] for block in text.split("```toml\n")[1:]]
    assert blocks
    for block in blocks:
        tomllib.loads(block)
    assert read_mapping(blocks[0].encode()).sender


def test_the_mapping_of_a_file_is_beside_it(tmp_path: Path) -> None:
    listing = tmp_path / "january.csv"
    assert find_mapping(listing) is None
    shared = tmp_path / "mapping.toml"
    shared.write_text(LEAST)
    assert find_mapping(listing) == shared
    own = tmp_path / "january.csv.mapping.toml"
    own.write_text(LEAST)
    assert find_mapping(listing) == own
    assert find_mapping(tmp_path / "february.csv") == shared
