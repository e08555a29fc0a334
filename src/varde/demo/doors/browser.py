"""A browser without eyes: keeps cookies, reads forms as they are rendered, and answers them by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from varde.demo.doors.processes import Answer, Service

SIGN_IN = "/logg-inn/"


class FormChanged(Exception):
    """A page does not ask what it was expected to ask, or refuses what was answered."""


@dataclass
class Choice:
    """One answer that a control offers: what is sent for it, and its words."""

    value: str
    words: str = ""
    chosen: bool = False


@dataclass
class Control:
    """What asks for one answer.

    Attributes:
        kind: "text", "password", "hidden", "textarea", "select", "radio", "checkbox" …
        value: what is written in it.
        choices: of a list, of radio buttons and of boxes.
    """

    kind: str
    value: str = ""
    choices: list[Choice] = field(default_factory=list)

    def answer(self, value: str) -> None:
        """Write it, or choose it by value or by words.

        Raises:
            FormChanged: it is not among the choices.
        """
        if not self.choices:
            self.value = value
            return
        said = value.casefold()
        found = [each for each in self.choices if each.value == value]
        found = found or [
            c for c in self.choices if said in (c.value.casefold(), c.words.casefold())
        ]
        if not found:
            raise FormChanged(f"{value!r} cannot be chosen")
        for each in self.choices:
            each.chosen = each is found[0]

    def offers(self, value: str) -> bool:
        """Whether it can be answered so."""
        said = value.casefold()
        return not self.choices or any(
            said in (each.value.casefold(), each.words.casefold()) for each in self.choices
        )

    def sent(self) -> list[str]:
        """What a browser sends of it."""
        if self.kind in ("select", "radio", "checkbox"):
            return [each.value for each in self.choices if each.chosen]
        return [self.value]


@dataclass
class Form:
    """A form of a page.

    Attributes:
        action: the address it is sent to.
        method: "get" or "post".
        controls: by name.
    """

    action: str
    method: str
    controls: dict[str, Control] = field(default_factory=dict)

    def answer(self, answers: Mapping[str, str]) -> None:
        """Answer several questions by their names.

        Raises:
            FormChanged: the page does not ask one of them.
        """
        for name, value in answers.items():
            if name not in self.controls:
                raise FormChanged(f"the form at {self.action} does not ask for {name}")
            try:
                self.controls[name].answer(value)
            except FormChanged as error:
                raise FormChanged(f"the form at {self.action}, {name}: {error}") from None

    def encode(self) -> bytes:
        """All that is answered, as a browser sends it."""
        pairs = [(name, each) for name, c in self.controls.items() for each in c.sent()]
        return urlencode(pairs).encode()


class Page(HTMLParser):
    """The forms of a page, and what it complains of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._listed: Control | None = None
        self._labels: dict[str, Choice] = {}
        self._words: Choice | Control | None = None
        self.feed(text)
        self.close()

    def form_with(self, kind_or_name: str) -> Form:
        """The form that has a control of this kind or name.

        Raises:
            FormChanged: there is none.
        """
        for form in self.forms:
            kinds = {control.kind for control in form.controls.values()}
            if kind_or_name in form.controls or kind_or_name in kinds:
                return form
        raise FormChanged(f"no form of the page asks for {kind_or_name}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Forms, and what is in them."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" and given.get("name"):
            self._take_input(self._form, given)
        elif tag in ("select", "textarea") and given.get("name"):
            self._listed = Control(tag)
            self._form.controls[given["name"]] = self._listed
            self._words = self._listed if tag == "textarea" else None
        elif tag == "option" and self._listed is not None:
            self._words = Choice(given.get("value", ""), chosen="selected" in given)
            self._listed.choices.append(self._words)
        elif tag == "label":
            self._words = self._labels.get(given.get("for", ""))

    def _take_input(self, form: Form, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind not in ("radio", "checkbox"):
            if kind not in ("submit", "button", "file"):
                form.controls[given["name"]] = Control(kind, given.get("value", ""))
            return
        control = form.controls.setdefault(given["name"], Control(kind))
        choice = Choice(given.get("value", "on"), chosen="checked" in given)
        control.choices.append(choice)
        self._labels[given.get("id", "")] = choice

    def handle_data(self, data: str) -> None:
        """The words of a choice, or what stands in a field of several lines."""
        if isinstance(self._words, Choice):
            self._words.words = (self._words.words + data).strip()
        elif self._words is not None:
            self._words.value += data

    def handle_endtag(self, tag: str) -> None:
        """The end of words, lists and forms."""
        if tag in ("option", "label", "textarea"):
            self._words = None
        if tag in ("select", "textarea"):
            self._listed = None
        if tag == "form":
            self._form = None


class Browser:
    """One user's browser, with the cookies that the service gave."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path)

    def send(self, form: Form) -> Answer:
        """Send a form; where the answer leads is not followed."""
        return self._ask(
            form.method.upper(),
            form.action,
            form.encode(),
            Content_Type="application/x-www-form-urlencoded",
            Origin=f"http://127.0.0.1:{self.service.port}",
        )

    def sign_in(self, username: str, password: str) -> Answer:
        """Sign in on the page for it.

        Raises:
            FormChanged: the page is not as it was.
        """
        page = self.get(SIGN_IN)
        if page.status != 200:
            return page
        form = Page(page.body.decode()).form_with("password")
        kinds = {control.kind: control for control in form.controls.values()}
        kinds["text"].answer(username)
        kinds["password"].answer(password)
        return self.send(form)

    def _ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        answer = self.service.ask(method, path, body, **headers)
        self.cookies.update(answer.cookies)
        return answer


def complaints(body: bytes) -> list[str]:
    """What a page says is wrong with each question."""
    found = re.findall(r'ds-validation-message"[^>]*>([^<]+)<', body.decode())
    return [" ".join(each.split()) for each in found]
