"""The antibiotic guideline as pages: open to everybody, and each as it stood on a day.

In: an address, and perhaps a day, a search, a weight. Out: HTML. Nothing here is about a person: a weight
is worked with and forgotten.
"""

from varde.web.pages.guideline.chapter import show as show_chapter
from varde.web.pages.guideline.finding import show as find
from varde.web.pages.guideline.history import show as show_versions
from varde.web.pages.guideline.recommendation import show as show_recommendation

__all__ = ["find", "show_chapter", "show_recommendation", "show_versions"]
