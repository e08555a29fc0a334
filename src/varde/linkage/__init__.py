"""Who is the same person: descriptions of people compared, with weights as data and three outcomes.

In: descriptions (`Description`), known changes of number, decisions of people; weights in ``data/``.
Out: `decide` says same, different or ask about two descriptions, and what each field weighed; `clusters` puts
many together and says what a person must be asked.

Pure: no clock, no environment, no database. The order of descriptions never counts. A number that is
certain decides; what is left is weighed (Fellegi and Sunter 1969). `varde.linkage.training` makes the
weights with Splink, and is imported by nothing else.
"""

from varde.linkage.blocking import LARGEST_BLOCK, blocking_keys, candidate_pairs
from varde.linkage.clustering import Clusters, Question, Ruling, clusters
from varde.linkage.commonness import common_names
from varde.linkage.comparing import Compared, Prepared, compare, prepare
from varde.linkage.deaths import contradict_by_death, death_rules, is_long_after
from varde.linkage.deciding import (
    REASONS,
    Decision,
    FieldWeight,
    Outcome,
    Reason,
    Weighed,
    decide,
    weigh,
)
from varde.linkage.description import Description
from varde.linkage.errors import LinkageError, LinkageFileError, RulingError
from varde.linkage.fields import LEVELS, MISSING, Field, Text, fields
from varde.linkage.names import Names, fold_name, read_names, split_name
from varde.linkage.numbers import (
    NO_CHANGES,
    Changes,
    KindRule,
    Known,
    NumberChange,
    Reading,
    depends_on_day,
    follow_changes,
    is_placeholder,
    number_rules,
    read_number,
)
from varde.linkage.weights import Odds, Terms, Weights, read_weights, shipped_weights

__all__ = [
    "LARGEST_BLOCK",
    "LEVELS",
    "MISSING",
    "NO_CHANGES",
    "REASONS",
    "Changes",
    "Clusters",
    "Compared",
    "Decision",
    "Description",
    "Field",
    "FieldWeight",
    "KindRule",
    "Known",
    "LinkageError",
    "LinkageFileError",
    "Names",
    "NumberChange",
    "Odds",
    "Outcome",
    "Prepared",
    "Question",
    "Reading",
    "Reason",
    "Ruling",
    "RulingError",
    "Terms",
    "Text",
    "Weighed",
    "Weights",
    "blocking_keys",
    "candidate_pairs",
    "clusters",
    "common_names",
    "compare",
    "contradict_by_death",
    "death_rules",
    "decide",
    "depends_on_day",
    "fields",
    "fold_name",
    "follow_changes",
    "is_long_after",
    "is_placeholder",
    "number_rules",
    "prepare",
    "read_names",
    "read_number",
    "read_weights",
    "shipped_weights",
    "split_name",
    "weigh",
]
