"""What still works: one organism's antibiogram as table, chart, trend and files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from varde.access import audit
from varde.access.gate import page
from varde.publishing import (
    NARROW,
    Words,
    disclose_count,
    draw_resistance,
    draw_trend,
    rules,
    sort_rows,
    status_words,
    write_csv,
    write_parquet,
)
from varde.warehouse import NoSnapshot
from varde.web import answers
from varde.web.answers import Answer, Choices, Question
from varde.web.names import (
    METHODS,
    antibiotic_name,
    county_names,
    material_group_name,
    organism_name,
    own_county,
)

LONG_DAYS = 5 * 366
OFFERED_YEARS = 20  # one isolate with a mistyped year must not make the list long


class QuestionForm(forms.Form):
    """What is asked; the choices are what the snapshot holds.

    A period of any days is widened to whole quarters, and to whole years where both a county and a material are chosen.

    Attributes:
        widened: "quarters" or "years" where that was done.
    """

    widened = ""

    organism = forms.ChoiceField()
    material = forms.ChoiceField(required=False)
    county = forms.ChoiceField(required=False)
    first = forms.DateField(error_messages={"invalid": gettext_lazy("Write a day.")})
    last = forms.DateField(error_messages={"invalid": gettext_lazy("Write a day.")})
    method = forms.ChoiceField()
    antibiotic = forms.CharField(required=False, max_length=16)

    def __init__(self, given: Mapping[str, str], choices: Choices, own_county: str = "") -> None:
        kept = {key: value for key, value in given.items() if value or key == "county"}
        super().__init__({**defaults(choices), "county": own_county, **kept})
        self._choices = choices
        counties = _county_choices(choices)
        self.fields["organism"].choices = [(key, organism_name(key)) for key in choices.organisms]
        self.fields["material"].choices = [
            ("", _("All materials")),
            *sorted(
                ((key, material_group_name(key)) for key in choices.material_groups),
                key=lambda pair: pair[1],
            ),
        ]
        self.fields["county"].choices = [("", _("The whole country")), *counties]
        self.fields["method"].choices = list(METHODS.items())

    def clean(self) -> dict[str, Any]:
        """The period must not end before it begins."""
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and first > last:
            self.add_error("last", _("The period ends before it begins."))
        elif first and last:
            given["first"], given["last"] = answers.whole_quarters(first, last)
            self.widened = "quarters" if (given["first"], given["last"]) != (first, last) else ""
            years = answers.whole_years(first, last)
            both = given.get("county") and given.get("material")
            if both and (given["first"], given["last"]) != years:
                (given["first"], given["last"]), self.widened = years, "years"
            self.data |= {key: given[key].isoformat() for key in ("first", "last")}
        return given

    def first_days(self) -> list[tuple[str, str]]:
        """The days that a period can begin, newest first, with the names of their quarters."""
        return [(first, name) for first, _last, name in self._quarters("first")]

    def last_days(self) -> list[tuple[str, str]]:
        """The days that a period can end; see `first_days`."""
        return [(last, name) for _first, last, name in self._quarters("last")]

    def _quarters(self, chosen: str) -> list[tuple[str, str, str]]:
        day = self.cleaned_data.get(chosen)
        asked = [_quarter(day)] if day else []
        return sorted({*quarters(self._choices), *asked}, reverse=True)

    def question(self) -> Question:
        """The question of a valid form."""
        given = self.cleaned_data
        return Question(
            organism=given["organism"],
            material_group=given["material"],
            county=given["county"],
            date_from=given["first"],
            date_to=given["last"],
            method=given["method"],
        )


def defaults(choices: Choices, today: date | None = None) -> dict[str, str]:
    """The question before anybody has chosen: the commonest organism, the last whole year; before there is one, the
    year that runs.

    It never goes on after this year: one isolate with a mistyped year must not move the period.
    """
    last = last_day(choices, today)
    over = last.year if (last.month, last.day) == (12, 31) else last.year - 1
    year = min(max(over, (choices.first or last).year), last.year)
    return {
        "organism": choices.organisms[0] if choices.organisms else "",
        "first": f"{year:04}-01-01",
        "last": f"{year:04}-12-31",
        "method": "episode:365",
    }


def quarters(choices: Choices) -> list[tuple[str, str, str]]:
    """First day, last day and name of each quarter that can be asked for, newest first."""
    last = last_day(choices)
    year = max(min(choices.first or last, last).year, last.year - OFFERED_YEARS)
    years, months = range(year, last.year + 1), (1, 4, 7, 10)
    return sorted(
        (_quarter(date(one, month, 1)) for one in years for month in months), reverse=True
    )


def _quarter(day: date) -> tuple[str, str, str]:
    first, last = answers.whole_quarters(day, day)
    name = _period_name(f"{first.year:04}-Q{last.month // 3}")
    return first.isoformat(), last.isoformat(), name


def last_day(choices: Choices, today: date | None = None) -> date:
    """The last day that can have isolates: of the newest one, or today (in Norway) if sooner."""
    now = today or timezone.localdate()
    return min(choices.last or now, now)


@require_safe
@page("resistance")
def show(request: HttpRequest) -> HttpResponse:
    """The page; without a snapshot, a page that says what is missing."""
    try:
        choices = answers.read_choices()
    except NoSnapshot:
        return render(request, "web/no_snapshot.html")
    if not choices.organisms:
        return render(request, "web/no_snapshot.html")
    form = _ask(request, choices)
    context: dict[str, Any] = {"form": form, "selected": form.data}
    if form.is_valid():
        answer = answers.answer(form.question())
        context |= _describe(answer, form, choices)
        context["query"] = urlencode(form.data)
        context["opened_on_own"] = "county" not in request.GET and bool(form.data["county"])
    return render(request, "web/resistance.html", context, status=200 if form.is_valid() else 422)


@require_safe
@page("resistance")
def download_csv(request: HttpRequest) -> HttpResponse:
    """Exactly the table of the page, as CSV."""
    return _download(request, "csv", "text/csv; charset=utf-8", write_csv)


@require_safe
@page("resistance")
def download_parquet(request: HttpRequest) -> HttpResponse:
    """Exactly the table of the page, as Parquet."""
    return _download(request, "parquet", "application/vnd.apache.parquet", write_parquet)


def _download(request: HttpRequest, ending: str, kind: str, write: Any) -> HttpResponse:
    try:
        choices = answers.read_choices()
    except NoSnapshot:
        return render(request, "web/no_snapshot.html", status=404)
    form = _ask(request, choices)
    if not form.is_valid():
        return render(
            request, "web/resistance.html", {"form": form, "selected": form.data}, status=422
        )
    answer = answers.answer(form.question())
    names = _antibiotic_names(answer)
    rows = sort_rows(answer.rows, names)
    audit.record(request.user, "download", "resistance", "antibiogram row", len(rows))
    response = HttpResponse(write(rows, names, about(answer)), content_type=kind)
    name = f"varde-{answer.question.organism}-{answer.question.date_from}-{answer.question.date_to}"
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response


def _ask(request: HttpRequest, choices: Choices) -> QuestionForm:
    """The question as asked; a municipality's doctor who has not chosen gets the own county."""
    given = {key: request.GET[key] for key in QuestionForm.base_fields if key in request.GET}
    county = own_county(request.user, timezone.localdate())
    return QuestionForm(given, choices, county if county in choices.counties else "")


