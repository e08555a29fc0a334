"""What should be given: the national antibiotic guideline as open data.

In: content files (one version of one object each), a terminology when one is loaded, and the day that is
asked about. Out: the guideline as it stood that day: objects of the published model, contra-indications
with the path that gave them, doses in a line, differences between versions, advice for one patient, and
the same as FHIR R4 and CDS Hooks cards.

Pure: no clock, no environment, no database, no web. Its doors are this one; `model`, the types of the
published model; `documents`, an object as HTML and Markdown; and the folders `advice`, `fhir` and
`cds_hooks`, each with a door of its own.
"""

from varde.guidelines.amounts import NUMBER, Amount, read_amount, write_amount
from varde.guidelines.checks import check_folders
from varde.guidelines.differences import Change, compare, write_change
from varde.guidelines.errors import (
    ContentError,
    GuidelineError,
    InvalidId,
    InvalidPatient,
    NoSuchObject,
    QuestionError,
    UnknownCodeSystem,
    VersionChanged,
)
from varde.guidelines.exchange import export_objects, export_versions, import_documents
from varde.guidelines.files import encode, publish
from varde.guidelines.library import SHIPPED, Edition, Entry, Library, read_library, served_folders
from varde.guidelines.matching import Terminology, list_contraindications
from varde.guidelines.publication import Publication
from varde.guidelines.rendering import (
    write_amounts,
    write_dose,
    write_drug,
    write_line,
    write_number,
    write_plain,
    write_terms,
)
from varde.guidelines.search import LONGEST, Index
from varde.guidelines.timestamps import Timestamp
from varde.guidelines.treatments import PlacedRegimen, iterate_doses, iterate_regimens
from varde.guidelines.whom import Whom, say_whom

__all__ = [
    "LONGEST",
    "NUMBER",
    "SHIPPED",
    "Amount",
    "Change",
    "ContentError",
    "Edition",
    "Entry",
    "GuidelineError",
    "Index",
    "InvalidId",
    "InvalidPatient",
    "Library",
    "NoSuchObject",
    "PlacedRegimen",
    "Publication",
    "QuestionError",
    "Terminology",
    "Timestamp",
    "UnknownCodeSystem",
    "VersionChanged",
    "Whom",
    "check_folders",
    "compare",
    "encode",
    "export_objects",
    "export_versions",
    "import_documents",
    "iterate_doses",
    "iterate_regimens",
    "list_contraindications",
    "publish",
    "read_amount",
    "read_library",
    "say_whom",
    "served_folders",
    "write_amount",
    "write_amounts",
    "write_change",
    "write_dose",
    "write_drug",
    "write_line",
    "write_number",
    "write_plain",
    "write_terms",
]
