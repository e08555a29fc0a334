"""What is done about a case: who is told, receipts, reminders, escalation, events, contacts, and how long it took.

In: the register's outbox of changed cases, the disease files' duties, dated tables of who stands for whom, the time.
Out: an inbox for each unit, threads that are never untold, events that cases are joined to, sealed contact lists.

The door is the modules below, each one subject; they are not imported here, because some of them hold tables, and
Django asks for this package before it can have any.
"""

__all__ = [
    "advice",
    "ceasing",
    "choosing",
    "contacts",
    "due_contacts",
    "event_disease",
    "events",
    "exposures",
    "free_text",
    "handing_over",
    "inbox",
    "keeping",
    "lineage",
    "linking",
    "models",
    "notes",
    "reminding",
    "routing",
    "running",
    "site",
    "tables",
    "telling",
    "threads",
    "times",
    "units",
]
