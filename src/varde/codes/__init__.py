"""What things are called: organisms, antibiotics, materials, vaccines, geography, and maps between codes.

In: CSV files in `data/`, each row dated and sourced; a laboratory's own map file when it has one.
Out: immutable tables of concepts, and a `CodeMap` from what a message says to the concept it means.

Pure: no clock, no environment, no database. A question about geography or a daily dose is always
asked for a day. What is not in the files is unknown (None), never guessed.
"""

from varde.codes.antibiotics import Antibiotic, DailyDose, antibiotics, daily_dose, daily_doses
from varde.codes.antivirals import Antiviral, antivirals
from varde.codes.catchments import catchment
from varde.codes.code_map import CodeMap
from varde.codes.confirmed import Confirmation, SiteMaps, read_confirmed, write_confirmed
from varde.codes.countries import Country, countries
from varde.codes.diagnoses import DiagnosisCode, diagnosis_codes
from varde.codes.errors import CodeFileError, CodesError
from varde.codes.gene_parts import organism_proved_by, parts_looked_for, plain_gene
from varde.codes.geography import (
    County,
    Municipality,
    PopulationRow,
    counties,
    municipalities,
    population,
    successor,
    successors,
)
from varde.codes.holidays import Holiday, holidays
from varde.codes.hospitals import (
    Hospital,
    NamedHospital,
    find_hospital,
    hospitals,
    normal_name,
    trusts,
)
from varde.codes.kinds import all_kinds, kinds_of
from varde.codes.marker_tests import read_marker_test
from varde.codes.materials import Material, materials
from varde.codes.methods import method_meets
from varde.codes.named_resistance import (
    counts_as,
    markers_denied_in,
    markers_in,
    may_carry,
    read_resistant_name,
    read_susceptible_name,
    resistance_markers,
    resistance_words,
    susceptible_to,
)
from varde.codes.numbers import write_count, write_decimal, write_interval, write_percent
from varde.codes.organisms import Organism, organisms
from varde.codes.places import Place, outline, places
from varde.codes.refinement import coarser_names, precision, refines
from varde.codes.searches import ListedSearch, listed_searches
from varde.codes.subtypes import subtypes
from varde.codes.suggestions import Suggestion, is_catch_all, suggest
from varde.codes.targets import Target, targets
from varde.codes.vaccines import Vaccine, VaccineDisease, vaccine_diseases, vaccines

__all__ = [
    "Antibiotic",
    "Antiviral",
    "CodeFileError",
    "CodeMap",
    "CodesError",
    "Confirmation",
    "Country",
    "County",
    "DailyDose",
    "DiagnosisCode",
    "Holiday",
    "Hospital",
    "ListedSearch",
    "Material",
    "Municipality",
    "NamedHospital",
    "Organism",
    "Place",
    "PopulationRow",
    "SiteMaps",
    "Suggestion",
    "Target",
    "Vaccine",
    "VaccineDisease",
    "all_kinds",
    "antibiotics",
    "antivirals",
    "catchment",
    "coarser_names",
    "counties",
    "countries",
    "counts_as",
    "daily_dose",
    "daily_doses",
    "diagnosis_codes",
    "find_hospital",
    "holidays",
    "hospitals",
    "is_catch_all",
    "kinds_of",
    "listed_searches",
    "markers_denied_in",
    "markers_in",
    "materials",
    "may_carry",
    "method_meets",
    "municipalities",
    "normal_name",
    "organism_proved_by",
    "organisms",
    "outline",
    "parts_looked_for",
    "places",
    "plain_gene",
    "population",
    "precision",
    "read_confirmed",
    "read_marker_test",
    "read_resistant_name",
    "read_susceptible_name",
    "refines",
    "resistance_markers",
    "resistance_words",
    "subtypes",
    "successor",
    "successors",
    "suggest",
    "susceptible_to",
    "targets",
    "trusts",
    "vaccine_diseases",
    "vaccines",
    "write_confirmed",
    "write_count",
    "write_decimal",
    "write_interval",
    "write_percent",
]
