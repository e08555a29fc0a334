"""The surveys of NOIS: rows of their tables to records.

Prevalence: a ward's counts, and prescriptions one by one. Surgery: an operation and its follow-up.
Procedures: which operations are under surveillance. Forms: the values of a web form to the bytes of a
table, which come in by the same door as what hospitals send.
"""
