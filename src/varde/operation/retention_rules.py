"""What is kept how long, and why: the project's rules, and what a site says instead.

The rules are ``register/data/retention.json``. A site sets its own periods in ``VARDE_HOME/retention.json``::

    {"periods": {"unusable-messages": {"years": 3}, "settled-messages": null}}

``null`` means never. No site may set less than a rule's shortest period, nor any period where there is none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from varde import register
from varde.access.roles import Words
from varde.operation.errors import RetentionInvalid

DATA = Path(register.__file__).with_name("data") / "retention.json"
SITE = "retention.json"
"""The name of a site's own file in its home folder."""
RuleKey = Literal[
    "messages",
    "apart-messages",
    "unusable-messages",
    "settled-messages",
    "followup-threads",
    "ceased-cases",
    "contact-lists",
    "access-log",
    "failed-sign-ins",
    "used-ids",
    "sessions",
]


class Period(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How long: calendar years, then days."""

    years: int = 0
    days: int = 0

    def before(self, moment: datetime) -> datetime:
        """The moment so long before; the last of February before a leap day."""
        day = moment.day
        if (moment.month, day) == (2, 29):
            day = 29 if _leap(moment.year - self.years) else 28
        return moment.replace(year=moment.year - self.years, day=day) - timedelta(days=self.days)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept how long.

    Attributes:
        registers: the databases it holds for.
        after: how long; None: for ever.
        shortest: less than this a site may not set; None: it may set nothing.
        spared_reasons: reasons of quarantine whose messages are kept all the same.
        basis: why.
        source: where that stands, and whose choice the period is.
    """

    key: RuleKey
    registers: tuple[Literal["default", "ravn", "norm"], ...]
    after: Period | None
    shortest: Period | None
    spared_reasons: tuple[str, ...]
    title: Words
    basis: Words
    source: str


class RuleFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``retention.json``."""

    version: str
    rules: tuple[Rule, ...]


class SiteFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A site's own periods."""

    periods: dict[RuleKey, Period | None]


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """The project's rules."""
    return read_rules(DATA.read_bytes())


def read_rules(content: bytes) -> tuple[Rule, ...]:
    """Decode and check a file of rules.

    Raises:
        RetentionInvalid: it has not the shape, a rule is missing or stands twice, or contradicts itself.
    """
    try:
        rules = msgspec.json.decode(content, type=RuleFile).rules
    except msgspec.MsgspecError as error:
        raise RetentionInvalid(f"retention rules: {error}") from None
    if sorted(rule.key for rule in rules) != sorted(get_args(RuleKey)):
        raise RetentionInvalid("retention rules: one is missing or stands twice")
    for rule in rules:
        _check(rule, "retention rules")
    return rules


def site_rules(home: Path) -> tuple[Rule, ...]:
    """The rules that hold at a site.

    Raises:
        RetentionInvalid: its own file has not the shape, or sets what may not be set.
    """
    path = home / SITE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return shipped_rules()
    try:
        periods = msgspec.json.decode(content, type=SiteFile).periods
    except msgspec.MsgspecError as error:
        raise RetentionInvalid(f"{path}: {error}") from None
    rules = []
    for rule in shipped_rules():
        if rule.key in periods:
            if rule.shortest is None:
                raise RetentionInvalid(f"{path}: the rule {rule.key} cannot be changed")
            rule = replace(rule, after=periods[rule.key])
            _check(rule, str(path))
        rules.append(rule)
    return tuple(rules)


def _check(rule: Rule, where: str) -> None:
    for period in (rule.after, rule.shortest):
        if period is not None and not (0 <= period.years <= 200 and 0 <= period.days <= 36_500):
            raise RetentionInvalid(f"{where}: {rule.key}: years are 0 to 200, days 0 to 36500")
    if rule.after is None:
        return
    if rule.shortest is None:
        raise RetentionInvalid(f"{where}: {rule.key} has a period and no shortest")
    # Compared on a day when both fit: periods of years and of days have no order of their own.
    day = datetime(2400, 1, 1)  # noqa: DTZ001
    if rule.after.before(day) > rule.shortest.before(day):
        shortest = msgspec.json.encode(rule.shortest).decode()
        raise RetentionInvalid(f"{where}: {rule.key} must be {shortest} at least")
