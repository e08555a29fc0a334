"""What an expression that no map knows may mean, of every kind: diseases are named by `varde.cases`, all else by the code map."""

from __future__ import annotations

from functools import lru_cache

from varde.cases import Catalogue
from varde.cases.files import DATA
from varde.codes import CodeMap, Suggestion, suggest
from varde.codes.map_rows import ANY, MapRow


def suggest_meanings(
    codes: CodeMap, definitions: Catalogue, kind: str, code: str, text: str, limit: int = 5
) -> tuple[Suggestion, ...]:
    """The concepts that an expression most probably means, as `varde.codes.suggest` says it.

    Args:
        kind: one of `confirming.KINDS`.
    """
    if kind == "disease":
        codes = disease_names(definitions)
    return suggest(codes, kind, code, text, limit)


@lru_cache(maxsize=2)
def disease_names(definitions: Catalogue) -> CodeMap:
    """The names and codes of diseases, as a map that can be searched."""
    rows: list[MapRow] = []
    seen: set[str] = set()
    for disease in definitions.diseases.values():
        words = [(name.word, "") for name in disease.names()]
        for text, code in (*words, *(("", each) for each in sorted(disease.codes.msis))):
            said = (text or code).casefold()
            if said not in seen:
                seen.add(said)
                rows.append(MapRow("disease", ANY, code, text, disease.key, DATA, len(rows) + 1))
    return CodeMap(rows, {}, (), "")
