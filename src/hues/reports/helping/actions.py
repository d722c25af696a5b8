"""Filing for somebody else: who may, whom for, and what the person is told.

A helper (an officer, a head, the centre, or a ward's helper) ticks that the person agreed. With a number and the code that
the person reads out, the person becomes the reporter. With a number alone, the report is the helper's filing, and the
person gets a text message with a link to follow it. Without a number nobody is told, and the helper writes the case's
code on paper.
"""

from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases.models import Case
from hues.city.pack import settings as city_settings
from hues.kernel import clock, journal, limits
from hues.kernel.actors import HEAD, HELPER, OFFICER, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.ids import new_id
from hues.people import phones, vault
from hues.people.models import User
from hues.reports.helping.models import OnBehalf

LIFE = timedelta(days=1)  # between consent and sending: a helper without network sends later
A_HELPER = (60, 3600)  # people an hour


def may_help(actor: Actor) -> bool:
    """Officers, heads, the centre, and the helpers of wards and hamlets."""
    return actor.kind == "staff" and (actor.in_centre or actor.has(OFFICER, HEAD, HELPER))


def begin(*, actor: Actor, phone: str, consent: bool) -> OnBehalf:
    """Start filing for somebody. `phone` may be empty. Raises Forbidden, Invalid (consent, phone), TooMany."""
    if not may_help(actor) or actor.id is None:
        raise Forbidden(_("Only helpers of the city file for somebody else."))
    wrong: dict[str, str] = {}
    if not consent:
        wrong["consent"] = _("Please ask first whether they agree.")
    number = ""
    if phone.strip():
        try:
            number = phones.normalise(phone, city_settings()["phone_region"])
        except Invalid as problem:
            wrong |= problem.fields or {"phone": problem.detail}
    if wrong:
        raise Invalid(_("Some of it needs mending."), fields=wrong)
    limits.spend(f"behalf:{actor.id}", limit=A_HELPER[0], window=A_HELPER[1])
    row = OnBehalf(id=new_id(), helper_id=actor.id, language=get_language() or "vi", consent_at=clock.now())
    if number:
        row.sealed_phone = vault.seal(number.encode(), row.id.bytes)
    row.save(force_insert=True)
    return row


def confirm(*, actor: Actor, behalf_id: UUID, person: User) -> None:
    """The person read out their code: they will be the reporter. Raises NotFound, Conflict."""
    with transaction.atomic():
        row = _own(actor, behalf_id)
        row.person = person
        row.save(update_fields=["person"])


def claim(*, actor: Actor, asked: Any) -> OnBehalf:
    """The row that a report names, locked, not used yet. Raises Invalid (`for_other`) where it is not this helper's."""
    try:
        return _own(actor, asked if isinstance(asked, UUID) else UUID(asked))
    except (ValueError, AttributeError, TypeError, NotFound):
        reason = _("Please begin again with the person you are helping: the permission has run out.")
        raise Invalid(reason, fields={"for_other": reason}) from None


def finish(*, actor: Actor, behalf: OnBehalf, case: Case) -> None:
    """The report is filed: the staff's journal says by whom, the person gets their message. In the filing's transaction."""
    from hues.reports import jobs

    behalf.case = case
    behalf.save(update_fields=["case"])
    journal.record(
        actor=actor,
        action="case.filed_for",
        subject_kind="case",
        subject_id=case.pk,
        staff={
            "said": {"vi": f"Gửi giúp người dân: {actor.name}", "en": f"Filed for a citizen by {actor.name}"},
            "confirmed": behalf.person_id is not None,
        },
    )
    if behalf.sealed_phone:
        jobs.tell_person.defer(behalf_id=str(behalf.pk))


def new_link(behalf: OnBehalf) -> str:
    """The secret part of the short link: 72 bits of a key of the vault, so that a repeated message says the same. Kept
    is its hash.
    """
    token = urlsafe_b64encode(vault.current().digest(f"follow:{behalf.pk}")[:9]).decode()
    behalf.link_hash = sha256(token.encode()).hexdigest()
    return token


def by_link(token: str) -> Case:
    """The case that a short link leads to. Raises NotFound."""
    mark = sha256(token.encode("utf-8", "replace")).hexdigest()
    rows = OnBehalf.objects.filter(link_hash=mark, case__isnull=False).select_related(
        "case__category", "case__unit", "case__agency"
    )
    row = rows.first()
    if row is None or row.case is None:
        raise NotFound(_("This link does not work any more."))
    return row.case


def find(*, actor: Actor, behalf_id: UUID) -> OnBehalf:
    """A helper's own row, whether used or not. Raises NotFound."""
    rows = OnBehalf.objects.filter(pk=behalf_id, helper_id=actor.id)
    row = (
        rows.filter(Q(case__isnull=False) | Q(consent_at__gt=clock.now() - LIFE))
        .select_related("case__category")
        .first()
    )
    if row is None or not may_help(actor):
        raise NotFound(_("There is no such page."))
    return row


def purge() -> int:
    """Forget consents that came to nothing; returns how many."""
    deleted, _by_model = OnBehalf.objects.filter(case=None, consent_at__lt=clock.now() - LIFE).delete()
    return deleted


def erase_of(person_id: UUID) -> dict[str, int]:
    """What is kept of somebody who was helped."""
    rows = OnBehalf.objects.filter(person_id=person_id)
    return {"filed_for": rows.update(person=None, sealed_phone=b"", link_hash="")}


def export_of(person_id: UUID) -> list[dict[str, Any]]:
    rows = OnBehalf.objects.filter(person_id=person_id).select_related("case")
    return [{"case": row.case.code if row.case else None, "agreed_at": row.consent_at} for row in rows]


def _own(actor: Actor, behalf_id: UUID) -> OnBehalf:
    rows = OnBehalf.objects.select_for_update(of=("self",)).select_related("person")
    row = rows.filter(pk=behalf_id, helper_id=actor.id, consent_at__gt=clock.now() - LIFE).first()
    if row is None or not may_help(actor):
        raise NotFound(_("There is no such page."))
    if row.case_id is not None:
        raise Conflict(_("This report has been sent already."))
    return row
