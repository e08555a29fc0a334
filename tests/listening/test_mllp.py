"""A real client of another library against a real listener on a real register."""

from __future__ import annotations

import socket
import sqlite3
import ssl
import threading
import time

import hl7 as library
import pytest
from hl7.client import MLLPClient

from listening.conftest import Service, answer
from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from varde.listening.framing import Frames, frame

pytestmark = pytest.mark.xdist_group("listening")


def told(data: bytes) -> list[tuple[str, str]]:
    """Code and control id of each answer in some frames."""
    frames = Frames(1_000_000, 0)
    found = []
    for ended in frames.feed(data):
        for message in ended.data.decode().split("MSH|")[1:]:
            parsed = library.parse("MSH|" + message.partition("BTS|")[0])
            found.append((str(parsed.segment("MSA")[1]), str(parsed.segment("MSA")[2])))
    assert not frames.inside and not frames.noisy
    return found


def receive(client: MLLPClient, answers: int) -> bytes:
    """So many frames."""
    data = b""
    while data.count(b"\x1c\r") < answers:
        data += client.socket.recv(65536) or pytest.fail(f"closed after {data!r}")
    return data


def rest_of(client: MLLPClient) -> bytes:
    """All that comes until the other end closes."""
    data = b""
    try:
        while more := client.socket.recv(65536):
            data += more
    except ConnectionResetError:
        pass
    return data


# What was acknowledged before a kill


def test_what_was_acknowledged_before_a_kill_is_there_once(service: Service) -> None:
    killed = service.killed
    assert len(killed.acknowledged) < len(killed.sent), "nothing was in hand: nothing was tested"
    with service.client() as client:
        # The first message makes the door finish what is durable and not folded.
        assert told(client.send_message(answer("after"))) == [("AA", "Mafter")]
        there = set(service.ask("SELECT message_ref FROM register_item WHERE state = 'A'"))
        assert killed.acknowledged <= there
        for name, data in killed.sent.items():
            assert told(client.send_message(data)) == [("AA", name)]
    again = service.ask("SELECT message_ref FROM register_item WHERE message_ref LIKE 'M_x%'")
    assert sorted(again) == sorted(killed.sent)
    reports = service.ask("SELECT report_ref FROM register_report WHERE report_ref LIKE 'R_x%'")
    assert sorted(reports) == sorted(f"R{name[1:]}" for name in killed.sent)


# Answers


def test_an_answer_says_that_the_message_is_in_the_register(service: Service) -> None:
    with service.client() as client:
        made = client.send_message(answer("1", hl7.organism(), hl7.test()))
        [row] = service.ask(
            "SELECT m.door, m.kind, m.submitter, i.state FROM register_message m "
            "JOIN register_item i ON i.id / 16777216 = m.id WHERE i.message_ref = 'M1'"
        )
    assert row == ("mllp", "laboratory", "", "A")
    parsed = library.parse(made.strip(b"\x0b\x1c\r").decode())
    assert str(parsed.segment("MSA")) == "MSA|AA|M1"
    assert len(str(parsed.segment("MSH")[10])) == 20


def test_what_is_quarantined_is_an_error_that_says_why(service: Service) -> None:
    with service.client() as client:
        made = library.parse(
            client.send_message(answer("2", f7="2026")).strip(b"\x0b\x1c\r").decode()
        )
    assert str(made.segment("MSA")) == "MSA|AE|M2"
    assert str(made.segment("ERR")[8]) == "Invalid date"
    assert service.ask("SELECT state FROM register_item WHERE message_ref = 'M2'") == ["Q"]


def test_the_same_again_is_answered_the_same_and_kept_once(service: Service) -> None:
    with service.client() as client:
        for data, code in ((answer("3"), "AA"), (answer("4", f7="2026"), "AE")):
            assert [told(client.send_message(data))[0][0] for _ in range(3)] == [code] * 3
    found = service.ask("SELECT message_ref FROM register_item WHERE message_ref IN ('M3', 'M4')")
    assert sorted(found) == ["M3", "M4"]


