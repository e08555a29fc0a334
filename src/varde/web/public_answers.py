"""Complete answers of the open addresses, remembered in front of Django.

What the guideline says is the same for everybody, so an answer that was worked out once can be given
again without Django. Below the open addresses this layer

* takes away every header of a request that is not named in `KEYED` or `CONDITIONAL` before anything sees
  it, cookies and credentials first, so that no answer can depend on it;
* remembers an answer only when the view called `allow`, its status is 200 and it sets no cookie;
* gives it again only for the same path, query, scheme and `KEYED` headers, and only while the guideline
  and the day are those it was worked out under;
* answers If-None-Match and HEAD from it.

Host is part of what an answer is known by: a forbidden Host never finds one, and Django refuses it.
Everything else, and every other address, goes to Django untouched.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

from django.http import HttpRequest

from varde.guidelines import GuidelineError
from varde.web import guideline

Headers = list[tuple[str, str]]
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Key = tuple[str | None, ...]

ROOTS = frozenset(
    {
        "innhold",
        "retningslinjer",
        "kapitler",
        "anbefalinger",
        "kontraindikasjoner",
        "publikasjoner",
        "problemer",
        "api",
        "fhir",
        "cds-services",
    }
)
"""First parts of the open addresses: nothing below them may depend on who asks."""

LIMIT = 64 * 1024 * 1024
"""Bytes that are remembered at most."""

LARGEST = LIMIT // 32
"""Bytes of the largest answer that is remembered."""

OVERHEAD = 600
"""Bytes that one remembered answer takes beside its own."""

KEYED = ("HTTP_ACCEPT", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_PREFER")
"""Headers that an answer may depend on: each is part of what it is remembered by."""

CONDITIONAL = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
"""Headers that decide between 200 and 304 alone. A view that is asked by this layer (`wants_whole`) leaves
If-None-Match to it."""

ALLOWED = "varde.public.allowed"
WHOLE = "varde.public.whole"
_ONLY_WITH_BODY = frozenset({"content-type", "content-length", "content-language", "link"})
_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def allow(request: HttpRequest) -> None:
    """Let the answer to this request be remembered and given to others.

    A view may call this only when the answer depends on nothing but path, query, scheme, the headers in
    `KEYED`, the guideline and the day in Norway.
    """
    request.META[ALLOWED] = True


def wants_whole(request: HttpRequest) -> bool:
    """Whether this layer compares If-None-Match itself and needs the whole answer from the view."""
    return bool(request.META.get(WHOLE))


def matches(header: str, etag: str) -> bool:
    """Whether If-None-Match names this ETag: alone, in a list, as weak, or as ``*``.

    The comparison is the weak one (RFC 9110, 13.1.2).
    """
    if header == etag or header.strip() == "*":
        return True
    return etag.removeprefix("W/") in _TAG.findall(header)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer.

    Attributes:
        kept: the headers of a 304.
        made_under: what the answer was worked out under; see `PublicAnswers`.
    """

    status: str
    headers: Headers
    body: bytes
    etag: str
    kept: Headers
    made_under: object

    @property
    def size(self) -> int:
        """Bytes in memory, roughly."""
        return len(self.body) + sum(len(n) + len(v) for n, v in self.headers) + OVERHEAD


@dataclass(slots=True)
class _Kept:
    """A remembered answer, its bytes, and whether it was given since it was last looked at."""

    answer: Answer
    size: int
    given: bool = False


