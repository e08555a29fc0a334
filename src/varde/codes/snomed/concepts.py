"""The few concepts that the format and the concept model are made of.

Source: SNOMED CT Release File Specifications; SNOMED CT Editorial Guide, "Pharmaceutical and
Biologic Product" and "Substance" (attribute hierarchy, property chain).
"""

from __future__ import annotations

from typing import Final

IS_A: Final = 116680003
SUBSTANCE: Final = 105590001

HAS_ACTIVE_INGREDIENT: Final = 127489000
HAS_PRECISE_ACTIVE_INGREDIENT: Final = 762949000
IS_MODIFICATION_OF: Final = 738774007

FULLY_SPECIFIED_NAME: Final = 900000000000003001
SYNONYM: Final = 900000000000013009
PREFERRED: Final = 900000000000548007

INFERRED: Final = 900000000000011006
"""The characteristic type of relationships that the classifier worked out."""

INVENTED_NAMESPACE: Final = "9999999"
"""Assigned to nobody: what is in it was made up."""
