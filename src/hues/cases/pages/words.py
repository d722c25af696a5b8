"""A case in words, for the desk."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import access, captions, reference
from hues.cases.change import headline
from hues.cases.models import Case, CaseFile, CaseMessage, office_of
from hues.cases.queries import CasePage, Event
from hues.city.models import Unit
from hues.kernel.actors import Actor

_CODE = re.compile("[a-z]+(_[a-z]+)+")  # the code of a choice: nothing that somebody wrote


def language() -> str:
    return get_language() or "vi"


def case_words(found: CasePage, actor: Actor) -> dict[str, Any]:
    case = found.case
    handles = bool(access.roles(actor, case) - {"reporter"})
    title = headline(case, language())
    point = {"lat": case.lat, "lon": case.lon, "title": title}
    before, after = found.files_of(CaseFile.Role.BEFORE), found.files_of(CaseFile.Role.AFTER)
    return {
        "case": case,
        "title": title,
        "reported": case.channel not in ("order", "cause"),
        "where": place(case.address, case.unit),
        "channel": channel(case.channel),
        "visibility": visibility(case.visibility),
        "process_name": found.process_name,
        "reporter": found.reporter or _sender(case),
        "unit_name": case.unit.name(language()) if case.unit else "",
        "agency_name": case.agency.name(language()) if case.agency else "",
        "officer_name": case.officer.name if case.officer else "",
        "answers": answers(case.category.questions, case.answers),
        "pending": pending(case),
        "rating_text": rating(case.rating),
        "points": [point] if case.lat is not None else [],
        "map_label": _("Where it is"),
        "before": before,
        "after": after,
        "pair": (before[0], after[0]) if before and after else None,
        "before_alt": captions.default_alt(CaseFile.Role.BEFORE, captions.what_of(case)),
        "after_alt": captions.default_alt(CaseFile.Role.AFTER, captions.what_of(case)),
        "timeline": lines(found.timeline, {case.answer, *(message.body for message in found.messages)}),
        "talk": talk([m for m in found.messages if m.audience == "party"], actor),
        "notes": talk([m for m in found.messages if m.audience == "staff"], actor),
        "can_talk": handles and bool(found.reporter),
        "can_note": handles,
        "talk_field": {
            "name": "body",
            "label": _("Message to the citizen"),
            "kind": "textarea",
            "rows": 2,
            "maxlength": 4000,
            "required": True,
        },
        "note_field": {
            "name": "body",
            "label": _("Note"),
            "kind": "textarea",
            "rows": 2,
            "maxlength": 4000,
            "required": True,
        },
        "related": related(found),
    }


def _sender(case: Case) -> str:
    """Whom a case without a reporter comes from: the office that ordered it, the agency that opened it for a cause."""
    office = reference.agencies().get(office_of(case) or (case.agency_id if case.channel == "cause" else 0) or 0)
    return office.name(language()) if office else _("without an account")


def related(found: CasePage) -> list[dict[str, Any]]:
    """Cases that belong to this one, and how."""
    kinds = [(other, _("joined to this one")) for other in found.merged]
    kinds += [(other, _("what remained of it")) for other in found.follow_ups]
    kinds += [(other, _("joined to it")) for other in (found.case.parent,) if other is not None]
    kinds += [(other, _("what this one remained from")) for other in (found.case.origin,) if other is not None]
    return [{"case": other, "code": other.code, "how": how} for other, how in kinds]


def pending(case: Case) -> list[dict[str, str]]:
    """What somebody asked for and nobody has settled yet."""
    waiting = []
    if asked := case.pending.get("request_extension"):
        waiting.append({"title": _("More time is asked for: %(days)s working days") % asked, "text": asked["reason"]})
    if asked := case.pending.get("ask_time"):
        waiting.append({"title": _("More time is asked for: %(days)s days") % asked, "text": asked["reason"]})
    if "submit" in case.pending:
        waiting.append({"title": _("The answer waits for the agency's head"), "text": ""})
    if asked := case.pending.get("ask_citizen"):
        waiting.append({"title": _("The citizen was asked"), "text": asked["question"]})
    returned = case.pending.get("returned", {}).get("agency")
    if case.state == "triage" and returned in reference.agencies():
        name = reference.agencies()[returned].name(language())
        waiting.append({"title": _("Returned by %(agency)s") % {"agency": name}, "text": ""})
    return waiting


def place(address: str, unit: Unit | None) -> str:
    """Address and unit, the unit only where the address does not name it."""
    name = unit.name(language()) if unit else ""
    if unit and any(one.casefold() in address.casefold() for one in (name, unit.name("vi"))):
        return address
    return " · ".join(part for part in (address, name) if part)


def channel(code: str) -> str:
    names = {
        "web": _("web"),
        "hotline": _("hotline"),
        "import": _("import"),
        "open311": "Open311",
        "api": "API",
        "order": _("order"),
        "cause": _("common cause"),
    }
    return names.get(code, code)


def visibility(code: str) -> str:
    names = {"public": _("Public"), "masked": _("Public, place blurred"), "restricted": _("Not public")}
    return names.get(code, code)


def rating(code: str) -> str:
    return {"satisfied": _("Satisfied"), "accepts": _("Accepts"), "not_satisfied": _("Not satisfied")}.get(code, "")


def answers(questions: list[dict[str, Any]], given: Mapping[str, Any]) -> list[dict[str, str]]:
    """Answers in words, in the order of the questions."""
    shown = []
    for question in questions:
        value = given.get(question["code"])
        if value in (None, "", []):
            continue
        labels = {o["value"]: o["labels"].get(language()) or o["value"] for o in question.get("options") or ()}
        if isinstance(value, bool):
            text = _("Yes") if value else _("No")
        elif isinstance(value, list):
            text = ", ".join(labels.get(v, str(v)) for v in value)
        else:
            text = labels.get(value, str(value))
        shown.append({"label": question["labels"].get(language()) or question["code"], "text": text})
    return shown


def lines(events: list[Event], told_elsewhere: Collection[str] = ()) -> list[dict[str, Any]]:
    """The history as a timeline; the last line is where it stands now. Texts that the page shows in another place are not repeated."""
    told = [event for event in events if event.text]
    return [
        {
            "at": event.at,
            "title": event.text,
            "who": event.who,
            "text": "" if event_text(event) in told_elsewhere else event_text(event),
            "mark": "now" if event is told[-1] else "done",
        }
        for event in told
    ]


def event_text(event: Event) -> str:
    """What was written with it; a choice is already told by the line itself."""
    text = str(event.facts.get("text") or event.facts.get("question") or event.facts.get("reason") or "")
    return "" if _CODE.fullmatch(text) else text


def talk(messages: list[CaseMessage], actor: Actor) -> list[dict[str, Any]]:
    shown = []
    for message in messages:
        mine = message.author_id is not None and message.author_id == actor.id
        if mine:
            who = _("You")
        elif message.author_kind == "citizen":
            who = _("The sender")
        else:
            who = message.agency.name(language()) if message.agency else _("The operations centre")
        shown.append({"body": message.body, "at": message.at, "mine": mine, "who": who})
    return shown