class Memory:
    """Answers by key, at most so many bytes of them. Safe for threads.

    An answer is found without a lock, which many threads would wait for. Room is made in the order in which
    answers came; one that was given since its last turn is passed over once (the "clock" of page caches).

    Args:
        limit: bytes of keys and answers at most.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._kept: dict[Key, _Kept] = {}
        self._lock = Lock()
        self._made_under: object = None
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key, made_under: object) -> Answer | None:
        """The answer with this key, if it was made under the same."""
        kept = self._kept.get(key)
        if kept is None or kept.answer.made_under is not made_under:
            return None
        kept.given = True
        return kept.answer

    def put(self, key: Key, answer: Answer) -> None:
        """Remember an answer, unless it is too large; forget all that were made under something else."""
        size = answer.size + sum(len(part) for part in key if part)
        if size > min(LARGEST, self._limit):
            return
        with self._lock:
            if answer.made_under is not self._made_under:
                self._kept, self.bytes = {}, 0
                self._made_under = answer.made_under
            self._forget(key)
            while self.bytes + size > self._limit:
                self._make_room()
            self._kept[key] = _Kept(answer, size)
            self.bytes += size

    def _make_room(self) -> None:
        key = next(iter(self._kept))
        kept = self._kept[key]
        self._forget(key)
        if kept.given:
            kept.given = False
            self._kept[key] = kept
            self.bytes += kept.size

    def _forget(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept:
            self.bytes -= kept.size


class PublicAnswers:
    """The layer: a WSGI application around another.

    Args:
        application: Django.
        limit: bytes to remember at most.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        application: Application,
        limit: int = LIMIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._application = application
        self.memory = Memory(limit)
        self._clock = clock
        self._day = (-1, date.min)
        self._made_under: tuple[object, object, object] = (None, None, None)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD") or not _is_open(environ["PATH_INFO"]):
            return self._application(environ, start_response)
        key = _key(environ)
        made_under = self._now()
        answer = self.memory.get(key, made_under) if made_under is not None else None
        if answer is None:
            answer = self._work_out(environ, key, made_under)
        return _give(answer, method, environ.get("HTTP_IF_NONE_MATCH"), start_response)

    def recall(self, environ: Environ) -> tuple[int, Headers, bytes] | None:
        """Status, headers and body of an answer that is remembered: it takes no thread to give it."""
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD") or not _is_open(environ["PATH_INFO"]):
            return None
        made_under = self._now()
        answer = self.memory.get(_key(environ), made_under) if made_under is not None else None
        if answer is None:
            return None
        given: list[tuple[str, Headers]] = []
        if_none_match = environ.get("HTTP_IF_NONE_MATCH")
        [body] = _give(answer, method, if_none_match, lambda *said: given.append(said))
        [(status, headers)] = given
        return int(status[:3]), headers, body

    def _now(self) -> object | None:
        """What answers are worked out under: one object for each reading of the guideline and day.

        None when the guideline cannot be read: nothing is then remembered, and Django says so.
        """
        try:
            read = guideline.current()
        except GuidelineError:
            return None
        day = self._today()
        known_read, known_day, token = self._made_under
        if known_read is not read or known_day != day:
            token = object()
            self._made_under = (read, day, token)
        return token

    def _today(self) -> date:
        """The day in Norway, worked out once a second: days begin on whole seconds."""
        second = int(self._clock())
        known, day = self._day
        if second != known:
            day = guideline.today()
            self._day = (second, day)
        return day

    def _work_out(self, environ: Environ, key: Key, made_under: object | None) -> Answer:
        asked = {
            name: value
            for name, value in environ.items()
            if name[:5] != "HTTP_" or name in KEYED or name in CONDITIONAL
        }
        asked[WHOLE] = True
        status, headers, body = collect(self._application, asked)
        headers = [(name, value) for name, value in headers if name.lower() != "vary"] + _vary(
            headers
        )
        names = {name.lower(): value for name, value in headers}
        may = asked.get(ALLOWED) is True and status[:3] == "200" and "set-cookie" not in names
        answer = Answer(
            status=status,
            headers=headers,
            body=body,
            etag=names.get("etag", "") if may else "",
            kept=[(name, value) for name, value in headers if name.lower() not in _ONLY_WITH_BODY],
            made_under=made_under,
        )
        # Asked again: a guideline or day that changed meanwhile makes it unclear what this is of.
        if may and made_under is not None and self._now() is made_under:
            self.memory.put(key, answer)
        return answer


def _is_open(path: str) -> bool:
    return path[:1] == "/" and path[1:].partition("/")[0] in ROOTS


def _key(environ: Environ) -> Key:
    get = environ.get
    return (
        environ["PATH_INFO"],
        get("QUERY_STRING"),
        get("wsgi.url_scheme"),
        get("SCRIPT_NAME"),
        *map(get, KEYED),
    )


def _vary(headers: Headers) -> Headers:
    """Vary without what was taken away: no answer here depends on it."""
    named = [
        part.strip() for n, value in headers if n.lower() == "vary" for part in value.split(",")
    ]
    left = [name for name in named if name.lower() not in ("cookie", "accept-language")]
    return [("Vary", ", ".join(left))] if left else []


def collect(application: Application, environ: Environ) -> tuple[str, Headers, bytes]:
    """Status line, headers and whole body of a WSGI application's answer."""
    status, headers = "", list[tuple[str, str]]()
    written: list[bytes] = []

    def start(given: str, given_headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
        nonlocal status, headers
        status, headers = given, list(given_headers)
        return written.append

    parts = application(environ, start)
    try:
        written.extend(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()
    return status, headers, b"".join(written)


def _give(
    answer: Answer, method: str, if_none_match: str | None, start_response: StartResponse
) -> Iterable[bytes]:
    if if_none_match and answer.etag and matches(if_none_match, answer.etag):
        start_response("304 Not Modified", list(answer.kept))
        return [b""]
    start_response(answer.status, list(answer.headers))
    return [b""] if method == "HEAD" else [answer.body]
