"""Pages on what is done about cases: inboxes, one case, events, contacts, the duty officer's desk, times."""
