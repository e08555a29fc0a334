"""Template filter for HTML that stands in the guideline's content."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

from varde.guidelines.documents import clean_html

register = template.Library()


@register.filter
def rich(html: str) -> SafeString:
    """HTML of the content, cleaned: only elements that carry meaning are left."""
    return mark_safe(clean_html(html))  # noqa: S308  (cleaned in the same line)
