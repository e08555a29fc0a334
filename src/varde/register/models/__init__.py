"""The register's tables. `store.py` writes them in batches; the models are their definition.

Three kinds, and a module for what belongs together (`log`, `statements`, `laboratory`, `cases`, `links`, `identities`, `upkeep`):

- **kept**: `Mapping`, `Message` (the log), `Erasure`. Only ever added to; the database itself refuses a
  change, except that a message is sealed under another key, and that one is removed by an `Erasure`.
- **counted**: `Tally`, `Traffic`, `CodeDecision`, `CaseNumber`, `CaseChange`, `Link`, `Ruling`, `NumberChange`, `NoticeSeen`. What came,
  what people decided, stated or have seen, which numbers cases and persons were known by, and which cases became others; a replay leaves them.
- **derived**: everything else, a pure function of the log, the code maps and the keys. `varde replay`
  makes all of it anew.

Ids of derived rows are composed, so that a report's rows lie together, are found without an index
and are removed by a range: see `ids.py`. There are therefore no foreign-key columns beside them.
"""

from varde.register.models.cases import Case, CaseChange, CaseNumber
from varde.register.models.identities import (
    CommonKey,
    Node,
    NodeKey,
    NodeLink,
    NumberChange,
    Question,
    Ruling,
)
from varde.register.models.laboratory import (
    Finding,
    Joined,
    Specimen,
    Susceptibility,
)
from varde.register.models.links import Link, LinkAnchor
from varde.register.models.log import (
    Erasure,
    Item,
    Mapping,
    Message,
    NoticeSeen,
    QuarantineEntry,
    Receipt,
    Sender,
    Tally,
    Traffic,
)
from varde.register.models.statements import (
    InfectionCount,
    Notification,
    Person,
    Report,
    Surgery,
    Treatment,
    Vaccination,
    WardPrevalence,
)
from varde.register.models.upkeep import (
    CodeDecision,
    Confirmed,
    Period,
    Setting,
    Unmapped,
)

__all__ = [
    "Case",
    "CaseChange",
    "CaseNumber",
    "CodeDecision",
    "CommonKey",
    "Confirmed",
    "Erasure",
    "Finding",
    "InfectionCount",
    "Item",
    "Joined",
    "Link",
    "LinkAnchor",
    "Mapping",
    "Message",
    "Node",
    "NodeKey",
    "NodeLink",
    "NoticeSeen",
    "Notification",
    "NumberChange",
    "Period",
    "Person",
    "QuarantineEntry",
    "Question",
    "Receipt",
    "Report",
    "Ruling",
    "Sender",
    "Setting",
    "Specimen",
    "Surgery",
    "Susceptibility",
    "Tally",
    "Traffic",
    "Treatment",
    "Unmapped",
    "Vaccination",
    "WardPrevalence",
]
