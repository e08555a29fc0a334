"""Sealed files: they come back byte for byte, and every change to them is noticed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.access import sealed_files
from varde.access.keys import KeyProblem, Keys
from varde.access.sealed_files import (
    DataKey,
    SealedReader,
    SealedWriter,
    copy_sealed,
    new_data_key,
    open_data_key,
)
from varde.access.sealing import Sealer

KEYS = Keys(pseudonym=b"p" * 32, storage={"k1": b"1" * 32})
OVERHEAD = 28


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sealed_files, "PIECE", 8)
    monkeypatch.setattr(sealed_files, "_WHOLE", 8 + OVERHEAD)
    return 8


def write(path: Path, key: DataKey, data: bytes, part: str = "") -> None:
    with SealedWriter(path, key, part) as writer:
        copy_sealed(io.BytesIO(data).read, writer)


@given(
    data=st.binary(max_size=40),
    looks=st.lists(st.tuples(st.integers(0, 45), st.integers(-1, 45)), max_size=5),
)
@settings(max_examples=60)
def test_any_part_comes_back(
    data: bytes, looks: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed_files, "PIECE", 8)
        patch.setattr(sealed_files, "_WHOLE", 8 + OVERHEAD)
        path = tmp_path_factory.mktemp("sealed") / "file"
        key = new_data_key("a")
        write(path, key, data)
        plain = io.BytesIO(data)
        with SealedReader(path, key) as reader:
            assert reader.read() == data and reader.size() == len(data)
            for start, size in looks:
                plain.seek(start)
                reader.seek(start)
                assert reader.read(size) == plain.read(size)


@pytest.mark.parametrize("size", [0, 1, 8, 9, 16, 24])
def test_a_file_that_was_changed_does_not_open(tmp_path: Path, small: int, size: int) -> None:
    key = new_data_key("a")
    write(tmp_path / "file", key, bytes(range(size)))
    whole = (tmp_path / "file").read_bytes()
    piece = small + OVERHEAD
    changed = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    changed += [whole[:-piece], whole[piece:], whole[:-1], whole + whole[-piece:]]
    changed += [whole[piece : 2 * piece] + whole[:piece] + whole[2 * piece :]]
    for number, data in enumerate(each for each in changed if each != whole):
        (tmp_path / str(number)).write_bytes(data)
        with SealedReader(tmp_path / str(number), key) as reader, pytest.raises(KeyProblem):
            reader.read()


def test_it_opens_under_its_own_name_and_key_alone(tmp_path: Path) -> None:
    key = new_data_key("a")
    write(tmp_path / "file", key, b"secret" * 100, "rejected")
    assert b"secret" not in (tmp_path / "file").read_bytes()
    for other, part in ((key, ""), (new_data_key("a"), "rejected")):
        with SealedReader(tmp_path / "file", other, part) as reader, pytest.raises(KeyProblem):
            reader.read()


def test_the_key_is_sealed_by_the_storage_key_and_bound_to_its_file() -> None:
    key = new_data_key("a")
    sealer = Sealer(KEYS)
    key_id, sealed = key.seal(sealer)
    assert key_id == "k1"
    assert open_data_key(sealer, "a", key_id, sealed) == key
    with pytest.raises(KeyProblem):
        open_data_key(sealer, "b", key_id, sealed)
    with pytest.raises(KeyProblem):
        open_data_key(Sealer(Keys(b"p" * 32, {"k1": b"2" * 32})), "a", key_id, sealed)


def test_what_was_given_up_does_not_open(tmp_path: Path) -> None:
    key = new_data_key("a")
    writer = SealedWriter(tmp_path / "file", key)
    writer.write(b"x" * (sealed_files.PIECE + 5))
    writer.abandon()
    with SealedReader(tmp_path / "file", key) as reader, pytest.raises(KeyProblem):
        reader.read()
