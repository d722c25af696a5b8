"""Is it really fixed, and is it still? Weeks after a result those who had reported it are asked once; neighbours may say
so at any time; and whoever is glad may thank those who did it.

A result that stands is judged by people, each once for each result. "Not fixed" of somebody whose own case it is has
effect: while they may reopen it, it is reopened; later it is a recurrence (`cases.recurring`), a case of its own at the
same agency. Of a neighbour it is counted and shown, and when several say so the centre is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from hues.cases import engine, recurring, rungs
from hues.cases.actions import take_step
from hues.cases.change import category_of
from hues.cases.models import LISTED, LISTED_VISIBILITIES, RESOLVED, Case
from hues.cases.moderation import scrub
from hues.cases.queries.one import steps_for
from hues.cases.queries.public import PublicCase
from hues.kernel import clock, journal, text
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, SignInNeeded
from hues.reports.following.news import concerned, languages, senders
from hues.reports.models import CheckBack, Confirmation, Thanks

NOTE_MAX, NOTE_MIN = 1000, 5
THANKS_MAX = 280
GRACE = timedelta(days=7)  # how late the question may come, after an outage; later it is not asked
ASKED = {"vi": "Hỏi lại: việc này còn ổn không?", "en": "Asked again: is it still fixed?"}
STILL = {"vi": "Người dân xác nhận: đã sửa thật", "en": "A resident confirms that it is fixed"}
BROKEN = {"vi": "Người dân cho biết: chưa được", "en": "A resident says that it is not fixed"}
THANKED = {"vi": "Người dân gửi lời cảm ơn", "en": "A resident says thank you"}


@dataclass(frozen=True)
class Tally:
    """What people say of a result."""

    fixed: int = 0
    broken: int = 0


@dataclass(frozen=True)
class Said:
    """What came of somebody's word: the case that it opened, or that it is open again."""

    fixed: bool
    recurrence: Case | None = None
    reopened: bool = False


# Asking


def ask_due(limit: int = 500) -> int:
    """Ask about the results whose time has come. Returns about how many. One transaction each."""
    rules = recurring.rules()
    if not rules or rules.get("paused"):
        return 0
    due = list(_due(timedelta(days=rules["days"]), rules["outcomes"]).values_list("pk", flat=True)[:limit])
    return sum(_ask(case_id) for case_id in due)


def _due(after: timedelta, outcomes: Sequence[str]) -> QuerySet[Case]:
    """Results that still stand so long after they were published; samples of the past are left alone."""
    until = clock.now() - after
    standing = Case.objects.filter(
        published_at__gt=until - GRACE, published_at__lte=until, outcome__in=outcomes, is_open=False, phase="done"
    )
    asked = CheckBack.objects.filter(published_at__gt=until - GRACE).values("case_id")
    return standing.filter(parent=None, is_sample=False).exclude(pk__in=asked).order_by("published_at")


def _ask(case_id: UUID) -> bool:
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=case_id, is_open=False).first()
        if case is None or case.published_at is None or CheckBack.objects.filter(case_id=case_id).exists():
            return False
        spoken = Confirmation.objects.filter(case_id=case.pk, round=case.reopened).values_list("person_id", flat=True)
        listed = case.moderated and case.visibility in LISTED_VISIBILITIES
        people = (concerned(case) if listed else senders(case)) - set(spoken)  # a hidden case is its senders' alone
        CheckBack.objects.create(case=case, asked_at=clock.now(), published_at=case.published_at, asked=len(people))
        if people:
            journal.record(
                actor=SYSTEM,
                action="case.check_back",
                subject_kind="case",
                subject_id=case.pk,
                topics=[f"case:{case.pk}"],
                party={"said": ASKED},
                notify=_questions(case, people),
            )
    return bool(people)


_QUESTION = gettext_noop("{title} ({code}) was fixed some weeks ago. Is it still fine? One tap is enough.")


def _questions(case: Case, people: set[UUID]) -> list[journal.Notify]:
    """Each is led to the page of their own report, where there is one."""
    own = dict(Case.objects.filter(parent_id=case.pk, reporter_id__in=people).values_list("reporter_id", "code"))
    own |= {case.reporter_id: case.code} if case.reporter_id else {}
    data = {"code": case.code, "title": dict(category_of(case).names), "texts": _texts(_QUESTION, case)}
    return [
        journal.Notify(
            person,
            "case.check_back",
            f"/me/cases/{own[person]}#still" if person in own else f"/cases/{case.code}#fixed",
            data,
        )
        for person in sorted(people)
    ]


