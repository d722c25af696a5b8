"""What a photo shows, in words: what somebody wrote about it, else what the case tells."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import moderation, reference
from hues.cases.models import Case, CaseFile


def alt_of(file: CaseFile, *, written: bool = True) -> str:
    """The alternative text of a case's photo, fit for everyone. `written`: what somebody wrote about it comes first."""
    if written and file.caption:
        return file.caption
    return default_alt(file.role, what_of(file.case))


def what_of(case: Case) -> str:
    """ "Pothole, Lê Lợi": kind and street, never the house."""
    category = reference.categories().get(case.category_id)
    return what(category.name(get_language() or "vi") if category else "", moderation.street_only(case.address))


def what(title: str, where: str) -> str:
    return ", ".join(part for part in (title, where) if part)


def default_alt(role: str, what: str) -> str:
    if role == CaseFile.Role.AFTER:
        return _("Photo after the work: {what}").format(what=what)
    if role == CaseFile.Role.BEFORE:
        return _("Photo sent in: {what}").format(what=what)
    return _("Photo sent in the talk: {what}").format(what=what)
