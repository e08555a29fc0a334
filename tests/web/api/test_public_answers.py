"""Answers that are remembered in front of Django: the same bytes, and nobody else's."""

from __future__ import annotations

import io
import shutil
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from wsgiref.validate import validator

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from varde.web import guideline, public_answers
from varde.web.public_answers import Answer, Memory, PublicAnswers, matches
from web.api.invented_content import FUTURE, PNEUMONIA, write_content

ADDRESS = f"/anbefalinger/{PNEUMONIA}"
Given = tuple[str, dict[str, str], bytes]


@pytest.fixture(autouse=True)
def no_database() -> Iterator[None]:
    """The handler would close connections that the tests' own database needs."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


class Counting:
    """Django, and how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0
        self.seen: list[dict[str, Any]] = []
        self._django = WSGIHandler()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.calls += 1
        self.seen.append(dict(environ))
        return self._django(environ, start_response)


@pytest.fixture
def django() -> Counting:
    return Counting()


@pytest.fixture
def layer(django: Counting) -> PublicAnswers:
    return PublicAnswers(django)


def ask(application: Any, address: str = ADDRESS, method: str = "GET", **headers: str) -> Given:
    """Ask a WSGI application as a server would."""
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    got: list[Any] = []

    def start_response(status: str, given: list[tuple[str, str]], exc_info: Any = None) -> Any:
        got[:] = [status, given]
        return lambda data: None

    parts = application(environ, start_response)
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    names = [name.lower() for name, _ in got[1]]
    assert len(names) == len(set(names)), "a header stands twice"
    return got[0], {name.lower(): value for name, value in got[1]}, body


def test_the_second_answer_is_the_first_without_django(
    layer: PublicAnswers, django: Counting
) -> None:
    first, second = ask(layer), ask(layer)
    assert first == second and django.calls == 1
    assert first[0] == "200 OK" and first[1]["etag"]
    for header in ("content-security-policy", "x-content-type-options", "referrer-policy"):
        assert header in second[1]


addresses = st.sampled_from(
    [
        ADDRESS,
        f"/innhold/{PNEUMONIA}",
        f"/innhold/{PNEUMONIA}/versjoner",
        "/anbefalinger?kodeverk=ICPC-2&kode=R81",
        "/innhold?side=2&antall=5",
        "/innhold?gyldigdato=2023-01-01",
        "/problemer/ugyldig-dato",
        "/innhold/",
        "/innhold/abc",
        "/api/openapi.json",
        "/retningslinjer",
    ]
)
days = st.sampled_from(["", "2022-09-07", "2023-01-01", "2024-06-27", "2090-01-01", "2024-02-30"])
headers = st.fixed_dictionaries(
    {},
    optional={
        "accept": st.sampled_from(
            ["*/*", "text/html", "text/markdown", "image/png", "text/*;q=0.1"]
        ),
        "host": st.sampled_from(["localhost", "127.0.0.1", "evil.example", "localhost:8000"]),
        "if_none_match": st.sampled_from(["*", '"x"']),
        "cookie": st.sampled_from(["django_language=en", "varde_session=x"]),
        "accept_language": st.just("en"),
        "origin": st.just("https://evil.example"),
        "x_forwarded_proto": st.sampled_from(["http", "https"]),
    },
)


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    questions=st.lists(
        st.tuples(addresses, days, st.sampled_from(["GET", "HEAD", "POST"]), headers), max_size=12
    )
)
def test_remembered_and_fresh_answers_are_equal_byte_for_byte(
    questions: list[tuple[str, str, str, dict[str, str]]],
) -> None:
    layer = PublicAnswers(WSGIHandler())
    for address, day, method, given_headers in questions:
        if day:
            address += f"{'&' if '?' in address else '?'}gyldigDato={day}"
        fresh = ask(PublicAnswers(WSGIHandler()), address, method, **given_headers)
        assert ask(layer, address, method, **given_headers) == fresh
        if method == "GET" and fresh[0].startswith("200"):
            plain = ask(WSGIHandler(), address, method, **given_headers)
            assert (plain[0], plain[2]) == (fresh[0], fresh[2])


def test_days_formats_and_hosts_are_never_mixed_up(layer: PublicAnswers) -> None:
    asked = [
        (f"{ADDRESS}{day}", {"accept": accept, "host": host})
        for day in ("", "?gyldigDato=2023-01-01", "?gyldigDato=2024-06-27")
        for accept in ("application/json", "text/markdown", "text/html")
        for host in ("localhost", "127.0.0.1")
    ]
    first = [ask(layer, address, **given_headers) for address, given_headers in asked]
    again = [ask(layer, address, **given_headers) for address, given_headers in asked]
    assert first == again
    assert len({(answer[1]["content-type"], answer[2]) for answer in first}) == 9


