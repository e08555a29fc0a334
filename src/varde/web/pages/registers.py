"""The five registers as views: MSIS, SYSVAK, NOIS, RAVN and NORM, each its established tables, from its own snapshot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from varde.access import audit
from varde.access.gate import page
from varde.access.roles import may_open
from varde.publishing import (
    Row,
    rules,
    write_figure,
    write_interval,
    write_rows_csv,
    write_rows_parquet,
)
from varde.statistics import population_years
from varde.warehouse import NoSnapshot
from varde.web import figures, register_charts
from varde.web.figures import VIEWS, Answer, Question, RegisterView, TableOf
from varde.web.register_words import (
    COLUMNS,
    DESCRIPTIONS,
    TABLES,
    TITLES,
    language,
    measure_names,
    value_name,
)

PARAMETERS: Mapping[str, str] = {
    "disease": "sykdom",
    "year": "ar",
    "county": "fylke",
    "institution_kind": "institusjon",
    "procedure_group": "inngrep",
    "organism": "mikrobe",
    "material_group": "materiale",
}
"""Column → what addresses call it."""
NEEDED = ("organism",)
"""Columns of which one value is always chosen."""
APART = ("ravn", "norm")
BY_SIZE = ("disease", "vaccine", "procedure_group", "ward_type", "specialty", "drug_class")
YEARS_BACK = 30
"""A year that is asked for has figures so far back, none where nothing came in."""
_AGE = re.compile(r"\d+")


class Ask(forms.Form):
    """What is asked of one register; the choices are what its snapshot holds."""

    def __init__(
        self, given: Mapping[str, str], view: RegisterView, choices: Mapping[str, Sequence[Any]]
    ) -> None:
        names = list(view.tables)
        kept = {key: value for key, value in given.items() if value}
        table = kept.get("tabell") if kept.get("tabell") in view.tables else names[0]
        self.table: TableOf = view.tables[str(table)]
        by = kept.get("etter") if kept.get("etter") in self.table.by else self.table.by[0]
        for column in NEEDED:
            if choices.get(column):
                kept.setdefault(PARAMETERS[column], str(choices[column][0]))
        super().__init__({**kept, "tabell": kept.get("tabell", names[0]), "etter": by})
        self.view = view
        labels = TABLES[view.key]
        self.fields["tabell"] = forms.ChoiceField(
            choices=[(name, str(labels[name])) for name in names], label=_("Table")
        )
        self.fields["etter"] = forms.ChoiceField(
            choices=[(name, str(COLUMNS[name])) for name in self.table.by],
            label=_("Broken down by"),
        )
        for column in self.table.filters:
            found = [*choices[column]]
            if column == "year":
                found += _quiet_year(kept.get(PARAMETERS[column], ""), found)
            values = [(str(value), value_name(column, value, view.key)) for value in found]
            values.sort(key=lambda pair: pair[1].casefold(), reverse=column == "year")
            everything = [] if column in NEEDED else [("", _all_of(column))]
            self.fields[PARAMETERS[column]] = forms.ChoiceField(
                choices=everything + values, required=column in NEEDED, label=str(COLUMNS[column])
            )

    def question(self) -> Question:
        """The question of a valid form."""
        given = self.cleaned_data
        chosen = []
        for column in self.table.filters:
            value = given[PARAMETERS[column]]
            if value:
                chosen.append((column, int(value) if column == "year" else value))
        return Question(
            view=self.view.key, table=given["tabell"], by=(given["etter"],), chosen=tuple(chosen)
        )

    def shown(self) -> list[dict[str, Any]]:
        """The fields as the page draws them."""
        return [
            {
                "name": name,
                "label": field.label,
                "choices": field.choices,
                "value": str(self.data.get(name, "")),
                "faults": self.errors.get(name, []),
            }
            for name, field in self.fields.items()
            if len(field.choices) > 1
        ]


def _quiet_year(asked: str, known: Sequence[Any]) -> list[int]:
    """A year that was asked for and of which the snapshot has nothing: an answer of none, where it is none too long ago."""
    if not (asked.isascii() and asked.isdigit() and len(asked) == 4):
        return []
    year, this = int(asked), timezone.localdate().year
    return [year] if this - YEARS_BACK <= year <= this and year not in known else []


def _all_of(column: str) -> str:
    return _("The whole country") if column == "county" else _("All")


@require_safe
@page("registers")
def index(request: HttpRequest) -> HttpResponse:
    """The registers that the role may see."""
    keys = [key for key in VIEWS if may_open(request.user, _page_of(key))]
    cards = [
        {"address": reverse(f"register-{key}"), "title": TITLES[key], "text": DESCRIPTIONS[key]}
        for key in keys
    ]
    if may_open(request.user, "map"):
        told = _("Cases of one disease in one year where people lived, with small numbers hidden.")
        cards.append({"address": reverse("map"), "title": _("Map of cases"), "text": told})
    return render(request, "web/registers.html", {"cards": cards})


def _page_of(key: str) -> str:
    return "registers-apart" if key in APART else "registers"


def show(request: HttpRequest, view: RegisterView) -> HttpResponse:
    """One register's table, with its chart; without a snapshot, a page that says what is missing."""
    try:
        choices = figures.read_choices(view)
    except NoSnapshot:
        return render(request, "web/no_snapshot.html")
    if not any(choices.values()):
        return render(request, "web/no_snapshot.html")
    form = Ask(request.GET.dict(), view, choices)
    context: dict[str, Any] = {
        "view": view.key,
        "title": TITLES[view.key],
        "description": DESCRIPTIONS[view.key],
        "form": form,
        "here_address": reverse(f"register-{view.key}"),
    }
    valid = form.is_valid()
    if valid:
        context |= _describe(figures.ask(form.question()), form)
        context["query"] = urlencode(form.data)
    return render(request, "web/register.html", context, status=200 if valid else 422)


