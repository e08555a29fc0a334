"""A watched folder: what is finished is taken in once, wherever the watch is cut off, and put away."""

from __future__ import annotations

import gzip
import json
import os
import re
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from messages import deidentified_lists as lists
from messages import packed_gallery as packed
from register.answers import MAPPING, answer, clock, count, make_register, register_state
from varde.listening import FolderBusy, Watch
from varde.listening import folders as places
from varde.listening.sightings import Lookout, list_sights
from varde.register import Incoming, MessageReceipt, NotDurable, Register, read_receipts
from varde.register.intake import fold_logged
from varde.register.log import append

DAY = date(2026, 1, 31)
LIST = b"id,patient,date,organism,AMP,CIP\n1,P1,2026-01-05,Escherichia coli,R,S\n"
BAD = answer("RB", "MB", person="12345678901")


def taker(register: Register) -> Callable[[str, Sequence[Incoming]], list[MessageReceipt]]:
    """As `Doors.take_files`, in this thread and with one register."""

    def take(kind: str, files: Sequence[Incoming]) -> list[MessageReceipt]:
        logged = append(files, register.sealer, clock())
        fold_logged(register, files, logged, clock)
        found = read_receipts(one.message for one in logged)
        return [found[one.message] for one in logged]

    return take


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("varde.listening.watching.BATCH_MESSAGES", 20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inn"
    made.mkdir()
    return made


Told = list[tuple[str, str]]


@pytest.fixture
def said() -> Told:
    """What a watch says of files that it passes over."""
    return []


@pytest.fixture
def make_watch(folder: Path, said: Told, db: None) -> Iterator[Callable[..., Watch]]:
    made: list[Watch] = []

    def make(take: Any = None, **more: Any) -> Watch:
        take = take or taker(make_register())
        made.append(Watch(folder, take, lambda: DAY, lambda *what: said.append(what), **more))
        return made[-1]

    yield make
    for watch in made:
        watch.close()


@pytest.fixture
def watch(make_watch: Callable[..., Watch]) -> Watch:
    return make_watch()


def files(folder: Path) -> list[str]:
    """Every file below the folder but the lock; those in today's folders without the day."""
    return sorted(
        str(path.relative_to(folder)).replace(f"/{DAY}/", "/")
        for path in folder.rglob("*")
        if path.is_file() and path.name != places.LOCK
    )


def put(folder: Path, **contents: bytes) -> None:
    for name, data in contents.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def twice(watch: Watch) -> None:
    assert watch.look()
    assert watch.look()


def receipt(folder: Path, name: str) -> Any:
    return json.loads((folder / name.replace("/", f"/{DAY}/", 1)).read_bytes())


# What is taken, and where it goes


def test_a_finished_file_is_taken_in_and_put_away_with_a_receipt(
    watch: Watch, folder: Path
) -> None:
    put(folder, a_xml=answer(), post__uke__b_xml=answer("R2", "M2"))
    watch.look()
    assert files(folder) == ["a.xml", "post/uke/b.xml"] and count("message") == 0
    watch.look()
    assert files(folder) == [
        ".done/a.xml", ".done/a.xml.receipt.json",
        ".done/post/uke/b.xml", ".done/post/uke/b.xml.receipt.json",
    ]  # fmt: skip
    assert len(register_state()["reports"]) == 2
    told = receipt(folder, ".done/a.xml.receipt.json")
    assert [told[key] for key in ("messages", "received", "accepted", "quarantined")] == [
        1,
        1,
        1,
        0,
    ]
    [message] = told["details"]
    assert message["items"] == [
        {"position": 1, "state": "accepted", "kind": "laboratory", "reference": "M1"}
    ]


def test_what_is_quarantined_is_put_apart_and_says_why_without_identity(
    watch: Watch, folder: Path
) -> None:
    put(folder, a_xml=answer(), **{"12345678901_xml": BAD})
    twice(watch)
    assert files(folder) == [
        ".done/a.xml", ".done/a.xml.receipt.json",
        ".quarantined/12345678901.xml", ".quarantined/12345678901.xml.receipt.json",
    ]  # fmt: skip
    path = folder / f".quarantined/{DAY}/12345678901.xml.receipt.json"
    assert "12345678901" not in path.read_text()
    [message] = json.loads(path.read_bytes())["details"]
    [item] = message["items"]
    assert (item["state"], item["reason"]) == ("quarantined", "invalid-identity-number")
    assert item["nb"]["title"] == "Ugyldig fødselsnummer" and item["en"]["action"]


def test_the_folder_says_which_kind(watch: Watch, folder: Path) -> None:
    put(folder, laboratory__a_xml=answer(), vaccination__b_xml=answer("R2", "M2"))
    twice(watch)
    assert ".done/laboratory/a.xml" in files(folder)
    told = receipt(folder, ".quarantined/vaccination/b.xml.receipt.json")
    assert told["details"][0]["items"][0]["reason"] == "wrong-kind"


def test_each_register_gets_what_is_its_own(folder: Path, make_watch: Callable[..., Watch]) -> None:
    """By the folder, else by the headings, also of what lies in one archive."""
    inner = taker(make_register())
    handed_in: list[tuple[str, str]] = []

    def take(database: str, given: Sequence[Incoming]) -> list[MessageReceipt]:
        handed_in.extend((database, incoming.name) for incoming in given)
        return inner(database, given)

    ravn, norm = (lists.write(name, lists.row(name)) for name in ("ravn", "norm"))
    put(folder, a_xml=answer(), b_csv=norm, ravn__c_csv=ravn, ravn__d_xml=answer("R2", "M2"))
    put(
        folder, e_zip=packed.zipped(("1.csv", ravn), ("2.xml", answer("R3", "M3")), ("3.csv", norm))
    )
    watch = make_watch(take)
    twice(watch)
    assert sorted(handed_in) == [
        ("default", "a.xml"), ("default", "e.zip/2.xml"), ("norm", "b.csv"), ("norm", "e.zip/3.csv"),
        ("ravn", "e.zip/1.csv"), ("ravn", "ravn/c.csv"), ("ravn", "ravn/d.xml"),
    ]  # fmt: skip
    assert watch.taken == 5


def test_of_what_is_for_a_register_apart_the_receipt_alone_is_kept(
    folder: Path, make_watch: Callable[..., Watch]
) -> None:
    norm = lists.write("norm", lists.row("norm"))
    mixed = packed.zipped(("ola-nordmann.csv", norm), ("2.xml", answer("R3", "M3")))
    put(folder, norm__ola_nordmann_csv=norm, kari_zip=mixed, a_xml=answer())
    twice(make_watch())
    kept = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    names = sorted(path.name for path in kept)
    assert names[:2] == ["a.xml", "a.xml.receipt.json"]
    assert [re.sub("[0-9]+", "1", name) for name in names[2:4]] == ["norm-1.receipt.json"] * 2
    for path in kept:
        content = path.read_bytes()
        assert b"ola" not in content and norm.splitlines()[1] not in content


def test_lists_are_read_with_the_mapping_beside_them_which_stays(
    watch: Watch, folder: Path
) -> None:
    put(folder, liste_csv=LIST, mapping_toml=MAPPING, zip__mer_csv_gz=gzip.compress(LIST))
    twice(watch)
    assert files(folder) == [
        ".done/liste.csv", ".done/liste.csv.receipt.json", ".quarantined/zip/mer.csv.gz",
        ".quarantined/zip/mer.csv.gz.receipt.json", "mapping.toml",
    ]  # fmt: skip


def test_a_mapping_can_be_given(folder: Path, make_watch: Callable[..., Watch]) -> None:
    watch = make_watch(mapping=MAPPING)
    put(folder, liste_csv=LIST)
    twice(watch)
    watch.close()
    assert ".done/liste.csv" in files(folder)


def test_an_archive_has_one_receipt_for_all_its_members(watch: Watch, folder: Path) -> None:
    members = [(f"{n}.xml", answer(f"R{n}", f"M{n}")) for n in range(45)]
    put(
        folder,
        svar_zip=packed.zipped(*members),
        feil_zip=packed.zipped(("a.xml", answer("Q", "Q")), ("b.xml", BAD)),
    )
    twice(watch)
    told = receipt(folder, ".done/svar.zip.receipt.json")
    assert (told["messages"], told["accepted"]) == (45, 45)
    assert told["details"][3]["name"] == "svar.zip/3.xml"
    assert receipt(folder, ".quarantined/feil.zip.receipt.json")["accepted"] == 1
    assert watch.taken == 2


def test_a_receipt_lists_no_more_than_there_is_use_for(
    watch: Watch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("varde.listening.receipts.MOST_ITEMS", 3)
    put(folder, svar_zip=packed.zipped(*[(f"{n}", answer(f"R{n}", f"M{n}")) for n in range(5)]))
    twice(watch)
    told = receipt(folder, ".done/svar.zip.receipt.json")
    assert (told["accepted"], len(told["details"])) == (5, 3)


def test_the_same_name_again_takes_no_ones_place(watch: Watch, folder: Path) -> None:
    for number in range(3):
        put(folder, a_xml=answer(made=number + 1), a_xml_receipt_json=b"%d" % number)
        twice(watch)
    kept = [path.read_bytes() for path in (folder / places.DONE / str(DAY)).glob("a.xml*")]
    assert {answer(made=number + 1) for number in range(3)} <= set(kept)
    assert receipt(folder, ".done/a.xml.receipt.json")["accepted"] == 1
    quarantined = list((folder / places.QUARANTINED / str(DAY)).iterdir())
    assert len(quarantined) == 6 and b"2" in [path.read_bytes() for path in quarantined]


def test_a_receipt_takes_no_files_place(watch: Watch, folder: Path) -> None:
    put(folder, b_xml_receipt_json=b"sent")
    twice(watch)
    put(folder, b_xml=BAD)
    twice(watch)
    kept = [path.read_bytes() for path in (folder / places.QUARANTINED / str(DAY)).iterdir()]
    assert len(kept) == 4 and b"sent" in kept and BAD in kept


def test_names_of_any_kind(watch: Watch, folder: Path, said: Told) -> None:
    names = [
        b"pr\xf8ve.xml",
        b"l" * 251 + b".xml",
        "blåbær\n.xml".encode(),
        b"a" * 245 + b".receipt.json",
    ]
    (folder / "x").mkdir()
    for number, name in enumerate(names):
        with open(os.fsencode(folder / "x") + b"/" + name[-255:], "wb") as file:
            file.write(answer(f"R{number}", f"M{number}"))
    twice(watch)
    assert (watch.taken, said, len(files(folder))) == (4, [], 8)


def test_a_file_may_have_the_name_of_a_folder_of_before(watch: Watch, folder: Path) -> None:
    put(folder, a=answer())
    twice(watch)
    put(folder, a__b=answer("R2", "M2"))
    twice(watch)
    assert ".done/a~b" in files(folder) and watch.taken == 2


# What is not finished, and what cannot be taken


@pytest.mark.parametrize(
    "name", [".a.xml", "a.tmp", "a.xml.PART", "a.filepart", ".skjult/a.xml", "mapping.toml"]
)
def test_unfinished_and_hidden_files_are_left(watch: Watch, folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(answer())
    twice(watch)
    assert files(folder) == [name] and count("message") == 0


def test_a_file_that_grows_is_left_until_it_stands_still(watch: Watch, folder: Path) -> None:
    whole = answer()
    with (folder / "a.xml").open("wb") as file:
        for at in range(0, len(whole), len(whole) // 3):
            file.write(whole[at : at + len(whole) // 3])
            file.flush()
            watch.look()
    assert count("message") == 0
    watch.look()
    assert files(folder)[0] == ".done/a.xml" and count("quarantineentry") == 0


def test_an_empty_file_is_given_time(watch: Watch, folder: Path) -> None:
    put(folder, a_xml=b"")
    twice(watch)
    assert files(folder) == ["a.xml"]
    os.utime(folder / "a.xml", (time.time() - 61, time.time() - 61))
    twice(watch)
    assert files(folder)[0] == ".quarantined/a.xml"


def test_a_file_that_is_written_on_after_all_is_taken_whole(
    folder: Path, make_watch: Callable[..., Watch]
) -> None:
    """Whoever writes has stood still for two looks, and goes on while the beginning is taken in."""
    whole = answer()
    inner = taker(make_register())
    writer = (folder / "a.xml").open("wb")
    writer.write(whole[:700])
    writer.flush()

    def take(kind: str, given: Sequence[Incoming]) -> list[MessageReceipt]:
        if not writer.closed:
            writer.write(whole[700:])
            writer.close()
        return inner(kind, given)

    watch = make_watch(take)
    for _ in range(4):
        watch.look()
    watch.close()
    assert files(folder) == [".done/a.xml", ".done/a.xml.receipt.json"]
    assert [row[4] for row in register_state()["susceptibilities"]] == ["S"]


def test_a_file_that_is_written_on_before_all_is_looked_at_again(
    watch: Watch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = answer()
    put(folder, a_xml=whole[:700])
    original = places.claim

    def claim(folder: Path, name: str) -> None:
        put(folder, a_xml=whole)
        original(folder, name)

    watch.look()
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(places, "claim", claim)
        watch.look()
    assert count("message") == 0
    twice(watch)
    assert count("message") == 1 and ".done/a.xml" in files(folder)


def test_a_new_file_under_the_name_of_one_that_is_taken_is_another(
    folder: Path, make_watch: Callable[..., Watch]
) -> None:
    inner = taker(make_register())
    put(folder, a_xml=answer())

    def take(kind: str, given: Sequence[Incoming]) -> list[MessageReceipt]:
        if count("message") == 0:
            put(folder, a_xml=answer("R2", "M2"))
        return inner(kind, given)

    watch = make_watch(take)
    for _ in range(4):
        watch.look()
    watch.close()
    assert watch.taken == 2 and len(register_state()["reports"]) == 2 and len(files(folder)) == 4


def test_links_and_pipes_are_left_and_told(
    watch: Watch, folder: Path, tmp_path: Path, said: Told
) -> None:
    (tmp_path / "secret").write_bytes(answer())
    (folder / "link.xml").symlink_to(tmp_path / "secret")
    (folder / "elsewhere").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.xml")
    put(folder, a_xml=answer("R2", "M2"))
    twice(watch)
    assert count("message") == 1 and watch.problems == 3
    names = ["elsewhere", "link.xml", "pipe.xml"]
    assert sorted(said) == [(name, "is no ordinary file") for name in names]


def failing(
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    name: str,
    number: int,
    at: Callable[[Any], bool],
) -> None:
    """Let a function of the operating system fail, as it does on a bad disk, wherever `at` says so."""
    original = getattr(module, name)

    def fail(path: Any, *more: Any, **named: Any) -> Any:
        if at(path):
            raise OSError(number, os.strerror(number), str(path))
        return original(path, *more, **named)

    monkeypatch.setattr(module, name, fail)


def test_a_file_that_cannot_be_read_is_left_and_the_others_are_taken(
    watch: Watch, folder: Path, monkeypatch: pytest.MonkeyPatch, said: Told
) -> None:
    put(folder, a_xml=answer(), b_xml=answer("R2", "M2"), c_xml=answer("R3", "M3"))
    monkeypatch.setattr(os, "access", lambda path, *_, **__: Path(path).name != "a.xml")
    with monkeypatch.context() as bad_disk:
        failing(bad_disk, os, "open", 5, lambda path: Path(path).name == "b.xml")
        twice(watch)
    assert files(folder) == [".done/c.xml", ".done/c.xml.receipt.json", ".taking/b.xml", "a.xml"]
    assert sorted(said) == [("a.xml", "cannot be read"), ("b.xml", "Input/output error")]
    twice(watch)
    assert ".done/b.xml" in files(folder)


def test_a_large_file_is_left(watch: Watch, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (folder / "a.xml").open("wb") as file:
        file.truncate(places.LARGEST + 1)
    twice(watch)
    assert files(folder) == ["a.xml"] and watch.problems == 1


def test_folders_that_go_away_meanwhile(watch: Watch, folder: Path) -> None:
    put(folder, in__a_xml=answer(), in__b_xml=answer("R2", "M2"), c_xml=answer("R3", "M3"))
    watch.look()
    for path in (folder / "in" / "a.xml", folder / "in" / "b.xml"):
        path.unlink()
    (folder / "in").rmdir()
    watch.look()
    assert watch.taken == 1
    # All of it goes away, and comes back.
    folder.rename(folder.with_name("away"))
    assert not watch.look() and watch.problems == 1
    folder.mkdir()
    put(folder, d_xml=answer("R4", "M4"))
    twice(watch)
    assert ".done/d.xml" in files(folder)


@pytest.mark.parametrize("what", ["write_bytes", "rename"])
def test_a_full_disk_leaves_everything_for_later(
    watch: Watch, folder: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    put(folder, **{f"{n}_xml": answer(f"R{n}", f"M{n}") for n in range(5)})
    watch.look()
    with monkeypatch.context() as full:
        module = Path if what == "write_bytes" else os
        failing(full, module, what, 28, lambda path: ".taking" in str(path) or ".done" in str(path))
        assert [watch.look() for _ in range(4)].count(False) > 1
        assert watch.taken == 0
    assert sorted(name.rpartition("/")[2] for name in files(folder)) == [
        f"{n}.xml" for n in range(5)
    ]
    twice(watch)
    assert watch.taken == 5 and len(files(folder)) == 10
    assert (count("message"), len(register_state()["reports"])) == (5, 5)


def test_trouble_with_the_database_leaves_everything_for_later(
    folder: Path, make_watch: Callable[..., Watch]
) -> None:
    inner = taker(make_register())
    broken = True

    def take(kind: str, given: Sequence[Incoming]) -> list[MessageReceipt]:
        if broken:
            raise NotDurable("the database cannot keep it")
        return inner(kind, given)

    watch = make_watch(take)
    put(
        folder,
        a_xml=answer(),
        b_zip=packed.zipped(*[(f"{n}", answer(f"R{n}", f"M{n}")) for n in range(45)]),
    )
    watch.look()
    assert not watch.look()
    broken = False
    twice(watch)
    watch.look()
    watch.close()
    assert watch.taken == 2 and len(files(folder)) == 4


# Cut off anywhere


class Killed(BaseException):
    """The process ends here."""


STEPS: list[tuple[object, str]] = [(os, "rename"), (os, "open"), (os, "mkdir"), (Path, "write_bytes"), (Path, "replace")]  # fmt: skip


def test_wherever_a_watch_is_cut_off_nothing_is_lost_or_doubled(
    folder: Path, make_watch: Callable[..., Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = taker(make_register())
    contents = {
        "a.xml": answer(), "sub/b.xml": BAD, "svar.zip": packed.zipped(("1", answer("R3", "M3")), ("2", answer("R4", "M4"))),
    }  # fmt: skip
    left = 0

    def step() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    def take(kind: str, given: Sequence[Incoming]) -> list[MessageReceipt]:
        step()
        done = inner(kind, given)
        step()
        return done

    for module, name in STEPS:
        original = getattr(module, name)

        def stepping(*given: Any, original: Any = original, **named: Any) -> Any:
            step()
            return original(*given, **named)

        monkeypatch.setattr(module, name, stepping)

    kills = 0
    for cut in range(1, 200):
        left = 0
        for name, data in contents.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        watch = make_watch(take)
        watch.look()
        left = cut
        try:
            watch.look()
            finished = True
        except Killed:
            finished = False
            kills += 1
        left = 0
        watch.close()
        names = Counter(name.rpartition("/")[2] for name in files(folder))
        assert all(names[name.rpartition("/")[2]] == 1 for name in contents), f"cut {cut}"
        again = make_watch(take)
        twice(again)
        again.close()
        assert files(folder) == [
            ".done/a.xml", ".done/a.xml.receipt.json", ".done/svar.zip", ".done/svar.zip.receipt.json",
            ".quarantined/sub/b.xml", ".quarantined/sub/b.xml.receipt.json",
        ], f"cut {cut}"  # fmt: skip
        assert receipt(folder, ".done/svar.zip.receipt.json")["accepted"] == 2
        assert len(register_state()["reports"]) == 3 and count("message") == 4
        for top in (places.DONE, places.QUARANTINED):
            for path in (folder / top).rglob("*"):
                if path.is_file():
                    path.unlink()
        if finished:
            break
    assert finished and kills > 20


def test_a_watch_stops_between_files(folder: Path, make_watch: Callable[..., Watch]) -> None:
    stop = threading.Event()
    inner = taker(make_register())

    def take(kind: str, given: Sequence[Incoming]) -> list[MessageReceipt]:
        stop.set()
        return inner(kind, given)

    watch = make_watch(take, stop=stop)
    members = [(f"{n}.xml", answer(f"R{n}", f"M{n}")) for n in range(45)]
    put(folder, svar_zip=packed.zipped(*members))
    watch.look()
    watch.look()
    watch.run(60)  # ends at once
    watch.close()
    assert files(folder) == [".taking/svar.zip"] and 0 < count("message") < 45
    again = make_watch(inner)
    twice(again)
    again.close()
    assert receipt(folder, ".done/svar.zip.receipt.json")["accepted"] == 45


def test_a_watch_goes_on_by_itself(folder: Path, make_watch: Callable[..., Watch]) -> None:
    watch = make_watch()
    put(folder, a_xml=answer())
    helper = threading.Thread(target=lambda: (time.sleep(0.4), watch.stop.set()))
    helper.start()
    watch.run(0.05)
    helper.join()
    watch.close()
    assert watch.taken == 1


# One watch, many files


def test_only_one_process_watches_a_folder(watch: Watch, make_watch: Callable[..., Watch]) -> None:
    watch.look()
    other = make_watch()
    with pytest.raises(FolderBusy):
        other.look()
    watch.close()
    assert other.look()
    other.close()


def test_looking_at_many_files_takes_little_memory(folder: Path) -> None:
    for number in range(1_000):
        (folder / f"{number:05}.xml").touch()
    problems: list[tuple[str, str]] = []
    lookout = Lookout()

    def look() -> int:
        now = time.time() + 3600
        return sum(
            1 for _ in lookout.look(list_sights(folder, lambda *told: problems.append(told)), now)
        )

    assert look() == 0
    tracemalloc.start()
    assert look() == 1_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000 * 100 and not problems


def test_what_is_handed_in_at_once_is_bounded(
    folder: Path, make_watch: Callable[..., Watch]
) -> None:
    sizes: list[int] = []
    inner = taker(make_register())

    def take(kind: str, given: Sequence[Incoming]) -> list[MessageReceipt]:
        sizes.append(len(given))
        return inner(kind, given)

    put(folder, **{f"{n:03}_xml": answer(f"R{n}", f"M{n}") for n in range(25)})
    bounded = make_watch(take)
    twice(bounded)
    bounded.close()
    assert sizes == [20, 5] and bounded.taken == 25
