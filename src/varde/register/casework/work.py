"""Some persons worked out anew: their evidence read, their cases made, and what changed written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from varde.cases import Catalogue, classify
from varde.register import store
from varde.register.casework.changes import CaseChange, What, note
from varde.register.casework.drafts import Draft, draft, row_of, say_numbers
from varde.register.casework.evidence import gather
from varde.register.casework.link_evidence import FOR_EVER, add_links, depending_on
from varde.register.casework.numbers import Numbered, number_cases
from varde.register.casework.pieces import Dossier, Whose
from varde.register.projection import Context, month_of
from varde.register.store import connection

BATCH = 500
"""Persons whose evidence is in memory at once."""


class Standing(NamedTuple):
    """A case as it stands in the register, by what tells whether it has changed."""

    number: int
    whose: Whose
    disease: str
    digest: bytes
    known_as: str

    @property
    def numbers(self) -> list[int]:
        """All numbers that it is known by."""
        return [self.number, *map(int, filter(None, self.known_as.split(",")))]


class Group(NamedTuple):
    """One person's cases of one disease, before and after, where they differ."""

    whose: Whose
    disease: str
    before: tuple[Standing, ...]
    after: tuple[Draft, ...]


class Written(NamedTuple):
    """A group with the numbers that its cases got."""

    group: Group
    numbers: tuple[Numbered, ...]


def work_out(persons: Collection[int], reports: Collection[int], context: Context) -> None:
    """Work out the cases of persons whose evidence may have changed. Inside the caller's transaction, which has
    `store.lock`, after reports are written and joined.

    Args:
        persons: whose reports changed.
        reports: about nobody known, which changed.
    """
    definitions = context.definitions()
    ones = sorted(persons)
    concerned = _may_have_cases(ones)
    standing = list(read_standing(ones, reports))
    if not concerned and not reports and not standing:
        return
    others = depending_on(
        concerned | {one.whose.person for one in standing if one.whose.person is not None},
        reports,
        {number for one in standing for number in one.numbers},
        definitions,
    )
    more = (others.persons.difference(ones), others.reports.difference(reports))
    standing += read_standing(*more)
    _work_out({*concerned, *more[0]}, {*reports, *more[1]}, standing, context)


def work_out_only(persons: Collection[int], reports: Collection[int], context: Context) -> None:
    """Work out the cases of persons of whom nothing but links has changed, as of `work_out`, and of nobody who depends on
    them: what a link makes of a case is not asked of its other end."""
    standing = list(read_standing(sorted(persons), sorted(reports)))
    _work_out(persons, reports, standing, context)


def _work_out(
    persons: Collection[int],
    reports: Collection[int],
    standing: Iterable[Standing],
    context: Context,
) -> None:
    definitions = context.definitions()
    dossiers = gather(sorted(persons), sorted(reports), definitions)
    add_links(dossiers, definitions)
    write(changed(dossiers, standing, definitions), context.reference)


def _may_have_cases(persons: Sequence[int]) -> set[int]:
    """Those with a report that may begin a case, or with a finding of several laboratories: what they say together
    may begin one where each by itself does not."""
    found = {row[0] for row in store.select_in("report", "person", "person", persons, "AND begins")}
    return found.union(row[0] for row in store.select_in("joined", "person", "person", persons))


def read_standing(persons: Collection[int], reports: Collection[int]) -> Iterator[Standing]:
    """The cases of some persons, and of reports about nobody, as they stand."""
    columns = "id, person, report, disease, digest, known_as"
    for column, values in (("person", persons), ("report", reports)):
        for number, person, report, disease, digest, known_as in store.select_in(
            "case", columns, column, values
        ):
            yield Standing(number, Whose(person, report), disease, bytes(digest), known_as)


def changed(
    dossiers: Mapping[Whose, Dossier],
    standing: Iterable[Standing],
    definitions: Catalogue,
    only: Collection[str] | None = None,
) -> list[Group]:
    """The persons and diseases whose cases are others than they were.

    Args:
        only: diseases; None for all.
    """
    before: dict[tuple[Whose, str], list[Standing]] = defaultdict(list)
    for one in standing:
        if only is None or one.disease in only:
            before[one.whose, one.disease].append(one)
    found: list[Group] = []
    for whose, dossier in dossiers.items():
        diseases = definitions.begun_by(dossier.evidence)
        for key in sorted(diseases if only is None else diseases.intersection(only)):
            cases = classify(definitions.diseases[key], dossier.evidence, FOR_EVER)
            after = tuple(draft(whose, case, dossier) for case in cases)
            earlier = before.pop((whose, key), [])
            if {one.digest for one in earlier} != {one.digest for one in after}:
                found.append(Group(whose, key, tuple(earlier), after))
    found += [Group(whose, key, tuple(ones), ()) for (whose, key), ones in before.items()]
    return sorted(found, key=_order)


def _order(group: Group) -> tuple[str, str]:
    """From what the cases say, so that numbers are given out in the same order whatever the rows' ids are."""
    first = group.after[0].pieces[0].reference if group.after else ""
    return group.disease, first


def write(groups: Sequence[Group], reference: Callable[[bytes], bytes]) -> list[Written]:
    """Number the cases of some groups, and write what is another than before.

    Args:
        reference: the register's keyed hash.
    """
    if not groups:
        return []
    earlier = {one.number: one for group in groups for one in group.before}
    drafts = [drafted for group in groups for drafted in group.after]
    numbered = number_cases(drafts, earlier, reference)
    kept: set[int] = set()
    rows = []
    for drafted, (number, known_as) in zip(drafts, numbered, strict=True):
        one = earlier.get(number)
        if one and (one.whose, one.digest, one.known_as) == (
            drafted.whose,
            drafted.digest,
            say_numbers(known_as),
        ):
            kept.add(number)
        else:
            rows.append(row_of(drafted, number, known_as))
    gone = sorted(earlier.keys() - kept)
    months = {str(month) for (month,) in store.select_in("case", "DISTINCT period", "id", gone)}
    for drafted, (number, _) in zip(drafts, numbered, strict=True):
        if number not in kept:
            months.add(month_of(drafted.case.first_day))
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM register_case WHERE id = %s", [(number,) for number in gone]
        )
    store.insert("case", store.columns_of("case"), rows)
    store.touch_periods(months)  # no report of these months need have changed
    note(_changes(earlier, drafts, numbered))
    left = iter(numbered)
    return [Written(group, tuple(next(left) for _ in group.after)) for group in groups]


def _changes(
    earlier: Mapping[int, Standing], drafts: Sequence[Draft], numbered: Sequence[Numbered]
) -> list[CaseChange]:
    """What of it is another than it was, for the outbox."""
    found = []
    into: dict[int, int] = {}
    now = {one.number for one in numbered}
    for drafted, (number, known_as) in zip(drafts, numbered, strict=True):
        one = earlier.get(number)
        into.update((other, number) for other in known_as)
        if one is None:
            split_from = min(now.intersection(known_as), default=None)
            found.append(CaseChange(number, drafted.case.disease, "new", split_from))
        elif one.digest != drafted.digest:
            found.append(CaseChange(number, drafted.case.disease, "changed"))
    for number in sorted(earlier.keys() - now):
        other = into.get(number)
        what: What = "merged" if other else "gone"
        found.append(CaseChange(number, earlier[number].disease, what, other))
    return found
