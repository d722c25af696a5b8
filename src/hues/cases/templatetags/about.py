"""{% about kind ref *words url= agency= %}: what other rooms offer to do about a number (hues.cases.abouts)."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from hues.cases import abouts

register = template.Library()
LONGEST_REF, LONGEST_LABEL, LONGEST_URL = 80, 200, 300


@register.simple_tag(takes_context=True)
def about(context: Any, kind: str, ref: str, *words: Any, url: str = "", agency: str = "") -> SafeString:
    """`words` name the number, its value among them: "Agency · late · 12". Without `url` it is on the page that is being made."""
    request = context["request"]
    page = url or request.get_full_path()
    given = {
        "actor": request.actor,
        "kind": kind,
        "ref": ref[:LONGEST_REF],
        "label": " · ".join(str(word) for word in words if str(word))[:LONGEST_LABEL],
        "url": page if len(page) <= LONGEST_URL else request.path,
        "agency": agency,
    }
    found = [render_to_string(one, given, request) for one in abouts.templates()]
    return mark_safe("".join(found))  # noqa: S308 - of templates, escaped there
