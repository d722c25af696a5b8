"""What lists of cases have in common: categories, agencies and units from memory, the first photo of each, search text."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from hues.cases import processes, reference
from hues.cases.models import Case, CaseFile
from hues.kernel.errors import Invalid
from hues.kernel.text import clean, vn_fold

WORDS_MOST, WORD_MOST = 10, 40
_WORD = re.compile(r"\w+")


_OF_PHASE = {"intake": "received", "handling": "handling", "checking": "checking", "done": "done"}


def stage_of(process_id: int, state: str, phase: str) -> str:
    """The stage that the public is shown for a state; imported cases may be in one that their process does not know."""
    found = processes.process(process_id).states.get(state)
    return found.stage if found else _OF_PHASE.get(phase, "handling")


def first_photos(case_ids: Iterable[UUID], *, public_only: bool = False, senders: bool = False) -> Mapping[UUID, UUID]:
    """The first photo of each case, the result's before the reporter's. `senders`: as far as whoever sent the report may see it: a result
    once it is public. One statement."""
    files = CaseFile.objects.filter(case_id__in=list(case_ids), role__in=(CaseFile.Role.BEFORE, CaseFile.Role.AFTER))
    if public_only:
        files = files.filter(public=True, file__masking="done")
    elif senders:
        files = files.filter(Q(public=True) | Q(role=CaseFile.Role.BEFORE))
    return dict(files.order_by("case_id", "-role", "pk").distinct("case_id").values_list("case_id", "file_id"))


@lru_cache(maxsize=1024)
def tsquery(text: str) -> str:
    """A query for the folded search columns: every word must be there, each may go on ("duong" finds "Đường", "đường sắt")."""
    words = _WORD.findall(vn_fold(text).replace("_", " "))[:WORDS_MOST]
    return " & ".join(f"'{word[:WORD_MOST]}':*" for word in words)


def words(text: object) -> str:
    """What somebody looks for, as a query for the search columns; "" where there is no word in it. Raises Invalid."""
    if not isinstance(text, str):
        raise Invalid(_("This must be text."), fields={"text": _("This must be text.")})
    return tsquery(clean(text, max_length=200, field="text"))


def searched(cases: QuerySet[Case], text: object) -> QuerySet[Case]:
    """Cases whose private search column holds all words: for staff. Nothing is found for a text without words."""
    query = words(text)
    if not query:
        return cases.none()
    return cases.filter(RawSQL("cases_case.search @@ %s::tsquery", [query], output_field=BooleanField()))


def code_of(found: Mapping[str, Any], value: object, name: str) -> Any:
    """The unit, category or agency of a code. Raises Invalid on `name`."""
    thing = found.get(value) if isinstance(value, str) else None
    if thing is None:
        raise Invalid(_("This is not one of the choices."), fields={name: _("This is not one of the choices.")})
    return thing


def of_domain(domain: object) -> list[int]:
    """The categories of a domain. Raises Invalid where there is none."""
    ids = [category.pk for category in reference.categories().values() if category.domain == domain]
    if not ids:
        raise Invalid(_("This is not one of the choices."), fields={"domain": _("This is not one of the choices.")})
    return ids
