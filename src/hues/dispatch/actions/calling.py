"""The call list: whom the centre reached by telephone, and what they said."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.dispatch import held, moving, parties, texts
from hues.dispatch.actions.going import accept_task
from hues.dispatch.models import Call, State
from hues.kernel import clock, text
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid

NOTE_MAX = 300
_RESULTS = {
    "coming": {"vi": "nhận lệnh", "en": "comes"},
    "no_answer": {"vi": "không nghe máy", "en": "no answer"},
    "busy": {"vi": "máy bận", "en": "engaged"},
    "unreachable": {"vi": "không liên lạc được", "en": "cannot be reached"},
    "cannot": {"vi": "không đi được", "en": "cannot come"},
}


def record_call(*, actor: Actor, task_id: UUID, person_id: UUID, result: str, note: str = "") -> Call:
    """Note an attempt; whoever comes has accepted. Raises NotFound, Forbidden, Conflict, Invalid."""
    if result not in Call.Result.values:
        raise Invalid(_("This is not one of the choices."), fields={"result": _("This is not one of the choices.")})
    with transaction.atomic():
        case, task = held.hold(actor, task_id)
        if not actor.in_centre or actor.id is None:
            raise Forbidden(_("Only the centre keeps the call list."))
        if not task.is_open:
            raise Conflict(_("This task is over already."))
        if person_id not in {*parties.told_of(task), *parties.behind(task.agency_id, task.team)}:
            raise Invalid(_("There is nobody of this agency with that name."))
        said = text.clean(note, max_length=NOTE_MAX, field="note")
        call = Call.objects.create(
            task=task, person_id=person_id, at=clock.now(), by_id=actor.id, result=result, note=said
        )
        moving.note_line(case, task, "called", actor, body=said, facts={"result": result, "person": str(person_id)})
        moving.record(
            case, task, actor, "called", texts.fill(texts.SAID["called"], task, case, result=_RESULTS[result]),
            facts={"result": result, "person": str(person_id)},
        )  # fmt: skip
        if result == Call.Result.COMING and task.state == State.SENT:
            accept_task(actor=actor, task_id=task_id, person_id=person_id)
    return call
