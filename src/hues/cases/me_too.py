""" "Me too": people who have the same trouble as a case that everyone may read. They count once each and hear its news.

Whoever has a report of their own in it (theirs, or one merged into it) is counted by that report.
"""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import engine, supports
from hues.cases.models import LISTED, Case
from hues.kernel import journal, limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, SignInNeeded

A_HOUR = 60  # of one person, given and taken back


def support_case(*, actor: Actor, code: str) -> Case:
    """Somebody has the same trouble. Twice is once; a case that was merged away means the one that answers for it.

    Raises SignInNeeded, NotFound (not public), Forbidden (staff), Conflict (closed, or one's own), TooMany.
    """
    person_id = _person(actor)
    limits.spend(f"me-too:{person_id}", limit=A_HOUR, window=3600)
    with transaction.atomic():
        case = _lock(code)
        if actor.kind == "staff":
            raise Forbidden(_("This counts citizens. As staff you handle the report."))
        if _has_a_report(person_id, case):
            raise Conflict(_("This is your own report: you are counted already."), code="own-report")
        if not case.is_open:
            raise Conflict(_("This is finished. If it is broken again, please report it anew."), code="closed")
        if supports.add(case.pk, person_id):
            supports.count(case, 1)
            _tell(actor, case, "case.supported")
    return case


def withdraw_support(*, actor: Actor, code: str) -> Case:
    """Take it back; also where nothing was given. Raises SignInNeeded, NotFound, TooMany."""
    person_id = _person(actor)
    limits.spend(f"me-too:{person_id}", limit=A_HOUR, window=3600)
    with transaction.atomic():
        case = _lock(code)
        if supports.remove(case.pk, person_id):
            supports.count(case, -1)
            _tell(actor, case, "case.unsupported")
    return case


def _person(actor: Actor) -> UUID:
    if actor.kind not in ("citizen", "staff") or actor.id is None:
        raise SignInNeeded(_("Please sign in, so that everybody counts once."))
    return actor.id


def _lock(code: str) -> Case:
    """The public case of this code, or the one that it was merged into, locked. Raises NotFound."""
    case = None
    if engine.is_code(code):
        found = Case.objects.filter(LISTED, code=engine.normal_code(code)).values_list("pk", "parent_id").first()
        if found:
            rows = Case.objects.filter(LISTED, pk=found[1] or found[0])
            case = rows.select_for_update(no_key=True).first()
    if case is None:
        raise engine.no_case()
    return case


def _has_a_report(person_id: UUID, case: Case) -> bool:
    if case.reporter_id == person_id:
        return True
    return bool(case.merged_count) and Case.objects.filter(parent_id=case.pk, reporter_id=person_id).exists()


def _tell(actor: Actor, case: Case, action: str) -> None:
    """Who it was is for auditors. In a flood a thousand people say so: no history shows each of them."""
    journal.record(actor=actor, action=action, subject_kind="case", subject_id=case.pk, audit={"case": case.code})
