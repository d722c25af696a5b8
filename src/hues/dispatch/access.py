"""Who sees a task, who acts on it, who sends.

|                                     | sees                              | does                                              |
|-------------------------------------|-----------------------------------|---------------------------------------------------|
| the centre                          | all                               | sends, stands down, notes what was said by phone  |
| heads of the agency of the case     | its tasks and their parties       | send teams of their own agency                    |
| officers and heads of the party     | the task, the case's place, words | accept, go, arrive, finish, decline, write        |
|                                     | and photos, the log of all        |                                                   |
| heads of agencies above the party   | the same                          | write                                             |
| auditors                            | all                               | nothing                                           |
"""

from uuid import UUID

from django.db.models import Q

from hues.cases import access as case_access
from hues.cases.models import Case
from hues.dispatch.models import Task
from hues.kernel.actors import Actor

NOBODY = Q(pk__in=())


def visible_to(actor: Actor) -> Q:
    """Tasks that this person may see: the centre's view of all, an agency's own and those on its cases."""
    if actor.kind == "system" or case_access.sees_all(actor):
        return Q()
    if actor.kind != "staff" or actor.id is None:
        return NOBODY
    agencies = case_access.agencies_of(actor)
    return Q(agency__in=agencies) | Q(case__agency__in=agencies) | Q(pk__in=_told(actor))


def _told(actor: Actor) -> object:
    return Task.objects.filter(people__person=actor.id).values("pk")


def goes(actor: Actor, task: Task) -> bool:
    """Whether this person is of the party: they may accept, go, arrive and finish."""
    if actor.kind != "staff" or actor.id is None:
        return False
    return task.agency_id in actor.agency_ids or (task.pk is not None and task.people.filter(person=actor.id).exists())


def may_send(actor: Actor, case: Case, agency_id: int | None = None) -> bool:
    """The centre sends anybody; a head of the agency that has the case sends their own people."""
    if actor.in_centre:
        return True
    own = case.agency_id
    return own is not None and actor.heads(own) and (agency_id is None or agency_id == own)


def may_write(actor: Actor, task: Task) -> bool:
    return actor.in_centre or goes(actor, task) or task.agency_id in case_access.agencies_of(actor)


def takes_part(actor: Actor, case_id: UUID) -> bool:
    """Somebody of a party to a case that another agency handles. One statement."""
    if actor.id is None:
        return False
    mine = Q(agency__in=case_access.agencies_of(actor)) | Q(people__person=actor.id)
    return Task.objects.filter(mine, case=case_id).exists()
