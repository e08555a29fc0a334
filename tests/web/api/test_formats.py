"""Which format a caller wants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.web.api.formats import choose

OFFERED = ("application/json", "text/markdown", "text/html")


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", "application/json"),
        ("   ", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "text/html"),
        ("TEXT/HTML", "text/html"),
        ("text/html;charset=utf-8", "text/html"),
        ("text/*", "text/markdown"),
        ("text/*;q=0.5, text/html", "text/html"),
        ("text/html;q=0.4, text/markdown;q=0.5, application/json;q=0.3", "text/markdown"),
        ("text/html;q=0.001, image/png", "text/html"),
        ("application/json;q=0, */*", "text/markdown"),
        ("application/*;q=0, text/markdown;q=0, */*;q=0.1", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json;q=0.5, application/json;q=0.9, text/html;q=0.7", "application/json"),
        ("image/png", None),
        ("application/json;q=0", None),
        ("*/*;q=0", None),
        ("text/html;q=2", None),
        ("text/html;q=0.1234", None),
        ("*/html", None),
        ("html", None),
        (",;,", None),
        ("rubbish, text/html", "text/html"),
    ],
)
def test_the_one_wanted_most_is_chosen(accept: str, wanted: str | None) -> None:
    assert choose(accept, OFFERED) == wanted


weights = st.sampled_from(["", ";q=0", ";q=0.3", ";q=1", "; q=0.300", ";level=1;q=0.9"])
ranges = st.sampled_from([*OFFERED, "text/*", "*/*", "image/png", "", "x"])


@given(st.lists(st.tuples(ranges, weights), max_size=6))
def test_what_is_refused_is_never_chosen(parts: list[tuple[str, str]]) -> None:
    accept = ",".join(media + weight for media, weight in parts)
    chosen = choose(accept, OFFERED)
    assert chosen is None or chosen in OFFERED
    exact = [weight for media, weight in parts if media == chosen]
    assert not exact or any(weight != ";q=0" for weight in exact)


@given(st.text(max_size=80))
def test_anything_can_be_sent(accept: str) -> None:
    assert choose(accept, OFFERED) in (None, *OFFERED)
