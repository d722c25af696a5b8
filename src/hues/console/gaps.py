"""Gaps in canned replies: filled from the case, and never sent open.

A text may name {street} {address} {unit} {agency} {title} {code} {due} {reason} {received} {hotline}; what stands in [brackets] is for the
operator's own words. `fill` fills what it can; `open_gaps` lists what is left; `whole` refuses a text with gaps.
"""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from hues.cases import moderation, processes, reference
from hues.cases.definition import pick
from hues.cases.models import Case
from hues.city import pack
from hues.city.clock import moment_text
from hues.kernel.errors import Invalid

_NAMED = re.compile(r"\{([a-z_]{1,20})\}")
_GAP = re.compile(r"\{[^{}\n]{1,80}\}|\[[^\[\]\n]{1,160}\]|_{3,}|…{2,}|\.{4,}|<[^<>\n]{1,80}>")
NAMES = ("street", "address", "unit", "agency", "title", "code", "due", "reason", "received", "hotline")


def facts(case: Case, language: str, *, agency: str = "", due: str = "", reason: str = "") -> Mapping[str, str]:
    """What a case can fill in, in a language; a name that is not known stays a gap. Nothing of the reporter is among it."""
    category = reference.categories()[case.category_id]
    unit = reference.units().get(case.unit_id or 0)
    handled_by = reference.agencies().get(case.agency_id or 0)
    known = {
        "street": moderation.street_only(case.address),
        "address": case.address,
        "unit": unit.name(language) if unit else "",
        "agency": agency or (handled_by.name(language) if handled_by else ""),
        "title": category.name(language),
        "code": case.code,
        "due": due or (moment_text(case.due_final_at, language) if case.due_final_at else ""),
        "reason": reason,
        "received": moment_text(case.received_at, language),
        "hotline": str(pack.settings().get("hotline", "")),
    }
    return {name: value for name, value in known.items() if value}


def choice_text(case: Case, step: str, field: str, value: str, language: str) -> str:
    """A choice of a step in words: the reason of a rejection, where something is handed to."""
    found = processes.process(case.process_id).steps.get(step)
    options = found.fields[field].options if found and field in found.fields else {}
    return pick(options[value], language) if value in options else ""


def fill(text: str, known: Mapping[str, str]) -> str:
    """The text with every gap that can be filled; a gap at the beginning of a sentence keeps its capital by itself."""
    return _NAMED.sub(lambda found: known.get(found[1]) or found[0], text)


def open_gaps(text: str) -> list[str]:
    """What is still to be written, as it stands in the text."""
    return list(dict.fromkeys(_GAP.findall(text)))


def whole(text: str, field: str = "text") -> str:
    """The text itself. Raises Invalid on `field` where a gap is open: nobody is ever sent “{street}” or “[what is missing]”."""
    if gaps := open_gaps(text):
        raise Invalid(
            _("Something in the text is still to be filled in."),
            fields={field: _("Still to be filled in: {gaps}").format(gaps=", ".join(gaps[:5]))},
        )
    return text


def unknown_names(text: str) -> list[str]:
    """Names in a template that no case can fill."""
    return sorted({name for name in _NAMED.findall(text) if name not in NAMES})
