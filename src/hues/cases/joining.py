"""A report that its own reporter says is one more of a case that everyone may read: merged at once, without waiting for the centre."""

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import access, engine, processes
from hues.cases.change import Change
from hues.cases.models import LISTED, Case
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid

MERGE_STEP = "merge"  # as the processes call it; its `by` names the staff who may do it with any case


def join_into(*, actor: Actor, code: str, parent: str) -> Case:
    """Merge one's own report into the open public case `parent`, of whatever category. Staff can separate them again (`unmerge`); both keep
    their texts, photos and histories, and the reporter hears the news of the other.

    Raises NotFound, Forbidden (not one's own), Conflict (too late for it), Invalid (`parent` is not open and public).
    """
    with transaction.atomic():
        other = _lock_public(parent)  # first: two who merge two cases into each other wait here, neither for ever
        case = engine.lock(actor, code)
        if not access.is_reporter(actor, case) and not actor.in_centre:
            raise Forbidden(_("Only whoever sent a report can say what it belongs to."))
        process = processes.process(case.process_id)
        step = process.steps.get(MERGE_STEP)
        if step is None or case.state not in step.source:
            raise Conflict(engine.what_happened(actor, case, process))
        change = Change(actor, case, process, step, frozenset({"reporter"}), clock.now())
        change.data = {"parent": other.code}
        engine.complete(change)
    return access.hide(change.case, actor)


def _lock_public(code: str) -> Case:
    found = None
    if engine.is_code(code):
        rows = Case.objects.select_for_update().filter(LISTED, code=engine.normal_code(code), is_open=True)
        found = rows.first()
    if found is None:
        reason = _("There is no open public report with this code.")
        raise Invalid(reason, fields={"parent": reason})
    return found
