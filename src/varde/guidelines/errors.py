"""What can be wrong with a guideline and with what is asked of it.

The whole tree::

    GuidelineError
    ├── ContentError            a file breaks a rule: nothing of that file is used
    │   └── VersionChanged      a published version is no longer what it was
    └── QuestionError           what was asked cannot be answered as it was put
        ├── UnknownCodeSystem   a code system that the guideline does not use
        ├── InvalidId           an id that no object could have
        ├── NoSuchObject        no object, or none that was valid on that day
        └── InvalidPatient      facts about a patient that contradict themselves

`ContentError` is for those who maintain the content, `QuestionError` for those who ask.
"""

from __future__ import annotations


class GuidelineError(Exception):
    """Anything wrong in this room."""


class ContentError(GuidelineError):
    """A content file that breaks a rule.

    Args:
        file: the file, as the reader knows it.
        path: where in it (``$.innhold.data.behandlinger[0]``); ``$`` for the whole file.
        rule: the rule that is broken, with the offending value.
    """

    def __init__(self, file: str, path: str, rule: str) -> None:
        self.file = file
        self.path = path
        self.rule = rule
        super().__init__(f"{file}: {path}: {rule}")


class VersionChanged(ContentError):
    """A file that was published differs from what was published: versions never change."""


class QuestionError(GuidelineError):
    """A question that cannot be answered; the message says what to ask instead."""


class UnknownCodeSystem(QuestionError):
    """No object of the guideline is coded in this code system."""


class InvalidId(QuestionError):
    """The id does not have the form of one."""


class NoSuchObject(QuestionError):
    """There is no such object, or it was not valid on the day that was asked for."""


class InvalidPatient(QuestionError):
    """A fact about a patient is impossible: a negative weight, an age of 300 years."""