def about(answer: Answer) -> dict[str, str]:
    """What a file must say of itself: selection, snapshot, method, rules and when it was made."""
    question = answer.question
    return {
        "organism": organism_name(question.organism),
        "organism_key": question.organism,
        "material_group": question.material_group or "all",
        "county": question.county or "all",
        "date_from": question.date_from.isoformat(),
        "date_to": question.date_to.isoformat(),
        "first_isolates": question.method,
        "interval": "Wilson 95 % of pct_R",
        "breakpoints": "as reported by the laboratory",
        "snapshot": str(answer.snapshot),
        "code_map": answer.code_map_version,
        "disclosure_rules": rules().version,
        "generated": timezone.now().isoformat(timespec="seconds"),
    }


def _describe(answer: Answer, form: QuestionForm, choices: Choices) -> dict[str, Any]:
    names = _antibiotic_names(answer)
    rows = sort_rows(answer.rows, names)
    words = _chart_words(answer)
    counted, selected, repeats = _isolates(answer)
    return {
        "answer": answer,
        "organism": organism_name(answer.question.organism),
        "place": dict(form.fields["county"].choices)[answer.question.county],
        "material": dict(form.fields["material"].choices)[answer.question.material_group],
        "method": METHODS[answer.question.method],
        "rows": [(names[row.key], row, status_words(row, words)) for row in rows],
        "charts": [
            draw_resistance(rows, names, words, name="by-antibiotic"),
            draw_resistance(rows, names, words, name="by-antibiotic-narrow", shape=NARROW),
        ],
        "counted": counted,
        "selected_isolates": selected,
        "repeats": repeats,
        "unmapped_isolates": disclose_count(answer.unmapped_isolates),
        "unmapped_results": disclose_count(answer.unmapped_results),
        "limit": rules().small_cell.below,
        "minimum": rules().percentage.least,
        **_trend(answer, form, choices, names),
    }


def _isolates(answer: Answer) -> tuple[int | None, int | None, int | None]:
    """Isolates that count, that were selected, and that were left out as repeats; None for what must not be known."""
    counted, selected = answer.counted, answer.selected
    if counted is None or selected is None:
        return counted, None, None
    repeats = disclose_count(selected - counted)
    # With the number of repeats hidden, its sum with the counted must be hidden too.
    return counted, selected if repeats is not None else None, repeats


