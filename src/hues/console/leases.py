"""Who is looking at what: one operator at a case, for as long as their page says so, and a minute longer.

A lease says "this is before me". It is taken by opening a case, renewed by the page's heartbeat, over by itself after LASTS. A second operator
is told who has it, and `mind` refuses their decision, wherever they take it. Leases are no history: only taking one over is journalled.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from hues.cases import engine
from hues.cases.models import Case
from hues.city.clock import time_text
from hues.console import access
from hues.console.models import Lease
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict

LASTS = timedelta(seconds=60)
BEAT_SECONDS = 10  # how often a page says that it is there
MOST = 4  # an operator's cases at once: the one they read, the next, and a page or two beside


@dataclass(frozen=True)
class Presence:
    """Somebody has a case before them."""

    code: str
    who: str
    since: datetime
    mine: bool


_TAKE = """
insert into console_lease (case_id, operator_id, since, until, ahead) values (%(case)s, %(me)s, %(now)s, %(until)s, %(ahead)s)
on conflict (case_id) do update set
  operator_id = excluded.operator_id,
  since = case when console_lease.operator_id = excluded.operator_id and console_lease.until > %(now)s
    then console_lease.since else excluded.since end,
  until = greatest(excluded.until, case when console_lease.operator_id = excluded.operator_id then console_lease.until end),
  ahead = excluded.ahead
where console_lease.operator_id = excluded.operator_id or console_lease.until <= %(now)s
returning operator_id
"""


def take(actor: Actor, case_id: UUID, *, ahead: bool = False, until: datetime | None = None) -> bool:
    """Take or renew the lease of a case; False where somebody else has it. One statement: of two who ask at once one gets it."""
    now = clock.now()
    values = {"case": case_id, "me": actor.id, "now": now, "until": until or now + LASTS, "ahead": ahead}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        return cursor.fetchone() is not None


def renew(actor: Actor, case_ids: Collection[UUID], *, reading: UUID | None = None) -> set[UUID]:
    """The heartbeat: leases that are still this operator's live on. Returns those. `reading` is no longer merely fetched ahead."""
    now = clock.now()
    wanted = list(case_ids)[:MOST]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update console_lease set until = greatest(until, %s), ahead = ahead and case_id is distinct from %s
            where operator_id = %s and case_id = any(%s) and until > %s returning case_id
            """,
            [now + LASTS, reading, actor.id, wanted, now],
        )
        return {row[0] for row in cursor.fetchall()}


def release(actor: Actor, case_ids: Collection[UUID]) -> None:
    """Let go of cases: others may have them at once. Those of a bulk decision that waits stay."""
    held = Lease.objects.filter(operator_id=actor.id, case_id__in=list(case_ids))
    held.exclude(case__bulk_items__state="waiting").delete()


def of_case(case_id: UUID) -> Lease | None:
    """The lease that holds now. One statement."""
    return Lease.objects.select_related("operator").filter(case_id=case_id, until__gt=clock.now()).first()


def present(actor: Actor) -> list[Presence]:
    """Everybody who has a case before them now. One statement; as many rows as operators at work, a few times."""
    held = Lease.objects.filter(until__gt=clock.now(), ahead=False)
    rows = held.values_list("case__code", "operator_id", "operator__display_name", "operator__username", "since")[:500]
    return [
        Presence(code, "" if who == actor.id else (name or username), since, who == actor.id)
        for code, who, name, username, since in rows
    ]


def mind(actor: Actor, case: Case) -> None:
    """No two operators decide one case: raises Conflict that says who has it. For the centre's people only; agencies, citizens and timers
    are not held up by who is reading. One statement."""
    if actor.kind != "staff" or not actor.in_centre:
        return
    lease = of_case(case.pk)
    if lease is not None and lease.operator_id != actor.id:
        raise Conflict(whose(lease), code="somebody-is-at-it")


def whose(lease: Lease) -> str:
    return _("{who} has been handling this since {time}. Take it over first, or go on to the next.").format(
        who=lease.operator.name, time=time_text(lease.since)
    )


def take_over(*, actor: Actor, code: str) -> Case:
    """Take a case out of a colleague's hands; they are told. Raises NotFound, Forbidden, Conflict (a bulk decision waits)."""
    me = access.operator(actor)
    with transaction.atomic():
        case = engine.lock(actor, code)
        lease = Lease.objects.select_for_update().filter(case_id=case.pk).first()
        now = clock.now()
        if case.bulk_items.filter(state="waiting", bulk__by__isnull=False).exclude(bulk__by_id=actor.id).exists():
            raise Conflict(_("A decision on this case is about to be carried out. Please wait a few seconds."))
        former = lease.operator_id if lease and lease.until > now and lease.operator_id != actor.id else None
        Lease.objects.update_or_create(
            case_id=case.pk,
            defaults={"operator_id": me, "since": now, "until": now + LASTS, "ahead": False},
        )
        if former:
            _tell(actor, case, former)
    return case


def _tell(actor: Actor, case: Case, former: UUID) -> None:
    texts = {"vi": "{who} đã nhận thay {code}.", "en": "{who} took {code} over from you."}
    said = {language: text.format(who=actor.name, code=case.code) for language, text in texts.items()}
    journal.record(
        actor=actor,
        action="case.taken_over",
        subject_kind="case",
        subject_id=case.pk,
        topics=[f"case:{case.pk}", "centre", f"person:{former}"],
        centre={"said": {"vi": "Trực ban khác nhận thay", "en": "Another operator took it over"}, "from": str(former)},
        notify=[
            journal.Notify(
                former, "case.taken_over", f"/desk/triage?case={case.code}", {"code": case.code, "texts": said}
            )
        ],
    )
