"""What has happened: message log, the fold, persons, laboratory answers, notifications, vaccinations, surveys.

Input: files of any format that `varde.messages` reads, at the `Door` or as files. Output: the register's tables, the quarantine
with reasons, and the register as columns for the warehouse. The only room that writes health data.
"""

from varde.register.apart import database_of
from varde.register.carried import find_carried
from varde.register.casework.changes import changes_after, newest_change
from varde.register.casework.current import (
    CurrentCase,
    PieceOfEvidence,
    cases_beside,
    current_cases,
    describe_evidence,
)
from varde.register.casework.drafts import read_trail
from varde.register.casework.link_rows import (
    StatedLink,
    forget_links,
    is_link,
    link_key,
    link_number,
)
from varde.register.casework.linking import (
    CannotLink,
    Link,
    LinkState,
    days_of_infecting,
    fell_ill_later,
    link_days,
    link_kinds,
    links_by_contacts,
    links_of,
    links_to_event,
    state_link,
    withdraw_links,
)
from varde.register.casework.questions import (
    Gone,
    KnownCase,
    ListedCase,
    list_cases,
    pseudonym_of,
    read_case,
    read_listed,
)
from varde.register.casework.traces import Origin, Trace, is_of_number, traces_of, what_became
from varde.register.columns import read_register
from varde.register.confirming import (
    CannotConfirm,
    Decision,
    confirm,
    decisions,
    decisions_on,
    is_masked,
    newest_decisions,
    say,
    senders_of,
    standing_decisions,
    withdraw,
)
from varde.register.delays import Delays, read_delays
from varde.register.door import Door, DoorClosed, DoorError, DoorFull, NotDurable, Ticket
from varde.register.doors import Doors
from varde.register.doses import by_disease
from varde.register.earlier import Earlier, find_earlier
from varde.register.erasure import erase, folded_messages, unusable_messages
from varde.register.events import work
from varde.register.files import open_file, read_mapping_beside
from varde.register.fold import Counts
from varde.register.handed_in import (
    AsSent,
    Recognised,
    Standing,
    list_handed_in,
    newest_ward,
    read_as_sent,
    read_standing,
    recognise,
)
from varde.register.history import (
    Answer,
    Dose,
    Found,
    History,
    Looked,
    PersonCase,
    Result,
)  # fmt: skip
from varde.register.hospital_words import (
    hospital_words,
    list_hospital_words,
    say_hospital,
    take_back_hospital,
)
from varde.register.identities.deaths import (
    Death,
    dead_of_numbers,
    dead_persons,
    read_deaths_of,
    read_deaths_of_case,
    read_last_seen,
)
from varde.register.identities.deciding import (
    CannotDecide,
    decide_question,
    join_persons,
    part_person,
    undo_decision,
)
from varde.register.identities.looking import OpenedPerson, log_decision, open_person, open_question
from varde.register.identities.number_changes import take_changes
from varde.register.identities.reviewing import (
    FieldSaid,
    ListedQuestion,
    count_identities,
    list_questions,
    list_rulings,
    read_question,
)
from varde.register.identities.sweeping import sweep_vault
from varde.register.intake import IntakeResult, ingest, list_files, resume
from varde.register.log import Incoming, Newest, newest, read_names
from varde.register.lookup import read_history
from varde.register.meanings import suggest_meanings
from varde.register.notices import What, count_notices, list_notices, see_notice
from varde.register.opening import (
    MADE,
    Register,
    make_tables,
    note_storage_checks,
    open_register,
    tables_of,
    was_made,
)
from varde.register.persons import (
    KnownPerson,
    Places,
    find_person,
    known_as,
    named_in_log,
    pseudonyms_of,
    read_number,
    read_places,
)
from varde.register.projection import Expression
from varde.register.quarantine import (
    QuarantineItem,
    UnmappedCode,
    close_entry,
    entries_of,
    quarantine_counts,
    quarantine_item,
    quarantine_items,
    reopen_entry,
    unmapped_codes,
    waiting_entries,
)
from varde.register.raw import CannotWrite, Raw, read_raw
from varde.register.receipts import ItemReceipt, MessageReceipt, read_receipts, standing_numbers
from varde.register.reclassification import Changed, Reclassified, count_to_reclassify, reclassify
from varde.register.repeats import Analysis, understand, understand_each
from varde.register.replay import replay, replay_quarantined
from varde.register.silence import Silence, judge, rules_on
from varde.register.status import register_status
from varde.register.store import APART, REGISTERS, alone, using
from varde.register.store import alias as database_in_use
from varde.register.tally import Arrived, oldest_waiting, read_tally
from varde.register.tested import tested_around
from varde.register.traffic import (
    HourCount,
    LastReceived,
    active_hours,
    count_days,
    count_hours,
    count_senders,
    day_of,
    hour_of,
    last_received,
    sender_names,
    senders,
    start_of,
)
from varde.register.unknown_positives import list_unknown_positives, see_unknown_positive
from varde.register.validation import open_to_validate, validate
from varde.register.whose import Behind, open_case

