"""More people call than can be answered: a lead says so, volunteers come in, callers hear what is known of their area."""

from datetime import date, timedelta
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hues.city import pack
from hues.city import queries as city
from hues.hotline import access
from hues.hotline.models import Announcement, Surge
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM, VOLUNTEER, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.ids import new_id
from hues.kernel.models import JournalEntry
from hues.kernel.text import clean
from hues.people import queries as people
from hues.people.actions.staff import give, locked
from hues.people.models import Membership, User

SUGGESTED_AGAIN = timedelta(minutes=30)
TEXT_MAX = 600  # a minute of speech
LONGEST = timedelta(days=7)
_SUBJECT = UUID("4c1d9d34-5f6e-5d44-9a39-3a9a3b0a6a55")  # of what the journal says of the hotline as a whole
SUBJECT = uuid5(_SUBJECT, "hotline")


def lead_only(actor: Actor) -> None:
    if not access.may_read(actor):
        raise NotFound(_("There is no such page."))
    if not access.may_lead(actor):
        raise Forbidden(_("A lead decides this."))


def begin_surge(*, actor: Actor, reason: str) -> Surge:
    """Raises NotFound, Forbidden, Invalid, Conflict (it is on)."""
    lead_only(actor)
    words = clean(reason, max_length=300, field="reason")
    if len(words) < 3:
        raise Invalid(_("Some of it needs mending."), fields={"reason": _("Say in a few words why: it is kept.")})
    try:
        with transaction.atomic():
            row = Surge.objects.create(id=new_id(), reason=words, on_at=clock.now(), on_by_id=actor.id)
            record(actor, "hotline.surge_on", reason=words)
    except IntegrityError:
        raise Conflict(_("Surge mode is on already.")) from None
    return row


def end_surge(*, actor: Actor) -> Surge:
    """Raises NotFound, Forbidden, Conflict (it is off). Volunteers see nothing from the next request on."""
    lead_only(actor)
    with transaction.atomic():
        row = Surge.objects.select_for_update().filter(off_at=None).first()
        if row is None:
            raise Conflict(_("Surge mode is off already."))
        row.off_at, row.off_by_id = clock.now(), actor.id
        row.save(update_fields=["off_at", "off_by"])
        record(actor, "hotline.surge_off")
    return row


def suggest_surge() -> bool:
    """Tell the leads, once in half an hour, that the queue is longer than the pack allows. Returns whether they were told."""
    from hues.hotline.queries import waiting

    now = waiting()
    if not now.too_many or access.in_surge():
        return False
    told = JournalEntry.objects.filter(
        subject_id=SUBJECT, action="hotline.surge_suggested", at__gt=clock.now() - SUGGESTED_AGAIN
    )
    if told.exists():
        return False
    data = {"waiting": now.waiting, "minutes": now.longest_s // 60}
    with transaction.atomic():
        journal.record(
            actor=SYSTEM, action="hotline.surge_suggested", subject_kind="hotline", subject_id=SUBJECT, topics=["calls"],
            centre=data,
            notify=[journal.Notify(person, "hotline.surge", "/desk/calls/surge", data) for person in _leads()],
        )  # fmt: skip
    return True


def _leads() -> list[UUID]:
    rows = Membership.objects.filter(people.valid_on(people.today()), role="lead", user__is_active=True)
    return list(rows.values_list("user_id", flat=True).distinct())


def invite_volunteer(*, actor: Actor, username: str, until: date | None) -> Membership:
    """Let a member of staff help at the telephones up to, not including, a day. Raises NotFound, Forbidden, Invalid."""
    lead_only(actor)
    found = User.objects.filter(kind=User.Kind.STAFF, username=username.strip().lower(), is_active=True).first()
    if found is None:
        reason = _("There is no such account.")
        raise Invalid(reason, fields={"username": reason})
    with transaction.atomic():
        membership = give(actor, locked(found.pk), VOLUNTEER, "", None, until)
        record(actor, "hotline.volunteer_invited", until=str(until))
    return membership


def write_announcement(*, actor: Actor, unit_code: str, texts: dict[str, str], hours: int) -> Announcement:
    """A new version of what callers of a ward (or of the whole city, "") are told, for some hours. Raises NotFound,
    Forbidden, Invalid.
    """
    lead_only(actor)
    wrong: dict[str, str] = {}
    kept = {}
    for language in pack.settings()["languages"]:
        kept[language] = clean(texts.get(language, ""), max_length=TEXT_MAX, multiline=True, field=f"text_{language}")
        if len(kept[language]) < 10:
            wrong[f"text_{language}"] = _("Write what callers should know, in each language.")
    if not 1 <= hours <= LONGEST.days * 24:
        wrong["hours"] = _("From 1 to {n} hours.").format(n=LONGEST.days * 24)
    unit = _unit(unit_code, wrong)
    if wrong:
        raise Invalid(_("Some of it needs mending."), fields=wrong)
    with transaction.atomic():
        same = Announcement.objects.select_for_update().filter(unit=unit).order_by("-version")
        last = same.first()
        now = clock.now()
        Announcement.objects.filter(unit=unit, withdrawn_at=None).update(withdrawn_at=now)
        row = Announcement.objects.create(
            id=new_id(), unit=unit, version=(last.version if last else 0) + 1, texts=kept, written_at=now,
            written_by_id=actor.id, ends_at=now + timedelta(hours=hours),
        )  # fmt: skip
        record(actor, "hotline.announced", unit=unit_code, version=row.version)
    return row


def _unit(code: str, wrong: dict[str, str]):  # type: ignore[no-untyped-def]  # Unit | None
    if not code:
        return None
    try:
        return city.unit(code)
    except NotFound:
        wrong["unit"] = _("This is not one of the choices.")
        return None


def withdraw_announcement(*, actor: Actor, announcement_id: UUID) -> None:
    """Callers do not hear it any more. Raises NotFound, Forbidden."""
    lead_only(actor)
    with transaction.atomic():
        rows = Announcement.objects.filter(pk=announcement_id, withdrawn_at=None)
        if not rows.update(withdrawn_at=clock.now()):
            raise NotFound(_("This announcement is gone already."))
        record(actor, "hotline.announcement_withdrawn", announcement=str(announcement_id))


def record(actor: Actor, action: str, **centre: object) -> None:
    journal.record(
        actor=actor,
        action=action,
        subject_kind="hotline",
        subject_id=SUBJECT,
        topics=["calls", "centre"],
        centre=centre,
    )