def test_messages_in_any_packets(service: Service) -> None:
    data = b"\r\n".join(frame(answer(f"5{n}")) for n in range(6))
    with service.client() as client:
        client.socket.sendall(data)
        assert told(receive(client, 6)) == [("AA", f"M5{n}") for n in range(6)]
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        whole = frame(answer("57"))
        for at in range(0, len(whole), 37):
            client.socket.sendall(whole[at : at + 37])
            time.sleep(0.0005)
        assert told(receive(client, 1)) == [("AA", "M57")]


KITH = kith.message(kith.report(kith.patient(kith.specimen()), own="RK"), message_id="MK")


@pytest.mark.parametrize(
    "data",
    [b"hello", b"", b"MSH", b"\x00\xff" * 500, b"{}", b"PK\x03\x04", KITH, fhir.as_fhir(fhir.FULL)],
)
def test_what_is_no_hl7_is_rejected_and_not_kept(service: Service, data: bytes) -> None:
    with service.client() as client:
        before = service.ask("SELECT COUNT(*) FROM register_message")
        made = client.send_message(data)
        assert told(made) == [("AR", "")] and b"Not kept: it is no HL7 version 2" in made
        assert service.ask("SELECT COUNT(*) FROM register_message") == before
        assert told(client.send_message(answer("6")))[0][0] == "AA"
    assert service.says("not-hl7")


@pytest.mark.parametrize("data", [b"MSH|", b"BHS|^~\\&|LIS\r", b"\xff\xfeM\x00S\x00H\x00|\x00\xd8"])
def test_damaged_hl7_is_kept_and_rejected(service: Service, data: bytes) -> None:
    with service.client() as client:
        before = service.ask("SELECT COUNT(*) FROM register_item WHERE state = 'Q'")[0]
        assert told(client.send_message(data))[0] in (("AR", ""), ("AE", ""))
        after = service.ask("SELECT COUNT(*) FROM register_item WHERE state = 'Q'")[0]
    assert after == before + 1


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_message_in_utf_16_is_answered_by_its_id(service: Service, codec: str) -> None:
    name = f"61{codec.replace('-', '')}"
    with service.client() as client:
        made = client.send_message(answer(name).decode().encode(codec))
        assert told(made) == [("AA", f"M{name}")]
        bad = answer(f"{name}x", f7="2026").decode().encode(codec)
        assert told(client.send_message(bad)) == [("AE", f"M{name}x")]


