"""MSIS klinikermelding: a clinician's notification of a notifiable disease, in JSON.

Documents: bytes to single notifications; fields and lists: which field is which, and the code lists of MSIS;
values: dates, codes and texts; notifications: one record each; names: sender and numbers; salvage: whose a
damaged one is; writing: a form's values as JSON. docs/klinikermelding.md describes what is taken.
"""
