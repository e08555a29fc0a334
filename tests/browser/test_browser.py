"""The pages in a real browser against the real service: keyboard, accessibility, policy, narrow.

One module, so that the browser and the service are started once and gone before other tests.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

from register.answers import PERSONS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TESTS = Path(__file__).resolve().parents[1]
WIDE, NARROW = 1280, 360
PASSWORD = "varde-demo"
ADA = PERSONS[0]
WHOLE = "/resistens/?organism=escherichia-coli&first=2025-01-01&last=2026-12-31&method=episode:365"
PAGES = [
    ("", "/", 200),
    ("", "/logg-inn/", 200),
    ("", "/om/", 200),
    ("", "/finnes-ikke/", 404),
    ("lab", "/", 200),
    ("lab", "/karantene/", 200),
    ("lab", "/laboratorium/", 200),
    ("lab", "/tilgangslogg/", 403),
    ("vakt", "/karantene/?state=resolved", 200),
    ("smittevern", WHOLE, 200),
    ("smittevern", WHOLE.replace("2025-01-01", "2027-01-01"), 422),
    ("smittevern", WHOLE.replace("escherichia-coli", "citrobacter-freundii"), 200),
    ("admin", "/tilgangslogg/", 200),
    ("admin", "/innsyn/", 200),
    ("sykehuslege", "/oppslag/", 200),
    ("smittevern", "/meld/kjent/", 200),
    ("kommunelege", "/innboks/", 200),
    ("kommunelege", "/innboks/omrade/", 200),
    ("kommunelege", "/sak/6/", 200),
    ("kommunelege", "/sak/987654/", 404),
    ("kommunelege", "/hendelser/", 200),
    ("kommunelege", "/hendelser/1/", 200),
    ("smittevern", "/innboks/?vis=alle", 200),
    ("smittevern", "/tider/?etter=month", 200),
    ("vakt", "/vakt/", 200),
    ("vakt", "/personer/?formal=surveillance", 200),
    ("", "/antibiotika/", 200),
    ("", "/antibiotika/?sok=cystitt", 200),
    ("", "/antibiotika/?sok=finnes-ikke", 200),
    ("", "/antibiotika/?sok=lungebetenelse", 200),
    ("", "/antibiotika/kapittel/nedre-luftveier/", 200),
    ("", "/antibiotika/pneumoni/", 200),
    ("fastlege", "/antibiotika/cystitt-hos-barn/?vekt=18,5&dato=2024-01-01", 200),
    ("", "/antibiotika/pneumoni/?vekt=mye", 422),
    ("", "/antibiotika/pneumoni/versjoner/", 200),
    ("", "/antibiotika/pneumoni/?dato=2020-01-01", 404),
    ("", "/antibiotika/?dato=i-morgen", 422),
    ("epidemiolog", "/oversikt/", 200),
    ("epidemiolog", "/registre/", 200),
    ("epidemiolog", "/registre/msis/?sykdom=measles&etter=month", 200),
    ("epidemiolog", "/registre/nois/", 200),
    ("epidemiolog", "/registre/norm/", 200),
    ("epidemiolog", "/registre/msis/?sykdom=nei", 422),
    ("epidemiolog", "/datakvalitet/?avsender=HER:91843", 200),
    ("fastlege", "/rapport/", 200),
    ("fastlege", "/rapport/2025/?utgave=follow-up", 200),
    ("legevakt", "/rapport/", 200),
    ("sykehjemsleder", "/rapport/2024/", 200),
    ("sykehjem", "/rapport/", 200),
    ("hjemmetjeneste", "/rapport/", 200),
    ("gruppeleder", "/rapport/", 200),
    ("fylkeskoordinator", "/rapport/", 200),
    ("fylkeskoordinator", "/rapport/2019/", 404),
]


def find_chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    if os.environ.get("CI"):
        pytest.fail("there is no Chromium, and CI must run the browser tests")
    pytest.skip("there is no Chromium on this machine")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running service with the invented register."""
    home = tmp_path_factory.mktemp("browser-home")
    environment = {
        **os.environ,
        "VARDE_HOME": str(home),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "varde.web.settings",
        "PYTHONPATH": f"{TESTS.parent / 'src'}{os.pathsep}{TESTS}",
    }
    seed = [sys.executable, str(TESTS / "browser" / "seeded_service.py")]
    subprocess.run(seed, env=environment, check=True, capture_output=True, timeout=120)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--port", str(port)]
    command += ["varde.web.rsgi:application"]
    with (home / "service.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process, home / "service.log")
            yield address
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/helse/", timeout=2):  # noqa: S310
                return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the service did not start: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = find_chromium()
    from playwright import sync_api as playwright

    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def signed_in(browser: Any, service: str) -> Callable[[str], Any]:
    """The cookies of a user who has signed in once; nothing for the empty name."""
    known: dict[str, Any] = {"": {"cookies": [], "origins": []}}

    def state(username: str) -> Any:
        if username not in known:
            context = browser.new_context()
            page = context.new_page()
            sign_in_by_keyboard(page, service, username)
            known[username] = context.storage_state()
            context.close()
        return known[username]

    return state


@pytest.fixture
def visit(
    browser: Any, service: str, signed_in: Callable[[str], Any]
) -> Iterator[Callable[..., Any]]:
    """Opens a page as a user in a window; afterwards the console must have been silent."""
    opened: list[Any] = []
    complaints: list[str] = []

    def open_page(
        username: str, path: str, width: int = WIDE, language: str = "nb", **more: Any
    ) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, storage_state=signed_in(username), **more
        )
        context.add_cookies([{"name": "django_language", "value": language, "url": service}])
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.extend(complain(said, service + path)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(service + path)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def window(browser: Any) -> Iterator[tuple[Any, list[Any]]]:
    """A page that many tests look at one after the other, and what its console has said."""
    context = browser.new_context(viewport={"width": WIDE, "height": 800})
    page = context.new_page()
    said: list[Any] = []
    page.on("console", lambda message: said.append(message))
    page.on("pageerror", lambda error: said.append(error))
    yield page, said
    context.close()


@pytest.fixture
def look(
    window: tuple[Any, list[Any]], service: str, signed_in: Callable[[str], Any]
) -> Iterator[Callable[..., Any]]:
    """Opens a page as a user, only to look at it; afterwards the console must have been silent.

    A window of one's own costs a process of the browser and that process axe's half a megabyte of script, more than
    axe takes to look. So all of these share one, with the cookies of whoever looks and no others.
    """
    page, said = window
    asked: list[str] = []

    def open_page(
        username: str, path: str, status: int = 200, language: str = "nb", colours: str = "light"
    ) -> Any:
        asked.append(service + path)
        page.context.clear_cookies()
        page.context.add_cookies(
            [
                *signed_in(username)["cookies"],
                {"name": "django_language", "value": language, "url": service},
            ]
        )
        page.set_viewport_size({"width": WIDE, "height": 800})
        page.emulate_media(color_scheme=colours)
        assert page.goto(service + path).status == status
        return page

    yield open_page
    page.goto("about:blank")  # what it still has to say it has said by then
    told, said[:] = list(said), []
    complaints = [
        complaint
        for one in told
        for complaint in (complain(one, asked[0]) if hasattr(one, "location") else (str(one),))
    ]
    assert complaints == []


def complain(said: Any, address: str) -> Iterator[str]:
    """What a console message gives to complain about; that an error page is one is no complaint."""
    expected = said.text.startswith("Failed to load resource") and said.location["url"] == address
    if said.type in ("error", "warning") and not expected:
        yield f"{said.type}: {said.text} ({said.location['url']})"


def sign_in_by_keyboard(page: Any, service: str, username: str) -> None:
    page.goto(f"{service}/logg-inn/")
    page.locator("input:focus").wait_for()  # the first field gets the focus by itself
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "logg-inn" not in address)


