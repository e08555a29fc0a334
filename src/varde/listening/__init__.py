"""What arrives by itself: HL7 version 2 over MLLP, and files in watched folders.

Input: connections to an address; files that others put into a folder. Output: messages handed in at the register's
door, and what became of each: acknowledgements over the connection, receipts beside the files.
"""

from varde.listening.certificates import CertificateProblem, make_context
from varde.listening.channel import Bounds
from varde.listening.desk import Desk
from varde.listening.doors import Doors
from varde.listening.folders import FolderBusy
from varde.listening.mllp import AddressProblem, Listener, bind, listen
from varde.listening.watching import Watch

__all__ = [
    "AddressProblem",
    "Bounds",
    "CertificateProblem",
    "Desk",
    "Doors",
    "FolderBusy",
    "Listener",
    "Watch",
    "bind",
    "listen",
    "make_context",
]
