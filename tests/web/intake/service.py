"""The real service in a process of its own, and senders that hand in over HTTP: as the demo has them."""

from varde.demo.doors.processes import Answer, Service
from varde.demo.doors.senders import KINDS, Sender, register_sender, register_senders

__all__ = ["KINDS", "Answer", "Sender", "Service", "register_sender", "register_senders"]
