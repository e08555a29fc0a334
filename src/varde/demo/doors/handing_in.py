"""Handing in by each door, again and again until there is an answer."""

from __future__ import annotations

import http.client
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from varde.access.demo_users import DemoUser
from varde.demo.doors.browser import Browser, Form, FormChanged, Page, complaints
from varde.demo.doors.errands import Errand, Parcel
from varde.demo.doors.processes import VARDE, Answer, Service
from varde.demo.doors.senders import NoToken, Sender
from varde.synthetic import mapping_of

PATIENCE_SECONDS = 240
"""How long a sender goes on with one message: much longer than anything takes to start."""
PAUSE_SECONDS = 0.1
IN_THE_FOLDER = 6
"""So many files lie in the watched folder at once, that it is watched for as long as others send."""
ANSWERED, COME_AGAIN = frozenset({200, 202, 422}), frozenset({401, 408, 429, 500, 502, 503})


class NotTaken(Exception):
    """A door answered what it should not have, or nothing for far too long."""


class GivenUp(Exception):
    """Everything is being ended."""


class Unanswered(Exception):
    """It may have come or not: it is sent again."""


@dataclass
class Doors:
    """Where everything is handed in.

    Attributes:
        senders: registered machines, by sender key.
        mllp_port: where `varde mllp` listens.
        inbox: folder that `varde ingest` is given; must exist.
        watched: folder that `varde watch` watches; must exist.
        user: whoever fills in forms.
        ended: set when nobody shall go on.
    """

    service: Service
    senders: Mapping[str, Sender]
    mllp_port: int
    inbox: Path
    watched: Path
    user: DemoUser
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self, errand: Errand) -> None:
        """Hand in all of an errand; what goes wrong is noted in it."""
        hand_in = {
            "post": self._post_all,
            "mllp": self._speak_all,
            "ingest": self._ingest_all,
            "watch": self._drop_all,
            "form": self._fill_in_all,
        }[errand.way]
        try:
            hand_in(errand)
        except BaseException as error:
            errand.went_wrong = error

    def _until_answered(self, errand: Errand, attempt: Callable[[], bool], count: int = 1) -> None:
        """Try until it is answered.

        Args:
            attempt: whether the answer settles it; else it says that one shall come again. Raises `OSError`
                and the like when there was none.
            count: parcels that one attempt hands in.

        Raises:
            NotTaken: nobody answered for `PATIENCE_SECONDS`.
            GivenUp: `ended` is set.
        """
        give_up = time.monotonic() + PATIENCE_SECONDS
        sent, last = False, "it says that one shall come again"
        while time.monotonic() < give_up:
            if self.ended.is_set():
                raise GivenUp
            if sent:
                errand.repeated += count
            sent = True
            try:
                if attempt():
                    errand.handed_in += count
                    return
                errand.put_off += 1
                sent = False
            except (ConnectionRefusedError, NoToken) as error:
                sent = False  # nobody was there, and nothing of it was sent
                last = repr(error)
            except (OSError, http.client.HTTPException, Unanswered) as error:
                last = repr(error)
            time.sleep(PAUSE_SECONDS)
        raise NotTaken(f"nobody took it in within {PATIENCE_SECONDS} seconds: {last}")

    def _post_all(self, errand: Errand) -> None:
        for parcel in errand.parcels:
            sender = self.senders[parcel.sender]

            def attempt(sender: Sender = sender, data: bytes = parcel.data) -> bool:
                answer = sender.post(errand.path, data)
                if answer.status == 401:  # the token has run out
                    sender.until = 0
                return _settles(answer, errand)

            self._until_answered(errand, attempt)

    def _speak_all(self, errand: Errand) -> None:
        for parcel in errand.parcels:

            def attempt(data: bytes = parcel.data) -> bool:
                return _say(self.mllp_port, data)

            self._until_answered(errand, attempt)

    def _ingest_all(self, errand: Errand) -> None:
        for parcel in errand.parcels:
            file = self.inbox / parcel.name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(parcel.data)
            if file.suffix == ".csv":
                file.with_name("mapping.toml").write_bytes(mapping_of(parcel.name))

        def attempt() -> bool:
            done = subprocess.run(
                [*VARDE, "ingest", "--json", str(self.inbox)],
                env=self.service.environ(),
                capture_output=True,
                start_new_session=True,
            )
            return done.returncode == 0

        self._until_answered(errand, attempt, len(errand.parcels))

    def _drop_all(self, errand: Errand) -> None:
        """Put files into the watched folder, as a program does that writes and then renames; nobody answers,
        but what is taken in is put away."""
        folder = self.watched / errand.path
        lying: set[Path] = set()
        for number, parcel in enumerate(errand.parcels):
            place = folder / f"{errand.kind}-{number:05}-{parcel.name.replace('/', '-')}"
            unfinished = place.with_name(f".{place.name}.part")
            unfinished.write_bytes(parcel.data)
            unfinished.rename(place)
            lying.add(place)
            self._wait_until_put_away(errand, lying, IN_THE_FOLDER - 1)
        self._wait_until_put_away(errand, lying, 0)

    def _wait_until_put_away(self, errand: Errand, lying: set[Path], most: int) -> None:
        """Wait until at most so many of the files lie there."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            gone = {place for place in lying if not place.exists()}
            lying -= gone
            errand.handed_in += len(gone)
            if len(lying) <= most:
                return
            if self.ended.is_set():
                raise GivenUp
            if time.monotonic() > give_up:
                raise NotTaken(f"{sorted(lying)[0].name} is not put away")
            time.sleep(PAUSE_SECONDS)

    def _fill_in_all(self, errand: Errand) -> None:
        browser = Browser(self.service)

        def sign_in() -> bool:
            return browser.sign_in(self.user.username, self.user.password).status == 302

        self._until_answered(Errand("form", errand.door, "", "", (), errand.truth), sign_in)
        for parcel in errand.parcels:
            page: list[Form] = []

            def open_page(parcel: Parcel = parcel, page: list[Form] = page) -> bool:
                answer = browser.get(errand.path)
                if answer.status == 200:
                    page.append(fill_in(answer.body.decode(), parcel))
                return answer.status == 200

            def send(page: list[Form] = page) -> bool:
                answer = browser.send(page[0])
                if answer.status == 302 and "/kvittering/" in answer.headers["location"]:
                    return True
                if answer.status in COME_AGAIN:
                    return False
                said = "; ".join(complaints(answer.body))
                raise NotTaken(f"it answers {answer.status}: {said}")

            self._until_answered(Errand("form", errand.door, "", "", (), errand.truth), open_page)
            self._until_answered(errand, send)


def _settles(answer: Answer, errand: Errand) -> bool:
    if answer.status in ANSWERED:
        return True
    if answer.status in COME_AGAIN:
        return False
    raise NotTaken(f"it answers {answer.status}: {answer.body[:400]!r}")


def _say(port: int, data: bytes) -> bool:
    """One message over MLLP; whether it is acknowledged."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"\x0b" + data + b"\x1c\r")
        answer = b""
        while b"\x1c\r" not in answer:
            piece = connection.recv(4096)
            if not piece:
                raise Unanswered
            answer += piece
    return b"MSA|AA|" in answer or b"MSA|AE|" in answer


def fill_in(text: str, parcel: Parcel) -> Form:
    """The form of a page that asks what is answered, with the answers.

    Raises:
        FormChanged: it does not ask for all of it.
    """
    wanted = next(iter(parcel.answers or parcel.known))
    page = Page(text)
    asked = [*parcel.answers, *parcel.known]
    form = max(page.forms, key=lambda form: sum(name in form.controls for name in asked))
    if not any(name in form.controls for name in asked):
        raise FormChanged(f"no form of the page asks for {wanted}")
    form.answer(parcel.answers)
    for name, ways in parcel.known.items():
        control = form.controls.get(name)
        offered = [way for way in ways if control is not None and control.offers(way)]
        if control is not None and offered:
            control.answer(offered[0])
    return form
