"""Filing a report.

Every door of the channel (web pages, JSON API, Open311) files through `file_report`, so that what is refused is refused
everywhere and in the same words. A case is opened by `cases.actions.open_case`; here is only what a person may send.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import actions as cases
from hues.cases import reference
from hues.cases.access import source_of
from hues.cases.models import Case
from hues.city import queries as city
from hues.city import questions
from hues.city.models import Category
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid, Problem, SignInNeeded
from hues.kernel.ids import new_id
from hues.people import conduct
from hues.reports.checks import MAX_ADDRESS, MAX_ASSET, MAX_BODY, MAX_FILES, PLACE_SOURCES, Checker
from hues.reports.helping import actions as helping

SCOPES = {"api": "reports", "open311": "open311"}  # what a key needs to file through a channel
LATE, OLDEST = timedelta(minutes=5), timedelta(days=90)  # how long ago a report was written that says so
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


def file_report(
    *,
    actor: Actor,
    category: Any,
    body: Any = "",
    lat: Any = None,
    lon: Any = None,
    address: Any = "",
    place_source: Any = "",
    answers: Any = None,
    file_ids: Any = (),
    anonymous: Any = True,
    language: Any = "",
    asset: Any = "",
    joins: Any = "",
    for_other: Any = "",
    written_at: Any = None,
    channel: str = "web",
    draft_key: str = "",
    source: str = "",
    source_id: str = "",
    source_data: Mapping[str, Any] | None = None,
) -> Case:
    """Open a case for what somebody reports. `actor` is a citizen whose phone is confirmed, a member of staff who files
    for somebody, or a key with the channel's scope; a guest is asked to sign in.

    Takes values as they were sent, of whatever type. Raises Invalid with every complaint by field, in the active
    language; then nothing is stored. `draft_key` names the draft whose uploads may be attached besides the actor's own.

    `asset` is what is written on the broken thing. `joins` is the code of an open public case that is about the same:
    the report is merged into it at once, on the reporter's own word; where that is not possible any more, it stands by
    itself, for no report is ever lost. `for_other` names the person on whose behalf a helper files (`helping`).
    `written_at` (ISO 8601) is when a report was written that waited for a network; the case is received when it arrives.
    """
    check_may_file(actor, channel)
    conduct.check_may_report(actor, urgent=_urgent(category))
    sent = {
        "category": category,
        "body": body,
        "lat": lat,
        "lon": lon,
        "address": address,
        "place_source": place_source,
        "answers": answers,
        "file_ids": file_ids,
        "anonymous": anonymous,
        "language": language,
        "asset": asset,
    }
    # `open_case` checks texts, answers, category and place itself. Only where the rest is wrong is everything checked
    # here, so that a person sees all complaints at once and the hot path checks nothing twice.
    report = _shaped(sent) or check_report(**sent)
    if actor.kind == "key" and not source:  # a program stays the reporter of what it sends
        source, source_id = source_of(actor), new_id().hex
    opened = {"channel": channel, "draft_key": draft_key, "source": source, "source_id": source_id, **report}
    opened["source_data"] = {**(source_data or {}), **_written(written_at)}
    try:
        if not joins and not for_other:
            return cases.open_case(actor=actor, **opened)
        return _open_for_and_join(actor, opened, joins, for_other)
    except Invalid as error:
        raise _renamed(error, lat) from None


def _written(at: Any) -> dict[str, str]:
    """What a late report says of its time. A clock that cannot be right is left unsaid: no report is refused for it."""
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        return {}
    if moment is None or moment.tzinfo is None:
        return {}
    age = clock.now() - moment
    return {"written_at": moment.astimezone(UTC).isoformat(timespec="seconds")} if LATE < age < OLDEST else {}


def _urgent(category: Any) -> bool:
    """What a locked account may report as well; an unknown category is complained about later."""
    code = category.code if isinstance(category, Category) else category
    found = reference.categories_by_code().get(code) if isinstance(code, str) else None
    return found is None or found.process_group == "immediate"


def _open_for_and_join(actor: Actor, opened: dict[str, Any], joins: Any, for_other: Any) -> Case:
    """One transaction: for whom, the case, and where it belongs."""
    with transaction.atomic():
        behalf = helping.claim(actor=actor, asked=for_other) if for_other else None
        if behalf is not None:
            opened |= {"reporter": behalf.person, "channel": "helper"}
        case = cases.open_case(actor=actor, **opened)
        if behalf is not None:
            helping.finish(actor=actor, behalf=behalf, case=case)
        if joins:
            case = _join(actor, case, joins)
    return case


def _join(actor: Actor, case: Case, parent: Any) -> Case:
    try:
        with transaction.atomic():
            return cases.join_into(actor=actor, code=case.code, parent=parent if isinstance(parent, str) else "")
    except Problem:  # closed, merged or withdrawn since the page showed it
        return case


def _shaped(sent: dict[str, Any]) -> dict[str, Any] | None:
    """What was sent with everything in its own type that `open_case` does not check; None if something is not."""
    check = Checker()
    point = check.point(sent["lat"], sent["lon"])
    shaped = {
        "file_ids": check.ids("file_ids", sent["file_ids"], limit=MAX_FILES),
        "place_source": check.choice("place_source", sent["place_source"], PLACE_SOURCES, default=""),
        "language": check.choice("language", sent["language"], LANGUAGES, default=_language()),
        "anonymous": check.truth("anonymous", sent["anonymous"], default=True),
        "asset": check.text("asset", sent["asset"], limit=MAX_ASSET),
    }
    if check.fields:
        return None
    if point is None and isinstance(sent["address"], str) and sent["address"].strip():
        point = point_of_address(sent["address"])
        shaped["place_source"] = shaped["place_source"] or "address"
    lat, lon = point or (None, None)
    return {**sent, **shaped, "lat": lat, "lon": lon}


def _language() -> str:
    return get_language() or str(settings.LANGUAGE_CODE)


def _renamed(error: Invalid, lat: Any) -> Invalid:
    """Complaints of the case under the names by which this door takes the fields."""
    names = {"place": "address" if lat is None or lat == "" else "lat", "files": "file_ids"}
    return Invalid(
        error.detail, fields={names.get(name, name): text for name, text in error.fields.items()}, code=error.code
    )


def check_report(
    *,
    category: Any,
    body: Any = "",
    lat: Any = None,
    lon: Any = None,
    address: Any = "",
    place_source: Any = "",
    answers: Any = None,
    file_ids: Any = (),
    anonymous: Any = True,
    language: Any = "",
    asset: Any = "",
) -> dict[str, Any]:
    """What was sent, checked and in its own types, as `open_case` takes it. Raises Invalid with every complaint by
    field.
    """
    check = Checker()
    kind = _category(check, category)
    text = check.text("body", body, limit=MAX_BODY, lines=True)
    files = check.ids("file_ids", file_ids, limit=MAX_FILES)
    street = check.text("address", address, limit=MAX_ADDRESS)
    how = check.choice("place_source", place_source, PLACE_SOURCES, default="")
    tongue = check.choice("language", language, LANGUAGES, default=_language())
    hidden = check.truth("anonymous", anonymous, default=True)
    thing = check.text("asset", asset, limit=MAX_ASSET)
    point = _place(check, lat, lon, street, optional=bool(kind and kind.evidence.get("place_optional")))
    replies = _answers(check, kind, answers, tongue)
    if not text and not files and not replies and not check.fields.keys() & {"body", "file_ids"}:
        check.complain("body", _("Please say what is wrong, or add a photo."))
    check.finish()
    assert kind is not None  # noqa: S101 - or `finish` had raised
    return {
        "category": kind.code,
        "body": text,
        "lat": point[0] if point else None,
        "lon": point[1] if point else None,
        "address": street,
        "place_source": how or ("address" if lat is None or lat == "" else ""),
        "answers": replies,
        "file_ids": files,
        "anonymous": hidden,
        "language": tongue,
        "asset": thing,
    }


def check_may_file(actor: Actor, channel: str) -> None:
    """Raises SignInNeeded or Forbidden."""
    if actor.kind == "guest":
        raise SignInNeeded(_("Please confirm your phone number first."))
    if actor.kind == "key" and SCOPES.get(channel, "reports") not in actor.scopes:
        raise Forbidden(_("This key may not file reports."))


def _category(check: Checker, code: Any) -> Category | None:
    kind = reference.categories_by_code().get(code) if isinstance(code, str) else None
    if kind is None or not kind.active:
        check.complain("category", _("There is no such category.") if code else _("Choose what it is about."))
        return None
    return kind


def _place(check: Checker, lat: Any, lon: Any, address: str, *, optional: bool) -> tuple[float, float] | None:
    """The point given, or that of the address; the centre asks where neither is known well enough."""
    point = check.point(lat, lon)
    if point:
        if city.unit_at(*point) is None:
            check.complain("lat", _("This place is outside the city."))
        return point
    if not address:
        if not optional and not {"lat", "lon", "address"} & check.fields.keys():
            check.complain("address", _("Where is it? Give a place or an address."))
        return None
    if check.fields.keys() & {"lat", "lon"}:
        return None
    return point_of_address(address)


def point_of_address(address: str) -> tuple[float, float] | None:
    """Where a typed address is, as far as the city's own list of places knows."""
    found = city.find_places(address, get_language() or "vi", 1)
    return (found[0].lat, found[0].lon) if found else None


def _answers(check: Checker, kind: Category | None, answers: Any, language: str) -> dict[str, Any]:
    given = check.mapping("answers", answers)
    if kind is None:
        return {}
    try:
        return questions.check(kind, given, get_language() or language)
    except Invalid as error:
        for name, complaint in error.fields.items():
            check.complain(name, complaint)
        if not error.fields:
            check.complain("answers", error.detail)
        return {}