def _trend(
    answer: Answer, form: QuestionForm, choices: Choices, names: Mapping[str, str]
) -> dict[str, Any]:
    """The trend of the chosen antibiotic (by default the one with most results), over all time."""
    with_share = [row for row in answer.rows if row.status == "ok"]
    if not with_share or choices.first is None or choices.last is None:
        return {"trend": None}
    wanted = form.cleaned_data["antibiotic"]
    most = max(with_share, key=lambda row: row.n or 0).key
    chosen = wanted if wanted in names else most
    end = last_day(choices)
    both = answer.question.county and answer.question.material_group  # whole years alone
    step = "year" if both or (end - choices.first).days > LONG_DAYS else "quarter"
    whole = answers.whole_years if step == "year" else answers.whole_quarters
    first, last = whole(min(choices.first, end), end)
    question = Question(
        organism=answer.question.organism,
        material_group=answer.question.material_group,
        county=answer.question.county,
        date_from=first,
        date_to=last,
        method=answer.question.method,
    )
    trend = answers.follow(question, chosen, step)
    labels = {row.key: _period_name(row.key) for row in trend.rows}
    words = _trend_words(answer, names[chosen])
    unfinished = {row.key for row in trend.rows if _period_end(row.key) > end}
    return {
        "trend": trend,
        "trend_antibiotic": names[chosen],
        "trend_code": chosen,
        "trend_choices": sorted(names.items(), key=lambda pair: pair[1].casefold()),
        "trend_rows": [(labels[row.key], row, row.key in unfinished) for row in trend.rows],
        "trend_unfinished": bool(unfinished),
        "trend_end": end,
        "trend_charts": [
            draw_trend(
                trend.rows, labels, words, unfinished=unfinished, name=name, width=float(width)
            )
            for name, width in (("over-time", 760), ("over-time-narrow", 340))
        ],
    }


def _chart_words(answer: Answer) -> Words:
    return Words(
        title=_("Share resistant by antibiotic: %(organism)s")
        % {"organism": organism_name(answer.question.organism)},
        axis=_("Share resistant, with 95 % interval"),
        status=_status_words(),
        extremes=_(
            "Lowest share: {low_name}, {low}. Highest share: {high_name}, {high}. "
            "All numbers stand in the table."
        ),
        nothing=_("No antibiotic has enough isolates for a share."),
        language=get_language() or "nb",
    )


def _trend_words(answer: Answer, antibiotic: str) -> Words:
    return Words(
        title=_("Share resistant to %(antibiotic)s over time: %(organism)s")
        % {"antibiotic": antibiotic, "organism": organism_name(answer.question.organism)},
        axis=_("Share resistant, with 95 % interval"),
        status={
            "too-few": "n = {n}",
            "few-resistant": "R < {limit}",
            "few-others": "R > n − {limit}",
            "protected": _("hidden"),
            "suppressed": "n < {limit}",
            "not-tested": "n = 0",
            "ok": "",
        },
        extremes=_(
            "Lowest share: {low} in {low_name}. Highest share: {high} in {high_name}. "
            "All numbers stand in the table below."
        ),
        nothing=_("No period has enough isolates for a share."),
        unfinished=_("not over yet"),
        language=get_language() or "nb",
    )


def _status_words() -> dict[Any, str]:
    return {
        "ok": "",
        "too-few": _("Too few for a share (n = {n})"),
        "few-resistant": _("Fewer than {limit} resistant (of {n})"),
        "few-others": _("Fewer than {limit} not resistant (of {n})"),
        "protected": _("Hidden, for the sake of others"),
        "suppressed": _("Hidden (n < {limit})"),
        "not-tested": _("No S, I or R reported"),
    }


def _antibiotic_names(answer: Answer) -> dict[str, str]:
    return {row.key: antibiotic_name(row.key) for row in answer.rows}


def _county_choices(choices: Choices) -> list[tuple[str, str]]:
    names = county_names(last_day(choices))
    pairs = [(number, names.get(number, number)) for number in choices.counties]
    return sorted(pairs, key=lambda pair: pair[1])


def _period_name(step: str) -> str:
    """ "2026-Q1" as "1. kv. 2026" in Norwegian and "Q1 2026" in English; a year as it is."""
    year, _dash, quarter = step.partition("-Q")
    if not quarter:
        return year
    return f"Q{quarter} {year}" if get_language() == "en" else f"{quarter}. kv. {year[2:]}"


def _period_end(step: str) -> date:
    """The last day of "2026-Q1" or "2026"."""
    year, _dash, quarter = step.partition("-Q")
    following = 3 * int(quarter or 4)  # the month after it, counted from nought
    return date(int(year) + following // 12, following % 12 + 1, 1) - timedelta(days=1)
