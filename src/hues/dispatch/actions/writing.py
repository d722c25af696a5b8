"""The log that all parties of a case share, and what remains of a task."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import engine, files
from hues.cases.models import Case, CaseFile
from hues.dispatch import access, held, moving, parties, steps, texts
from hues.dispatch.models import OPEN, LogLine, Task
from hues.kernel import clock, text
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid
from hues.kernel.journal import Notify

LINE_MAX = 2000
MOST_PHOTOS = 4


def write_log(
    *, actor: Actor, code: str, text: str, photos: Sequence[UUID] = (), happened_at: datetime | None = None
) -> LogLine:
    """A line for everybody at this case, with photos. Whoever is on a task hears of it. Raises NotFound, Forbidden, Invalid."""
    body = _said(text)
    if not body and not photos:
        raise Invalid(_("Please write something."), fields={"text": _("This is needed.")})
    with transaction.atomic():
        case, task = _held(actor, code)
        files.attach(case.pk, list(photos)[:MOST_PHOTOS], actor=actor, role=CaseFile.Role.NOTE, at=clock.now())
        line = moving.note_line(case, task, "said", actor, body=body, happened_at=happened_at, photos=photos)
        _tell(actor, case, task)
    return line


def _said(given: str) -> str:
    return text.clean(given, max_length=LINE_MAX, multiline=True, field="text")


def _held(actor: Actor, code: str) -> tuple[Case, Task | None]:
    """The case, locked, and the task as whose party this person writes. Raises NotFound, Forbidden."""
    mine = None
    if actor.kind == "staff" and actor.id is not None and engine.is_code(code):
        rows = Task.objects.filter(access.visible_to(actor), case__code=engine.normal_code(code))
        found = rows.select_related("team").order_by("-sent_at")
        mine = next((one for one in found if access.goes(actor, one)), None)
    if mine is not None:
        return held.hold(actor, mine.pk)
    case = engine.lock(actor, code)
    if not access.may_send(actor, case):
        raise Forbidden(_("You can read this case, but not write in it."))
    return case, None


def _tell(actor: Actor, case: Case, task: Task | None) -> None:
    """One entry; a word to everybody of every party under way, but not in the middle of the night's sleep: it is not urgent."""
    others = list(Task.objects.select_related("team").filter(case=case.pk, state__in=OPEN))
    told: dict[UUID, Notify] = {}
    for other in others:
        data = {"code": case.code, "texts": texts.fill(texts.TOLD["log"], other, case)}
        for person in [other.taken_by_id] if other.taken_by_id else parties.told_of(other):
            told.setdefault(person, Notify(person, "task.log", f"/desk/tasks/{other.pk}", data))
    anchor = task or (others[0] if others else None)
    if anchor is None:
        return
    moving.record(
        case, anchor, actor, "log", dict(texts.SAID["log"]),
        notify=[one for person, one in told.items() if person != actor.id],
    )  # fmt: skip


def follow_up(*, actor: Actor, task_id: UUID, category: str, remains: str) -> Case:
    """What remains becomes a case of its own with more time; both know each other. Returns the case that goes on.

    Raises NotFound, Forbidden, Conflict, Invalid.
    """
    with transaction.atomic():
        case, task = held.hold(actor, task_id)
        if not (access.goes(actor, task) or actor.in_centre):
            raise Forbidden(_("This task is for somebody else."))
        data: dict[str, Any] = {"category": category, "text": remains}
        change = engine.begin(actor, case, steps.FOLLOW_UP)
        engine.fill(change, data)
        engine.complete(change)
        other = Case.objects.get(code=change.told["other"])
        moving.note_line(case, task, "follow_up", actor, body=remains, facts={"code": other.code})
    return other
