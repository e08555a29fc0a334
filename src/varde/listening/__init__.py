"""What arrives by itself: HL7 version 2 over MLLP, and files in watched folders.

Input: connections to an address; files that others put into a folder. Output: messages handed in at the register's
door, and what became of each: acknowledgements over the connection, receipts beside the files.
"""

from varde.listening.certificates import CertificateProblem, make_context
from varde.listening.channel import Bounds
from varde.listening.desk import Desk
from varde.listening.folders import FolderBusy
from varde.listening.mllp import AddressProblem, Listener, bind, listen
from varde.listening.watching import Watch, doors_of, take_files

__all__ = [
    "AddressProblem",
    "Bounds",
    "CertificateProblem",
    "Desk",
    "FolderBusy",
    "Listener",
    "Watch",
    "bind",
    "doors_of",
    "listen",
    "make_context",
    "take_files",
]
