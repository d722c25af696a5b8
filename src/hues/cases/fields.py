"""Checks what was entered for a step against the fields of its definition, and fills in defaults."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from hues.cases import moderation, reference
from hues.cases.arrival import read_position
from hues.cases.change import Change
from hues.cases.definition import Field
from hues.cases.models import CaseFile
from hues.city.clock import local
from hues.kernel import text
from hues.kernel.errors import Invalid
from hues.people.models import User

MOST_FILES = 20
PROMISE_YEARS = 3


def check(change: Change, data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with values of their types; what was not given has its default. Raises Invalid with every wrong field."""
    wrong: dict[str, str] = {}
    fields = change.step.fields
    for name in sorted(set(map(str, data)) - set(fields)):
        wrong[name] = _("This step has no such field.")
    found: dict[str, Any] = {}
    for name, field in fields.items():
        try:
            given = data.get(name)
            found[name] = default(change, field) if name not in data else _READERS[field.type](change, field, given)
        except Invalid as problem:
            wrong[name] = problem.detail
    for name, field in fields.items():
        if name in wrong:
            continue
        if field.only_when and not _holds(field.only_when, found):
            found[name] = None
        elif _empty(found.get(name)) and (
            field.required or (field.required_when and _holds(field.required_when, found))
        ):
            wrong[name] = _("This is needed.")
    if wrong:
        raise Invalid(_("Something is missing or not right yet."), fields=wrong)
    return found


def default(change: Change, field: Field) -> Any:
    """What a field holds before anybody writes in it."""
    return DEFAULTS[field.source](change) if field.source else None


def _holds(wanted: Mapping[str, tuple[str, ...]], found: Mapping[str, Any]) -> bool:
    return all(found.get(name) in values for name, values in wanted.items())


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == []


# Types


def _text(_change: Change, field: Field, given: Any) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str):
        raise Invalid(_("This must be text."))
    value = text.clean(given, max_length=field.max or 4000, multiline=True)
    if value and field.min and len(value) < field.min:
        raise Invalid(_("Please write a little more: at least {n} characters.").format(n=field.min))
    return value


def _choice(_change: Change, field: Field, given: Any) -> str | None:
    if given is None or given == "":
        return None
    if isinstance(given, bool) or not isinstance(given, (str, int)) or str(given) not in field.options:
        raise Invalid(_("This is not one of the choices."))
    return str(given)


def _integer(_change: Change, field: Field, given: Any) -> int | None:
    if given is None or given == "":
        return None
    if isinstance(given, str) and given.strip().isascii() and given.strip().isdigit() and len(given.strip()) < 10:
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int):
        raise Invalid(_("This must be a whole number."))
    if (field.min is not None and given < field.min) or (field.max is not None and given > field.max):
        raise Invalid(_("This must be between {least} and {most}.").format(least=field.min, most=field.max))
    return given


def _boolean(_change: Change, _field: Field, given: Any) -> bool:
    if given in (True, "on", "true", "1"):
        return True
    if given in (None, False, "", "false", "0"):
        return False
    raise Invalid(_("This must be yes or no."))


def _date(change: Change, _field: Field, given: Any) -> date | None:
    if given is None or given == "":
        return None
    try:
        value = given if type(given) is date else date.fromisoformat(given)
    except (TypeError, ValueError):
        raise Invalid(_("This must be a date.")) from None
    today = local(change.at).date()
    if value <= today:
        raise Invalid(_("The date must be after today."))
    if value > today + timedelta(days=366 * PROMISE_YEARS):
        raise Invalid(_("The date is too far away."))
    return value


def _ids(given: Any, most: int) -> list[UUID]:
    if given is None or given == "":
        return []
    listed = [given] if isinstance(given, (str, UUID)) else given
    if not isinstance(listed, (list, tuple)) or not all(isinstance(item, (str, UUID)) for item in listed):
        raise Invalid(_("This must be a list of files."))
    try:
        ids = list(dict.fromkeys(item if isinstance(item, UUID) else UUID(item) for item in listed if item))
    except ValueError:
        raise Invalid(_("This must be a list of files.")) from None
    if len(ids) > most:
        raise Invalid(_("At most {n} files.").format(n=most))
    return ids


def _files(_change: Change, field: Field, given: Any) -> list[UUID]:
    return _ids(given, field.max or MOST_FILES)


def _case_files(change: Change, _field: Field, given: Any) -> list[UUID]:
    ids = _ids(given, MOST_FILES * 5)
    if set(ids) - set(
        CaseFile.objects.filter(case_id=change.case.pk, file_id__in=ids).values_list("file_id", flat=True)
    ):
        raise Invalid(_("This file does not belong to the case."))
    return ids


def _agency(_change: Change, _field: Field, given: Any) -> Any:
    if given is None or given == "":
        return None
    agency = reference.agencies_by_code().get(given) if isinstance(given, str) else None
    if agency is None or agency.valid_to is not None:
        raise Invalid(_("There is no such agency."))
    return agency


def _officer(change: Change, _field: Field, given: Any) -> User | None:
    """Somebody who works for the case's agency today, by id."""
    if given is None or given == "":
        return None
    for person in reference.members(change.case.agency_id):
        if str(person.pk) == str(given):
            return person
    raise Invalid(_("There is nobody of this agency with that name."))


def _category(_change: Change, _field: Field, given: Any) -> Any:
    if given is None or given == "":
        return None
    category = reference.categories_by_code().get(given) if isinstance(given, str) else None
    if category is None or not category.active:
        raise Invalid(_("There is no such category."))
    return category


def _case(_change: Change, _field: Field, given: Any) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str):
        raise Invalid(_("This must be the code of a case."))
    return text.clean(given, max_length=32).upper() or None


def _position(_change: Change, _field: Field, given: Any) -> Any:
    return read_position(given)


_READERS: Mapping[str, Callable[[Change, Field, Any], Any]] = {
    "text": _text,
    "choice": _choice,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "files": _files,
    "case_files": _case_files,
    "agency": _agency,
    "officer": _officer,
    "category": _category,
    "case": _case,
    "position": _position,
}


# Defaults

DEFAULTS: Mapping[str, Callable[[Change], Any]] = {
    "category": lambda change: change.category,
    "agency": lambda change: moderation.suggested_agency(change.case),
    "priority": lambda change: str(change.case.priority),
    "visibility": lambda change: change.case.visibility,
    "public_body": lambda change: moderation.public_body(change.case),
    "public_address": lambda change: moderation.public_address(change.case),
    "public_files": lambda change: moderation.public_files(change.case),
    "after_files": lambda change: moderation.after_files(change.case),
    "answer": lambda change: change.case.answer,
}