def _texts(message: str, case: Case, **facts: object) -> dict[str, str]:
    found = {}
    for language in languages():
        with override(language):
            found[language] = _(message).format(code=case.code, title=category_of(case).name(language), **facts)
    return found


# Answering


def say_whether_fixed(
    *, actor: Actor, code: str, fixed: bool, note: object = "", file_ids: Sequence[UUID] = ()
) -> Said:
    """Somebody's word on a result, once for each result. Raises SignInNeeded, NotFound, Forbidden, Conflict, Invalid."""
    person_id = _citizen(actor)
    words = text.clean(note if isinstance(note, str) else "", max_length=NOTE_MAX, multiline=True, field="note")
    with transaction.atomic():
        case = _standing(actor, code)
        own = person_id in concerned(case)
        if own and not fixed and len(words) < NOTE_MIN:
            reason = _("Please say in a few words what you see now.")
            raise Invalid(reason, fields={"note": reason})
        if not fixed and any(step.name == "reopen" for step in steps_for(actor, case)):
            return _reopen(actor, case, words, file_ids)
        said = Confirmation(
            case=case, person_id=person_id, round=case.reopened, fixed=fixed, own=own, note=words, at=clock.now()
        )
        if not Confirmation.objects.filter(case=case, person_id=person_id, round=case.reopened).exists():
            said.save(force_insert=True)
        else:
            raise Conflict(_("You have told us already. Thank you."))
        recurrence = None
        if own and not fixed and recurring.may_recur(case):
            recurrence = recurring.open_recurrence(actor=actor, case=case, body=words, file_ids=file_ids)
        _record(actor, case, said, recurrence)
        if not fixed:
            _surface(case)
    return Said(fixed, recurrence)


def _citizen(actor: Actor) -> UUID:
    if actor.kind == "guest":
        raise SignInNeeded(_("Please sign in first."))
    if actor.kind != "citizen" or actor.id is None:
        raise Forbidden(_("Residents say whether it is fixed."))
    return actor.id


def _standing(actor: Actor, code: str) -> Case:
    """The case, locked, whose result somebody may judge: one that is listed, or their own, or what theirs was joined to."""
    case = None
    if engine.is_code(code):
        joined = Case.objects.filter(reporter_id=actor.id, parent_id__isnull=False).values("parent_id")
        mine = Q(reporter_id=actor.id) | Q(pk__in=joined)
        rows = Case.objects.select_for_update(of=("self",)).filter(LISTED | mine, code=engine.normal_code(code))
        case = rows.first()
    if case is None:
        raise engine.no_case()
    if not stands(case):
        raise Conflict(_("There is no result yet that one could confirm."))
    return case


def stands(case: Case | PublicCase) -> bool:
    """Whether there is a published repair that people can look at (of a case as a table row or as the public sees it)."""
    return not case.is_open and case.phase == "done" and case.published_at is not None and case.outcome in RESOLVED


def _reopen(actor: Actor, case: Case, words: str, file_ids: Sequence[UUID]) -> Said:
    data = {"reason": "came_back", "text": words, "files": list(file_ids)}
    try:
        take_step(actor=actor, code=case.code, step="reopen", data=data)
    except Invalid as problem:
        raise Invalid(problem.detail, fields={"note": next(iter(problem.fields.values()), problem.detail)}) from problem
    return Said(False, reopened=True)


def _record(actor: Actor, case: Case, said: Confirmation, recurrence: Case | None) -> None:
    words = {"text": said.note} if said.note else {}
    more = {"follow_up": recurrence.code} if recurrence else {}
    journal.record(
        actor=actor,
        action="case.confirmed" if said.fixed else "case.denied",
        subject_kind="case",
        subject_id=case.pk,
        topics=engine.topics(case),
        staff={"said": STILL if said.fixed else BROKEN, **words, **more},
    )


_DOUBTED = gettext_noop("{n} people say that {code} is not fixed: {title}")


