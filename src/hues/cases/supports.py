"""The rows of "me too" and their number. `Case.support_count` changes only with them, while the case is locked.

When a case is merged, its supporters go with it, and come back with it when it is separated.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from hues.cases.models import Case, CaseSupport
from hues.kernel import clock

_ADD = """
insert into cases_casesupport (case_id, person_id, at) values (%s, %s, %s) on conflict (case_id, person_id) do nothing
"""


def add(case_id: UUID, person_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ADD, (case_id, person_id, clock.now()))
        return bool(cursor.rowcount)


def remove(case_id: UUID, person_id: UUID) -> bool:
    return bool(CaseSupport.objects.filter(case_id=case_id, person_id=person_id).delete()[0])


def count(case: Case, by: int) -> None:
    Case.objects.filter(pk=case.pk).update(support_count=F("support_count") + by)
    case.support_count += by


# With a merge

_GO = """
insert into cases_casesupport (case_id, person_id, at, via_id)
select %(parent)s, s.person_id, s.at, %(child)s from cases_casesupport s
where s.case_id = %(child)s and s.person_id is distinct from %(reporter)s
on conflict (case_id, person_id) do nothing
"""


def go_with(child: Case, parent: Case) -> None:
    """The child is merged into the parent; both are locked. Its reporter is counted by the report from now on."""
    counted = 0
    if child.reporter_id and parent.support_count:
        counted -= remove(parent.pk, child.reporter_id)
    if child.support_count:
        with connection.cursor() as cursor:
            cursor.execute(_GO, {"parent": parent.pk, "child": child.pk, "reporter": parent.reporter_id})
            counted += cursor.rowcount
    if counted:
        count(parent, counted)


def come_back(child: Case, parent: Case) -> None:
    """The child is separated from the parent again; both are locked."""
    if child.support_count:
        gone, _by_model = CaseSupport.objects.filter(case_id=parent.pk, via_id=child.pk).delete()
        count(parent, -gone)


# Reads and a person's rights


def supported_by(person_id: UUID | None, case_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these cases somebody supports. One statement, none for guests."""
    if person_id is None:
        return set()
    rows = CaseSupport.objects.filter(person_id=person_id, case_id__in=list(case_ids))
    return set(rows.values_list("case_id", flat=True))


@transaction.atomic
def erase_of(person_id: UUID) -> dict[str, int]:
    """A person leaves: their support goes, and is no longer counted. Idempotent."""
    held = list(CaseSupport.objects.filter(person_id=person_id).values_list("case_id", flat=True))
    cases = Case.objects.filter(pk__in=held).order_by("pk").select_for_update(no_key=True)
    for case in cases.only("support_count"):
        if remove(case.pk, person_id):
            count(case, -1)
    return {"supports": len(held)}


def export_of(person_id: UUID) -> list[dict[str, Any]]:
    """What somebody supports and since when."""
    rows = CaseSupport.objects.filter(person_id=person_id, via=None).order_by("at")
    return [{"code": code, "at": at} for code, at in rows.values_list("case__code", "at")]
