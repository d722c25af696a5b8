"""From a call to a case: a report filed for the caller, a case they ask about or have too, and the code that says who they are.

The number on the display opens nothing. Whoever wants their own account to be meant reads out the code that is sent to the
account's own telephone; until then a report is the centre's, and the caller gets its code and a link to follow it.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import actions as cases
from hues.cases import queries as case_queries
from hues.cases.models import Case
from hues.city import queries as city
from hues.hotline import numbers
from hues.hotline.actions.handling import locked
from hues.hotline.actions.taking import record
from hues.hotline.models import Call, CallLink
from hues.kernel import clock, limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from hues.people import queries as people
from hues.people import vault
from hues.people.actions.codes import SentCode, confirm_code, send_code
from hues.people.models import User

PURPOSE = "call"
FILED_AN_HOUR = (120, 3600)


def file_report(
    *,
    actor: Actor,
    call_id: UUID,
    category: str,
    body: str,
    lat: Any = None,
    lon: Any = None,
    address: str = "",
    answers: Mapping[str, Any] | None = None,
    tell: bool = False,
) -> Case:
    """Open a case for the caller, linked to the call. Its reporter is who confirmed the call with a code, or nobody.

    `tell`: the caller wants the case's code and a link by text message. Raises NotFound, Forbidden, TooMany, Invalid with
    every complaint by field.
    """
    limits.spend(f"call:file:{actor.id}", limit=FILED_AN_HOUR[0], window=FILED_AN_HOUR[1])
    point = _point(lat, lon, address)
    with transaction.atomic():
        call = locked(actor, call_id)
        number = numbers.unseal(call.sealed_number, call.id) if tell else ""
        if tell and not numbers.takes_texts(number):
            reason = _("No text message can be sent to this number. Read the code out instead.")
            raise Invalid(reason, fields={"tell": reason})
        case = cases.open_case(
            actor=actor,
            category=category,
            body=body,
            lat=point[0] if point else None,
            lon=point[1] if point else None,
            address=address,
            place_source="address" if address else "",
            answers=answers,
            reporter=call.person,
            language=call.language,
            channel="hotline",
            is_sample=call.is_sample,
        )
        link = _link(call, case, CallLink.Kind.FILED, actor, tell=tell)
        record(call, "call.reported", actor=actor, case=case.code)
        if tell:
            _tell_soon(link)
    return case


def _point(lat: Any, lon: Any, address: str) -> tuple[Any, Any] | None:
    """What was picked, else where the city's own list of places knows the address."""
    if lat not in (None, "") and lon not in (None, ""):
        return lat, lon
    found = city.find_places(address, get_language() or "vi", 1) if address.strip() else []
    return (found[0].lat, found[0].lon) if found else None


def link_case(*, actor: Actor, call_id: UUID, code: str, kind: str, words: str = "") -> CallLink:
    """The call is about a case that exists: the caller has it too, or asks about it. Those who handle it read a note of it,
    without the number; a caller who confirmed themselves counts as one more who has it.

    Raises NotFound, Forbidden, Invalid, Conflict (linked already).
    """
    if kind not in (CallLink.Kind.SAME, CallLink.Kind.ABOUT):
        raise Invalid(_("How does it belong to the call?"), fields={"kind": _("This is not one of the choices.")})
    if not code.strip():
        raise Invalid(_("Which case?"), fields={"code": _("This is missing.")})
    with transaction.atomic():
        call = locked(actor, call_id)
        case = _case(actor, code)
        if call.links.filter(case=case).exists():
            raise Conflict(_("This case is linked to the call already."))
        link = _link(call, case, kind, actor)
        if kind == CallLink.Kind.SAME and call.person is not None:
            _support(call.person, case)
        _note(actor, case, call, kind, words)
        record(call, "call.linked", actor=actor, case=case.code, kind=str(kind))
    return link


def _case(actor: Actor, code: str) -> Case:
    """A volunteer links what everybody can read; the centre anything. Raises NotFound."""
    if actor.in_centre or actor.kind == "system":
        return case_queries.case_for(actor, code)
    return Case.objects.get(code=case_queries.public_case(code).code)


def _support(person: User, case: Case) -> None:
    """ "Me too" of somebody who confirmed who they are; what cannot be supported stays a note."""
    try:
        with transaction.atomic():
            cases.support_case(actor=people.actor_for(person), code=case.code)
    except Problem:
        return


def _note(actor: Actor, case: Case, call: Call, kind: str, words: str) -> None:
    """For those who handle it. A volunteer's link is seen on the case; notes there are the centre's."""
    if not actor.in_centre:
        return
    has_it = kind == CallLink.Kind.SAME
    text = _("One more caller reports the same (%(code)s).") if has_it else _("A caller asked about this (%(code)s).")
    cases.send_message(
        actor=actor, code=case.code, body=f"{text % {'code': call.code}} {words}".strip(), audience="staff"
    )


def _link(call: Call, case: Case, kind: str, actor: Actor, *, tell: bool = False) -> CallLink:
    link = CallLink.objects.create(call=call, case=case, kind=kind, by_id=actor.id, at=clock.now(), tell=tell)
    if call.case_id is None:
        Call.objects.filter(pk=call.pk).update(case=case)
    return link


# ── the caller's text message ──


def _tell_soon(link: CallLink) -> None:
    from hues.hotline import jobs

    jobs.tell_caller.defer(link_id=link.pk)


def new_token(link: CallLink) -> str:
    """The secret part of the short link: 72 bits of a key of the vault, so that a repeated message says the same. Kept is
    its hash.
    """
    token = urlsafe_b64encode(vault.current().digest(f"call-link:{link.pk}")[:9]).decode()
    link.link_hash = sha256(token.encode()).hexdigest()
    return token


def by_token(token: str) -> Case:
    """The case that a short link leads to. Raises NotFound."""
    mark = sha256(token.encode("utf-8", "replace")).hexdigest()
    found = (
        CallLink.objects.filter(link_hash=mark).select_related("case__category", "case__unit", "case__agency").first()
    )
    if found is None:
        raise NotFound(_("This link does not work any more."))
    return found.case


# ── who the caller is ──


def send_caller_code(*, actor: Actor, call_id: UUID) -> SentCode:
    """Send a code to the telephone that the number belongs to. Whoever only pretends to have that number does not get it.

    Raises NotFound, Forbidden, Conflict, Invalid (no text messages), TooMany, Unavailable.
    """
    with transaction.atomic():
        call = locked(actor, call_id)
        if not call.is_open:
            raise Conflict(_("This call has ended."))
        number = numbers.unseal(call.sealed_number, call.id)
        if not numbers.takes_texts(number):
            raise Invalid(_("No text message can be sent to this number."))
        record(call, "call.code_sent", actor=actor)
    return send_code(phone=number, purpose=PURPOSE, session_key=_session(call))


def confirm_caller(*, actor: Actor, call_id: UUID, code: str) -> Call:
    """The caller read the code out: the account of that telephone is theirs. Raises Invalid (`code`), NotFound, Forbidden."""
    with transaction.atomic():
        call = locked(actor, call_id)
        if not call.is_open:
            raise Conflict(_("This call has ended."))
    person = confirm_code(code=code, purpose=PURPOSE, session_key=_session(call))  # a wrong try counts by itself
    with transaction.atomic():
        call = locked(actor, call_id)
        if call.person_id not in (None, person.pk):
            raise Forbidden(_("Somebody else has confirmed this call."))
        call.person = person
        call.save(update_fields=["person"])
        record(call, "call.confirmed", actor=actor)
    return call


def _session(call: Call) -> str:
    return f"call:{call.pk}"
