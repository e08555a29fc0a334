"""What the guideline advises for one patient, and what it says of an order.

In: what is known of a patient (each fact possibly unknown), diagnosis codes, an order. Out: regimens that
apply, may apply or do not, with doses worked out, contra-indications that hold, and why. Nothing is kept.

The way through the modules: `patients` (facts) → `conditions` (is a condition established?) →
`applicability` (is a regimen for this patient?) → `doses` (how much) → `advising` (all of it, in order) and
`orders` (what speaks against an order).
"""
