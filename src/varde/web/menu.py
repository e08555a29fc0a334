"""The pages there are in the menu: those of a role, and those for everybody."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from varde.access.roles import role_of


class Page(NamedTuple):
    """One page: its key in ``roles.json``, its address' name, and words for menu and start page."""

    key: str
    title: object
    task: object
    description: object

    @property
    def address(self) -> str:
        """Where it is."""
        return reverse(self.key)


OPEN = (
    Page(
        "guideline",
        _("Antibiotics"),
        _("Look up what to give"),
        _(
            "The recommended antibiotic, dose and duration for each infection, what to be careful "
            "with, and what has changed."
        ),
    ),
)
"""Pages for everybody, signed in or not."""

PAGES = (
    Page(
        "report",
        _("Report"),
        _("Read your antibiotic report"),
        _(
            "Prescribing over a year beside that of similar ones, with the guideline's advice, and a goal that you pick "
            "yourself."
        ),
    ),
    Page(
        "inbox",
        _("Inbox"),
        _("See what you have been told"),
        _("New cases in your area, the most urgent first, with receipts, and what has changed."),
    ),
    Page(
        "desk",
        _("Duty desk"),
        _("See what nobody has answered"),
        _(
            "Notices without receipt over the whole country, missing forms, open events and silent "
            "senders."
        ),
    ),
    Page(
        "events",
        _("Events"),
        _("Report and follow an outbreak"),
        _("Outbreaks from food, in institutions and hospitals, with their cases and contacts."),
    ),
    Page(
        "times",
        _("Time taken"),
        _("See how long it took"),
        _("From specimen to result, to intake, to inbox and receipt, by disease and month."),
    ),
    Page(
        "overview",
        _("Overview"),
        _("See everything at once"),
        _(
            "Of each disease and organism what is known in all registers: cases, findings, resistance, vaccinations, "
            "and what is in one and missing in another."
        ),
    ),
    Page(
        "registers",
        _("Registers"),
        _("Look into one register"),
        _("MSIS, SYSVAK and NOIS, each with its own tables, charts and files."),
    ),
    Page(
        "resistance",
        _("Resistance"),
        _("See what still works"),
        _(
            "Share resistant by organism and antibiotic, with uncertainty, for the place, "
            "material and period you choose."
        ),
    ),
    Page(
        "laboratory",
        _("Senders"),
        _("See what comes in"),
        _(
            "What has been sent, hour by hour, what could be used, how long answers take, "
            "and codes that Varde does not know."
        ),
    ),
    Page(
        "data-quality",
        _("Data quality"),
        _("See how good the answers are"),
        _(
            "What is missing in a laboratory's answers, codes nobody knows, how long answers take, and whether it gets "
            "better."
        ),
    ),
    Page(
        "quarantine",
        _("Quarantine"),
        _("Put right what did not come in"),
        _(
            "Messages Varde could not use, each with what is wrong and what to do, and codes "
            "Varde does not know."
        ),
    ),
    Page(
        "lookup",
        _("Earlier findings"),
        _("Look up a patient's earlier findings"),
        _(
            "What has been found before, what worked, and which vaccinations and cases are known. "
            "Each look is logged."
        ),
    ),
    Page(
        "notification",
        _("Notify"),
        _("Notify a disease"),
        _("The clinician's notification to MSIS of a notifiable disease, with a receipt at once."),
    ),
    Page(
        "prevalence",
        _("NOIS-PIAH"),
        _("Count a ward"),
        _(
            "Infections and antibiotics on a ward on the day of a prevalence survey, filled in here or "
            "sent as a table."
        ),
    ),
    Page(
        "surgery",
        _("NOIS-POSI"),
        _("Follow up an operation"),
        _(
            "An operation under surveillance for surgical site infection, and its follow-up, filled in "
            "here or sent as a table."
        ),
    ),
    Page(
        "access-request",
        _("Right of access"),
        _("Show a person who has looked"),
        _("Who has seen what is known of a person, when, as which role and what for."),
    ),
    Page(
        "persons",
        _("Who is the same"),
        _("Decide who is the same person"),
        _(
            "Where numbers, names and birth dates do not decide it: why it is asked, what each says, and what "
            "was decided before."
        ),
    ),
    Page(
        "access-log",
        _("Access log"),
        _("Check who has seen what"),
        _(
            "Every sign-in, look at messages and download, and a check that nothing in the log was changed."
        ),
    ),
)


def pages_of(request: HttpRequest) -> list[Page]:
    """The pages of the role, the one they land on first; then what is open to everybody."""
    # A page for an error may be drawn before anybody has been recognised.
    role = role_of(getattr(request, "user", None))
    if role is None:
        return [*OPEN]
    own = [page for page in PAGES if page.key in role.pages]
    return [*sorted(own, key=lambda page: page.key != role.landing), *OPEN]
