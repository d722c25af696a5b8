"""A task with its case, locked for a change, for somebody who may see it."""

from uuid import UUID

from django.utils.translation import gettext as _

from hues.cases.models import Case
from hues.dispatch import access
from hues.dispatch.models import Task
from hues.kernel.actors import Actor
from hues.kernel.errors import NotFound


def no_task() -> NotFound:
    return NotFound(_("There is no such task."))


def hold(actor: Actor, task_id: UUID) -> tuple[Case, Task]:
    """Both locked until the transaction ends, the case first, as everybody locks them. Raises NotFound."""
    case_id = Task.objects.filter(access.visible_to(actor), pk=task_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise no_task()
    case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
    task = Task.objects.select_for_update(of=("self",)).select_related("team", "taken_by").get(pk=task_id)
    return case, task
