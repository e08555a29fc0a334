"""Isolate lists in CSV, read with a mapping file.

Mapping: which column is what; cells and rows: one isolate each; reading: the list.
"""
