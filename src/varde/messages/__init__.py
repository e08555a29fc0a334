"""What arrives: one module per wire format; bytes in, typed immutable records or typed errors out.

Input: the bytes of one file or transmission (and, for line lists, a column mapping).
Output: an iterator of `LabReport | Failure`, in the order of the file: one bad item is a `Failure`
among good ones and never stops the rest. No database, no web, no clock.
"""
