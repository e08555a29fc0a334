"""One item in quarantine as it was sent: for the person who is to put it right, and for nobody else.

What is in the log is opened for one item at a time. Of a list, only its heading and the item's own row are
given; a message is given whole, because what is wrong with one may stand anywhere in it. A table in Parquet is given as
the CSV file that it is read as, and put right as that. Whoever calls this
has made sure that the reader may see it, and writes in the access log that it was seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from varde.messages import UnreadableMessage, detect
from varde.messages.tables.layout import as_csv, find_layout
from varde.register import log
from varde.register.log import Incoming
from varde.register.opening import Register
from varde.register.quarantine import QuarantineItem

MOST_SIGNS = 100_000
"""What is longer is not shown: it is put right where it was made."""
MOST_LINES = 50
"""Lines that one row of a list may span."""
_ROW = re.compile(r"line (\d+)")
_BREAKS = re.compile(r"\r\n|\r|\n")


class CannotWrite(ValueError):
    """A correction with signs that the message's own encoding does not have."""

    def __init__(self, sign: str, encoding: str) -> None:
        self.sign = sign
        self.encoding = encoding
        super().__init__(f"{sign!r} cannot be written in {encoding}")


@dataclass(frozen=True)
class Raw:
    """What was sent, as text that can be changed and sent again.

    Attributes:
        text: empty when it is too large to be shown; lines end in ``\\n``, whatever they ended in.
        part: only the heading and the item's row of a list.
        size: of the whole message, in bytes.
    """

    item: QuarantineItem
    text: str
    part: bool
    size: int
    encoding: str
    line_end: str
    mapping: bytes | None
    submitter: str

    @property
    def shown(self) -> bool:
        """Whether it is small enough to be shown."""
        return bool(self.text)

    def corrected(self, text: str, submitter: str) -> Incoming:
        """A message with the text as it was corrected, as `submitter` hands it in.

        A form sends every line break as ``\\r\\n``; the message gets those that it had.

        Raises:
            CannotWrite: the text has signs that the message's encoding lacks.
        """
        written = _BREAKS.sub(self.line_end, text)
        try:
            data = written.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise CannotWrite(written[error.start], self.encoding) from None
        return Incoming("", data, self.mapping, submitter, "", "form")


def read_raw(register: Register, item: QuarantineItem) -> Raw | None:
    """What was sent; None when the message is not in the log any more.

    Raises:
        KeyProblem: a storage key is missing or something sealed was changed.
    """
    stored = next(iter(log.read([item.message], register.sealer)), None)
    if stored is None:
        return None
    data = _written(stored.data)
    text, encoding = _decode(data)
    breaks = _BREAKS.search(text)
    row = _row(data, text, item.place)
    shown = text if row is None else row
    return Raw(
        item=item,
        text=_BREAKS.sub("\n", shown) if len(shown) <= MOST_SIGNS else "",
        part=row is not None,
        size=len(data),
        encoding=encoding,
        line_end=breaks.group() if breaks else "\n",
        mapping=stored.mapping,
        submitter=stored.submitter,
    )


def _written(data: bytes) -> bytes:
    try:
        return as_csv(data) if find_layout(data) is not None else data
    except UnreadableMessage:
        return data


def _decode(data: bytes) -> tuple[str, str]:
    """The text, and an encoding that gives the same bytes again."""
    for encoding in ("utf-8", "cp1252", "iso-8859-1"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.encode(encoding) == data:
            return text, encoding
    raise AssertionError("every byte is a sign of ISO 8859-1")


def _row(data: bytes, text: str, place: str) -> str | None:
    """The heading and the row of a list that a place names; None for what is no list."""
    if detect(data) not in ("isolate-list", "table"):
        return None
    named = _ROW.match(place)
    layout = find_layout(data)
    heading = layout.line if layout is not None else 1
    if named is None or int(named.group(1)) <= heading:
        return None
    ends = [match.end() for match in _BREAKS.finditer(text)]
    starts = [0, *ends]
    first = int(named.group(1)) - 1
    if first >= len(starts):
        return None
    row = ""
    for line in range(first, min(first + MOST_LINES, len(starts))):
        row += text[starts[line] : ends[line] if line < len(ends) else len(text)]
        if row.count('"') % 2 == 0:
            break
    return text[: ends[heading - 1]] + row
