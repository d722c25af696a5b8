"""A case begins: checked, placed, its intake clock running, journalled; in at most six statements.

Insert of the case, files, timers and journal entry; a code that is taken costs one more insert. Everything of the city comes from memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import access, clockwork, engine, files, processes, reference, rungs
from hues.cases.change import Change
from hues.cases.clocks import Clock
from hues.cases.definition import Step, Texts
from hues.cases.models import Case, CaseFile, CaseTimer
from hues.city import pack, questions
from hues.city import queries as city
from hues.city.models import Category
from hues.kernel import clock, geo, journal, text
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, SignInNeeded
from hues.kernel.ids import new_code
from hues.people.models import User

BODY_MAX = 4000
ADDRESS_MAX = 300
FILES_MAX = 10
CODE_TRIES = 8
PLACE_SOURCES = ("", "photo", "device", "map", "address")


def open_case(
    *,
    actor: Actor,
    category: str,
    body: str,
    lat: float | None = None,
    lon: float | None = None,
    address: str = "",
    place_source: str = "",
    asset: str = "",
    answers: Mapping[str, Any] | None = None,
    file_ids: Sequence[UUID | str] = (),
    reporter: User | None = None,
    anonymous: bool = True,
    language: str = "vi",
    channel: str = "web",
    source: str = "",
    source_id: str = "",
    source_data: Mapping[str, Any] | None = None,
    is_sample: bool = False,
    draft_key: str = "",
) -> Case:
    """Open a case, received now. The reporter is the actor, or whom staff and programs name.

    Raises SignInNeeded for guests, Forbidden where somebody files for another without being staff, Invalid with the fields to mend,
    Conflict where a source's number is there already.
    """
    who = _reporter(actor, reporter)
    wrong: dict[str, str] = {}
    found = _category(category, wrong)
    case = Case(
        code="",
        channel=_word(channel, 16),
        is_sample=is_sample,
        body=_text(body, BODY_MAX, "body", wrong),
        address=_text(address, ADDRESS_MAX, "address", wrong),
        place_source=place_source if place_source in PLACE_SOURCES else "",
        asset=_word(asset, 40),
        reporter_id=who,
        anonymous=bool(anonymous),
        language=language if language in pack.settings()["languages"] else pack.settings()["languages"][0],
        source=_word(source, 32),
        source_id=_word(source_id, 64),
        source_data=dict(source_data or {}),
    )
    _place(case, lat, lon, found, wrong)
    if found:
        case.answers = _answers(found, answers, case.language, wrong)
        if not case.body and not file_ids and not case.answers:
            wrong.setdefault("body", _("Please say in a few words what is wrong, or add a photo."))
    uploads = _files(file_ids, found, wrong, from_citizen=actor.kind == "citizen")
    if wrong or found is None:
        raise Invalid(_("Something is missing or not right yet."), fields=wrong)
    _begin(case, found)
    try:
        return _store(case, actor, uploads, draft_key)
    except IntegrityError as error:
        if "case_source_once" in str(error):
            raise Conflict(_("This report was taken over already.")) from None
        raise


def open_follow_up(
    *,
    actor: Actor,
    origin: Case,
    category: Category,
    body: str,
    reporter_id: UUID | None = None,
    file_ids: Sequence[UUID] = (),
) -> Case:
    """What remains of a case, or came back, as a new one at the same place. Callers have checked who may.

    Of the same reporter, unless another is named: who then gets only what the public knows of the place and the words.
    """
    if reporter_id is not None and reporter_id != origin.reporter_id:
        origin = _as_public(origin, reporter_id)
    case = Case(
        code="",
        channel=origin.channel,
        is_sample=origin.is_sample,
        body=body or origin.body,
        address=origin.address,
        lat=origin.lat,
        lon=origin.lon,
        place_source=origin.place_source,
        unit_id=origin.unit_id,
        unit_approximate=origin.unit_approximate,
        reporter_id=origin.reporter_id,
        anonymous=origin.anonymous,
        language=origin.language,
        origin=origin,
    )
    _begin(case, category)
    return _store(case, actor, list(file_ids), "")


@dataclass(frozen=True)
class Inside:
    """How the beginning of a case that nobody reported is told: only to staff."""

    said: Texts
    told: Mapping[str, Texts]


def open_inside(
    *,
    actor: Actor,
    category: Category,
    channel: str,
    body: str,
    due_at: datetime | None = None,
    said: Texts | None = None,
    told: Mapping[str, Texts] | None = None,
    **columns: Any,
) -> Case:
    """What staff begin themselves: an order, the common cause of many reports. Nobody reported it. Callers have checked who may, and what
    the columns hold; `due_at` is a deadline by the clock on the wall instead of the category's target, for processes that begin handled.
    `told` is what to tell which rungs.
    """
    case = Case(code="", channel=channel, body=body, **columns)
    if due_at is not None:
        now = clock.now()
        minutes = (due_at - now) / timedelta(minutes=1)
        case.clock = Clock("handling", True, now, minutes, 0.0, now, due_at).to_json()
        case.due_original_at, case.assigned_at = due_at, now
    _begin(case, category)
    return _store(case, actor, (), "", Inside(said or _SHORT, told or {}))


def _as_public(origin: Case, reporter_id: UUID) -> Case:
    """A case as everyone knows it, as if it were this person's."""
    return Case(
        pk=origin.pk,
        channel="web",
        is_sample=origin.is_sample,
        body=origin.public_body,
        address=origin.public_address,
        lat=origin.public_lat,
        lon=origin.public_lon,
        unit_id=origin.unit_id,
        unit_approximate=origin.unit_approximate,
        reporter_id=reporter_id,
        language=origin.language,
    )


