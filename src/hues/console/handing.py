"""The end of a shift: what is open is gathered, a word is written, and whoever comes takes it over point by point."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hues.console import access, shifts
from hues.console.models import Handover, HandoverPoint, Hold, Untouched
from hues.kernel import clock, journal, text, threads
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound

WORDS_MAX, NOTE_MAX, POINTS_MOST = 4000, 500, 200
State = Handover.State


def begin_handover(*, actor: Actor) -> Handover:
    """One's draft, with what is open now: new threads join, threads that are over go, notes stay. Raises Forbidden."""
    me = access.operator(actor)
    with transaction.atomic():
        draft = Handover.objects.select_for_update().filter(by_id=actor.id, state=State.DRAFT).first()
        if draft is None:
            here = shifts.current(actor)
            draft = Handover.objects.create(by_id=me, at=clock.now(), shift_id=here.id, shift_name=here.name[:120])
        _gather(actor, draft)
    return draft


def _gather(actor: Actor, draft: Handover) -> None:
    points = {(point.kind, point.ref): point for point in draft.points.exclude(kind="note")}
    found = {}
    for source, open_now in threads.open_threads(actor):
        for thread in open_now[:POINTS_MOST]:
            found[(source.name, thread.ref[:64])] = thread
        if (rest := len(open_now) - POINTS_MOST) > 0:
            label = ngettext("and {n} more", "and {n} more", rest).format(n=rest)
            found[(source.name, f"more-{rest}")] = threads.Thread(
                ref=f"more-{rest}", label=label, url=open_now[POINTS_MOST].url
            )
    gone = [point.pk for key, point in points.items() if key not in found]
    draft.points.filter(pk__in=gone).delete()
    new = [
        HandoverPoint(
            handover=draft, kind=kind, ref=ref, label=thread.label[:200], url=thread.url[:200], note=thread.note[:NOTE_MAX],
            due_at=thread.due_at,
        )
        for (kind, ref), thread in found.items()
        if (kind, ref) not in points
    ]  # fmt: skip
    HandoverPoint.objects.bulk_create(new)


def write_handover(
    *,
    actor: Actor,
    words: str,
    notes: Mapping[int, str] | None = None,
    left_out: frozenset[int] = frozenset(),
    add: str = "",
) -> Handover:
    """Keep what was written in one's draft: the word, a note on each point, points that need not be handed on, a further point. Raises Invalid."""
    with transaction.atomic():
        draft = _draft(actor)
        draft.words = text.clean(words, max_length=WORDS_MAX, multiline=True, field="words")
        draft.save(update_fields=["words"])
        for point in draft.points.all():
            note = text.clean((notes or {}).get(point.pk, point.note), max_length=NOTE_MAX, field=f"note-{point.pk}")
            out = point.pk in left_out
            if note != point.note or out != point.left_out:
                HandoverPoint.objects.filter(pk=point.pk).update(note=note, left_out=out)
        if added := text.clean(add, max_length=200, field="add"):
            number = draft.points.filter(kind="note").count() + 1
            HandoverPoint.objects.create(
                handover=draft, kind="note", ref=f"{number}-{clock.now():%H%M%S%f}", label=added
            )
    return draft


def _draft(actor: Actor) -> Handover:
    draft = Handover.objects.select_for_update().filter(by_id=actor.id, state=State.DRAFT).first()
    if draft is None:
        raise Conflict(_("This handover was given already. Begin a new one."))
    return draft


def give_handover(*, actor: Actor) -> Handover:
    """Hand on what is written; who comes next is told. Raises Conflict where there is no draft, Invalid where it says nothing at all."""
    with transaction.atomic():
        draft = _draft(actor)
        points = [point for point in draft.points.all() if not point.left_out]
        if not points and not draft.words:
            reason = _("Please write a word: even that nothing is open.")
            raise Invalid(reason, fields={"words": reason})
        draft.state = State.GIVEN
        draft.given_at = clock.now()
        draft.save(update_fields=["state", "given_at"])
        told = {*shifts.coming(), *shifts.leads()} - {actor.id}
        texts = {
            "vi": f"{actor.name} bàn giao ca: {len(points)} việc còn mở.",
            "en": f"{actor.name} hands over: {len(points)} open matters.",
        }
        _tell(draft, actor, "given", {"points": len(points)}, [
            journal.Notify(person, "handover.given", f"/desk/handover#h-{draft.pk}", {"texts": texts}) for person in sorted(told)
        ])  # fmt: skip
    return draft


def take_point(*, actor: Actor, point_id: int) -> HandoverPoint:
    """Say that one has a point. What was put aside is then this operator's to look at again. Raises NotFound, Forbidden, Conflict."""
    with transaction.atomic():
        point = (
            HandoverPoint.objects.select_for_update(of=("self",)).filter(pk=point_id).select_related("handover").first()
        )
        if point is None or point.left_out or point.handover.state == State.DRAFT or not actor.in_centre:
            raise NotFound(_("There is no such point."))
        if point.handover.by_id == actor.id:
            raise Forbidden(_("Somebody of the next shift takes it over."))
        if point.taken_by_id is not None:
            raise Conflict(_("{who} has this already.").format(who=point.taken_by.name if point.taken_by else ""))
        point.taken_by_id, point.taken_at = actor.id, clock.now()
        point.save(update_fields=["taken_by", "taken_at"])
        if point.kind == "hold" and not point.ref.startswith("more-"):
            Hold.objects.filter(pk=point.ref, ended_at=None).update(by_id=actor.id)
        _tell(point.handover, actor, "point_taken", {"kind": point.kind, "label": point.label})
        _end(actor, point.handover_id)
    return point


def take_handover(*, actor: Actor, handover_id: UUID) -> Handover:
    """Say that one has read a handover whose points are all taken (or that has none). Raises NotFound, Forbidden, Conflict."""
    with transaction.atomic():
        given = Handover.objects.select_for_update().filter(pk=handover_id).exclude(state=State.DRAFT).first()
        if given is None or not actor.in_centre:
            raise NotFound(_("There is no such handover."))
        if given.by_id == actor.id:
            raise Forbidden(_("Somebody of the next shift takes it over."))
        if given.points.filter(left_out=False, taken_by=None).exists():
            raise Conflict(_("Please take each point first: none may be overlooked."))
        _end(actor, given.pk)
        given.refresh_from_db()
    return given


def _end(actor: Actor, handover_id: UUID) -> None:
    """The last point was taken: the handover is complete."""
    given = Handover.objects.select_for_update().get(pk=handover_id)
    if given.state != State.GIVEN or given.points.filter(left_out=False, taken_by=None).exists():
        return
    given.state, given.taken_by_id, given.taken_at = State.TAKEN, actor.id, clock.now()
    given.save(update_fields=["state", "taken_by", "taken_at"])
    texts = {"vi": f"{actor.name} đã nhận bàn giao ca.", "en": f"{actor.name} took your handover."}
    notice = journal.Notify(given.by_id, "handover.taken", f"/desk/handover#h-{given.pk}", {"texts": texts})
    _tell(given, actor, "taken", {}, [notice])
    Untouched.objects.filter(handover_id=given.pk, ended_at=None).update(ended_at=clock.now())


def _tell(
    given: Handover, actor: Actor, what: str, facts: Mapping[str, object], notify: list[journal.Notify] | None = None
) -> None:
    journal.record(
        actor=actor,
        action=f"handover.{what}",
        subject_kind="handover",
        subject_id=given.pk,
        topics=["centre"],
        centre={**facts, "shift": given.shift_name},
        notify=notify or (),
    )
