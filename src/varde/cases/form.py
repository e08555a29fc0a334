"""What the words and answers of the notification form say, whatever the disease: `notification.toml`."""

from __future__ import annotations

from functools import lru_cache

from varde.cases.disease import Part, Words
from varde.cases.files import DATA, read_toml

NOTIFICATION = DATA / "notification.toml"


class FormAnswers(Part, frozen=True, kw_only=True):
    """Answers that say the same.

    Attributes:
        indications, pictures: codes of the lists 80014 and 80015, or their words.
    """

    indications: frozenset[str] = frozenset()
    pictures: frozenset[str] = frozenset()


class Form(Part, frozen=True, kw_only=True):
    """The file.

    Attributes:
        denials: words beside the code of a diagnosis that take it back, in lower case.
        met, unmet: answers that say that the clinical picture is there, and that it is not.
    """

    source: Words
    denials: frozenset[str]
    met: FormAnswers
    unmet: FormAnswers


@lru_cache(maxsize=1)
def read_form() -> Form:
    """The file, read once.

    Raises:
        DiseaseFileError: it breaks its schema.
    """
    return read_toml(NOTIFICATION.read_bytes(), NOTIFICATION.name, Form)
