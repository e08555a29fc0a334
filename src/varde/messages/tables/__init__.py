"""Tables in CSV whose columns Varde publishes, as files in ``data/``.

Definition: what a table is. Layout: which table some bytes are, and how they are written. Cells and
rows: text to typed values. Reading: rows to what a reader makes of them. Writing: the blank template,
and rows from the values of a form. Description: the columns in words.
"""