# Checks


def _reporter(actor: Actor, reporter: User | None) -> UUID | None:
    if actor.kind == "guest":
        raise SignInNeeded(_("Please confirm your phone number first."))
    if actor.kind == "citizen":
        if reporter is not None and reporter.pk != actor.id:
            raise Forbidden(_("You can only report for yourself."))
        return actor.id
    return reporter.pk if reporter else None


def _category(code: object, wrong: dict[str, str]) -> Category | None:
    category = reference.categories_by_code().get(code) if isinstance(code, str) else None
    if category is None or not category.active:
        wrong["category"] = _("Please choose what it is about.")
        return None
    return category


def _text(value: object, most: int, field: str, wrong: dict[str, str]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        wrong[field] = _("This must be text.")
        return ""
    try:
        return text.clean(value, max_length=most, multiline=field == "body")
    except Invalid as problem:
        wrong[field] = problem.detail
        return ""


def _word(value: str, most: int) -> str:
    return text.clean(value, max_length=most)


def _place(case: Case, lat: object, lon: object, category: Category | None, wrong: dict[str, str]) -> None:
    """The point and its unit. Raises nothing: what is wrong goes to `wrong`."""
    if lat is None and lon is None:
        if not case.address and not (category and category.evidence.get("place_optional")) and "address" not in wrong:
            wrong["place"] = _("Please say where it is: on the map, or as an address.")
        return
    try:
        point = geo.parse_point(lat, lon)
    except Invalid as problem:
        wrong.update(problem.fields)
        return
    hit = city.unit_at(point.lat, point.lon)
    if hit is None:
        wrong["place"] = _("This place is outside the city.")
        return
    case.lat, case.lon = point.lat, point.lon
    case.unit_id, case.unit_approximate = hit.unit_id, hit.approximate


def _answers(category: Category, answers: Any, language: str, wrong: dict[str, str]) -> dict[str, Any]:
    if answers is not None and not isinstance(answers, Mapping):
        wrong["answers"] = _("The answers must be given by question.")
        return {}
    try:
        return questions.check(category, dict(answers or {}), get_language() or language)
    except Invalid as problem:
        wrong.update(problem.fields or {"answers": problem.detail})
        return {}


def _files(file_ids: Any, category: Category | None, wrong: dict[str, str], *, from_citizen: bool) -> list[UUID]:
    """The uploads. A citizen is asked for a photo where one is needed; a caller on the telephone or another system cannot be."""
    try:
        ids = list(dict.fromkeys(item if isinstance(item, UUID) else UUID(item) for item in file_ids or ()))
    except (ValueError, TypeError, AttributeError):
        wrong["files"] = _("This must be a list of files.")
        return []
    if len(ids) > FILES_MAX:
        wrong["files"] = _("At most {n} files.").format(n=FILES_MAX)
    elif not ids and from_citizen and category and category.evidence.get("photos_required"):
        wrong["files"] = _("Please add at least one photo: without it nobody can check this.")
    return ids


# Storing


def _begin(case: Case, category: Category) -> None:
    """State, clock and rules of the category, from now."""
    now = clock.now()
    case.process_id, process = processes.latest(category.process)
    state = process.states[process.initial]
    case.state, case.phase, case.is_open = state.name, state.phase, state.open
    case.category, case.group = category, category.process_group
    case.priority, case.visibility = category.priority, category.visibility
    case.received_at = case.updated_at = now
    clockwork.turn(case, state, now)


def _store(
    case: Case, actor: Actor, uploads: list[UUID] | tuple[()], draft_key: str, inside: Inside | None = None
) -> Case:
    process = processes.process(case.process_id)
    with transaction.atomic():
        for _try in range(CODE_TRIES):
            case.code = new_code(pack.settings()["code_prefix"])
            if _insert(case):
                break
        else:
            raise RuntimeError("no free code was found: the code space is nearly full")
        case._state.adding, case._state.db = False, "default"
        files.attach(case.pk, uploads, actor=actor, role=CaseFile.Role.BEFORE, at=case.received_at, draft_key=draft_key)
        CaseTimer.objects.bulk_create(clockwork.timers(case, process, case.received_at))
        _tell(case, actor, inside)
    return access.hide(case, actor)


_FIELDS = tuple(Case._meta.concrete_fields)
_INSERT = "insert into cases_case ({}) values ({}) on conflict (code) do nothing".format(  # noqa: S608  our own columns
    ", ".join(f'"{field.column}"' for field in _FIELDS), ", ".join(["%s"] * len(_FIELDS))
)


def _insert(case: Case) -> bool:
    """Insert the row; False where the code is taken, without harm to the transaction."""
    values = [field.get_db_prep_save(getattr(case, field.attname), connection) for field in _FIELDS]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        return bool(cursor.rowcount)


_OPENING = Step("opened", (), (), (), {}, {}, {}, (), (), {}, {})
_RECEIVED = {
    "vi": "Đã nhận phản ánh {code}: {title}. Trung tâm sẽ xem trước {due}.",
    "en": "Your report {code} was received: {title}. The centre reads it by {due}.",
}
_SHORT = {"vi": "Đã nhận phản ánh", "en": "Received"}


def _tell(case: Case, actor: Actor, inside: Inside | None) -> None:
    change = Change(actor, case, processes.process(case.process_id), _OPENING, frozenset(), case.received_at)
    shown = {"state": case.state, "category": change.category.code}
    notify = []
    if inside:
        messages = {rung: change.say(texts) for rung, texts in inside.told.items()}
        notify = rungs.notices(case, messages, template="case.opened", actor=actor)
    elif case.reporter_id:
        data = {"code": case.code, "texts": change.say(_RECEIVED), **rungs.how(case)}
        notify = [journal.Notify(case.reporter_id, "case.opened", f"/me/cases/{case.code}", data)]
    journal.record(
        actor=actor,
        action="case.opened",
        subject_kind="case",
        subject_id=case.pk,
        topics=engine.topics(case),
        public={"said": _SHORT, **shown} if inside is None else None,
        staff={
            **({"said": change.say(inside.said), **shown} if inside else {}),
            "channel": case.channel,
            "visibility": case.visibility,
            "priority": case.priority,
        },
        centre={"source": case.source} if case.source else None,
        notify=notify,
    )
