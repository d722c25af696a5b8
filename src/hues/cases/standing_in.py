"""While a head is away somebody of the agency decides in their place, for named days, and the history says for whom.

The deputy holds the role of head in those days (a membership with its first and last day), so that everything that asks for the head
finds them: lists, ladders, approvals. The head keeps the role, too, and may call the deputy back at any time.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hues.cases.models import StandIn
from hues.city.models import Agency
from hues.kernel import clock, journal, text
from hues.kernel.actors import HEAD, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.journal import Notify
from hues.people.actions.staff import give, locked
from hues.people.models import Membership
from hues.people.queries import today, valid_on

LONGEST_DAYS = 60


@transaction.atomic
def name_deputy(*, actor: Actor, agency: Agency, deputy_id: UUID, first: date, last: date, reason: str = "") -> StandIn:
    """Let an officer of the agency decide as its head from the first day to the last. Only its own head, not a deputy.

    Raises Forbidden, Invalid, Conflict (who is head anyway needs no naming), NotFound.
    """
    if actor.id is None or not _is_head(actor, agency.pk):
        raise Forbidden(_("Only the head of the agency names who stands in."))
    _check_days(first, last)
    reason = text.clean(reason, max_length=200, field="reason")
    deputy = locked(deputy_id)
    held = Membership.objects.filter(valid_on(today()), user=deputy, agency=agency)
    if deputy.pk == actor.id or not deputy.is_active or not held.exists():
        wrong = _("Please choose somebody of this agency.")
        raise Invalid(wrong, fields={"deputy": wrong})
    if Membership.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=today()), user=deputy, agency=agency, role=HEAD
    ).exists():
        raise Conflict(_("They are head already, or will be."))
    give(actor, deputy, HEAD, agency.code, first, last + timedelta(days=1))
    named = StandIn.objects.create(
        agency=agency, head_id=actor.id, deputy=deputy, first=first, last=last, reason=reason, at=clock.now()
    )
    _note(actor, "agency.deputy_named", named, [Notify(deputy.pk, "agency.deputy", "/desk/agency", _told(named))])
    return named


@transaction.atomic
def call_back(*, actor: Actor, stand_in_id: int) -> StandIn:
    """The head is back: the deputy's role ends now. Raises NotFound for whoever has nothing to do with it, Conflict."""
    named = StandIn.objects.select_for_update().filter(pk=stand_in_id).select_related("agency").first()
    if named is None or actor.id not in (named.head_id, named.deputy_id):
        raise NotFound(_("There is no such deputy."))
    if named.ended_at or named.last < today():
        raise Conflict(_("This has ended already."))
    named.ended_at = clock.now()
    named.save(update_fields=["ended_at"])
    role = Membership.objects.filter(user_id=named.deputy_id, role=HEAD, agency_id=named.agency_id)
    role.filter(valid_from__gt=today()).delete()  # it never began
    role.filter(valid_from__lte=today()).update(valid_to=today())
    _note(actor, "agency.deputy_ended", named, [])
    return named


def whom(actor: Actor, agency_id: int | None) -> str:
    """The head in whose place somebody decides today; "" for a head of their own right. One statement."""
    if actor.kind != "staff" or agency_id is None:
        return ""
    found = _current().filter(deputy_id=actor.id, agency_id=agency_id).select_related("head").first()
    return found.head.name if found else ""


def named(agency_id: int) -> Sequence[StandIn]:
    """Who stands in now or will, the next first. One statement."""
    rows = StandIn.objects.filter(agency_id=agency_id, ended_at=None, last__gte=today())
    return list(rows.select_related("head", "deputy").order_by("first", "pk")[:20])


def _current() -> QuerySet[StandIn]:
    return StandIn.objects.filter(ended_at=None, first__lte=today(), last__gte=today())


def _is_head(actor: Actor, agency_id: int) -> bool:
    return actor.heads(agency_id) and not _current().filter(deputy_id=actor.id, agency_id=agency_id).exists()


def may_name(actor: Actor, agency_id: int) -> bool:
    return _is_head(actor, agency_id)


def _check_days(first: date, last: date) -> None:
    if first < today():
        wrong = _("This day has passed.")
        raise Invalid(wrong, fields={"first": wrong})
    if last < first:
        wrong = _("The end must come after the beginning.")
        raise Invalid(wrong, fields={"last": wrong})
    if (last - first).days >= LONGEST_DAYS:
        wrong = _("At most {n} days at once.").format(n=LONGEST_DAYS)
        raise Invalid(wrong, fields={"last": wrong})


def _told(named: StandIn) -> dict[str, object]:
    texts = {
        "vi": "Bạn được ủy quyền thay {head} từ {first} đến {last}.",
        "en": "You stand in for {head} from {first} to {last}.",
    }
    facts = {"head": named.head.name, "first": f"{named.first:%d/%m/%Y}", "last": f"{named.last:%d/%m/%Y}"}
    return {"texts": {language: text.format(**facts) for language, text in texts.items()}}


def _note(actor: Actor, action: str, named: StandIn, notify: list[Notify]) -> None:
    journal.record(
        actor=actor,
        action=action,
        subject_kind="person",
        subject_id=named.deputy_id,
        topics=[f"agency:{named.agency_id}", f"person:{named.deputy_id}"],
        audit={
            "agency": named.agency.code,
            "head": str(named.head_id),
            "first": str(named.first),
            "last": str(named.last),
        },
        notify=notify,
    )
