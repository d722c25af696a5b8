"""Sample orders, promises, recurrences, a common cause: through the real actions where they are few, in one statement where they are many."""

import random
from datetime import datetime, time, timedelta
from typing import Any

import yaml
from django.conf import settings
from django.db import connection

from hues.cases import causes, guards, reference
from hues.cases.actions import open_case, take_step
from hues.cases.models import Case, CauseLink
from hues.cases.promising import adopt_promises
from hues.cases.recurrence import note_all
from hues.city.clock import city_zone, local
from hues.kernel import clock
from hues.kernel.actors import HEAD, OFFICER, OPERATOR, SYSTEM, Actor
from hues.kernel.errors import Problem
from hues.orders.actions import give_order
from hues.orders.models import Order
from hues.people.models import User
from hues.people.queries import actor_for

EVENING = time(17, 0)
ORDERS_OF_YEARS, GROUPS_TRIED = 40, 5


def fill(size: str) -> int:
    """Orders in every state, the promises of what is planned, recurrences, one common cause. Returns how many orders."""
    path = settings.CITIES_DIR / settings.CITY / "demo" / "orders.yaml"
    if Order.objects.filter(case__is_sample=True).exists() or not path.is_file():
        return 0
    texts: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    adopt_promises(5000)
    note_all(90 if size == "small" else 400)
    made = sum(_order(texts, row) for row in texts["orders"])
    if size != "small":
        made += _of_years(texts)
    _open_cause(texts)
    _promises_of_the_past()
    _submit(texts)
    return made


def _of_years(texts: dict[str, Any]) -> int:
    """Two years of orders that have ended, some of them late."""
    rng = random.Random("orders of two years")  # noqa: S311 - sample data
    rows = texts["orders"]
    return sum(
        _order(texts, rows[n % len(rows)] | {"ago": rng.uniform(20, 700), "fate": rng.choice(("done", "done", "late"))})
        for n in range(ORDERS_OF_YEARS)
    )


def _somebody(role: str, agency: str) -> Actor | None:
    rows = User.objects.filter(memberships__role=role, memberships__agency__code=agency, is_sample=True)
    user = rows.order_by("username").first()
    return actor_for(user) if user else None


def _order(texts: dict[str, Any], row: dict[str, Any]) -> int:
    giver, officer = _somebody(HEAD, texts["giver"]), _somebody(OFFICER, row["agency"])
    agency = reference.agencies_by_code().get(row["agency"])
    if giver is None or officer is None or agency is None:
        return 0
    start = clock.now() - timedelta(days=row["ago"])
    with clock.at(start):
        case = give_order(
            actor=giver,
            agency_id=agency.pk,
            title=row["title"],
            text=row["text"],
            due_at=datetime.combine(local(start + timedelta(days=row["days"])).date(), EVENING, city_zone()),
            evidence=row["evidence"],
            source=row.get("source"),
            is_sample=True,
        )
    _walk(case, giver, officer, row, texts)
    return 1


def _walk(case: Case, giver: Actor, officer: Actor, row: dict[str, Any], texts: dict[str, Any]) -> None:
    """What becomes of an order, at shares of its time."""

    def take(actor: Actor, share: float, step: str, **data: Any) -> None:
        with clock.at(min(case.received_at + timedelta(days=row["days"] * share), clock.now())):
            take_step(actor=actor, code=case.code, step=step, data=data)

    fate = row["fate"]
    if fate == "given":
        return
    take(officer, 0.1, "accept")
    if fate in ("done", "late"):
        take(officer, 0.7 if fate == "done" else 1.4, "report", text=texts["report"])
        take(giver, 0.9 if fate == "done" else 1.6, "confirm")
    elif fate in ("reported", "returned"):
        take(officer, 0.4, "report", text=texts["report"])
        if fate == "returned":
            take(giver, 0.5, "send_back", reason=texts["returned"])


def _open_cause(texts: dict[str, Any]) -> None:
    """The largest group of reports that an agency can open one case for."""
    for row in texts["orders"]:
        head, agency = _somebody(HEAD, row["agency"]), reference.agencies_by_code().get(row["agency"])
        if head is None or agency is None or CauseLink.objects.exists():
            continue
        for group in causes.groups(agency.pk, 90)[:GROUPS_TRIED]:
            body = texts["cause"].format(n=group.count, place=group.name or agency.name())
            try:
                causes.open_cause(
                    actor=head, agency_id=agency.pk, category=group.category.code, body=body, codes=group.codes[:20]
                )
                return
            except Problem:  # of a kind that has another way
                continue


# Of what was resolved, some had been promised for a day: seven in ten were kept, one of these after the day had been moved.
_PAST = """
insert into cases_promise (case_id, agency_id, state, first_on, "on", ends_at, moves, made_at, settled_at, done_at)
select id, agency_id, state, day - moves * 14, day, (day + 1)::timestamp at time zone %(zone)s, moves, assigned_at, answered_at, answered_at
from (
    select c.*, case when n %% 10 < 7 then 'kept' else 'broken' end as state, (n %% 10 = 0)::int as moves,
      (answered_at at time zone %(zone)s)::date + case when n %% 10 < 7 then n %% 3 else -4 end as day
    from (select id, code, agency_id, assigned_at, answered_at, abs(hashtext(code)) / 40 as n from cases_case
          where is_sample and outcome = 'fixed_with_evidence' and published_at is not null and answered_at is not null
            and assigned_at is not null and "group" = 'timed' and abs(hashtext(code)) %% 40 = 0) c
) p
where not exists (select 1 from cases_promise other where other.case_id = p.id)
"""


def _promises_of_the_past() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_PAST, {"zone": city_zone().key})


def _submit(texts: dict[str, Any]) -> None:
    """An answer that waits for the head of an agency where heads read answers."""
    told = texts["signed"]
    officer, operator = _somebody(OFFICER, told["agency"]), _operator()
    if officer is None or operator is None:
        return
    where = {name: told[name] for name in ("category", "body", "address", "lat", "lon")}
    with clock.at(clock.now() - timedelta(days=1)):
        case = open_case(actor=SYSTEM, is_sample=True, **where)
        take_step(actor=operator, code=case.code, step="accept", data={"agency": told["agency"]})
        take_step(actor=officer, code=case.code, step="start")
    if guards.signed_by_head(Case.objects.get(pk=case.pk)):
        data = {"outcome": told["outcome"], "text": told["answer"]}
        take_step(actor=officer, code=case.code, step="submit", data=data)


def _operator() -> Actor | None:
    user = User.objects.filter(memberships__role=OPERATOR, is_sample=True).order_by("username").first()
    return actor_for(user) if user else None