def test_a_message_that_begins_anew_is_taken_and_alone_answered(service: Service) -> None:
    whole = answer("62")
    with service.client() as client:
        client.socket.sendall(b"\x0b" + whole[: len(whole) // 2] + frame(whole))
        assert told(receive(client, 1)) == [("AA", "M62")]
        assert told(client.send_message(answer("63"))) == [("AA", "M63")]
    assert service.ask("SELECT state FROM register_item WHERE message_ref = 'M62'") == ["A"]
    assert service.says("begun-anew")


def test_each_message_of_a_batch_is_answered(service: Service) -> None:
    broken = answer("72", f25="?").replace(b"|MB|F", b"|MB|?")
    with service.client() as client:
        made = client.send_message(hl7.batch(answer("71"), broken, answer("73")))
        assert told(made) == [("AA", "M71"), ("AE", "M72"), ("AA", "M73")]
        assert made.startswith(b"\x0bBHS|^~\\&|") and made.endswith(b"\rBTS|3\r\x1c\r")
        cut = client.send_message(hl7.batch(answer("74"), count=2))
    assert told(cut) == [("AA", "M74")]
    assert b"BTS|1|truncated BTS-1 1 < 2\r" in cut
    assert service.ask("SELECT COUNT(*) FROM register_message WHERE size > 1500 AND door = 'mllp'")


def test_enhanced_mode_gets_what_it_asks_for(service: Service) -> None:
    with service.client() as client:
        assert told(client.send_message(answer("81", f15="AL", f16="NE"))) == [("CA", "M81")]
        assert told(client.send_message(answer("82", f15="NE", f16="AL"))) == [("AA", "M82")]
        client.socket.sendall(frame(answer("83", f15="AL", f16="AL")))
        assert told(receive(client, 2)) == [("CA", "M83"), ("AA", "M83")]
        client.socket.sendall(frame(answer("84", f15="NE", f16="NE")))
        assert told(client.send_message(answer("85"))) == [("AA", "M85")]
    assert service.ask("SELECT state FROM register_item WHERE message_ref = 'M84'") == ["A"]


def test_many_connections_at_once(service: Service) -> None:
    answers: list[tuple[str, str]] = []

    def send(sender: int) -> None:
        with service.client() as client:
            for number in range(5):
                answers.extend(told(client.send_message(answer(f"9y{sender}y{number}"))))

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [("AA", f"M9y{sender}y{number}") for sender in range(20) for number in range(5)]
    assert sorted(answers) == sorted(expected)


# What is not kept


def test_a_message_that_is_too_large_is_refused_and_the_next_is_taken(service: Service) -> None:
    with service.client("narrow") as client:
        client.socket.sendall(frame(answer("101").replace(b"Paula", b"P" * 30_000)))
        assert told(receive(client, 1)) == [("AR", "M101")]
        client.socket.sendall(frame(answer("102", f15="AL").replace(b"Paula", b"P" * 30_000)))
        assert told(receive(client, 1)) == [("CR", "M102")]
        assert told(client.send_message(answer("103"))) == [("AA", "M103")]
    assert service.ask("SELECT 1 FROM register_item WHERE message_ref IN ('M101', 'M102')") == []


def test_a_message_that_never_ends_is_given_up(service: Service) -> None:
    with service.client("narrow") as client:
        client.socket.sendall(b"\x0b" + answer("104") + b"x" * 90_000)
        assert told(rest_of(client)) == [("AR", "M104")]


def test_silence_in_the_midst_of_a_message_is_given_up(service: Service) -> None:
    began = time.monotonic()
    with service.client("narrow") as client:
        client.socket.sendall(b"\x0b" + answer("105"))
        made = rest_of(client)
    assert told(made) == [("AR", "M105")] and b"it has no end" in made
    assert 0.3 < time.monotonic() - began < 10


def test_a_message_that_comes_too_slowly_is_given_up(service: Service) -> None:
    began = time.monotonic()
    with service.client("narrow") as client:
        client.socket.sendall(b"\x0bMSH|")
        with pytest.raises(OSError):
            while time.monotonic() - began < 15:
                client.socket.sendall(b"x")
                time.sleep(0.1)
    assert 0.8 < time.monotonic() - began < 10


def test_what_is_not_framed_is_told_so(service: Service) -> None:
    with service.client("narrow") as client:
        client.socket.sendall(answer("106"))
        made = rest_of(client)
    assert told(made) == [("AR", "")] and b"not framed as MLLP" in made
    with service.client("narrow") as client:
        client.socket.sendall(b"GET /")
        assert b"not framed as MLLP" in rest_of(client)


def test_a_little_noise_between_messages_is_passed_over(service: Service) -> None:
    with service.client("narrow") as client:
        client.socket.sendall(b"noise" + frame(answer("107")) + b"noise\r\n" + frame(answer("108")))
        assert told(receive(client, 2)) == [("AA", "M107"), ("AA", "M108")]


def test_an_idle_connection_is_closed_though_it_sends_fillers(service: Service) -> None:
    began = time.monotonic()
    with service.client("narrow") as client:
        client.socket.settimeout(0.2)
        while time.monotonic() - began < 15:
            try:
                client.socket.sendall(b"\r")
                if not client.socket.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    assert 1 < time.monotonic() - began < 10


def test_more_connections_than_there_may_be_are_turned_away(service: Service) -> None:
    clients = [service.client("crowded") for _ in range(4)]
    try:
        for number, client in enumerate(clients):
            assert told(client.send_message(answer(f"11{number}")))[0][0] == "AA"
        with service.client("crowded") as fifth:
            assert rest_of(fifth) == b""
    finally:
        for client in clients:
            client.close()
    time.sleep(0.2)
    with service.client("crowded") as client:
        assert told(client.send_message(answer("115")))[0][0] == "AA"


def test_unfinished_messages_of_all_connections_are_held_up_to_a_bound(service: Service) -> None:
    clients = [service.client("crowded") for _ in range(3)]
    try:
        for number, client in enumerate(clients):
            client.socket.sendall(b"\x0b" + answer(f"12{number}").replace(b"Paula", b"P" * 18_000))
            time.sleep(0.05)
        codes = []
        for client in clients:
            client.socket.sendall(b"\x1c\r")
            codes += told(receive(client, 1))
    finally:
        for client in clients:
            client.close()
    assert codes == [("AA", "M120"), ("AA", "M121"), ("AR", "M122")]


def test_a_full_door_says_try_again_and_nothing_is_lost(service: Service) -> None:
    """Another process writes to the database, so that nothing can be kept for a while."""
    database = sqlite3.connect(service.home / "varde.sqlite3", timeout=20, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    clients = [service.client("full") for _ in range(3)]
    try:
        for number, client in enumerate(clients):
            mode = {"f15": "AL"} if number == 2 else {}
            client.socket.sendall(frame(answer(f"13{number}", **mode)))
            time.sleep(0.15)
        # The first is being kept, the second waits, and there is no room for a third.
        busy = receive(clients[2], 1)
        assert told(busy) == [("CR", "M132")] and b"busy^busy^L" in busy
        for number in (0, 1):
            late = receive(clients[number], 1)
            assert told(late) == [("AR", f"M13{number}")] and b"could not be stored" in late
        database.execute("ROLLBACK")
        for number, client in enumerate(clients):
            began = time.monotonic()
            while told(client.send_message(answer(f"13{number}"))) != [("AA", f"M13{number}")]:
                assert time.monotonic() - began < 20
                time.sleep(0.05)
    finally:
        database.close()
        for client in clients:
            client.close()
    # What is acknowledged is durable; where the database was busy it may be in the register a little later.
    began = time.monotonic()
    asked = "SELECT message_ref FROM register_item WHERE message_ref LIKE 'M13_'"
    while (found := sorted(service.ask(asked))) != ["M130", "M131", "M132"]:
        assert time.monotonic() - began < 20, found
        time.sleep(0.05)


def test_a_given_sender_speaks_for_no_other(service: Service) -> None:
    with service.client("full") as client:
        assert told(client.send_message(answer("141"))) == [("AA", "M141")]
        other = hl7.comps("BY", "2.16.578.1.12.4.1.2.70001", "ISO")
        assert told(client.send_message(answer("142", facility=other))) == [("AE", "M142")]
    [row] = service.ask(
        "SELECT q.reason, q.sender FROM register_quarantineentry q WHERE q.message_ref = 'M142'"
    )
    assert row == ("foreign-sender", "HER:91843")


# TLS


def secured(service: Service, port: str, name: str, authority: str = "authority") -> MLLPClient:
    """A client over TLS that shows a certificate; its handshake is done."""
    context = ssl.create_default_context(cafile=service.folder / f"{authority}.pem")
    if name:
        context.load_cert_chain(service.folder / f"{name}.pem", service.folder / f"{name}.key")
    client = service.client(port)
    client.socket = context.wrap_socket(client.socket, server_hostname="127.0.0.1")
    return client


@pytest.mark.parametrize("port", ["tls", "own"])
def test_a_certificate_says_who_speaks(service: Service, port: str) -> None:
    with secured(service, port, "fjordby") as client:
        assert client.socket.version() in ("TLSv1.2", "TLSv1.3")
        assert told(client.send_message(answer(f"20{port}"))) == [("AA", f"M20{port}")]
        other = hl7.comps("BY", "2.16.578.1.12.4.1.2.70001", "ISO")
        made = told(client.send_message(answer(f"21{port}", facility=other)))
        assert made == [("AE", f"M21{port}")]
    found = service.ask(
        "SELECT DISTINCT m.submitter FROM register_message m JOIN register_item i "
        "ON i.id / 16777216 = m.id WHERE i.message_ref IN (?, ?)", f"M20{port}", f"M21{port}"
    )  # fmt: skip
    assert found == ["HER:91843"]


def test_the_listener_says_that_it_is_ready_and_what_it_takes_in(service: Service) -> None:
    port = service.ports["plain"]
    with service.client() as client:
        client.send_message(answer("told1"))
    assert service.says('"event":"the listener is ready","version":')
    assert service.says(f'"address":"127.0.0.1","port":{port},')
    assert service.says('"event":"taken in","register":"default","door":"mllp","kind":"laboratory"')


@pytest.mark.parametrize("name", ["ukjent", "vaksine", "stengt"])
def test_a_certificate_that_may_not_send_is_refused(service: Service, name: str) -> None:
    entries = "SELECT COUNT(*) FROM access_accesslogentry WHERE action = 'token-refused'"
    [before] = service.ask(entries)
    with secured(service, "tls", name) as client:
        client.socket.sendall(frame(answer(f"22{name}")))
        assert rest_of(client) == b""
    assert service.ask("SELECT 1 FROM register_item WHERE message_ref = ?", f"M22{name}") == []
    assert service.ask(entries) == [before + 1]
    assert service.says('"a connection was refused","door":"mllp"')


@pytest.mark.parametrize(
    ("port", "name", "reason"),
    [
        ("tls", "strange", "CERTIFICATE_VERIFY_FAILED"),
        ("own", "ukjent", "CERTIFICATE_VERIFY_FAILED"),
        ("tls", "", "PEER_DID_NOT_RETURN_A_CERTIFICATE"),
    ],
)
def test_a_certificate_that_nobody_vouches_for_gets_no_connection(
    service: Service, port: str, name: str, reason: str
) -> None:
    try:
        with secured(service, port, name) as client:  # TLS 1.3 tells after the handshake
            client.socket.sendall(frame(answer("23")))
            assert rest_of(client) == b""
    except OSError:
        pass
    assert service.ask("SELECT 1 FROM register_item WHERE message_ref = 'M23'") == []
    assert service.says(f'"a connection failed","door":"mllp","reason":"{reason}"')


def test_without_tls_there_is_no_connection(service: Service) -> None:
    with service.client("tls") as client:
        client.socket.sendall(frame(answer("24")))
        assert b"MSA" not in rest_of(client)
    began = time.monotonic()
    with service.client("tls") as silent:
        assert rest_of(silent) == b""
    assert 0.3 < time.monotonic() - began < 10


def test_a_client_is_shut_out_while_it_is_connected(service: Service) -> None:
    other = hl7.comps("BY", "2.16.578.1.12.4.1.2.4", "ISO")
    with secured(service, "own", "byttet") as client:
        assert told(client.send_message(answer("251", facility=other))) == [("AA", "M251")]
        with sqlite3.connect(service.home / "varde.sqlite3", timeout=20) as database:
            database.execute(
                "UPDATE access_registeredclient SET active = 0 WHERE client_id = 'byttet'"
            )
        database.close()
        made = client.send_message(answer("252", facility=other))
        assert told(made) == [("AR", "M252")] and b"may not send" in made
        assert rest_of(client) == b""
    assert service.ask("SELECT 1 FROM register_item WHERE message_ref = 'M252'") == []


def test_the_log_names_nobody(service: Service) -> None:
    assert "Paula" not in service.log and "4711" not in service.log
    assert "Traceback" not in service.log


# The end


def test_a_stopped_service_answers_what_it_has_in_hand_and_ends_well(service: Service) -> None:
    """The last test: it stops the service."""
    idle = service.client()
    assert told(idle.send_message(answer("301"))) == [("AA", "M301")]
    busy = service.client()
    database = sqlite3.connect(service.home / "varde.sqlite3", timeout=20, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    busy.socket.sendall(frame(answer("302")))
    time.sleep(0.3)
    service.process.terminate()
    assert rest_of(idle) == b""
    time.sleep(0.2)
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", service.ports["plain"]))
    assert service.process.poll() is None
    database.execute("ROLLBACK")
    database.close()
    assert told(rest_of(busy)) == [("AA", "M302")]
    assert service.process.wait(20) == 0
    idle.close()
    busy.close()
    assert service.ask("SELECT state FROM register_item WHERE message_ref = 'M302'") == ["A"]
