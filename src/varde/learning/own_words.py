"""What readers write in their own words: short, and without what may be a national identity number."""

from __future__ import annotations

from varde.messages import mask_identities, tidy_lines

LONGEST = 1_000


class WordsProblem(ValueError):
    """What was written cannot be kept.

    Attributes:
        code: ``empty``, ``long`` or ``identity``.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the text cannot be kept: {code}")


def check_words(text: str, *, needed: bool = False) -> str:
    """The text as it is kept: empty where nothing was written.

    Raises:
        WordsProblem: there is nothing, and something is needed; too much; or what may be an identity number.
    """
    words = tidy_lines(text).strip()
    if needed and not words:
        raise WordsProblem("empty")
    if len(words) > LONGEST:
        raise WordsProblem("long")
    if mask_identities(words) != words:
        raise WordsProblem("identity")
    return words
