"""What is counted, as SQL over cases: one place for the exact figures, the kept ones, and the lists behind them (DOMAIN §11).

- **received** R: every report. Orders of leaders are cases too, but nobody reported them: they are counted by themselves.
- **eligible** E: received, past screening, and neither rejected, redirected, nor merged into another.
- **answered** H: eligible, with an answer that was published.
- **resolved** F: answered with `fixed_with_evidence` or `enforcement_done`, and nothing else.
- **on time**: answered not later than the due date. Once against the *original* date and once against the *final* one
  (with approved extensions): a city that publishes only the second publishes its patience. Both over the answered that
  had a date.
- **rated** Q with satisfied S and accepts A. (S+A)/Q is what cities like to quote; (S+A)/H is the worst case.
- **broke again**: resolved, and later opened anew because it did not last (a case of the same kind names it as its origin).
- **recurring**: another report of the same category within 60 days and about 50 m (a cell of 0.0005 degrees).

A measure is a condition on one case `c`, so that what is counted can also be listed. None depends on the time of reading:
a case that nobody touches counts the same tomorrow.
"""

from collections.abc import Mapping
from functools import cache

from django.apps import apps

NOT_REPORTS = ("order", "cause")  # channels of what nobody reported
REPORT = f"channel <> all(array[{', '.join(repr(name) for name in NOT_REPORTS)}])"

ELIGIBLE = """(c.phase <> 'intake' and c.reject_reason = '' and c.redirected_to = '' and c.parent_id is null
    and c.outcome <> 'duplicate')"""
ANSWERED = f"({ELIGIBLE} and c.published_at is not null and c.answered_at is not null)"
RESOLVED = f"({ANSWERED} and c.outcome = any(%(resolved)s))"
MINUTES_TO_ACCEPT = 5  # the first rung of the ladder of immediate work
SENT = f"({ELIGIBLE} and c.sent_at is not null)"

# Parameters: resolved (list of outcomes).
CONDITIONS: Mapping[str, str] = {
    "received": "true",
    "still_open": "c.is_open",
    "eligible": ELIGIBLE,
    "rejected": "c.reject_reason <> ''",
    "redirected": "c.redirected_to <> ''",
    "duplicates": "(c.parent_id is not null or c.outcome = 'duplicate')",
    "answered": ANSWERED,
    "resolved": RESOLVED,
    "answered_with_date": f"({ANSWERED} and c.due_original_at is not null)",
    "on_time_original": f"({ANSWERED} and c.answered_at <= c.due_original_at)",
    "on_time_final": f"({ANSWERED} and c.answered_at <= coalesce(c.due_final_at, c.due_original_at))",
    "rated": f"({ANSWERED} and c.rating <> '')",
    "satisfied": f"({ANSWERED} and c.rating = 'satisfied')",
    "accepts": f"({ANSWERED} and c.rating = 'accepts')",
    "not_satisfied": f"({ANSWERED} and c.rating = 'not_satisfied')",
    "reopened": f"({ANSWERED} and c.reopened > 0)",
    "broke_again": f"({RESOLVED} and c.broke)",
    "recurring": "c.again",
    "placed": "c.placed",
    "read": "c.first_read_at is not null",
    "sent": SENT,
    "accepted": f"({SENT} and c.accepted_in is not null)",
    "accepted_in_time": f"({SENT} and c.accepted_in <= {MINUTES_TO_ACCEPT})",
    "arrived": f"({SENT} and c.arrived_in is not null)",
    "returned": f"({ELIGIBLE} and c.hops > 0)",
    "promises_ended": "c.promise is not null",
    "promises_kept": "c.promise",
}
COUNTS: Mapping[str, str] = {
    **{name: "count(*)" if sql == "true" else f"count(*) filter (where {sql})" for name, sql in CONDITIONS.items()},
    "hops": f"coalesce(sum(c.hops) filter (where {ELIGIBLE}), 0)",
}

# Minutes from the report to …; NULL where it has not happened. Of what is sent out, from the sending.
DURATIONS: Mapping[str, str] = {
    "read": "extract(epoch from c.first_read_at - c.received_at) / 60",
    "answer": f"case when {ANSWERED} then extract(epoch from c.answered_at - c.received_at) / 60 end",
    "fix": f"case when {RESOLVED} then extract(epoch from c.answered_at - c.received_at) / 60 end",
    "accept": f"case when {SENT} then c.accepted_in end",
    "arrive": f"case when {SENT} then c.arrived_in end",
}

# Which cases a duration is about: the list behind a median.
BEHIND: Mapping[str, str] = {
    "read": "read",
    "answer": "answered",
    "fix": "resolved",
    "accept": "accepted",
    "arrive": "arrived",
}


@cache
def facts() -> str:
    """The columns of `c`, from cases_case, but for what needs other cases (`again`, `broke`).

    What is sent out at once is accepted when somebody starts; when they arrived, the dispatch room knows. Of several
    promises the last that came to its day counts.
    """
    arrived = "null::timestamptz"
    if apps.is_installed("hues.dispatch"):
        arrived = "(select min(t.arrived_at) from dispatch_task t where t.case_id = cases_case.id and t.arrived_at >= assigned_at)"
    promise = "null::boolean"
    if "promise" in apps.get_app_config("cases").models:
        promise = """(select p.state = 'kept' from cases_promise p
            where p.case_id = cases_case.id and p.state in ('kept', 'broken') order by p.id desc limit 1)"""
    return f"""id, received_at, is_sample, unit_id, category_id, agency_id, channel, is_open, phase, reject_reason,
        redirected_to, parent_id, outcome, first_read_at, answered_at, published_at, due_at, due_original_at,
        due_final_at, rating, reopened, hops, lat is not null as placed,
        case when "group" = 'immediate' then assigned_at end as sent_at,
        case when "group" = 'immediate' and started_at >= assigned_at
            then extract(epoch from started_at - assigned_at) / 60 end as accepted_in,
        case when "group" = 'immediate' then extract(epoch from {arrived} - assigned_at) / 60 end as arrived_in,
        {promise} as promise"""


def span_with_recurrence(only: str = "") -> str:
    """The cases of a span, each with whether the same came back. Reads 60 days more, for what came before.

    Parameters: since, until (moments, or None); `only` is a further condition on cases_case.
    """
    return f"""
    select * from (
        select {facts()},
            lat is not null and received_at - lag(received_at) over (
                partition by is_sample, category_id, round(lat::numeric / 0.0005), round(lon::numeric / 0.0005)
                order by received_at
            ) <= interval '60 days' as again,
            exists (
                select from cases_case f where f.origin_id = cases_case.id and f.category_id = cases_case.category_id
            ) as broke
        from cases_case
        where {REPORT}
            and received_at >= coalesce(%(since)s, '-infinity'::timestamptz) - interval '60 days'
            and received_at < coalesce(%(until)s, 'infinity'::timestamptz)
            {only}
    ) s where s.received_at >= coalesce(%(since)s, '-infinity'::timestamptz)
"""  # noqa: S608 - only our own expressions; what varies are parameters
