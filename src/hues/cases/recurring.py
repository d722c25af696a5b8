"""What was fixed and broke again (DOMAIN §3: within 60 days): a case of its own, linked with the first by `origin`.

Not a reopening: that is the reporter's word on a result they never accepted, within fifteen days, and it takes the first
result away. Here the first result stood for weeks, and stays in the history and in the figures; the second case counts as
`broke_again` against it, and goes to the same agency with everything that is known.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import access, engine, joining, processes
from hues.cases.change import category_of
from hues.cases.models import Case
from hues.cases.opening import open_follow_up
from hues.city import pack
from hues.kernel import clock, text
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid

RESUME = "resume"  # the step that takes it to the same agency; a process without it (command) leaves it to the centre
BODY_MAX, FILES_MAX = 2000, 4


def rules() -> dict[str, Any]:
    """What the city asks after a result: `days`, `outcomes`, `recurrence_days`, `surface_at`; {} where it asks nothing."""
    return dict(pack.settings().get("check_back") or {})


def may_recur(case: Case) -> bool:
    """A result of the kind that can break, published not too long ago and still standing."""
    asked = rules()
    if not asked or case.is_open or case.phase != "done" or case.published_at is None or case.parent_id:
        return False
    return case.outcome in asked["outcomes"] and clock.now() <= case.published_at + timedelta(
        days=asked["recurrence_days"]
    )


def open_recurrence(*, actor: Actor, case: Case, body: str, file_ids: Sequence[UUID] = ()) -> Case:
    """The case of "it broke again", in the hands of the agency that fixed it; merged into the open one if somebody has said so already.

    `case` is locked by the caller, who has checked that this person may see it. Raises Forbidden, Conflict, Invalid.
    """
    if actor.kind != "citizen" or actor.id is None:
        raise Forbidden(_("This step is for somebody else."))
    if not may_recur(case):
        raise Conflict(_("This is too long ago. Please file a new report and name this code."))
    body = text.clean(body, max_length=BODY_MAX, multiline=True, field="note")
    if len(file_ids) > FILES_MAX:
        reason = _("At most {n} files.").format(n=FILES_MAX)
        raise Invalid(reason, fields={"files": reason})
    with transaction.atomic():
        rows = Case.objects.select_for_update(of=("self",)).filter(origin_id=case.pk, category_id=case.category_id)
        going = rows.filter(is_open=True).order_by("pk").first()
        opened = open_follow_up(
            actor=actor, origin=case, category=category_of(case), body=body, reporter_id=actor.id, file_ids=file_ids
        )
        if going is not None:  # of somebody else: their words and photos stay each one's own
            return access.hide(joining.merge_into(actor=actor, case=opened, other=going), actor)
        step = processes.process(opened.process_id).steps.get(RESUME)
        if step is not None and opened.state in step.source and case.agency_id:
            return access.hide(engine.take_step(actor=SYSTEM, code=opened.code, step=RESUME), actor)
    return opened
