"""Giving an order. Accepting, reporting, checking, returning are steps of its process (`cases.actions.take_step`)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import access, engine, reference
from hues.cases.models import Case, source_of_office
from hues.cases.opening import open_inside
from hues.city.models import Agency
from hues.kernel import clock, journal, text
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid
from hues.kernel.ids import new_id
from hues.orders import giving
from hues.orders.models import Order

KINDS = ("number", "chart", "case", "call", "incident")
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=366)
MOST_FILES = 10

_SAID = {"vi": "Giao cho {agency}, hạn {due}", "en": "Given to {agency}, due {due}"}
_TOLD = {"vi": "CHỈ ĐẠO {code}, hạn {due}: {title}", "en": "ORDER {code}, due {due}: {title}"}


@transaction.atomic
def give_order(
    *,
    actor: Actor,
    agency_id: int,
    title: str,
    text: str,
    due_at: datetime,
    evidence: str = "",
    files: int = 0,
    source: Mapping[str, Any] | None = None,
    form_key: UUID | None = None,
    is_sample: bool = False,
) -> Case:
    """Give an agency something to do until a moment, with what must prove it. Returns the case by which it is followed.

    `source`: {"kind": number|chart|case|call|incident, "ref", "label", "url"}; a case is named by its code, and its page shows the order.
    Without `evidence` it asks for what every order asks for (`asked_of_all`): none goes out without saying what must prove it.
    Sent twice with the same `form_key`, it is given once. Raises Forbidden, Invalid (fields), Conflict.
    """
    office = giving.office_for(actor, agency_id)
    agency = reference.agencies().get(agency_id)
    if office is None or agency is None or agency.valid_to is not None or actor.id is None:
        raise Forbidden(_("You cannot give orders to this agency."))
    if form_key and (
        given := Order.objects.filter(form_key=form_key, giver_id=actor.id).select_related("case").first()
    ):
        return given.case
    order = _checked(title, text, due_at, evidence.strip() or asked_of_all(), files)
    source = _source(actor, source or {})
    case = open_inside(
        actor=actor,
        category=giving.category(),
        channel=giving.CHANNEL,
        body=f"{order['title']}\n{order['text']}",
        due_at=due_at,
        said=_SAID,
        told={"officer": _TOLD, "heads": _TOLD},
        agency_id=agency_id,
        source=source_of_office(office.pk),
        source_id=new_id().hex,
        answers={"files": files} if files else {},
        is_sample=is_sample,
    )
    Order.objects.create(
        case_id=case.pk, title=order["title"], evidence=order["evidence"], files=files, giver_id=actor.id, office=office,
        given_at=case.received_at, form_key=form_key, **{f"source_{name}": value for name, value in source.items()},
    )  # fmt: skip
    _note(actor, case, office, source)
    return case


def asked_of_all() -> str:
    """What proves an order where its giver asks for nothing else."""
    return _("What was done and with what result, in words; a photo or a document that shows it.")


def _checked(title: str, words: str, due_at: datetime, evidence: str, files: int) -> dict[str, str]:
    """The words of an order, clean. Raises Invalid with every field to mend."""
    wrong: dict[str, str] = {}
    clean: dict[str, str] = {}
    for name, given, most, least in (
        ("title", title, 160, 5),
        ("text", words, 3500, 10),
        ("evidence", evidence, 500, 10),
    ):
        try:
            clean[name] = text.clean(given, max_length=most, multiline=name != "title", field=name)
        except Invalid as problem:
            wrong[name] = problem.detail
            continue
        if len(clean[name]) < least:
            wrong[name] = _("Please write a little more: at least {n} characters.").format(n=least)
    if due_at < clock.now() + SHORTEST:
        wrong["due"] = _("The deadline must be at least {n} minutes from now.").format(n=15)
    elif due_at > clock.now() + LONGEST:
        wrong["due"] = _("The date is too far away.")
    if not 0 <= files <= MOST_FILES:
        wrong["files"] = _("This must be between {least} and {most}.").format(least=0, most=MOST_FILES)
    if wrong:
        raise Invalid(_("Something is missing or not right yet."), fields=wrong)
    return clean


def _source(actor: Actor, given: Mapping[str, Any]) -> dict[str, str]:
    """What it is given out of, checked: a kind that is known, a page of this house, a case that the giver sees."""
    kind = str(given.get("kind") or "")
    if not kind:
        return {}
    url = str(given.get("url") or "")
    if kind not in KINDS or (url and (not url.startswith("/") or url.startswith(("//", "/\\")) or len(url) > 300)):
        raise Invalid(
            _("An order cannot be given out of this."), fields={"source": _("This is not one of the choices.")}
        )
    ref = text.clean(str(given.get("ref") or ""), max_length=80, field="source")
    label = text.clean(str(given.get("label") or ""), max_length=200, field="source")
    if kind == "case":
        case = _case(actor, ref)
        ref, url = case.code, f"/desk/cases/{case.code}"
    return {"kind": kind, "ref": ref, "label": label, "url": url}


def _case(actor: Actor, code: str) -> Case:
    found = None
    if engine.is_code(code):
        found = Case.objects.filter(access.visible_to(actor), code=engine.normal_code(code)).only("id", "code").first()
    if found is None:
        raise engine.no_case()
    return found


_FROM_CASE = {"vi": "Chỉ đạo {code} cho {agency}", "en": "Order {code} to {agency}"}


def _note(actor: Actor, order: Case, office: Agency, source: Mapping[str, str]) -> None:
    """The case that it was given out of tells of it, to the centre only: its agency may be another one."""
    if source.get("kind") != "case":
        return
    origin = Case.objects.only("id").get(code=source["ref"])
    agency = reference.agencies()[order.agency_id or 0]
    said = {k: v.format(code=order.code, agency=agency.name(k)) for k, v in _FROM_CASE.items()}
    journal.record(
        actor=actor,
        action="case.order_given",
        subject_kind="case",
        subject_id=origin.pk,
        topics=[f"case:{origin.pk}", "centre"],
        centre={"said": said, "order": order.code, "office": office.code},
    )
