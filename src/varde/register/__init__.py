"""What has happened: message log, the fold, persons, laboratory answers, notifications, vaccinations, surveys.

Input: files of any format that `varde.messages` reads, at the `Door` or as files. Output: the register's tables, the quarantine
with reasons, and the register as columns for the warehouse. The only room that writes health data.
"""

from varde.register.apart import database_of
from varde.register.carried import Carried, find_carried
from varde.register.casework.changes import (
    CaseChange,
    Noted,
    changes_after,
    newest_change,
)
from varde.register.casework.current import (
    CaseTimes,
    CurrentCase,
    PieceOfEvidence,
    cases_beside,
    current_cases,
    describe_evidence,
)
from varde.register.casework.drafts import Trail, read_trail
from varde.register.casework.questions import (
    Gone,
    KnownCase,
    ListedCase,
    Source,
    list_cases,
    pseudonym_of,
    read_case,
    read_listed,
)
from varde.register.casework.traces import (
    Became,
    Origin,
    Trace,
    is_of_number,
    traces_of,
    what_became,
)
from varde.register.columns import RegisterSource, read_register
from varde.register.confirming import (
    CannotConfirm,
    Decision,
    confirm,
    decisions,
    decisions_on,
    newest_decisions,
    say,
    senders_of,
    standing_decisions,
    withdraw,
)
from varde.register.delays import Delays, read_delays
from varde.register.door import Door, DoorClosed, DoorError, DoorFull, NotDurable, Ticket
from varde.register.doors import Doors
from varde.register.doses import Protection, by_disease
from varde.register.earlier import Earlier, find_earlier
from varde.register.erasure import erase, folded_messages, unusable_messages
from varde.register.events import work
from varde.register.files import open_file, read_mapping_beside
from varde.register.fold import Counts, let_in
from varde.register.handed_in import (
    AsSent,
    KnownWard,
    Recognised,
    Standing,
    list_handed_in,
    newest_ward,
    read_as_sent,
    read_standing,
    recognise,
)
from varde.register.history import Answer, Dose, Found, History, Notice, PersonCase, Result
from varde.register.hospital_words import (
    HospitalWord,
    hospital_words,
    list_hospital_words,
    say_hospital,
)
from varde.register.identities.deciding import (
    CannotDecide,
    decide_question,
    join_persons,
    part_person,
    undo_decision,
)
from varde.register.identities.looking import (
    OpenedPerson,
    OpenedQuestion,
    log_change,
    open_person,
    open_question,
)
from varde.register.identities.number_changes import Refused as RefusedChange
from varde.register.identities.number_changes import Taken as TakenChanges
from varde.register.identities.number_changes import take_changes
from varde.register.identities.reviewing import (
    Decided,
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
from varde.register.notices import Noticed, What, count_notices, list_notices, see_notice
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
from varde.register.receipts import (
    ItemReceipt,
    MessageReceipt,
    read_receipts,
    standing_numbers,
)
from varde.register.reclassification import (
    Changed,
    Reclassified,
    count_to_reclassify,
    reclassify,
)
from varde.register.repeats import Analysis, understand
from varde.register.replay import ReplayResult, replay, replay_quarantined
from varde.register.silence import Silence, judge, rules_on
from varde.register.status import register_status
from varde.register.store import APART, REGISTERS, alone, using
from varde.register.store import alias as database_in_use
from varde.register.tally import Arrived, oldest_waiting, read_tally
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
from varde.register.unknown_positives import (
    UnknownPositive,
    list_unknown_positives,
    see_unknown_positive,
)
from varde.register.validation import open_to_validate, validate
from varde.register.whose import Behind, OpenedCase, open_case

__all__ = [
    "APART",
    "MADE",
    "REGISTERS",
    "Analysis",
    "Answer",
    "Arrived",
    "AsSent",
    "Became",
    "Behind",
    "CannotConfirm",
    "CannotDecide",
    "CannotWrite",
    "Carried",
    "CaseChange",
    "CaseTimes",
    "Changed",
    "Counts",
    "CurrentCase",
    "Decided",
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
    "HospitalWord",
    "HourCount",
    "Incoming",
    "IntakeResult",
    "ItemReceipt",
    "KnownCase",
    "KnownPerson",
    "KnownWard",
    "LastReceived",
    "ListedCase",
    "ListedQuestion",
    "MessageReceipt",
    "Newest",
    "NotDurable",
    "Noted",
    "Notice",
    "Noticed",
    "OpenedCase",
    "OpenedPerson",
    "OpenedQuestion",
    "Origin",
    "PersonCase",
    "PieceOfEvidence",
    "Places",
    "Protection",
    "QuarantineItem",
    "Raw",
    "Reclassified",
    "Recognised",
    "RefusedChange",
    "Register",
    "RegisterSource",
    "ReplayResult",
    "Result",
    "Silence",
    "Source",
    "Standing",
    "TakenChanges",
    "Ticket",
    "Trace",
    "Trail",
    "UnknownPositive",
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
    "decide_question",
    "decisions",
    "decisions_on",
    "describe_evidence",
    "entries_of",
    "erase",
    "find_carried",
    "find_earlier",
    "find_person",
    "folded_messages",
    "hospital_words",
    "hour_of",
    "ingest",
    "is_of_number",
    "join_persons",
    "judge",
    "known_as",
    "last_received",
    "let_in",
    "list_cases",
    "list_files",
    "list_handed_in",
    "list_hospital_words",
    "list_notices",
    "list_questions",
    "list_rulings",
    "list_unknown_positives",
    "log_change",
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
    "read_delays",
    "read_history",
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
    "suggest_meanings",
    "sweep_vault",
    "tables_of",
    "take_changes",
    "traces_of",
    "understand",
    "undo_decision",
    "unmapped_codes",
    "unusable_messages",
    "using",
    "validate",
    "waiting_entries",
    "was_made",
    "what_became",
    "withdraw",
    "work",
]
