"""Archives among the files that are taken in: their members are messages, or they are kept as they came."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from messages import packed_gallery as packed
from register.answers import MAPPING, answer, clock, count, make_register, register_state
from varde.register import (
    Incoming,
    ingest,
    open_file,
    quarantine_items,
    read_mapping_beside,
    read_names,
    replay,
)

LIST = b"id,patient,date,organism,AMP,CIP\n1,P1,2026-01-05,Escherichia coli,R,S\n"
OTHER = LIST.replace(b"\n1,", b"\n2,")


def opened(name: str, data: bytes, mapping: bytes | None = None) -> list[tuple[str, bool]]:
    """The names of what a file is opened to, and whether each is read with a mapping."""
    return [
        (incoming.name, incoming.mapping is not None) for incoming in open_file(name, data, mapping)
    ]


def test_members_are_named_after_their_archive() -> None:
    data = packed.zipped(("in/a.xml", answer()), ("in/b.csv", LIST), ("in/", b""))
    assert opened("post/Uke 1.zip", data) == [
        ("post/Uke 1.zip/in/a.xml", False),
        ("post/Uke 1.zip/in/b.csv", False),
    ]


def test_mappings_in_an_archive_are_for_the_lists_beside_them() -> None:
    data = packed.zipped(
        ("a.csv", LIST), ("in/b.csv", LIST), ("in/c.csv", LIST), ("in/svar.xml", answer()),
        ("in/mapping.toml", b"shared"), ("in/c.csv.mapping.toml", b"own"),
    )  # fmt: skip
    found = {i.name: i.mapping for i in open_file("x.zip", data)}
    assert found == {
        "x.zip/a.csv": None, "x.zip/in/b.csv": b"shared", "x.zip/in/c.csv": b"own", "x.zip/in/svar.xml": None
    }  # fmt: skip
    beside = {i.name: i.mapping for i in open_file("x.zip", data, b"beside")}
    assert beside == found | {"x.zip/a.csv": b"beside"}
    only = {i.mapping for i in open_file("x.zip", data, b"given", only=True)}
    assert only == {b"given", None}


def test_hidden_members_are_no_messages_but_odd_paths_are() -> None:
    data = packed.zipped(
        (".a.xml", b"1"), ("__MACOSX/._b.xml", b"2"), (".git/c.xml", b"3"), ("../../d.xml", b"4"), ("./e", b"5")
    )  # fmt: skip
    assert [name for name, _ in opened("x.zip", data)] == ["x.zip/../../d.xml", "x.zip/./e"]


@pytest.mark.parametrize(
    "data",
    [*packed.NEW.values(), packed.zipped(), packed.zipped(("mapping.toml", b"")), packed.zipped((".a", b"x"))],
)  # fmt: skip
def test_what_gives_no_message_is_kept_as_it_came(data: bytes) -> None:
    assert list(open_file("x.zip", data, b"beside")) == [Incoming("x.zip", data)]


def test_a_file_is_itself() -> None:
    assert opened("a.xml", answer(), b"m") == [("a.xml", False)]
    assert opened("a.csv", LIST, b"m") == [("a.csv", True)]
    assert opened("a.xlsx", packed.PLAIN) == [("a.xlsx", False)]


def test_the_mapping_beside_a_file(tmp_path: Path) -> None:
    def read(name: str) -> bytes | None:
        return read_mapping_beside(tmp_path / name)

    assert read("a.csv") is None
    for name in ("mapping.toml", "a.csv.mapping.toml", "b.csv.gz.mapping.toml"):
        (tmp_path / name).write_text(name)
    assert read("c.csv") == read("c.zip") == b"mapping.toml"
    assert read("a.csv") == read("a.csv.gz") == b"a.csv.mapping.toml"
    assert read("b.csv.gz") == b"b.csv.gz.mapping.toml"
    assert read("a.xml") is None
    assert read("a" * 251 + ".csv") == b"mapping.toml"


@pytest.mark.django_db
def test_an_archive_and_its_files_give_the_same_register(tmp_path: Path) -> None:
    (tmp_path / "zip").mkdir()
    (tmp_path / "mapping.toml").write_bytes(MAPPING)
    (tmp_path / "zip" / "svar.zip").write_bytes(
        packed.zipped(
            ("a/svar.xml", answer()), ("b/svar.xml", answer("R2", "M2", organism="Ukjent sopp")),
            ("liste.csv", LIST), ("mapping.toml", MAPPING),
        )
    )  # fmt: skip
    (tmp_path / "liste.csv.gz").write_bytes(gzip.compress(OTHER))
    register = make_register()
    result = ingest(register, [tmp_path], clock)
    assert (result.counts.received, result.counts.accepted, result.counts.quarantined) == (4, 4, 0)
    assert sorted(read_names(range(1, 5), register.sealer).values()) == [
        "liste.csv.gz/liste.csv", "zip/svar.zip/a/svar.xml", "zip/svar.zip/b/svar.xml",
        "zip/svar.zip/liste.csv",
    ]  # fmt: skip
    before = register_state()

    (tmp_path / "1.xml").write_bytes(answer())
    (tmp_path / "2.csv").write_bytes(OTHER)
    again = ingest(register, [tmp_path], clock)
    assert (again.counts.received, again.counts.duplicate) == (6, 6)
    assert register_state() == before and count("message") == 4


@pytest.mark.django_db
def test_an_archive_that_cannot_be_unpacked_waits_with_its_reason(tmp_path: Path) -> None:
    for reason, data in packed.NEW.items():
        (tmp_path / f"{reason}.zip").write_bytes(data)
    (tmp_path / "svar.xml").write_bytes(answer())
    register = make_register()
    result = ingest(register, [tmp_path], clock)
    assert (result.counts.accepted, result.counts.quarantined) == (1, len(packed.NEW))
    assert {item.reason for item in quarantine_items()} == set(packed.NEW)
    state = register_state()
    replay(register, clock)
    assert register_state() == state
