"""What counts as a case: notifiable diseases and case definitions as dated data, and the classifier.

In: disease files in `data/`, and one person's evidence (findings, notifications, doses, links).
Out: suspected, probable, confirmed and discarded cases, each with the reasons for it; why other evidence makes none;
what changed when a definition did.

Pure: no clock, no environment, no database. The definition that counts is the one of the case's first day.
"""

from varde.cases.catalogue import Catalogue, Named, Profile, catalogue, read_catalogue
from varde.cases.classifier import classify, explain
from varde.cases.differences import CriterionChange, Difference, FieldChange, differences
from varde.cases.disease import (
    CLASSES,
    Classification,
    Clinical,
    Codes,
    Definition,
    Disease,
    Duty,
    Epidemiological,
    Geography,
    Laboratory,
    Negative,
    Presentation,
    Receiver,
    Rules,
    Tell,
    Text,
)
from varde.cases.errors import CasesError, DiseaseFileError
from varde.cases.evidence import (
    Evidence,
    Known,
    LaboratoryFinding,
    Linked,
    LinkKind,
    Method,
    NotFound,
    Notified,
    Picture,
    Undecided,
    Vaccinated,
)
from varde.cases.exposure import Illness, exposure_days, infectious_days, is_later
from varde.cases.files import (
    DISEASES,
    MaterialSet,
    Problem,
    check_diseases,
    diseases,
    material_sets,
    read_disease,
    read_diseases,
)
from varde.cases.naming import (
    clinical_state,
    concerned,
    day_of_form,
    disease_named,
    vocabulary,
    words_of,
)
from varde.cases.negatives import UNDECIDED
from varde.cases.places import infected_in
from varde.cases.results import (
    Attempt,
    Case,
    Explanation,
    Missing,
    Reason,
    SetAside,
    State,
)
from varde.cases.vaccines import is_live

__all__ = [
    "CLASSES",
    "DISEASES",
    "UNDECIDED",
    "Attempt",
    "Case",
    "CasesError",
    "Catalogue",
    "Classification",
    "Clinical",
    "Codes",
    "CriterionChange",
    "Definition",
    "Difference",
    "Disease",
    "DiseaseFileError",
    "Duty",
    "Epidemiological",
    "Evidence",
    "Explanation",
    "FieldChange",
    "Geography",
    "Illness",
    "Known",
    "Laboratory",
    "LaboratoryFinding",
    "LinkKind",
    "Linked",
    "MaterialSet",
    "Method",
    "Missing",
    "Named",
    "Negative",
    "NotFound",
    "Notified",
    "Picture",
    "Presentation",
    "Problem",
    "Profile",
    "Reason",
    "Receiver",
    "Rules",
    "SetAside",
    "State",
    "Tell",
    "Text",
    "Undecided",
    "Vaccinated",
    "catalogue",
    "check_diseases",
    "classify",
    "clinical_state",
    "concerned",
    "day_of_form",
    "differences",
    "disease_named",
    "diseases",
    "explain",
    "exposure_days",
    "infected_in",
    "infectious_days",
    "is_later",
    "is_live",
    "material_sets",
    "read_catalogue",
    "read_disease",
    "read_diseases",
    "vocabulary",
    "words_of",
]
