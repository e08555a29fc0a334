"""Files that are handed in on a page: held in memory, so that no health data lie in a temporary file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

LARGEST = 5 << 20
"""Bytes of a file: tables of a hospital are far smaller; whoever sends more has a machine for it."""

_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
"""How zip files begin, which spreadsheets are too, gzip files, and the spreadsheets of old."""


def is_packed(data: bytes) -> bool:
    """Whether a file is a spreadsheet or an archive, and no table in plain text."""
    return data.startswith(_PACKED)


class SmallFile(FileUploadHandler):
    """Takes files in up to `LARGEST` bytes; of a longer one it stops reading and keeps nothing."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.held = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take in a piece."""
        if start + len(raw_data) > LARGEST:
            if self.request is not None:
                self.request.META["varde.too_large"] = True
            raise StopUpload(connection_reset=False)
        self.held.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The whole file."""
        self.held.seek(0)
        return InMemoryUploadedFile(
            self.held,
            self.field_name,
            self.file_name or "",
            self.content_type or "",
            file_size,
            self.charset,
            self.content_type_extra,
        )


def was_too_large(request: Any) -> bool:
    """Whether a file of the request was longer than `LARGEST`."""
    return bool(request.META.get("varde.too_large"))
