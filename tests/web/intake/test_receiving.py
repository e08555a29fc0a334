"""`POST /intake/{kind}` against the real service: receipts, retries, validation, limits, and whose is whose."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from messages import packed_gallery
from register import answers
from varde.register import open_file
from web.intake.service import Sender, Service, register_sender

pytestmark = pytest.mark.xdist_group("receiving")

GOOD = answers.answer("R1", "M1")
BAD = answers.answer("R2", "M2", person="01815000388")  # its checksum does not fit


def _zip(**files: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name.replace("_", "."), data)
    return archive.getvalue()


def _workbook() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("[Content_Types].xml", b"<Types/>")
        packed.writestr("xl/workbook.xml", b"<workbook/>")
    return archive.getvalue()


def _states(answer: object) -> list[list[str]]:
    return [[item["state"] for item in one["items"]] for one in answer["messages"]]  # type: ignore[index]


def test_a_message_gets_a_receipt_and_the_same_one_when_it_is_sent_again(
    laboratory: Sender,
) -> None:
    first = laboratory.post("/intake/laboratory", GOOD)
    again = laboratory.post("/intake/laboratory", GOOD)
    assert (first.status, again.status) == (200, 200)
    [one], [two] = first.json["messages"], again.json["messages"]
    assert (one["state"], one["counts"]["accepted"], one["repeated"]) == ("read", 1, False)
    assert two | {"repeated": False} == one
    assert laboratory.get(one["receipt"]).json == {
        name: value for name, value in one.items() if name != "repeated"
    }


def test_one_bad_message_does_not_fail_the_others(laboratory: Sender) -> None:
    batch = _zip(
        a_xml=answers.answer("R3", "M3"),
        b_xml=BAD,
        c_xml=b"<not>",
        d_xml=answers.answer("R4", "M4"),
    )
    answer = laboratory.post("/intake/laboratory", batch)
    assert answer.status == 200
    assert _states(answer.json) == [["accepted"], ["quarantined"], ["quarantined"], ["accepted"]]
    problem = answer.json["messages"][1]["items"][0]["problem"]
    assert problem["reason"] == "invalid-identity-number"
    assert problem["action"] and problem["action_en"]
    assert "01815000388" not in answer.body.decode()


def test_hidden_files_of_an_archive_are_no_messages_as_in_a_watched_folder(
    laboratory: Sender,
) -> None:
    members = [
        ("a.xml", answers.answer("R31", "M31")), ("__MACOSX/._a.xml", b"\0\5\x16\7"),
        (".DS_Store", b"\0\0\0\1Bud1"), ("in/.hidden/b.xml", BAD), ("mapping.toml", b"x"),
        ("a.xml", answers.answer("R32", "M32")),
    ]  # fmt: skip
    data = packed_gallery.zipped(*members)
    answer = laboratory.post("/intake/laboratory", data)
    # Two of one name are two messages.
    assert [(one["name"], one["counts"]["accepted"]) for one in answer.json["messages"]] == [
        ("a.xml", 1),
        ("a.xml", 1),
    ]
    watched = [incoming.name for incoming in open_file("x.zip", data)]
    assert watched == [f"x.zip/{one['name']}" for one in answer.json["messages"]]
    checked = laboratory.post("/intake/laboratory/$validate", data).json
    assert [one["name"] for one in checked["messages"]] == ["a.xml", "a.xml"]
    nothing = laboratory.post("/intake/laboratory", packed_gallery.zipped(*members[1:5]))
    assert (nothing.status, nothing.json["code"]) == (400, "empty")


def test_validation_says_the_same_and_keeps_nothing(service: Service, laboratory: Sender) -> None:
    before = json.loads(service.run("status", "--json"))
    answer = laboratory.post(
        "/intake/laboratory/$validate", _zip(a_xml=answers.answer("R5", "M5"), b_xml=BAD)
    )
    assert answer.json["stored"] is False
    assert _states(answer.json) == [["accepted"], ["quarantined"]]
    unknown = answers.answer("R6", "M6", organism="Never heard of")
    checked = laboratory.post("/intake/laboratory/$validate", unknown).json
    assert checked["messages"][0]["items"][0]["unmapped"][0]["text"] == "Never heard of"
    [found] = checked["messages"][0]["items"][0]["understood"]["found"]
    assert (found["answer"], found["why"]) == ("waits", "unknown-name")
    table = laboratory.post("/intake/laboratory/$validate", b"\x01 something else").json
    problem = table["messages"][0]["items"][0]["problem"]
    assert problem["reason"] == "unknown-format" and "HL7 v2 ORU^R01" in problem["action"]
    assert json.loads(service.run("status", "--json")) == before


def test_a_sender_speaks_for_nobody_else(laboratory: Sender, other: Sender) -> None:
    forged = answers.answer("R7", "M7", her="91843")
    answer = other.post("/intake/laboratory", forged)
    assert answer.json["messages"][0]["items"][0]["problem"]["reason"] == "foreign-sender"
    # The one it belongs to can still send it, and only that one sees the receipt.
    mine = laboratory.post("/intake/laboratory", forged).json["messages"][0]
    assert mine["counts"]["accepted"] == 1
    assert other.get(mine["receipt"]).status == 404
    theirs = answer.json["messages"][0]["receipt"]
    assert laboratory.get(theirs).status == 404


def test_a_token_for_one_kind_reads_receipts_of_that_kind_alone(
    service: Service, laboratory: Sender
) -> None:
    [one] = laboratory.post("/intake/laboratory", answers.answer("R91", "M91")).json["messages"]
    elsewhere = one["receipt"].replace("/laboratory/", "/vaccination/")
    nurse = register_sender(service, "HER:91843", ("vaccination",))
    assert laboratory.get(one["receipt"]).status == 200
    for who in (laboratory, nurse):
        answer = who.get(elsewhere)
        assert (answer.status, answer.json["code"]) == (404, "unknown-receipt")


def test_a_message_is_what_it_is_handed_in_as(laboratory: Sender) -> None:
    data = answers.answer("R8", "M8")
    wrong = laboratory.post("/intake/vaccination", data).json["messages"][0]
    assert wrong["items"][0]["problem"]["reason"] == "wrong-kind"
    # That is said first, also of what is another sender's.
    foreign = answers.answer("R9", "M9", her="91843")
    told = laboratory.post("/intake/vaccination/$validate", foreign).json["messages"][0]
    assert told["items"][0]["problem"]["reason"] == "wrong-kind"
    right = laboratory.post("/intake/laboratory", data).json["messages"][0]
    assert right["counts"]["accepted"] == 1


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("/intake/nothing", GOOD, {}, 404, "unknown-kind"),
        ("/intake/laboratory", b"", {}, 400, "empty"),
        ("/intake/laboratory", GOOD, {"Content_Encoding": "br"}, 415, "unknown-encoding"),
        ("/intake/laboratory", GOOD, {"Content_Encoding": "gzip"}, 400, "damaged-encoding"),
        (
            "/intake/laboratory",
            gzip.compress(GOOD)[:-9],
            {"Content_Encoding": "gzip"},
            400,
            "damaged-encoding",
        ),
        (
            "/intake/laboratory",
            gzip.compress(b" " * (80 << 20)),
            {"Content_Encoding": "gzip"},
            413,
            "too-large",
        ),
        ("/intake/laboratory", _zip(a_xml=b" " * (80 << 20)), {}, 413, "archive-too-large"),
        ("/intake/laboratory", _workbook(), {}, 415, "spreadsheet"),
        ("/intake/laboratory", b"%PDF-1.7 something", {}, 415, "document"),
        ("/intake/laboratory", b"From: a@example.org\r\nSubject: Svar\r\n\r\nHei", {}, 415, "mail"),
        ("/intake/laboratory", _zip(b_zip=_zip(a_xml=b"<a/>")), {}, 400, "nested-archive"),
        ("/intake/laboratory", b"PK\x03\x04 and nothing more", {}, 400, "damaged-archive"),
    ],
    # Not the bodies: they hold the second that they were packed in.
    ids=[
        "no such kind",
        "nothing",
        "unknown packing",
        "not packed",
        "cut",
        "bomb",
        "zip bomb",
        "spreadsheet",
        "pdf",
        "mail",
        "zip in zip",
        "no zip",
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(
    laboratory: Sender, path: str, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = laboratory.post(path, body, **headers)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["detail"] and answer.json["detail_en"]


def test_who_hammers_with_what_is_refused_is_told_to_wait(
    service: Service, laboratory: Sender
) -> None:
    # One request goes to the token.
    slow = register_sender(service, "HER:70007", ("laboratory",), rate=5)
    tries = [("/intake/laboratory", b""), ("/intake/laboratory", _workbook()), ("/intake/nothing", b"<x/>"), ("/fhir", b"")]  # fmt: skip
    assert [slow.post(path, body).status for path, body in tries] == [400, 415, 404, 400]
    late = slow.post("/intake/laboratory", b"")
    assert late.status == 429 and int(late.headers["retry-after"]) > 0
    # A stranger takes nothing from others, nor does the one who hammers.
    for _ in range(3):
        stranger = service.ask("POST", "/intake/laboratory", b"")
        assert stranger.status == 401
    assert laboratory.post("/intake/laboratory", b"").status == 400


@pytest.mark.parametrize(
    ("path", "code"),
    [
        *((f"/intake/laboratory/receipts/{number}", "unknown-receipt") for number in (
            "0", "-1", "1.5", "x", "%C3%A9", "1" * 12, "9" * 19, "9" * 50, "9" * 4000, "%D9%A1",
        )),
        ("/intake/laboratory/receipts/", "unknown-address"),
        ("/intake/laboratory/receipts/1/more", "unknown-address"),
        ("/intake/laboratory/nothing", "unknown-address"),
        ("/intake/", "unknown-address"),
        ("/intake", "unknown-address"),
        ("/intake/ravn/receipts/1", "unknown-receipt"),
    ],
    ids=lambda value: value[:60],
)  # fmt: skip
def test_what_is_not_there_is_told_to_machines_in_their_form(
    laboratory: Sender, path: str, code: str
) -> None:
    answer = laboratory.get(path)
    assert (answer.status, answer.json["code"]) == (404, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_another_host_name_is_refused_in_the_form_of_its_address(laboratory: Sender) -> None:
    foreign = {"Host": "01815000388.example"}
    problem = laboratory.post("/intake/laboratory", GOOD, **foreign)
    assert (problem.status, problem.json["code"]) == (400, "unknown-host")
    assert problem.headers["content-type"] == "application/problem+json"
    for answer in (
        laboratory.post("/fhir", b"{}", **foreign),
        laboratory.service.ask("GET", "/fhir/metadata", **foreign),
    ):
        assert answer.status == 400
        assert answer.headers["content-type"].startswith("application/fhir+json")
        assert answer.json["resourceType"] == "OperationOutcome"
    page = laboratory.service.ask("GET", "/", **foreign)
    assert page.status == 400 and page.headers["content-type"].startswith("text/html")
    assert all(b"01815000388" not in each.body for each in (problem, page))


def test_a_packed_message_is_unpacked(laboratory: Sender) -> None:
    packed = gzip.compress(answers.answer("R9", "M9"))
    answer = laboratory.post("/intake/laboratory", packed, Content_Encoding="gzip")
    assert answer.json["messages"][0]["counts"]["accepted"] == 1


def test_nobody_hands_in_without_a_key(service: Service, other: Sender) -> None:
    answer = service.ask("POST", "/intake/laboratory", GOOD)
    assert (answer.status, answer.json["code"]) == (401, "no-credentials")
    assert "www-authenticate" in answer.headers
    refused = other.post("/intake/vaccination", GOOD)
    assert (refused.status, refused.json["code"]) == (403, "not-allowed")
    assert service.ask("GET", "/intake/laboratory").status == 405


def test_lists_come_in_an_archive_with_their_mapping(service: Service) -> None:
    from web.intake.service import register_sender

    mapping = answers.MAPPING.replace(b'"LIST"', b'"HER:55555"')
    rows = (
        b"id,date,patient,organism,CIP\n1,2026-01-05,P1,Escherichia coli,S\n2,never,P1,E. coli,S\n"
    )
    sender = register_sender(service, "HER:55555", ("laboratory",))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("list.csv", rows)
        packed.writestr("mapping.toml", mapping)
    answer = sender.post("/intake/laboratory", archive.getvalue())
    assert _states(answer.json) == [["accepted", "quarantined"]]


# The examples that others begin with.

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "messages"
README = (ROOT / "examples" / "README.md").read_text("utf-8")
PARTS = dict(re.findall(r"<!-- (\w+) -->\n```sh\n(.*?)```", README, re.S))


def test_every_example_is_handed_in_by_the_documented_commands(
    service: Service, tmp_path: Path
) -> None:
    handed = re.findall(r"^hand_in \S+ examples/messages/(\S+)$", PARTS["examples"], re.M)
    in_archive = ["isolatliste.csv"]
    assert sorted(handed + in_archive) == sorted(
        file.name for file in EXAMPLES.iterdir() if file.suffix != ".toml"
    )
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    varde = tmp_path / "varde"
    varde.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m varde.cli "$@"\n')
    varde.chmod(0o700)
    script = "set -e\n" + "".join(
        PARTS[each] for each in ("check", "register", "token", "examples", "list")
    )
    done = subprocess.run(
        [
            "bash",
            "-c",
            script.replace("https://varde.example.org", f"http://127.0.0.1:{service.port}"),
        ],
        cwd=tmp_path,
        env=service.environ() | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 item of 1 can be used. Nothing was kept." in done.stderr
    answers: list[dict[str, Any]] = [
        json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")
    ]
    assert len(answers) == len(handed) + 1
    for name, answer in zip([*handed, *in_archive], answers, strict=True):
        if answer.get("resourceType") == "Bundle":
            taken = [entry["response"]["status"][:3] for entry in answer["entry"]]
            assert "201" in taken and set(taken) <= {"200", "201"}, name
        else:
            for message in answer["messages"]:
                counts = message["counts"]
                assert counts["received"] == counts["accepted"] > 0, (name, message)
