"""An invented disease that uses everything a disease file can say, for tests of the classifier."""

from __future__ import annotations

from varde.cases import Disease, read_disease

INVENTED = """
key = "wool-fever"
nb = "Ullfeber"
en = "Wool fever"
also = [{ word = "Ullfeber uten feber", clinical = "unmet" }, "Woolsorter's ague"]
organisms = ["coxiella-burnetii"]
vaccine = ["measles"]

[[duty]]
valid_from = 2020-01-01
group = "B"
laboratory = true
clinician_form = false
at_once = false
source = "invented"

[[duty]]
valid_from = 2020-01-10
group = "A"
laboratory = true
clinician_form = true
at_once = true
tell = [{ receiver = "municipality-of-residence", within_hours = 0 }]
source = "invented"

[[geography]]
valid_from = 2020-01-01
minimum = "county"
source = "invented"

[[definition]]
valid_from = 2020-01-01
source = "invented"
episode_days = 40
window_days = 10
imported_days = 14
presume = ["clinical"]

[[definition.laboratory]]
id = "grown"
nb = "dyrket fra sterilt sted"
en = "grown from a sterile site"
strength = "confirmed"
methods = ["culture", "unknown"]
materials = ["sterile-site"]
unless_vaccinated_days = 5

[[definition.laboratory]]
id = "resistant-twice"
nb = "resistent i to prøver"
en = "resistant in two specimens"
strength = "confirmed"
methods = ["culture", "antigen"]
unless_vaccinated_days = 8
only_live = true
resistant_to = ["FOX", "OXA"]
at_least = 2

[[definition.laboratory]]
id = "antibody"
nb = "antistoff i meldepliktig svar"
en = "antibody in a notifiable answer"
strength = "probable"
organisms = ["coxiella-burnetii", "bartonella"]
methods = ["antibody", "antibody-igm"]
notifiable = true
younger_than = 60
unless = ["not-found-twice"]

[[definition.negative]]
id = "not-grown"
nb = "ikke dyrket fra sterilt sted"
en = "not grown from a sterile site"
methods = ["culture"]
despite = ["antibody"]
materials = ["sterile-site"]

[[definition.negative]]
id = "not-found-twice"
nb = "ikke påvist to ganger"
en = "not found twice"
organisms = ["coxiella-burnetii", "bartonella"]
methods = ["nucleic-acid", "culture"]
days_after_onset = [2, 20]
at_least = 2

[definition.clinical]
nb = "feber"
en = "fever"
pictures = ["77"]

[definition.epidemiological]
nb = "sau"
en = "sheep"
links = ["animal", "human"]
infectious_before_days = 3
infectious_after_days = 6

[[definition.presentation]]
id = "deep"
nb = "dyp"
en = "deep"
when = [["grown", "clinical"], ["resistant-twice"]]

[[definition.presentation]]
id = "silent"
nb = "stille"
en = "silent"
when = [["no-clinical"]]

[definition.rules]
confirmed = [["clinical", "laboratory"], ["resistant-twice"]]
probable = [["clinical", "epidemiological"], ["laboratory-probable"]]
suspected = [["epidemiological", "notified"], ["notified", "no-clinical"]]
discarded = [["not-grown", "no-clinical"], ["not-found-twice"]]

[[definition]]
valid_from = 2020-03-01
source = "invented"
lifetime = true
window_days = 20
long_ill = true

[[definition.laboratory]]
id = "grown"
nb = "dyrket"
en = "grown"
strength = "confirmed"
methods = ["culture"]

[definition.epidemiological]
nb = "menneske"
en = "human"
links = ["human"]

[definition.rules]
confirmed = [["laboratory", "epidemiological"]]
probable = [["laboratory"]]
suspected = [["notified"]]
"""


def invented(text: str = INVENTED) -> Disease:
    """The disease, or what its changed text says."""
    return read_disease(text.encode(), "wool-fever.toml")