def _describe(answer: Answer, form: Ask) -> dict[str, Any]:
    question = answer.question
    table, by = form.table, question.by[0]
    rows = arrange(answer, table)
    columns = figures.columns_of(table, question.by)
    told = [name for name in columns if name not in question.where or name == by]
    names = measure_names(question.table)
    numbers = _columns(rows, table)
    title = f"{TABLES[question.view][question.table]}, {_selection(question)}"
    axis = register_charts.axis_name(question.table, table.kind)
    marks = {
        year: _("Another case definition, of %(day)s") % {"day": value_name("surveyed", day)}
        for year, day in definition_changes(answer)
    }
    series = [name for name in told if name != by]
    # Of all diseases together, some part is always small.
    narrow = question.view == "msis" and all(row.value("n") is None for row in rows)
    return {
        "answer": answer,
        "selection": _selection(question),
        "heading": TABLES[question.view][question.table],
        "drawn": {}
        if narrow
        else register_charts.draw(rows, by, series, table.kind, question.view, title, axis, marks),
        "narrow": narrow,
        "row_heads": [str(COLUMNS[name]) for name in told],
        "heads": [names[name] for name in numbers],
        "rows": [_cells(row, told, numbers, question.view) for row in rows],
        "total": _cells(answer.total, (), numbers, question.view)["numbers"]
        if answer.total
        else None,
        "span": len(told),
        "marks": sorted(marks.items()),
        "limit": rules().small_cell.below,
        "least": rules().percentage.least,
        "has_rate": "rate" in table.measures.rates,
        "population_years": ", ".join(map(str, sorted(population_years()))),
        "unfinished": any(
            register_charts.is_unfinished(name, row.key[name]) for row in rows for name in told
        ),
        "is_apart": question.view in APART,
    }


def arrange(answer: Answer, table: TableOf) -> list[Row]:
    """The rows in the order in which they are read: time forwards, ages upwards, names by how many, unknown last."""
    by = answer.question.by[0]
    rows = list(answer.rows)
    if table.kind == "counts":
        rows = register_charts.fill(rows, by, timezone.localdate())
    if by in BY_SIZE:
        return sorted(rows, key=lambda row: (row.key[by] is None, -float(row.value("n") or 0)))
    if by in ("age_group", "interval"):
        return sorted(rows, key=lambda row: _lowest(row.key[by]))
    if by in ("county", "antibiotic", "infection"):
        view = answer.question.view
        return sorted(
            rows,
            key=lambda row: (row.key[by] is None, value_name(by, row.key[by], view).casefold()),
        )
    return rows


def _lowest(group: str | None) -> float:
    found = _AGE.match(group) if group else None
    return float(found[0]) if found else float("inf")


def definition_changes(answer: Answer) -> list[tuple[int, Any]]:
    """The years in which cases of the chosen disease were first made by another definition than before."""
    found: list[tuple[int, Any]] = []
    seen: set[Any] = set()
    for _disease, year, day in sorted(answer.definitions, key=lambda row: (row[1], row[2])):
        if day not in seen and seen:
            found.append((year, day))
        seen.add(day)
    return found