__all__ = [
    "APART",
    "MADE",
    "REGISTERS",
    "Analysis",
    "Answer",
    "Arrived",
    "AsSent",
    "Behind",
    "CannotConfirm",
    "CannotDecide",
    "CannotLink",
    "CannotWrite",
    "Changed",
    "Counts",
    "CurrentCase",
    "Death",
    "Decision",
    "Delays",
    "Door",
    "DoorClosed",
    "DoorError",
    "DoorFull",
    "Doors",
    "Dose",
    "Earlier",
    "Expression",
    "FieldSaid",
    "Found",
    "Gone",
    "History",
    "HourCount",
    "Incoming",
    "IntakeResult",
    "ItemReceipt",
    "KnownCase",
    "KnownPerson",
    "LastReceived",
    "Link",
    "LinkState",
    "ListedCase",
    "ListedQuestion",
    "Looked",
    "MessageReceipt",
    "Newest",
    "NotDurable",
    "OpenedPerson",
    "Origin",
    "PersonCase",
    "PieceOfEvidence",
    "Places",
    "QuarantineItem",
    "Raw",
    "Reclassified",
    "Recognised",
    "Register",
    "Result",
    "Silence",
    "Standing",
    "StatedLink",
    "Ticket",
    "Trace",
    "UnmappedCode",
    "What",
    "active_hours",
    "alone",
    "by_disease",
    "cases_beside",
    "changes_after",
    "close_entry",
    "confirm",
    "count_days",
    "count_hours",
    "count_identities",
    "count_notices",
    "count_senders",
    "count_to_reclassify",
    "current_cases",
    "database_in_use",
    "database_of",
    "day_of",
    "days_of_infecting",
    "dead_of_numbers",
    "dead_persons",
    "decide_question",
    "decisions",
    "decisions_on",
    "describe_evidence",
    "entries_of",
    "erase",
    "fell_ill_later",
    "find_carried",
    "find_earlier",
    "find_person",
    "folded_messages",
    "forget_links",
    "hospital_words",
    "hour_of",
    "ingest",
    "is_link",
    "is_masked",
    "is_of_number",
    "join_persons",
    "judge",
    "known_as",
    "last_received",
    "link_days",
    "link_key",
    "link_kinds",
    "link_number",
    "links_by_contacts",
    "links_of",
    "links_to_event",
    "list_cases",
    "list_files",
    "list_handed_in",
    "list_hospital_words",
    "list_notices",
    "list_questions",
    "list_rulings",
    "list_unknown_positives",
    "log_decision",
    "make_tables",
    "named_in_log",
    "newest",
    "newest_change",
    "newest_decisions",
    "newest_ward",
    "note_storage_checks",
    "oldest_waiting",
    "open_case",
    "open_file",
    "open_person",
    "open_question",
    "open_register",
    "open_to_validate",
    "part_person",
    "pseudonym_of",
    "pseudonyms_of",
    "quarantine_counts",
    "quarantine_item",
    "quarantine_items",
    "read_as_sent",
    "read_case",
    "read_deaths_of",
    "read_deaths_of_case",
    "read_delays",
    "read_history",
    "read_last_seen",
    "read_listed",
    "read_mapping_beside",
    "read_names",
    "read_number",
    "read_places",
    "read_question",
    "read_raw",
    "read_receipts",
    "read_register",
    "read_standing",
    "read_tally",
    "read_trail",
    "reclassify",
    "recognise",
    "register_status",
    "reopen_entry",
    "replay",
    "replay_quarantined",
    "resume",
    "rules_on",
    "say",
    "say_hospital",
    "see_notice",
    "see_unknown_positive",
    "sender_names",
    "senders",
    "senders_of",
    "standing_decisions",
    "standing_numbers",
    "start_of",
    "state_link",
    "suggest_meanings",
    "sweep_vault",
    "tables_of",
    "take_back_hospital",
    "take_changes",
    "tested_around",
    "traces_of",
    "understand",
    "understand_each",
    "undo_decision",
    "unmapped_codes",
    "unusable_messages",
    "using",
    "validate",
    "waiting_entries",
    "was_made",
    "what_became",
    "withdraw",
    "withdraw_links",
    "work",
]
