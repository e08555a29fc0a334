"""An invented Norway that writes real wire formats: for the demo, tests and benchmarks.

Input: a number of isolates, a seed, a first and a last day; the population of `varde.codes`.
Output: messages and isolate lists as laboratories write them, with the trouble they have, and the
truth behind them: what a register must hold when it has taken everything in. Also the tables of
prescribing (`prescribing`), and what each prescriber was truly inclined to do.

Pure: no clock, no environment; the same arguments give the same bytes. No person, specimen or
laboratory exists: every national number has 80 added to its month, every street is "Syntetisk vei", every
telephone number begins with 1. Persons have names, so that there is something to link; who is who is said too.
Where the numbers come from, and which are assumptions, stands beside them in ``data/``.
"""

from pathlib import Path

from varde.synthetic.arrivals import OSLO, Arrival
from varde.synthetic.callings import Calling
from varde.synthetic.courses import Rise
from varde.synthetic.deidentified import (
    Deidentified,
    Refusal,
    Submission,
    invent_deidentified,
)
from varde.synthetic.deidentified_isolates import DeidentifiedIsolate
from varde.synthetic.identities import Identities, Told
from varde.synthetic.identity_scores import Score, score_blocking, score_clusters
from varde.synthetic.isolates import Result
from varde.synthetic.klinikermelding import (
    Notifications,
    NotificationSummary,
    TruthNotification,
)
from varde.synthetic.lmdi import DayBundle, make_certificate, write_day_bundles
from varde.synthetic.norway import (
    END,
    SIZES,
    START,
    Country,
    mapping_of,
    messages,
    summarise,
    truth,
    write_files,
    write_norway,
)
from varde.synthetic.prescribing import (
    PrescribingCountry,
    invent_dispensings,
    invent_prescribing,
    write_prescribing,
)
from varde.synthetic.references import invent_references
from varde.synthetic.searches import Searches, TruthSearch
from varde.synthetic.subjects import Subject, number_changes, subjects
from varde.synthetic.summary import Summary, TruthIsolate
from varde.synthetic.survey_operations import TruthOperation
from varde.synthetic.survey_wards import TruthTreatment, TruthWard
from varde.synthetic.surveys import Surveys, invent_surveys
from varde.synthetic.vaccinations import TruthVaccination, Vaccinations, VaccinationSummary

INVENTED_SNOMED = Path(__file__).with_name("data") / "SnomedCT_InventedDemo_20261101"
"""An invented terminology in the layout of an RF2 release; it is not SNOMED CT."""

__all__ = [
    "END",
    "INVENTED_SNOMED",
    "OSLO",
    "SIZES",
    "START",
    "Arrival",
    "Calling",
    "Country",
    "DayBundle",
    "Deidentified",
    "DeidentifiedIsolate",
    "Identities",
    "NotificationSummary",
    "Notifications",
    "PrescribingCountry",
    "Refusal",
    "Result",
    "Rise",
    "Score",
    "Searches",
    "Subject",
    "Submission",
    "Summary",
    "Surveys",
    "Told",
    "TruthIsolate",
    "TruthNotification",
    "TruthOperation",
    "TruthSearch",
    "TruthTreatment",
    "TruthVaccination",
    "TruthWard",
    "VaccinationSummary",
    "Vaccinations",
    "invent_deidentified",
    "invent_dispensings",
    "invent_prescribing",
    "invent_references",
    "invent_surveys",
    "make_certificate",
    "mapping_of",
    "messages",
    "number_changes",
    "score_blocking",
    "score_clusters",
    "subjects",
    "summarise",
    "truth",
    "write_day_bundles",
    "write_files",
    "write_norway",
    "write_prescribing",
]