def test_a_forbidden_host_is_never_given_an_answer(layer: PublicAnswers, django: Counting) -> None:
    assert ask(layer)[0] == "200 OK"
    status, _, body = ask(layer, host="evil.example")
    assert status.startswith("400") and b"Pneumoni" not in body
    assert ask(layer)[0] == "200 OK" and django.calls == 2


def test_a_caller_s_headers_do_not_reach_what_others_get(
    layer: PublicAnswers, django: Counting
) -> None:
    poisoned = ask(
        layer,
        cookie="django_language=en; varde_session=abc",
        accept_language="en",
        origin="https://evil.example",
        authorization="Bearer secret",
        x_forwarded_host="evil.example",
        user_agent="x",
    )
    assert ask(layer) == poisoned and django.calls == 1
    assert "cookie" not in poisoned[1]["vary"].lower()
    assert poisoned[1]["content-language"] == "nb"
    assert poisoned[1]["access-control-allow-origin"] == "*"
    seen = {name for name in django.seen[0] if name.startswith("HTTP_")}
    assert seen <= {*public_answers.KEYED, *public_answers.CONDITIONAL}


def test_behind_https_a_plain_request_is_redirected_all_the_same(
    layer: PublicAnswers, settings: Any
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    secure = PublicAnswers(WSGIHandler())
    assert ask(secure, x_forwarded_proto="https")[0] == "200 OK"
    for _ in range(2):
        assert ask(secure)[0].startswith("301")
        assert ask(secure, x_forwarded_proto="http")[0].startswith("301")


def test_head_and_304_are_answered_from_the_same(layer: PublicAnswers, django: Counting) -> None:
    head = ask(layer, method="HEAD")
    whole = ask(layer)
    assert head == (whole[0], whole[1], b"") and django.calls == 1
    assert head[1]["content-length"] == str(len(whole[2]))
    etag = whole[1]["etag"]
    for given_tag in (etag, f"W/{etag}", f'"a", {etag}', "*"):
        status, given_headers, body = ask(layer, if_none_match=given_tag)
        assert (status, body) == ("304 Not Modified", b"")
        assert given_headers["etag"] == etag and given_headers["vary"] == "Accept"
        assert "content-type" not in given_headers and "content-length" not in given_headers
        assert "content-security-policy" in given_headers
    assert ask(layer, if_none_match='"a"') == whole
    assert django.calls == 1


def test_the_first_question_may_be_conditional(layer: PublicAnswers, django: Counting) -> None:
    etag = ask(PublicAnswers(WSGIHandler()))[1]["etag"]
    assert ask(layer, if_none_match=etag)[0] == "304 Not Modified"
    assert ask(layer)[0] == "200 OK" and django.calls == 1


@pytest.mark.parametrize(
    ("header", "known"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b","a","c"', True),
        ("*", True),
        (" * ", True),
        ("a", False),
        ('"A"', False),
        ('"b, "a', False),
        ('"xa"', False),
        ("", False),
    ],
)
def test_if_none_match_is_read_as_a_list(header: str, known: bool) -> None:
    assert matches(header, '"a"') is known
    assert matches(header, 'W/"a"') is known


@pytest.mark.parametrize(
    "address", ["/innhold/abc", "/innhold?x=1", "/innhold/", "/nothing", "/fhir/nothing"]
)
def test_refusals_and_pages_are_not_remembered(
    layer: PublicAnswers, django: Counting, address: str
) -> None:
    ask(layer, address)
    ask(layer, address)
    assert django.calls == 2 and len(layer.memory) == 0


def test_pages_are_passed_on_untouched(layer: PublicAnswers, django: Counting) -> None:
    given_headers = {"cookie": "django_language=en", "accept_language": "en"}
    answer = ask(layer, "/helse/", **given_headers)
    assert answer == ask(WSGIHandler(), "/helse/", **given_headers)
    assert django.seen[0]["HTTP_COOKIE"] == "django_language=en"


def _plain(*given_headers: tuple[str, str], allowed: bool = True, status: str = "200 OK") -> Any:
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if allowed:
            environ[public_answers.ALLOWED] = True
        start_response(status, [("ETag", '"a"'), *given_headers])
        return [b"x"]

    return application


@pytest.mark.parametrize(
    ("application", "remembered"),
    [
        (_plain(), 1),
        (_plain(("Set-Cookie", "a=b")), 0),
        (_plain(("set-cookie", "a=b")), 0),
        (_plain(allowed=False), 0),
        (_plain(status="404 Not Found"), 0),
        (_plain(status="302 Found"), 0),
    ],
)
def test_only_what_a_view_allowed_is_remembered(application: Any, remembered: int) -> None:
    layer = PublicAnswers(application)
    ask(layer)
    assert len(layer.memory) == remembered


def test_nobody_can_allow_it_from_outside() -> None:
    layer = PublicAnswers(_plain(allowed=False))
    ask(layer, **{"varde.public.allowed": "1", "x_varde_public_allowed": "1"})
    assert len(layer.memory) == 0


def test_vary_keeps_what_still_counts() -> None:
    layer = PublicAnswers(_plain(("Vary", "Accept, Cookie"), ("X", "y")))
    assert ask(layer)[1]["vary"] == "Accept"


def test_an_answer_without_etag_is_never_304() -> None:
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ[public_answers.ALLOWED] = True
        start_response("200 OK", [])
        return [b"x"]

    assert ask(PublicAnswers(application), if_none_match="*")[0] == "200 OK"


def test_a_new_day_is_a_new_answer(django: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, today = [1000.0], [date(2089, 12, 31)]
    monkeypatch.setattr(guideline, "today", lambda: today[0])
    layer = PublicAnswers(django, clock=lambda: clock[0])
    assert ask(layer, f"/anbefalinger/{FUTURE}")[0].startswith("404")
    before = ask(layer, "/anbefalinger")
    clock[0], today[0] = 1001.0, date(2090, 1, 1)
    assert ask(layer, f"/anbefalinger/{FUTURE}")[0].startswith("200")
    assert ask(layer, "/anbefalinger") != before


def test_content_that_changed_is_a_new_answer(
    django: Counting, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VARDE_HOME = tmp_path
    monkeypatch.setattr(guideline, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(guideline, "_kept", guideline._Kept())
    layer = PublicAnswers(django)
    assert ask(layer)[0].startswith("404")
    write_content(tmp_path / "guidelines")
    assert ask(layer)[0] == "200 OK"
    shutil.rmtree(tmp_path / "guidelines")
    assert ask(layer)[0].startswith("404")


def test_an_answer_of_the_moment_of_change_is_not_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    today = [date(2030, 1, 1)]
    monkeypatch.setattr(guideline, "today", lambda: today[0])
    clock = [0.0]
    inner = _plain()

    def changes(environ: dict[str, Any], start_response: Any) -> Any:
        clock[0], today[0] = 1.0, date(2030, 1, 2)
        return inner(environ, start_response)

    layer = PublicAnswers(changes, clock=lambda: clock[0])
    ask(layer)
    assert len(layer.memory) == 0


def test_unreadable_content_is_django_s_to_say(
    layer: PublicAnswers, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VARDE_HOME = tmp_path
    monkeypatch.setattr(guideline, "_kept", guideline._Kept())
    (tmp_path / "guidelines").mkdir()
    (tmp_path / "guidelines" / "published.json").write_text("{")
    status, given_headers, body = ask(layer)
    assert status.startswith("500") and b"intern-feil" in body and b"published" not in body
    assert given_headers["content-type"] == "application/problem+json"


def test_the_layer_is_wsgi(layer: PublicAnswers) -> None:
    checked = validator(layer)
    for method in ("GET", "HEAD"):
        for _ in range(2):
            assert ask(checked, method=method)[0] == "200 OK"


# --- memory -------------------------------------------------------------------------------------------

UNDER = object()


def _answer(size: int, made_under: object = UNDER) -> Answer:
    return Answer("200 OK", [], b"x" * size, "", [], made_under)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4000), st.booleans()), max_size=60))
def test_memory_is_bounded_and_gives_back_what_was_put(
    steps: list[tuple[int, int, bool]],
) -> None:
    memory, put = Memory(limit=10_000), dict[tuple[str, ...], Answer]()
    for number, size, looks in steps:
        key = (str(number),)
        if looks:
            found = memory.get(key, UNDER)
            assert found is None or found is put[key]
        else:
            put[key] = _answer(size)
            memory.put(key, put[key])
            assert memory.get(key, UNDER) is put[key]
        assert memory.bytes <= 10_000
        kept = [one for one in put if memory.get(one, UNDER)]
        assert len(kept) == len(memory)


def test_what_is_asked_for_stays_and_the_rest_goes() -> None:
    memory = Memory(limit=10_000)
    for number in range(50):
        memory.put((f"other {number}",), _answer(1500))
        if number == 0:
            memory.put(("wanted",), _answer(1500))
        assert memory.get(("wanted",), UNDER)
    assert len(memory) == 4


def test_what_was_made_under_something_else_is_forgotten() -> None:
    memory, later = Memory(), object()
    memory.put(("a",), _answer(10))
    assert memory.get(("a",), later) is None
    memory.put(("b",), _answer(10, later))
    assert len(memory) == 1 and memory.get(("b",), later)


def test_what_is_too_large_is_not_kept() -> None:
    memory = Memory(limit=1000)
    memory.put(("a",), _answer(2000))
    assert (len(memory), memory.bytes) == (0, 0)


def test_threads_get_whole_answers_within_the_limit() -> None:
    memory, wrong = Memory(limit=40_000), list[str]()

    def work(seed: int) -> None:
        for step in range(2000):
            number = (step * seed) % 40
            found = memory.get((str(number),), UNDER)
            if found is None:
                memory.put((str(number),), _answer(number * 50))
            elif len(found.body) != number * 50:
                wrong.append(str(number))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 3, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and memory.bytes <= 40_000