def _selection(question: Question) -> str:
    chosen = [value_name(name, value, question.view) for name, value in question.chosen]
    if "county" in {name for name, _table in figures.VIEWS[question.view].choices.items()}:
        chosen += [] if "county" in question.where else [_("the whole country")]
    return ", ".join(chosen) or _("everything in the register")


def _columns(rows: Sequence[Row], table: TableOf) -> list[str]:
    if table.kind == "resistance":
        return ["n", "S", "I", "R", "pct"]
    shown = [name for name in table.measures.columns() if name not in ("low", "high", "population")]
    return [
        name
        for name in shown
        if name != "rate" or any(row.figures["rate"].status != "not-computable" for row in rows)
    ]


def _named(column: str, value: Any, view: str) -> dict[str, Any]:
    unfinished = register_charts.is_unfinished(column, value)
    return {"said": value_name(column, value, view), "unfinished": unfinished}


def _cells(row: Row, told: Sequence[str], columns: Sequence[str], view: str) -> dict[str, Any]:
    words = register_charts.bar_words("", "")
    numbers = []
    for name in columns:
        figure = row.figures[name]
        said = write_figure(figure, words) if figure.status != "too-few" else _("too few")
        low, high = (
            row.figures[end].value if end in row.figures else None for end in ("low", "high")
        )
        interval = ""
        if name == "pct" and figure.value is not None and low is not None and high is not None:
            interval = write_interval(low, high, 1, language())
        if isinstance(figure.value, int) and name == "pct":
            said = str(figure.value)
        numbers.append({"said": said, "status": figure.status, "interval": interval})
    return {
        "names": [_named(name, row.key[name], view) for name in told],
        "numbers": numbers,
    }


def download(
    request: HttpRequest, view: RegisterView, ending: str, kind: str, write: Callable[..., bytes]
) -> HttpResponse:
    """Exactly the table of the page as a file, with what is hidden hidden."""
    try:
        choices = figures.read_choices(view)
    except NoSnapshot:
        return render(request, "web/no_snapshot.html", status=404)
    if not any(choices.values()):
        return render(request, "web/no_snapshot.html", status=404)
    form = Ask(request.GET.dict(), view, choices)
    if not form.is_valid():
        return show(request, view)
    answer = figures.ask(form.question())
    rows = arrange(answer, form.table)
    audit.record(request.user, "download", f"register-{view.key}", "table row", len(rows))
    response = HttpResponse(write(rows, about(answer)), content_type=kind)
    name = f"varde-{view.key}-{answer.question.table}-{answer.question.by[0]}"
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response


def about(answer: Answer) -> dict[str, str]:
    """What a file must say of itself: register, selection, snapshot, definitions, rules and when it was made."""
    question = answer.question
    chosen = {
        f"selected_{name}": str(question.where.get(name, "all"))
        for name in VIEWS[question.view].tables[question.table].filters
    }
    used = sorted({day.isoformat() for _key, _year, day in answer.definitions})
    return {
        "register": question.view,
        "table": question.table,
        **chosen,
        "case_definitions": " ".join(used),
        "interval": "Wilson 95 %",
        "snapshot": str(answer.snapshot),
        "code_map": answer.code_map_version,
        "disclosure_rules": rules().version,
        "generated": timezone.now().isoformat(timespec="seconds"),
    }


FILES = {
    "csv": ("text/csv; charset=utf-8", write_rows_csv),
    "parquet": ("application/vnd.apache.parquet", write_rows_parquet),
}


def _addresses(view: RegisterView) -> list[Any]:
    """The page of a register and its two files, behind the same door."""
    guard = page(_page_of(view.key))

    def shown(request: HttpRequest) -> HttpResponse:
        return show(request, view)

    def file(ending: str) -> Callable[[HttpRequest], HttpResponse]:
        kind, write = FILES[ending]

        def downloaded(request: HttpRequest) -> HttpResponse:
            return download(request, view, ending, kind, write)

        return downloaded

    base = f"registre/{view.key}/"
    return [
        path(base, require_safe(guard(shown)), name=f"register-{view.key}"),
        *(
            path(
                f"{base}tabell.{ending}",
                require_safe(guard(file(ending))),
                name=f"register-{view.key}-{ending}",
            )
            for ending in FILES
        ),
    ]


addresses = [
    path("registre/", index, name="registers"),
    *(address for view in VIEWS.values() for address in _addresses(view)),
]
