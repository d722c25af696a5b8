"""Canned replies: the city's, the shared ones and one's own. Specific, because the case fills them; honest, because a gap is never sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases.definition import pick
from hues.cases.models import Case
from hues.console import access, gaps
from hues.console.models import Reply, ReplyVersion
from hues.console.pack import VERBS, console
from hues.kernel import clock, journal, text
from hues.kernel.actors import LEAD, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound

TITLE_MAX, BODY_MAX, BODY_MIN = 80, 2000, 10
_STEPS = {"reject": "reason", "redirect": "to"}


@dataclass(frozen=True)
class Offered:
    """A reply as it would stand in the text field: filled as far as the case can, the rest marked as it is."""

    title: str
    text: str
    template: str  # with its names, for many cases at once
    choice: str
    gaps: Sequence[str]
    source: str  # city, shared, own


def offered(actor: Actor, case: Case, verb: str, *, agency: str = "", due: str = "") -> list[Offered]:
    """The replies for a verb, filled from the case, in its sender's language where there is one: one's own first. One statement."""
    language, shown_in = case.language, get_language() or "vi"
    rows = Reply.objects.filter(Q(owner_id=actor.id) | Q(shared=True), verb=verb, ended_at=None).order_by("title")
    found = [
        (one.title, one.body, one.choice, "own" if one.owner_id == actor.id else "shared")
        for one in sorted(rows[:100], key=lambda one: one.owner_id != actor.id)
    ]
    found += [
        (pick(one.titles, shown_in), pick(one.texts, language), one.choice, "city")
        for one in console().replies
        if one.verb == verb
    ]
    return [_offered(case, verb, *reply, language, agency, due) for reply in found]


def _offered(
    case: Case, verb: str, title: str, body: str, choice: str, source: str, language: str, agency: str, due: str
) -> Offered:
    reason = gaps.choice_text(case, verb, _STEPS[verb], choice, language) if verb in _STEPS and choice else ""
    written = gaps.fill(body, gaps.facts(case, language, agency=agency, due=due, reason=reason))
    return Offered(title, written, body, choice, gaps.open_gaps(written), source)


def own_and_shared(actor: Actor) -> list[Reply]:
    """For the page of replies. One statement."""
    rows = Reply.objects.filter(Q(owner_id=actor.id) | Q(shared=True), ended_at=None).select_related("owner")
    return sorted(rows[:200], key=lambda one: (one.owner_id != actor.id, one.title.casefold()))


def save_reply(
    *,
    actor: Actor,
    title: str,
    body: str,
    verb: str,
    choice: str = "",
    reply_id: UUID | None = None,
    shared: bool = False,
) -> Reply:
    """Write a reply or change one; each text is a version. Shared ones belong to everybody in the centre: changing one is journalled, and is
    its owner's or a lead's to do. Raises NotFound, Forbidden, Invalid, Conflict (a title twice)."""
    me = access.operator(actor)
    title, body = _checked(title, body, verb)
    with transaction.atomic():
        reply = _own(actor, reply_id) if reply_id else Reply(owner_id=me, version=0)
        was_shared = reply.shared
        reply.title, reply.body, reply.verb, reply.choice, reply.shared = title, body, verb, choice[:32], shared
        reply.language = actor.language
        reply.version, reply.at = reply.version + 1, clock.now()
        try:
            with transaction.atomic():
                reply.save()
        except IntegrityError:
            reason = _("You have a reply of this name already.")
            raise Conflict(reason) from None
        ReplyVersion.objects.create(reply=reply, version=reply.version, title=title, body=body, by_id=me, at=reply.at)
        if shared or was_shared:
            _tell(actor, reply, "shared" if not was_shared else "changed" if shared else "withdrawn")
    return reply


def end_reply(*, actor: Actor, reply_id: UUID) -> None:
    """Offer a reply no longer; its versions stay. Raises NotFound, Forbidden."""
    with transaction.atomic():
        reply = _own(actor, reply_id)
        reply.ended_at = clock.now()
        reply.save(update_fields=["ended_at"])
        if reply.shared:
            _tell(actor, reply, "ended")


def _checked(title: str, body: str, verb: str) -> tuple[str, str]:
    wrong = {}
    title = text.clean(title, max_length=TITLE_MAX, field="title")
    body = text.clean(body, max_length=BODY_MAX, multiline=True, field="body")
    if not title:
        wrong["title"] = _("This is needed.")
    if len(body) < BODY_MIN:
        wrong["body"] = _("Please write a little more: at least {n} characters.").format(n=BODY_MIN)
    if unknown := gaps.unknown_names(body):
        wrong["body"] = _("No report can fill in: {names}").format(names=", ".join(f"{{{name}}}" for name in unknown))
    if verb not in VERBS:
        wrong["verb"] = _("This is not one of the choices.")
    if wrong:
        raise Invalid(_("Something is missing or not right yet."), fields=wrong)
    return title, body


def _own(actor: Actor, reply_id: UUID) -> Reply:
    reply = Reply.objects.select_for_update().filter(pk=reply_id, ended_at=None).first()
    if reply is None or (reply.owner_id != actor.id and not reply.shared) or not actor.in_centre:
        raise NotFound(_("There is no such reply."))
    if reply.owner_id != actor.id and not actor.has(LEAD):
        raise Forbidden(_("Only whoever wrote it or a shift lead changes a shared reply."))
    return reply


def _tell(actor: Actor, reply: Reply, what: str) -> None:
    journal.record(
        actor=actor,
        action=f"reply.{what}",
        subject_kind="reply",
        subject_id=reply.pk,
        topics=["centre"],
        centre={"title": reply.title, "body": reply.body, "version": reply.version, "verb": reply.verb},
    )
