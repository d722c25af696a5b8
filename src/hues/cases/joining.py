"""A report that its own reporter says is one more of a case that everyone may read: merged at once, without waiting for the centre.

Where it may be about danger and the other is not in the hands of those who come at once, nobody merges it but the centre:
a live wire must not wait in the queue of a dark lamp. It stays a case of its own that names the other (`same_as`).
"""

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import access, engine, processes
from hues.cases.change import Change, category_of
from hues.cases.models import LISTED, Case
from hues.city import queries as city
from hues.city.models import Category
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid

MERGE_STEP = "merge"  # as the processes call it; its `by` names the staff who may do it with any case
APART = {
    "vi": "Người gửi cho là cùng việc với {code}; giữ riêng vì có thể nguy hiểm, Trung tâm xem trước",
    "en": "Its sender says it is the same as {code}; kept apart, for it may be dangerous and the centre reads it first",
}


def join_into(*, actor: Actor, code: str, parent: str) -> Case:
    """Merge one's own report into the open public case `parent`, of whatever category. Staff can separate them again (`unmerge`); both keep
    their texts, photos and histories, and the reporter hears the news of the other.

    Raises NotFound, Forbidden (not one's own), Conflict (too late for it, or confidential), Invalid (`parent` is not open and public).
    """
    with transaction.atomic():
        other = _lock_public(parent)  # first: two who merge two cases into each other wait here, neither for ever
        case = engine.lock(actor, code)
        if not access.is_reporter(actor, case) and not actor.in_centre:
            raise Forbidden(_("Only whoever sent a report can say what it belongs to."))
        if (
            not actor.in_centre and case.visibility == Category.Visibility.RESTRICTED
        ):  # the other's agency would read it
            raise Conflict(_("Only the centre adds a confidential report to another one."))
        if not actor.in_centre and _must_stand_apart(case, other):
            return access.hide(_keep_apart(actor, case, other), actor)
        merged = merge_into(actor=actor, case=case, other=other)
    return access.hide(merged, actor)


def merge_into(*, actor: Actor, case: Case, other: Case) -> Case:
    """Merge one case into another, both locked by the caller, who has checked that this person may. Raises Conflict, Invalid."""
    process = processes.process(case.process_id)
    step = process.steps.get(MERGE_STEP)
    if step is None or case.state not in step.source:
        raise Conflict(engine.what_happened(actor, case, process))
    change = Change(actor, case, process, step, frozenset({"reporter"}), clock.now())
    change.data = {"parent": other.code}
    engine.complete(change)
    return change.case


def _must_stand_apart(case: Case, other: Case) -> bool:
    """It sounds of danger, by its kind or its words, and the other is handled in days."""
    days = Category.Group.TIMED
    if category_of(other).process_group != days:
        return False
    return category_of(case).process_group != days or bool(city.danger(case.body))


def _keep_apart(actor: Actor, case: Case, other: Case) -> Case:
    """The reporter and the centre read which one was meant, and why it was not merged."""
    case.source_data = {**case.source_data, "same_as": other.code}
    case.save(update_fields=["source_data"])
    journal.record(
        actor=actor,
        action="case.kept_apart",
        subject_kind="case",
        subject_id=case.pk,
        topics=engine.topics(case),
        party={"said": {language: text.format(code=other.code) for language, text in APART.items()}},
    )
    return case


def _lock_public(code: str) -> Case:
    found = None
    if engine.is_code(code):
        rows = Case.objects.select_for_update().filter(LISTED, code=engine.normal_code(code), is_open=True)
        found = rows.first()
    if found is None:
        reason = _("There is no open public report with this code.")
        raise Invalid(reason, fields={"parent": reason})
    return found
