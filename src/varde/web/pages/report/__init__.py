"""Prescribing reports as pages: each reader's own, with what can be done about it."""

from varde.web.pages.report.acting import decide_consent, keep_remark, pick_goal
from varde.web.pages.report.showing import download, show, show_year

__all__ = ["decide_consent", "download", "keep_remark", "pick_goal", "show", "show_year"]