def check_accessibility(page: Any, colours: bool = True) -> None:
    """Hold a page against axe's rules.

    Args:
        colours: contrast too, which takes four fifths of axe's time.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    # Half a megabyte of script: a page that is looked at again, narrow, has it and has run it.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(
        "colours => axe.run({resultTypes: ['violations'], rules: {'color-contrast': {enabled: colours}}})"
        ".then(all => all.violations)",
        colours,
    )
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize(("username", "path", "status"), PAGES)
def test_every_page_is_accessible_fits_and_keeps_the_policy(
    look: Callable[..., Any], username: str, path: str, status: int, language: str
) -> None:
    page = look(username, path, status, language)
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1
    check_fit(page, WIDE)
    check_accessibility(page, colours=language == "nb")  # they are the same in both languages
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    check_fit(page, WIDE)
    page.set_viewport_size({"width": NARROW, "height": 800})
    check_fit(page, NARROW)
    if language == "nb":  # the structure is the same in both languages
        check_accessibility(page)


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize(
    ("username", "tail"),
    [
        ("fastlege", "?utgave=year"),
        ("fastlege", "?utgave=follow-up"),
        ("legevakt", "?utgave=doctor"),
        ("legevakt", "974760673/?utgave=unit"),
        ("sykehjemsleder", ""),
        ("hjemmetjeneste", ""),
        ("gruppeleder", ""),
        ("fylkeskoordinator", ""),
    ],
)
def test_every_report_is_accessible_in_every_state(
    look: Callable[..., Any], username: str, tail: str, language: str
) -> None:
    """With figures and without, with a goal and without."""
    for year in (2025, 2022, 2021, 2020):
        page = look(username, f"/rapport/{year}/{tail}", language=language)
        check_accessibility(page, colours=language == "nb" and year == 2020)
        check_fit(page, WIDE)
        goal = page.locator(".report-goal").inner_text()
        begins = "Målet du valgte" if language == "nb" else "The goal you picked"
        assert (begins in goal) is (year in (2022, 2020)), year


def check_fit(page: Any, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("username", "path"),
    [
        ("", "/"),
        ("lab", "/karantene/"),
        ("smittevern", WHOLE),
        ("epidemiolog", "/oversikt/"),
        ("", "/antibiotika/?sok=R81"),
        ("", "/antibiotika/pneumoni/?vekt=18,5"),
        ("", "/antibiotika/pneumoni/versjoner/"),
        ("fastlege", "/rapport/"),
        ("gruppeleder", "/rapport/"),
    ],
)
def test_dark_pages_are_accessible_too(look: Callable[..., Any], username: str, path: str) -> None:
    page = look(username, path, colours="dark")
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    check_accessibility(page)


def test_signing_in_and_reaching_the_task_by_keyboard(browser: Any, service: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in_by_keyboard(page, service, "smittevern")
    assert page.url.startswith(f"{service}/innboks/")
    page.goto(f"{service}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "ds-skip-link"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{service}/innboks/")
    context.close()


def test_a_wrong_password_is_told_beside_the_form(visit: Callable[..., Any]) -> None:
    page = visit("", "/logg-inn/")
    page.locator("input:focus").wait_for()
    page.keyboard.type("nobody")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "feil" in page.get_by_role("alert").inner_text()
    check_accessibility(page)


@pytest.mark.parametrize(
    ("username", "path", "language"),
    [
        ("sykehuslege", "/meld/", "nb"),
        ("sykehjem", "/nois/piah/", "en"),
        ("smittevern", "/nois/posi/", "nb"),
    ],
)
def test_forms_are_accessible_and_fit(
    look: Callable[..., Any], username: str, path: str, language: str
) -> None:
    page = look(username, path, language=language)
    check_accessibility(page)
    page.set_viewport_size({"width": NARROW, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


def test_a_goal_is_picked_by_keyboard_without_scripts(visit: Callable[..., Any]) -> None:
    page = visit("sykehjemsleder", "/rapport/2025/mal/", 390, java_script_enabled=False)
    page.locator("[name='indikator']").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert page.locator("#mal-tall:focus").count() == 1
    page.keyboard.type("5,5")
    page.keyboard.press("Tab")
    page.keyboard.type("1.1.2020")
    page.keyboard.press("Tab")
    page.keyboard.type("Få leger")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    link = page.get_by_role("alert").get_by_role("link")
    link.click()
    assert page.url.endswith("#dato") and page.input_value("#dato") == "1.1.2020"
    assert page.input_value("#hindring") == "Få leger"
    assert page.locator("[name='indikator']").first.is_checked()
    check_fit(page, 390)
    page.fill("#dato", f"31.12.{datetime.now(UTC).year + 1}")
    page.get_by_role("button", name="Lagre målet").click()
    # No better than the figure is: asked about first.
    assert "ikke bedre enn tallet er nå" in page.get_by_role("alert").inner_text()
    check_fit(page, 390)
    page.locator("#likevel").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#mal")
    assert "5,5" in page.locator("#mal").inner_text()
    assert "Målet er lagret" in page.get_by_role("status").inner_text()
    check_fit(page, 390)


def test_a_goal_that_is_asked_about_is_accessible(visit: Callable[..., Any]) -> None:
    page = visit("hjemmetjeneste", "/rapport/2025/mal/", NARROW)
    page.locator("[name='indikator']").first.check()
    page.fill("#mal-tall", "99")
    page.fill("#dato", f"31.12.{datetime.now(UTC).year + 1}")
    page.get_by_role("button", name="Lagre målet").click()
    page.locator("#likevel-ask:focus").wait_for()
    check_accessibility(page)
    check_fit(page, NARROW)


def test_what_is_wrong_with_a_goal_gets_the_focus(visit: Callable[..., Any]) -> None:
    page = visit("hjemmetjeneste", "/rapport/2025/mal/", NARROW)
    page.locator("[name='indikator']").first.check()
    page.fill("#mal-tall", "mye")
    page.fill("#dato", "i morgen")
    page.get_by_role("button", name="Lagre målet").click()
    page.locator("#faults:focus").wait_for()
    assert page.title().startswith("Feil:")
    check_accessibility(page)


def test_a_notification_is_put_right_and_sent_without_scripts(
    visit: Callable[..., Any],
) -> None:
    page = visit("sykehuslege", "/meld/", NARROW, java_script_enabled=False)
    page.fill("[name='pasient.fornavn']", "Prøve")
    page.fill("[name='pasient.etternavn']", "Prøvesen")
    page.fill("[name='diagnoseforhold.innsykningsdato']", "01.10.2025")
    page.fill("[name='pasient.fodselsdato']", "31.02.1980")
    page.check("[name='pasient.kjonn'][value='2']")
    page.select_option("[name='diagnoseforhold.diagnose']", "Salmonellose")
    page.get_by_role("button", name="Send meldingen").click()
    link = page.get_by_role("alert").get_by_role("link")
    assert link.count() == 1
    link.click()
    assert page.url.endswith("/meld/#f-pasient-fodselsdato")
    assert page.input_value("[name='pasient.fodselsdato']") == "31.02.1980"
    page.fill("[name='pasient.fodselsdato']", "28.02.1980")
    page.get_by_role("button", name="Send meldingen").click()
    assert page.locator("h1").inner_text() == "Det har kommet inn"
    assert page.locator(".ds-error-summary").count() == 0
    # Put right from the list: the form comes back filled in, and what is sent replaces the first.
    page.goto(page.url.partition("/kvittering/")[0] + "/levert/")
    check_fit(page, NARROW)
    page.locator("a[href$='#rett']", has_text="Salmonellose").first.click()
    page.select_option("#rett-formal", "wrong")
    page.get_by_role("button", name="Åpne skjemaet").click()
    assert page.input_value("[name='pasient.etternavn']") == "Prøvesen"
    page.select_option("[name='diagnoseforhold.diagnose']", "EHEC-infeksjon")
    page.get_by_role("button", name="Send rettelsen").click()
    assert page.locator("h1").inner_text() == "Det har kommet inn"
    page.get_by_role("link", name=re.compile("kvittering")).click()
    assert page.locator("h1").inner_text() == "Det er erstattet av en nyere utgave"


def test_what_is_refused_in_quarantine_and_found_by_a_search_gets_the_focus(
    visit: Callable[..., Any],
) -> None:
    listed = visit("vakt", "/karantene/", NARROW)
    [item, *_more] = listed.locator(".problem a", has_text="Prøvedato mangler").all()
    page = visit("vakt", item.get_attribute("href"), NARROW)
    page.select_option("#formal", "correct")
    page.get_by_role("button", name="Åpne meldingen").click()
    page.get_by_role("button", name="Lever rettelsen").click()
    page.locator("#trouble:focus").wait_for()
    assert page.title().startswith("Feil:")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    # The text wraps: nothing of it is beyond its edge.
    assert page.evaluate("(t => t.scrollWidth <= t.clientWidth)(document.querySelector('#text'))")
    check_accessibility(page)
    listed = visit("vakt", "/laboratorium/", NARROW)
    code = listed.get_by_role("link", name=re.compile("Si hva den betyr")).first
    # The form is sent to the address without the expression: a refusal there is what is wanted.
    page = visit("vakt", "/laboratorium/kode/", NARROW)
    page.goto(page.url.partition("/laboratorium/")[0] + code.get_attribute("href"))
    page.fill("#annen", "cef")
    page.get_by_role("button", name="Søk").click()
    page.locator("#found:focus").wait_for()
    assert page.locator("#found input:checked").count() == 0
    page.get_by_role("button", name="Bekreft").click()
    page.locator("#faults:focus").wait_for()
    assert page.title().startswith("Feil:")
    check_accessibility(page)


def test_faults_of_a_form_get_the_focus_and_are_accessible(visit: Callable[..., Any]) -> None:
    page = visit("smittevern", "/nois/piah/", NARROW, color_scheme="dark")
    page.fill("[name='uti/own']", "x")
    page.keyboard.press("Enter")
    page.locator(".ds-error-summary:focus").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    assert page.title().startswith("Feil:")
    check_accessibility(page)


def test_another_organism_is_shown_without_losing_the_place(visit: Callable[..., Any]) -> None:
    page = visit("smittevern", WHOLE)
    page.locator("#organism").focus()
    page.select_option("#organism", "klebsiella-pneumoniae")
    page.locator("#answer-heading", has_text="Klebsiella").wait_for()
    assert "organism=klebsiella-pneumoniae" in page.url
    assert page.evaluate("document.activeElement.id") == "organism"
    assert "Klebsiella" in page.locator("#status").inner_text()
    page.select_option("#antibiotic", "CIP")
    page.locator(".trend svg.chart-wide title", has_text="ciprofloksacin").first.wait_for(
        state="attached"
    )
    check_accessibility(page)


def test_all_works_without_scripts(visit: Callable[..., Any]) -> None:
    page = visit("smittevern", WHOLE, java_script_enabled=False)
    page.select_option("#organism", "klebsiella-pneumoniae")
    page.get_by_role("button", name="Vis").click()
    assert "Klebsiella pneumoniae" in page.locator("#answer-heading").inner_text()


def test_the_table_is_downloaded_as_shown(visit: Callable[..., Any]) -> None:
    page = visit("smittevern", WHOLE)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Last ned som CSV").click()
    content = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    shown = [cell.split()[-1] for cell in page.locator(".antibiogram tbody th").all_inner_texts()]
    assert [line.split(",")[1] for line in content.splitlines()[1:]] == shown


def test_the_language_is_changed_and_the_page_kept(visit: Callable[..., Any]) -> None:
    page = visit("lab", "/karantene/")
    page.get_by_role("button", name="English").click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == "Quarantine"
    assert page.url.endswith("/karantene/")


def test_a_page_can_be_printed_without_menus(visit: Callable[..., Any]) -> None:
    page = visit("smittevern", WHOLE)
    page.emulate_media(media="print")
    assert not page.locator("#question").is_visible()
    assert page.locator(".antibiogram").is_visible()
    assert page.locator("svg.chart-wide").first.is_visible()


def test_narrow_windows_get_the_narrow_chart_only(visit: Callable[..., Any]) -> None:
    page = visit("smittevern", WHOLE, NARROW)
    shown = page.locator("svg.chart:visible")
    classes = [shown.nth(index).get_attribute("class") for index in range(shown.count())]
    assert classes and all(re.search("chart-narrow", one or "") for one in classes)


def test_on_a_phone_the_menu_is_one_row_and_opens_by_keyboard_without_scripts(
    visit: Callable[..., Any],
) -> None:
    page = visit("vakt", "/vakt/", java_script_enabled=False)
    link = page.get_by_role("navigation", name="Hovedmeny").get_by_role("link").first
    assert link.is_visible() and not page.locator(".fold > summary").is_visible()
    page.set_viewport_size({"width": NARROW, "height": 800})
    header = page.locator("header.top").bounding_box()
    assert header["height"] <= 72
    button = page.locator(".fold > summary")
    assert button.is_visible() and not link.is_visible()
    assert button.bounding_box()["height"] >= 24
    button.focus()
    page.keyboard.press("Enter")
    assert link.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.menu') !== null")


def test_two_actions_lead_from_the_first_page_to_the_regimen(visit: Callable[..., Any]) -> None:
    page = visit("", "/")
    for _ in range(10):  # past the frame to the search box, the first thing of the page itself
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "sok":
            break
    page.keyboard.type("R81")
    page.keyboard.press("Enter")  # the first action
    page.wait_for_url("**/antibiotika/?sok=R81")
    hit = page.locator(".result").filter(has=page.get_by_role("link", name="Pneumoni", exact=True))
    assert "Fenoksymetylpenicillin peroralt 1 g x 4 i 5 døgn" in hit.inner_text()
    hit.get_by_role("link").focus()
    page.keyboard.press("Enter")  # the second
    page.wait_for_url("**/antibiotika/pneumoni/")
    assert "1 g x 4 i 5 døgn" in page.locator(".dose").first.inner_text()


def test_hits_come_while_typing_and_are_told(visit: Callable[..., Any]) -> None:
    page = visit("", "/antibiotika/")
    assert page.evaluate("document.activeElement.id") == "sok"
    page.keyboard.type("lungebet")
    page.locator(".result").first.wait_for()
    page.locator("#status", has_text="treff på lungebet").wait_for(state="attached")
    assert page.locator("#status").get_attribute("role") == "status"
    assert page.url.endswith("sok=lungebet&dato=")
    assert page.evaluate("document.activeElement.id") == "sok"
    check_accessibility(page)


def test_the_guideline_works_without_scripts(visit: Callable[..., Any]) -> None:
    page = visit("", "/antibiotika/", java_script_enabled=False)
    page.get_by_role("searchbox").fill("pneumoni")
    page.get_by_role("button", name="Søk").click()
    page.get_by_role("link", name="Pneumoni", exact=True).click()
    page.get_by_label("Dose etter vekt").fill("18,5")
    page.get_by_role("button", name="Regn ut").click()
    assert "278 mg x 4 i 5 døgn" in page.locator("#treatments").inner_text()


def test_a_dose_by_weight_is_worked_out_while_typing(visit: Callable[..., Any]) -> None:
    page = visit("", "/antibiotika/pneumoni/", NARROW)
    page.get_by_label("Dose etter vekt").fill("18,5")
    computed = page.locator("#first-lines .computed", has_text="15 mg/kg × 18,5 kg = 277,5 mg")
    computed.wait_for()
    box = computed.bounding_box()
    field = page.get_by_label("Dose etter vekt").bounding_box()
    assert box and field and 0 < field["y"] - box["y"] < 300
    page.locator("#treatments .computed", has_text="277,5 mg").wait_for()
    assert page.locator("#first-lines .outside", has_text="Gjelder ikke for denne vekten").count()
    assert page.evaluate("document.activeElement.id") == "vekt"
    assert "Regnet ut" in page.locator("#weighed").inner_text()
    check_accessibility(page)
    page.get_by_label("Dose etter vekt").fill("mye")
    page.get_by_role("alert").filter(has_text="Skriv vekten").wait_for()
    check_accessibility(page)
    assert page.locator(".computed").count() == 0


def test_the_reason_for_a_caution_is_one_step_away(visit: Callable[..., Any]) -> None:
    page = visit("", "/antibiotika/pneumoni/")
    caution = page.locator("details.cautions").first
    assert "Penicillin straksreaksjon" in caution.locator("summary").first.inner_text()
    caution.locator("summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "virkestoff" in caution.locator(".why").first.inner_text()


def test_what_was_changed_is_seen_first(visit: Callable[..., Any]) -> None:
    page = visit("", "/antibiotika/pneumoni/")
    page.get_by_role("link", name="Se hva som er endret").click()
    page.wait_for_url("**/versjoner/")
    first = page.locator(".big").first
    assert " ".join(first.inner_text().split()) == "fra 7 → til 5 døgn"
    box = first.bounding_box()
    assert box and box["y"] < 600


@pytest.mark.parametrize("slug", ["pneumoni", "akutt-sinusitt", "gonore"])
def test_a_recommendation_is_printed_whole_on_two_pages_at_most(
    visit: Callable[..., Any], slug: str
) -> None:
    page = visit("", f"/antibiotika/{slug}/")
    printed = page.pdf(format="A4")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) <= 2
    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible() and not page.locator(".no-print:visible").count()
    assert page.locator(".print-foot").is_visible()
    for text in page.locator("details.cautions:not(.again) li .rich").all():
        assert text.is_visible()


@pytest.mark.parametrize("slug", ["pneumoni", "akutt-sinusitt", "cystitt-hos-gravide"])
def test_what_was_changed_is_printed_as_it_is_folded(visit: Callable[..., Any], slug: str) -> None:
    page = visit("", f"/antibiotika/{slug}/versjoner/")
    printed = page.pdf(format="A4")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) <= 2
    page.emulate_media(media="print")
    assert not page.locator(".versions .sources li").first.is_visible()
    assert not page.locator(".bookkeeping table").first.is_visible()


def test_english_chrome_around_norwegian_content(visit: Callable[..., Any]) -> None:
    page = visit("", "/antibiotika/pneumoni/", language="en")
    assert page.locator("h1").get_attribute("lang") == "nb"
    assert page.locator("#first-choice").inner_text() == "First choice"


def look_up(page: Any, number: str, reason: str = "in-treatment") -> None:
    """Type a number and send it."""
    page.fill("#look-number", number)
    page.select_option("#look-reason", reason)
    page.locator("form.stacked button").click()


@pytest.mark.parametrize("language", ["nb", "en"])
def test_earlier_findings_are_looked_up_and_the_form_is_filled_without_scripts(
    visit: Callable[..., Any], language: str
) -> None:
    page = visit("sykehuslege", "/oppslag/", NARROW, language, java_script_enabled=False)
    look_up(page, ADA)
    assert page.locator("h1").count() == 1 and page.locator("svg.chart").count() == 2
    assert ADA not in page.url and ADA not in page.title()
    check_fit(page, NARROW)
    page.get_by_role("button", name=re.compile(r"^(Meld|Notify)\s*: Salmonell")).click()
    assert page.url.endswith("/meld/kjent/")
    assert page.input_value("[name='diagnoseforhold.smittestoff']") == "Salmonella Typhimurium"
    check_fit(page, NARROW)


def test_what_was_looked_up_is_accessible_wide_narrow_and_dark(visit: Callable[..., Any]) -> None:
    for scheme in ("light", "dark"):
        page = visit("sykehuslege", "/oppslag/", color_scheme=scheme)
        look_up(page, ADA)
        check_fit(page, WIDE)
        check_accessibility(page)
        page.set_viewport_size({"width": NARROW, "height": 800})
        check_fit(page, NARROW)
        check_accessibility(page)
    page = visit("sykehuslege", "/meld/kjent/")
    look_up(page, ADA)
    check_accessibility(page)


def test_nobody_and_faults_get_the_focus(visit: Callable[..., Any]) -> None:
    page = visit("kommunelege", "/meld/kjent/", NARROW)
    page.fill("#look-number", "123")
    page.select_option("#look-purpose", "outbreak")
    page.locator("form.stacked button").click()
    page.locator("#faults:focus").wait_for()
    assert page.title().startswith("Feil:")
    check_accessibility(page)


def test_a_person_is_shown_who_has_looked(visit: Callable[..., Any]) -> None:
    page = visit("admin", "/innsyn/")
    page.fill("#access-nummer", ADA)
    page.locator("form.stacked button").click()
    assert page.locator("tbody tr").count() >= 1
    check_accessibility(page)
    page.set_viewport_size({"width": NARROW, "height": 800})
    check_fit(page, NARROW)