def _surface(case: Case) -> None:
    """The centre hears of it when so many different people say so: once for each result."""
    most = int(recurring.rules().get("surface_at") or 3)
    if tally(case.pk, case.reopened).broken != most:
        return
    texts = _texts(_DOUBTED, case, n=most)
    journal.record(
        actor=SYSTEM,
        action="case.doubted",
        subject_kind="case",
        subject_id=case.pk,
        topics=[f"case:{case.pk}", "centre"],
        staff={"said": texts},
        notify=rungs.notices(case, {"centre": texts}, template="case.doubted", actor=SYSTEM),
    )


# Reading


def tally(case_id: UUID, round_: int) -> Tally:
    """How many say so of the present result. One statement."""
    rows = Confirmation.objects.filter(case_id=case_id, round=round_)
    counts = rows.aggregate(yes=Count("pk", filter=Q(fixed=True)), no=Count("pk", filter=Q(fixed=False)))
    return Tally(fixed=counts["yes"], broken=counts["no"])


def word_of(person_id: UUID | None, case_id: UUID, round_: int) -> Confirmation | None:
    """What somebody has said of the present result. One statement."""
    if person_id is None:
        return None
    return Confirmation.objects.filter(case_id=case_id, person_id=person_id, round=round_).first()


def is_own(person_id: UUID, case_id: UUID) -> bool:
    """Whether a case is this person's: reported, joined, or supported. One statement."""
    own = Q(pk=case_id, reporter_id=person_id) | Q(parent_id=case_id, reporter_id=person_id)
    return Case.objects.filter(own | Q(pk=case_id, supports__person_id=person_id)).exists()


# Thanks


def send_thanks(*, actor: Actor, code: str, body: object = "") -> Thanks:
    """A few kind words to those who handled it, from those whose own case it is; once. Raises like `say_whether_fixed`."""
    person_id = _citizen(actor)
    words = text.clean(body if isinstance(body, str) else "", max_length=THANKS_MAX, field="body")
    _refuse_abuse(words)
    with transaction.atomic():
        case = _standing(actor, code)
        if person_id not in concerned(case):
            raise Forbidden(_("Those who reported it can thank for it."))
        if case.agency_id is None:
            raise Conflict(_("There is no result yet that one could confirm."))
        thanks, new = Thanks.objects.get_or_create(
            case=case,
            person_id=person_id,
            defaults={"agency_id": case.agency_id, "body": scrub(words), "at": clock.now()},
        )
        if not new:
            raise Conflict(_("Your thanks were passed on already."))
        shown = {language: f"“{thanks.body}”" if thanks.body else said for language, said in THANKED.items()}
        journal.record(
            actor=actor,
            action="case.thanked",
            subject_kind="case",
            subject_id=case.pk,
            topics=[f"case:{case.pk}", f"agency:{case.agency_id}"],
            staff={"said": THANKED, **({"text": thanks.body} if thanks.body else {})},
            notify=rungs.notices(case, {"officer": shown, "heads": shown}, template="case.thanked", actor=actor),
        )
    return thanks


def _refuse_abuse(words: str) -> None:
    """Kind words only: the assistant's eye for insults, where a city has it."""
    try:
        from hues.assist.queries import suggest
    except ImportError:
        return
    if words and any(kind == "abusive" for kind, _excerpt in suggest(words).flags):
        reason = _("This reads like an insult. Please put it in other words.")
        raise Invalid(reason, fields={"body": reason})


def thanked(case_id: UUID, person_id: UUID | None = None) -> tuple[int, bool]:
    """How many have thanked for a case, and whether this person is one of them. One statement."""
    counts = Thanks.objects.filter(case_id=case_id).aggregate(
        n=Count("pk"), mine=Count("pk", filter=Q(person_id=person_id))
    )
    return counts["n"], bool(counts["mine"])


def kind_words(case_id: UUID, limit: int = 5) -> list[str]:
    """The latest words of thanks for a case: for those who handled it, never in public. One statement."""
    rows = Thanks.objects.filter(case_id=case_id).exclude(body="").order_by("-pk")
    return list(rows.values_list("body", flat=True)[:limit])


def thanks_of_agencies(since_days: int = 90) -> dict[int, int]:
    """Thanks that each agency received lately. One statement."""
    rows = Thanks.objects.filter(at__gt=clock.now() - timedelta(days=since_days))
    return dict(rows.values_list("agency_id").annotate(n=Count("pk")))
